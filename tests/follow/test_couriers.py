"""Who posts while the watch goes on: one for each login on each forge, and none waits for another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from statusbot.errors import StatusbotError
from statusbot.follow.couriers import Batch, Couriers, Delivered
from statusbot.forges.base import Answer, Request
from statusbot.plan import News
from statusbot.posting.outcome import Did
from statusbot.posting.post import Post
from statusbot.results.state import State
from statusbot.transport import AnswerLost
from tests.support.chaos import Act, Call, FakeForge, work
from tests.support.objects import C1, C2, C3
from tests.support.posting import Office, destination, news

SLOW = destination(host="https://slow.example", provider="slow")


class Depot:
    """Couriers, and the forge that they go to; calls of the slow one wait until it ``goes``."""

    def __init__(self) -> None:
        self.bell = threading.Condition()
        self.couriers = Couriers(self.bell)
        self.office = Office()
        self.office.forge.act = self._act
        self.goes = threading.Event()
        self.arrived = threading.Event()
        self.posts = 0

    def _act(self, call: Call) -> Act | None:
        return self._wait if call.url.startswith("https://slow.example") else None

    def _wait(self, forge: FakeForge, request: Request) -> Answer:
        self.arrived.set()
        assert self.goes.wait(30)
        return work(forge, request)

    def made(self) -> Post:
        self.posts += 1
        return self.office.made()

    def hand(self, *items: News, made: Callable[[], Post] | None = None) -> list[News]:
        """As one look at the objects of these."""
        objects = {item.status.result.object.key for item in items}
        batch = Batch(items, objects, {item.status.key for item in items})
        return self.couriers.hand(batch, self.office.access, made or self.made)

    def look(self, *objects: str, known: tuple[News, ...] = ()) -> list[News]:
        """A look at objects that comes to nothing new."""
        batch = Batch((), {f"uid-{name}" for name in objects}, {n.status.key for n in known})
        return self.couriers.hand(batch, self.office.access, self.made)

    def taken(self, count: int = 1) -> list[Delivered]:
        """Wait for so many deliveries, and take them."""
        found: list[Delivered] = []

        def there() -> bool:
            found.extend(self.couriers.take())
            return len(found) >= count

        with self.bell:
            assert self.bell.wait_for(there, 30)
        return found

    def idle(self) -> None:
        """Wait until nobody is under way; all must have been taken."""
        with self.bell:
            assert self.bell.wait_for(lambda: self.couriers.idle, 30)


@pytest.fixture
def depot() -> Iterator[Depot]:
    made = Depot()
    yield made
    made.goes.set()
    with made.bell:
        assert made.bell.wait_for(lambda: not made.couriers._busy, 30)


def test_news_are_posted_and_their_outcome_comes_back(depot: Depot) -> None:
    item = news()
    depot.hand(item)
    (delivered,) = depot.taken()
    assert delivered.news == [item]
    assert [outcome.did for outcome in delivered.outcomes] == [Did.POSTED]
    assert (delivered.reads, delivered.writes) == (1, 1)
    assert depot.office.states() == ["success"]


def test_what_is_handed_over_together_leaves_together(depot: Depot) -> None:
    depot.hand(news(name="apps"), news(name="infra"))
    (delivered,) = depot.taken()
    assert len(delivered.outcomes) == 2


def test_a_slow_forge_keeps_no_other_waiting(depot: Depot) -> None:
    depot.hand(news(to=SLOW))
    assert depot.arrived.wait(30)
    depot.hand(news(commit=C2))
    (delivered,) = depot.taken()
    assert [item.status.result.commit for item in delivered.news] == [C2]
    assert not depot.couriers.idle


def test_another_login_on_the_same_forge_goes_by_itself(depot: Depot) -> None:
    depot.office.logins["other"] = "another-token"
    other = destination(host="https://slow.example", provider="other")
    depot.goes.set()
    depot.hand(news(to=SLOW), news(name="infra", to=other))
    assert [len(delivered.news) for delivered in depot.taken(2)] == [1, 1]


def test_providers_of_two_namespaces_go_to_one_place_one_after_the_other(depot: Depot) -> None:
    depot.office.logins["other"] = "another-token"
    first = destination(host="https://slow.example", provider="other", namespace="a")
    depot.hand(news(to=SLOW), news(to=first))
    assert depot.arrived.wait(30)
    depot.goes.set()
    (delivered,) = depot.taken()
    assert [item.status.destination for item in delivered.news] == [first]
    (delivered,) = depot.taken()
    assert [outcome.did for outcome in delivered.outcomes] == [Did.ALREADY]
    assert depot.office.states() == ["success"]


def test_who_goes_before_waits_for_nobody_who_is_under_way(depot: Depot) -> None:
    depot.office.logins["other"] = "another-token"
    depot.hand(news(to=destination(host="https://slow.example", namespace="z", provider="other")))
    assert depot.arrived.wait(30)
    depot.hand(news(to=SLOW))
    depot.goes.set()
    assert len(depot.taken(2)) == 2


def test_what_comes_meanwhile_for_a_busy_place_goes_out_together(depot: Depot) -> None:
    depot.hand(news(to=SLOW))
    assert depot.arrived.wait(30)
    depot.hand(news(commit=C2, to=SLOW), news(commit=C3, to=SLOW))
    depot.goes.set()
    first, second = depot.taken(2)
    assert [item.status.result.commit for item in first.news] == [C1]
    assert {item.status.result.commit for item in second.news} == {C2, C3}
    assert depot.posts == 2


def test_what_is_under_way_of_an_object_is_told_to_who_looks_at_it(depot: Depot) -> None:
    item = news(State.FAILURE, to=SLOW)
    depot.hand(item)
    assert depot.arrived.wait(30)
    assert depot.hand(news(to=SLOW)) == [item]
    assert depot.look("apps") == [item]
    assert depot.look("infra") == []


def test_a_status_that_is_under_way_is_not_sent_again(depot: Depot) -> None:
    depot.hand(news(State.FAILURE, to=SLOW))
    assert depot.arrived.wait(30)
    depot.hand(news(to=SLOW))
    depot.goes.set()
    depot.taken()
    depot.idle()
    assert depot.office.states() == ["failure"]


def test_what_came_back_and_was_not_taken_is_still_under_way(depot: Depot) -> None:
    """What the forge shows now is not noted yet."""
    item = news(State.FAILURE)
    depot.hand(item)
    with depot.bell:
        assert depot.bell.wait_for(lambda: depot.couriers.back, 30)
    assert depot.hand(news()) == [item]
    depot.couriers.take()
    assert depot.hand(news()) == []
    depot.taken()


def test_a_status_that_still_waits_is_replaced(depot: Depot) -> None:
    depot.hand(news(name="infra", to=SLOW))
    assert depot.arrived.wait(30)
    depot.hand(news(State.FAILURE, commit=C2, to=SLOW))
    depot.hand(news(State.SUCCESS, commit=C2, to=SLOW))
    depot.goes.set()
    depot.taken(2)
    assert depot.office.states(C2) == ["success"]


def test_a_status_that_still_waits_and_is_not_said_any_more_is_taken_back(depot: Depot) -> None:
    depot.hand(news(name="infra", to=SLOW))
    assert depot.arrived.wait(30)
    depot.hand(news(State.FAILURE, to=SLOW))
    depot.look("apps")
    depot.goes.set()
    depot.taken()
    depot.idle()
    assert depot.office.states() == []


def test_a_status_of_many_that_is_not_said_any_more_is_taken_back(depot: Depot) -> None:
    """Nobody looks at the object that it is said of."""
    depot.hand(news(name="infra", to=SLOW))
    assert depot.arrived.wait(30)
    of_many = news(State.FAILURE, to=SLOW)
    depot.hand(of_many)
    depot.look("some-member", known=(of_many,))
    depot.goes.set()
    depot.taken()
    depot.idle()
    assert depot.office.states() == []


def test_what_waits_of_other_objects_stays(depot: Depot) -> None:
    depot.hand(news(name="infra", to=SLOW))
    assert depot.arrived.wait(30)
    depot.hand(news(to=SLOW))
    depot.look("other")
    depot.goes.set()
    depot.taken(2)
    assert depot.office.states() == ["success"]


def test_the_objects_that_are_out_are_known_until_they_are_taken(depot: Depot) -> None:
    depot.hand(news(name="infra", to=SLOW))
    assert depot.arrived.wait(30)
    depot.hand(news(to=SLOW))
    assert depot.couriers.objects == {"uid-infra", "uid-apps"}
    depot.goes.set()
    depot.taken(2)
    assert depot.couriers.objects == set()


def test_nobody_is_idle_before_all_is_taken(depot: Depot) -> None:
    depot.hand(news())
    with depot.bell:
        assert depot.bell.wait_for(lambda: depot.couriers.back and not depot.couriers._busy, 30)
    assert not depot.couriers.idle
    depot.couriers.take()
    assert depot.couriers.idle


def test_a_bug_is_brought_back_and_the_place_is_free_again(depot: Depot) -> None:
    def broken() -> Post:
        raise RuntimeError("a bug")

    item = news()
    depot.hand(item, made=broken)
    (delivered,) = depot.taken()
    assert (delivered.news, str(delivered.crash)) == ([item], "a bug")
    depot.idle()
    depot.hand(item)
    assert depot.taken()[0].crash is None


def test_a_bug_while_one_status_is_posted_is_brought_back_beside_the_others(depot: Depot) -> None:
    def broken(item: News) -> News:
        raise RuntimeError("a bug")

    depot.office.refresh = broken
    depot.hand(news(when=0.0), news(name="infra"))
    (delivered,) = depot.taken()
    assert str(delivered.crash) == "a bug"
    assert {outcome.did for outcome in delivered.outcomes} == {Did.ERROR, Did.POSTED}


def test_a_provider_that_cannot_be_used_is_said_in_the_outcome(depot: Depot) -> None:
    depot.office.logins["forge"] = StatusbotError("there is no such Secret")
    depot.hand(news())
    ((outcome,),) = (delivered.outcomes for delivered in depot.taken())
    assert (outcome.did, outcome.why) == (Did.ERROR, "there is no such Secret")


def test_what_may_have_been_written_is_told(depot: Depot) -> None:
    def lost(forge: FakeForge, request: Request) -> Answer:
        if request.method == "GET":
            return work(forge, request)
        raise AnswerLost("the line is dead")

    depot.office.forge.act = lambda call: lost
    item = news()
    depot.hand(item)
    (delivered,) = depot.taken()
    assert delivered.unfinished == {item.status.key}


def test_no_thread_is_left_when_all_is_delivered(depot: Depot) -> None:
    depot.hand(news(), news(to=SLOW))
    couriers = [thread for thread in threading.enumerate() if thread.name == "courier"]
    depot.goes.set()
    depot.taken(2)
    for thread in couriers:
        thread.join(30)
    assert couriers
    assert [t.name for t in threading.enumerate() if t.name.startswith(("courier", "forge"))] == []


def test_where_there_is_no_room_for_a_thread_news_wait_for_the_next_look(
    depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as crowded:
        crowded.setattr(threading.Thread, "start", full)
        depot.hand(news())
    assert depot.couriers.idle
    depot.look("infra")
    (delivered,) = depot.taken()
    assert [outcome.did for outcome in delivered.outcomes] == [Did.POSTED]
