"""One batch's calls: pages, limits, and what an answer means to the whole login."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from statusbot.cluster.clock import Deadline
from statusbot.forges.base import Answer, Limited, Login, Meaning, Refused, Request, Row, Unclear
from statusbot.forges.github import GitHub
from statusbot.ledger.pace import Pace
from statusbot.posting.access import Access
from statusbot.posting.batch import batches
from statusbot.posting.calls import LIMITED_TRIES, Calls, Hopeless, Unknown
from statusbot.posting.lane import OVER, Lane, Stop
from statusbot.posting.outcome import Did
from statusbot.results.state import State
from statusbot.transport import LoginRefused
from tests.support.chaos import Act, FakeForge, at, cut, says, unreachable
from tests.support.objects import C1, NOW
from tests.support.posting import CONTEXT, destination, news

ROW = Row(CONTEXT, State.SUCCESS, "all is well")


class Patient(Lane):
    """Notes what it is told, and does not wait for it."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__(deadline, (), threading.Event())
        self.told: list[float | None] = []
        self.paused: list[float] = []

    def pause(self, seconds: float) -> None:
        self.paused.append(seconds)

    def limited(self, seconds: float | None, why: str) -> None:
        self.told.append(seconds)


Make = Callable[..., Calls]


@pytest.fixture
def forge() -> FakeForge:
    return FakeForge(lambda: NOW)


@pytest.fixture
def lane() -> Patient:
    return Patient(Deadline(600))


@pytest.fixture
def calls(forge: FakeForge, lane: Patient) -> Make:
    def make(**options: Any) -> Calls:
        (batch,) = batches([news(to=destination(**options))])
        return Calls(forge, lane, Access(Login()), batch)

    return make


def test_a_read_shows_what_is_there(forge: FakeForge, calls: Make) -> None:
    forge.put(C1, CONTEXT, "failure", "no")
    newest, count = calls().read({CONTEXT}).of(CONTEXT)
    assert newest is not None
    assert (newest.state, count) == (State.FAILURE, 1)


@pytest.mark.parametrize("type_", ["github", "gitea"])
def test_a_missing_commit_or_repository_shows_nothing_and_a_write_will_tell(
    forge: FakeForge, calls: Make, type_: str
) -> None:
    forge.act = lambda call: says(404)
    assert calls(type_=type_).read({CONTEXT}).of(CONTEXT) == (None, 0)


def test_calls_are_counted_whatever_becomes_of_them(forge: FakeForge, calls: Make) -> None:
    made = calls()
    made.read({CONTEXT})
    forge.act = lambda call: cut
    with pytest.raises(Unknown):
        made.write(ROW)
    assert (made.reads, made.writes) == (1, 1)


def pages(*contents: list[dict[str, Any]]) -> Callable[[Any], Act]:
    """Gitea's pages, the last of which leads to itself again."""

    def act(forge: FakeForge, request: Request) -> Answer:
        number = int(request.url.partition("page=")[2] or 1)
        headers = {"Link": f'<x?page={number + 1}>; rel="next"'}
        return says(200, contents[min(number, len(contents)) - 1], headers)(forge, request)

    return lambda call: act


def shown(id_: int) -> dict[str, Any]:
    return {"id": id_, "context": CONTEXT, "status": "success"}


def test_all_pages_are_read(forge: FakeForge, calls: Make) -> None:
    forge.act = pages([shown(2)], [shown(1)], [])
    newest, count = calls(type_="gitea").read({CONTEXT}).of(CONTEXT)
    assert newest is not None
    assert (newest.id, count, len(forge.calls)) == (2, 2, 3)


def test_pages_that_lead_in_a_circle_end(
    forge: FakeForge, calls: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = calls(type_="gitea")
    monkeypatch.setattr(
        type(made._batch.forge), "next_page", lambda self, answer: forge.calls[0].url
    )
    made.read({CONTEXT})
    assert len(forge.calls) == 1


def test_a_list_that_never_ends_is_an_error_and_not_left_to_the_next_run(
    forge: FakeForge, calls: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statusbot.forges.pages.MOST_PAGES", 3)
    forge.act = pages([shown(1)])
    with pytest.raises(Hopeless, match="more than 3 pages") as caught:
        calls(type_="gitea").read({CONTEXT})
    assert (caught.value.refusal.final, caught.value.refusal.scope) == (False, "commit")


def test_a_call_may_take_as_long_as_the_provider_says(forge: FakeForge, calls: Make) -> None:
    calls(timeout=7).read({CONTEXT})
    assert forge.calls[0].timeout == 7


def test_a_call_may_take_no_longer_than_the_run(forge: FakeForge) -> None:
    (batch,) = batches([news()])
    deadline = Deadline(4, lambda: 100.0)
    Calls(forge, Patient(deadline), Access(Login()), batch).read({CONTEXT})
    assert forge.calls[0].timeout == 4


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_limited_call_is_made_again_after_its_time(
    forge: FakeForge, calls: Make, lane: Patient, method: str
) -> None:
    forge.act = at(1, says(429, headers={"Retry-After": "9"}), method)
    made = calls()
    made.read({CONTEXT})
    made.write(ROW)
    assert lane.told == [9]
    assert len(forge.of(method)) == 2
    assert [row.state for row in forge.rows] == ["success"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_call_that_is_limited_again_and_again_is_deferred(
    forge: FakeForge, calls: Make, method: str
) -> None:
    forge.act = lambda call: says(429, headers={"Retry-After": "9"})
    with pytest.raises(Stop) as caught:
        calls().read({CONTEXT}) if method == "GET" else calls().write(ROW)
    assert caught.value.did is Did.DEFERRED
    assert len(forge.calls) == LIMITED_TRIES


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_read_is_hopeless(forge: FakeForge, calls: Make, status: int) -> None:
    forge.act = lambda call: says(status)
    with pytest.raises(Hopeless):
        calls().read({CONTEXT})


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_a_refused_write_is_hopeless(forge: FakeForge, calls: Make, status: int) -> None:
    forge.act = lambda call: says(status)
    with pytest.raises(Hopeless):
        calls().write(ROW)


def test_an_unclear_answer_is_unknown(forge: FakeForge, calls: Make, lane: Patient) -> None:
    forge.act = lambda call: says(502)
    with pytest.raises(Unknown, match="the forge failed"):
        calls().write(ROW)
    assert lane.told == []


def test_an_unclear_answer_may_ask_for_time(forge: FakeForge, calls: Make, lane: Patient) -> None:
    forge.act = lambda call: says(503, headers={"Retry-After": "9"})
    with pytest.raises(Unknown):
        calls().write(ROW)
    assert lane.told == [9]


@pytest.mark.parametrize("act", [cut, says(500)])
def test_a_forge_that_fails_three_times_in_a_row_is_left_alone(
    forge: FakeForge, calls: Make, act: Act
) -> None:
    forge.act = lambda call: act
    made = calls()
    for _ in range(3):
        with pytest.raises(Unknown):
            made.write(ROW)
    with pytest.raises(Stop) as caught:
        made.read({CONTEXT})
    assert caught.value.did is Did.ERROR


@pytest.mark.parametrize("good", ["read", "write"])
def test_a_good_answer_ends_the_row_of_failures(forge: FakeForge, calls: Make, good: str) -> None:
    made = calls()
    for _ in range(2):
        for _ in range(2):
            forge.act = lambda call: cut
            with pytest.raises(Unknown):
                made.write(ROW)
        forge.act = lambda call: None
        made.read({CONTEXT}) if good == "read" else made.write(ROW)


def test_a_forge_that_cannot_be_reached_is_left_alone_at_once(
    forge: FakeForge, calls: Make
) -> None:
    forge.act = lambda call: unreachable
    made = calls()
    with pytest.raises(Unknown):
        made.read({CONTEXT})
    with pytest.raises(Stop) as caught:
        made.read({CONTEXT})
    assert (caught.value.did, len(forge.calls)) == (Did.ERROR, 1)


@pytest.mark.parametrize("failing", [unreachable, cut], ids=["not sent", "not answered"])
def test_a_call_that_failed_for_want_of_time_is_deferred(forge: FakeForge, failing: Act) -> None:
    (batch,) = batches([news()])
    time = [0.0]

    def too_late(forge: FakeForge, request: Request) -> Answer:
        time[0] = 10.0
        return failing(forge, request)

    forge.act = lambda call: too_late
    lane = Patient(Deadline(10, lambda: time[0]))
    with pytest.raises(Stop) as caught:
        Calls(forge, lane, Access(Login()), batch).read({CONTEXT})
    assert (caught.value.did, caught.value.why) == (Did.DEFERRED, OVER)


def test_a_good_answer_that_asks_for_a_pause_holds_the_next_call_back(
    forge: FakeForge, lane: Patient, calls: Make
) -> None:
    forge.act = lambda call: says(200, {"statuses": []}, {"Retry-After": "9"})
    calls().read({CONTEXT})
    assert lane.told == [9]


class Busy(GitHub):
    """A forge at which each write meets another that is under way."""

    def meaning(self, answer: Answer) -> Meaning:
        return Limited(1.0, "another update is in progress", alone=True)


def test_a_write_that_met_another_waits_alone_and_never_in_step(
    forge: FakeForge, lane: Patient
) -> None:
    (batch,) = batches([news()])
    calls = Calls(forge, lane, Access(Login()), replace(batch, forge=Busy()))
    with pytest.raises(Stop):
        calls.write(ROW)
    assert lane.told == []
    assert len(lane.paused) == LIMITED_TRIES == len(set(lane.paused))
    assert all(0.5 <= seconds <= 1.5 for seconds in lane.paused)


def test_a_write_that_met_another_does_not_wait_for_itself_after_a_pause(forge: FakeForge) -> None:
    (batch,) = batches([news()])
    lane = Patient(Deadline(1))
    lane.recall(Pace(until=NOW + 1), NOW)
    with pytest.raises(Stop, match="again and again"):
        Calls(forge, lane, Access(Login()), replace(batch, forge=Busy())).write(ROW)


def without_a_token(meaning: Limited | Refused | Unclear) -> Act:
    """A GitHub App is given none: the call itself never goes out."""

    def act(forge: FakeForge, request: Request) -> Answer:
        raise LoginRefused(meaning)

    return act


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_app_that_is_refused_a_token_is_hopeless_with_all_of_its_login(
    forge: FakeForge, calls: Make, method: str
) -> None:
    refusal = Refused("no token for the GitHub App", final=False, scope="login")
    forge.act = lambda call: without_a_token(refusal)
    with pytest.raises(Hopeless) as caught:
        calls().read({CONTEXT}) if method == "GET" else calls().write(ROW)
    assert (caught.value.refusal, len(forge.calls)) == (refusal, 1)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_app_that_is_to_ask_later_is_asked_for_after_its_time(
    forge: FakeForge, calls: Make, lane: Patient, method: str
) -> None:
    forge.act = at(1, without_a_token(Limited(9, "too many")), method)
    made = calls()
    made.read({CONTEXT})
    made.write(ROW)
    assert lane.told == [9]
    assert len(forge.of(method)) == 2
    assert [row.state for row in forge.rows] == ["success"]


def test_an_app_that_is_to_ask_later_again_and_again_is_deferred(
    forge: FakeForge, calls: Make
) -> None:
    forge.act = lambda call: without_a_token(Limited(9, "too many"))
    with pytest.raises(Stop) as caught:
        calls().write(ROW)
    assert (caught.value.did, len(forge.calls)) == (Did.DEFERRED, LIMITED_TRIES)


def test_an_app_whose_token_is_unclear_has_surely_sent_nothing(
    forge: FakeForge, calls: Make, lane: Patient
) -> None:
    forge.act = lambda call: without_a_token(Unclear("the forge failed", 9))
    made = calls()
    for _ in range(3):
        with pytest.raises(Unknown, match="the forge failed") as caught:
            made.write(ROW)
        assert not caught.value.sent
    assert lane.told == [9] * 3
    with pytest.raises(Stop) as stopped:
        made.write(ROW)
    assert stopped.value.did is Did.ERROR


def test_an_app_that_had_no_time_to_ask_for_a_token_is_deferred(forge: FakeForge) -> None:
    (batch,) = batches([news()])
    time = [0.0]

    def too_late(forge: FakeForge, request: Request) -> Answer:
        time[0] = 10.0
        raise LoginRefused(Unclear("the forge's answer was lost"))

    forge.act = lambda call: too_late
    with pytest.raises(Stop) as caught:
        Calls(forge, Patient(Deadline(10, lambda: time[0])), Access(Login()), batch).write(ROW)
    assert (caught.value.did, caught.value.why) == (Did.DEFERRED, OVER)
    assert not caught.value.sent
