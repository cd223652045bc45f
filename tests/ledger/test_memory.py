"""What is remembered of objects, and what is forgotten."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from statusbot.ledger.memory import (
    FORGOTTEN_AFTER,
    OWED_KEPT,
    POSTED_KEPT,
    SEEN_KEPT,
    Ledger,
    Owed,
    Sight,
    day_of,
)
from statusbot.ledger.pace import Pace
from statusbot.ledger.posted import Pledge, Posted
from statusbot.results.result import ObjectRef, Result
from statusbot.results.state import State

NOW = 1_800_000_000.0
APPS = ObjectRef("Kustomization", "flux-system", "apps", "uid-1")
ANEW = replace(APPS, uid="uid-2")


def posted(when: float) -> Posted:
    return Posted(State.SUCCESS, "ReconciliationSucceeded", "", when, when, when)


def owed(commit: str = "c", when: float = NOW, alert: str = "ns/all") -> Owed:
    result = Result(APPS, commit, State.FAILURE, "BuildFailed", "", when, when, current=False)
    return Owed(result, alert)


def test_nothing_is_known_of_an_object_at_first() -> None:
    assert Ledger().posted(APPS, "key") is None


def test_what_is_recorded_is_known() -> None:
    ledger = Ledger()
    ledger.record(APPS, "key", posted(NOW), NOW)
    assert ledger.posted(APPS, "key") == posted(NOW)


def test_an_object_that_is_made_anew_is_another_one() -> None:
    ledger = Ledger()
    ledger.record(APPS, "key", posted(NOW), NOW)
    assert ledger.posted(ANEW, "key") is None


def test_of_too_many_statuses_the_one_of_the_oldest_result_is_forgotten() -> None:
    ledger = Ledger()
    for number in range(POSTED_KEPT + 1):
        ledger.record(APPS, str(number), posted(NOW - number), NOW)
    assert set(ledger.objects[APPS.key].posted) == {str(number) for number in range(POSTED_KEPT)}


def test_a_status_that_changes_takes_no_second_place() -> None:
    ledger = Ledger()
    for number in range(POSTED_KEPT + 1):
        ledger.record(APPS, "key", posted(NOW + number), NOW)
    assert len(ledger.objects[APPS.key].posted) == 1


def test_the_newest_of_what_is_owed_is_kept_and_the_rest_given_back() -> None:
    ledger = Ledger()
    items = [owed(str(number), NOW - number) for number in range(OWED_KEPT + 2)]
    gone = ledger.owe(APPS, items, NOW)
    assert {item.result.commit for item in gone} == {str(OWED_KEPT), str(OWED_KEPT + 1)}
    assert len(ledger.objects[APPS.key].owed) == OWED_KEPT


def test_owing_nothing_to_an_object_that_is_not_known_remembers_nothing() -> None:
    ledger = Ledger()
    assert ledger.owe(APPS, [], NOW) == []
    assert ledger.objects == {}


def test_what_was_owed_is_replaced() -> None:
    ledger = Ledger()
    ledger.owe(APPS, [owed()], NOW)
    ledger.owe(APPS, [], NOW)
    assert list(ledger.owing()) == []


def test_what_is_settled_is_owed_no_more_and_the_rest_still_is() -> None:
    ledger = Ledger()
    others = [owed("d", alert="ns/all"), owed("c", alert="ns/other")]
    ledger.owe(APPS, [owed("c", alert="ns/all"), *others], NOW)
    ledger.settle(owed("c").result, "ns/all")
    assert ledger.objects[APPS.key].owed == others


@pytest.mark.parametrize("seconds", [0, 1])
def test_what_a_commit_came_to_after_what_is_settled_is_still_owed(seconds: float) -> None:
    """It was decided while the other was on its way, perhaps in the same second."""
    ledger = Ledger()
    before = replace(owed().result, state=State.SUCCESS, reason="ReconciliationSucceeded")
    later = owed(when=NOW + seconds)
    ledger.owe(APPS, [later], NOW)
    ledger.settle(before, "ns/all")
    assert ledger.objects[APPS.key].owed == [later]


def test_that_it_is_so_again_is_settled_too() -> None:
    ledger = Ledger()
    ledger.owe(APPS, [owed(when=NOW + 1)], NOW)
    ledger.settle(owed().result, "ns/all")
    assert ledger.objects[APPS.key].owed == []


def test_but_not_where_flux_came_to_something_meanwhile() -> None:
    """A success between the two would else be told as if it were the last of it."""
    ledger = Ledger()
    before, later = owed().result, owed(when=NOW + 9)
    later = replace(later, result=replace(later.result, reconciled=NOW + 5))
    ledger.owe(APPS, [later], NOW)
    ledger.settle(replace(before, reconciled=NOW), "ns/all")
    assert ledger.objects[APPS.key].owed == [later]


def test_what_was_owed_before_what_is_settled_is_owed_no_more() -> None:
    ledger = Ledger()
    ledger.owe(APPS, [owed(when=NOW - 1)], NOW)
    after = replace(owed().result, state=State.SUCCESS, reason="ReconciliationSucceeded")
    ledger.settle(after, "ns/all")
    assert ledger.objects[APPS.key].owed == []


def test_settling_what_nobody_remembers_is_nothing() -> None:
    ledger = Ledger()
    ledger.settle(owed().result, "ns/all")
    assert ledger.objects == {}


def test_objects_that_are_owed_something_can_be_asked_for() -> None:
    ledger = Ledger()
    ledger.owe(APPS, [owed()], NOW)
    ledger.record(ANEW, "key", posted(NOW), NOW)
    assert [memory.object for memory in ledger.owing()] == [APPS]


def test_a_write_is_unfinished_by_commit_and_alert() -> None:
    ledger = Ledger()
    ledger.owe(APPS, [replace(owed("c", alert="ns/all"), unfinished=True)], NOW)
    asked = [("c", "ns/all"), ("d", "ns/all"), ("c", "ns/other")]
    assert [ledger.unfinished(APPS, *one) for one in asked] == [True, False, False]


def test_what_is_only_owed_was_never_written() -> None:
    ledger = Ledger()
    ledger.owe(APPS, [owed("c", alert="ns/all")], NOW)
    assert not ledger.unfinished(APPS, "c", "ns/all")


def test_what_was_not_written_after_all_stays_owed() -> None:
    ledger = Ledger()
    two = [replace(owed(c, alert="ns/all"), unfinished=True) for c in "cd"]
    ledger.owe(APPS, two, NOW)
    ledger.not_written(APPS, "c", "ns/all")
    assert [(o.result.commit, o.unfinished) for o in ledger.objects[APPS.key].owed] == [
        ("c", False),
        ("d", True),
    ]


def test_nothing_is_unfinished_of_an_object_that_is_not_known() -> None:
    assert not Ledger().unfinished(APPS, "c", "ns/all")


def test_a_pace_that_holds_nothing_back_any_more_is_forgotten() -> None:
    ledger = Ledger(paces={"old": Pace({int(NOW // 60) - 62: 3}), "new": Pace(until=NOW + 1)})
    ledger.forget_old(NOW)
    assert list(ledger.paces) == ["new"]


def test_a_wait_begins_when_it_is_first_seen() -> None:
    ledger = Ledger()
    ledger.waiting_since(APPS, "c", NOW)
    assert ledger.waiting_since(APPS, "c", NOW + 60) == NOW


def test_the_wait_of_another_commit_begins_anew_and_replaces_the_one_before() -> None:
    ledger = Ledger()
    ledger.waiting_since(APPS, "c", NOW)
    assert ledger.waiting_since(APPS, "d", NOW + 60) == NOW + 60
    assert ledger.waiting_since(APPS, "c", NOW + 90) == NOW + 90


def test_a_wait_that_ended_begins_anew() -> None:
    ledger = Ledger()
    ledger.waiting_since(APPS, "c", NOW)
    ledger.no_longer_waiting(APPS)
    assert ledger.waiting_since(APPS, "c", NOW + 60) == NOW + 60


def test_no_wait_can_end_that_is_not_known() -> None:
    ledger = Ledger()
    ledger.no_longer_waiting(APPS)
    assert ledger.objects == {}


def test_seeing_an_object_that_is_not_known_remembers_nothing() -> None:
    ledger = Ledger()
    assert ledger.seen(APPS, "https://a", NOW) is None
    assert ledger.objects == {}


def test_the_first_source_is_no_move() -> None:
    ledger = Ledger()
    ledger.owe(APPS, [owed()], NOW)
    memory = ledger.seen(APPS, "https://a", NOW)
    assert memory is not None
    assert (memory.source, memory.source_changed_at, len(memory.owed)) == ("https://a", 0.0, 1)


def test_under_another_source_nothing_is_owed_and_nothing_waits() -> None:
    ledger = Ledger()
    ledger.owe(APPS, [owed()], NOW)
    ledger.seen(APPS, "https://a", NOW)
    ledger.waiting_since(APPS, "c", NOW)
    memory = ledger.seen(APPS, "https://b", NOW + 5)
    assert memory is not None
    assert (memory.owed, memory.waiting, memory.source_changed_at) == ([], {}, NOW + 5)


def test_what_was_posted_under_another_source_stays_known() -> None:
    ledger = Ledger()
    ledger.record(APPS, "key", posted(NOW), NOW)
    ledger.seen(APPS, "https://a", NOW)
    ledger.seen(APPS, "https://b", NOW)
    assert ledger.posted(APPS, "key") is not None


def test_a_source_that_cannot_be_told_is_no_move() -> None:
    ledger = Ledger()
    ledger.owe(APPS, [owed()], NOW)
    ledger.seen(APPS, "https://a", NOW)
    memory = ledger.seen(APPS, "", NOW)
    assert memory is not None
    assert (memory.source, len(memory.owed)) == ("https://a", 1)


def test_an_object_that_nobody_saw_for_thirty_days_is_forgotten() -> None:
    ledger = Ledger()
    ledger.record(APPS, "key", posted(NOW), NOW)
    ledger.forget_old(NOW + FORGOTTEN_AFTER)
    assert APPS.key in ledger.objects
    ledger.forget_old(NOW + FORGOTTEN_AFTER + 86400)
    assert ledger.objects == {}


def test_an_object_that_is_seen_is_not_forgotten() -> None:
    ledger = Ledger()
    ledger.record(APPS, "key", posted(NOW), NOW)
    ledger.seen(APPS, "https://a", NOW + FORGOTTEN_AFTER)
    ledger.forget_old(NOW + FORGOTTEN_AFTER + 86400)
    assert APPS.key in ledger.objects


def test_days_are_counted_from_the_epoch() -> None:
    assert [day_of(at) for at in (0.0, 86399.9, 86400.0)] == [0, 0, 1]


def test_each_alert_may_owe_an_object_that_many() -> None:
    ledger = Ledger()
    items = [Owed(owed(str(number), NOW).result, f"ns/{number}") for number in range(OWED_KEPT + 2)]
    assert ledger.owe(items[0].result.object, items, NOW) == []


PLEDGE = Pledge("c", "ns/all", "kustomization/apps/1", "", "main@sha1:c")
PENDING = replace(posted(NOW), state=State.PENDING, reason="Progressing", pledge=PLEDGE)


def test_a_commit_is_seen_first_only_once() -> None:
    ledger = Ledger()
    for at in (NOW, NOW + 60):
        ledger.sight(APPS, "c", "main@sha1:c", at)
    assert ledger.objects[APPS.key].seen == {"c": Sight(NOW, "main@sha1:c")}


def test_a_commit_that_is_back_is_seen_anew() -> None:
    ledger = Ledger()
    ledger.sight(APPS, "c", "r", NOW)
    memory = ledger.objects[APPS.key]
    memory.seen = {"c": Sight(NOW, "r", "superseded by d", NOW + 1)}
    ledger.sight(APPS, "c", "r", NOW + 2)
    assert memory.seen == {"c": Sight(NOW + 2, "r")}


def test_of_too_many_commits_that_were_seen_the_oldest_are_forgotten() -> None:
    ledger = Ledger()
    for number in range(SEEN_KEPT + 2):
        ledger.sight(APPS, str(number), "r", NOW + number)
    assert list(ledger.objects[APPS.key].seen) == [str(n) for n in range(2, SEEN_KEPT + 2)]


def test_under_another_source_nothing_was_seen_and_what_is_pending_is_to_be_finished() -> None:
    ledger = Ledger()
    ledger.sight(APPS, "c", "r", NOW)
    ledger.record(APPS, "key", PENDING, NOW)
    ledger.seen(APPS, "https://a", NOW)
    memory = ledger.seen(APPS, "https://b", NOW)
    assert memory is not None
    assert (memory.seen, memory.pledges()) == ({}, [PLEDGE])


def test_what_is_pending_is_not_forgotten_for_what_is_not() -> None:
    ledger = Ledger()
    ledger.record(APPS, "pending", replace(PENDING, when=0.0), NOW)
    for number in range(POSTED_KEPT + 5):
        ledger.record(APPS, str(number), posted(NOW + number), NOW)
    assert ledger.posted(APPS, "pending") is not None


def test_objects_that_have_something_pending_can_be_asked_for() -> None:
    ledger = Ledger()
    ledger.record(APPS, "key", PENDING, NOW)
    ledger.record(ANEW, "key", posted(NOW), NOW)
    assert [memory.object for memory in ledger.with_pending()] == [APPS]


@pytest.mark.parametrize("unfinished", [True, False])
def test_a_pending_whose_answer_was_lost_may_be_there(unfinished: bool) -> None:
    ledger = Ledger()
    item = owed()
    waits = replace(item, result=replace(item.result, state=State.PENDING), unfinished=unfinished)
    ledger.owe(APPS, [waits], NOW)
    assert bool(list(ledger.with_pending())) == unfinished


def test_results_of_what_was_seen_or_is_pending_are_awaited() -> None:
    ledger = Ledger()
    ledger.sight(APPS, "d", "main@sha1:d", NOW)
    ledger.record(APPS, "key", PENDING, NOW)
    names = {"c", "main@sha1:c", "d", "main@sha1:d"}
    assert ledger.objects[APPS.key].awaited() == names


# -- a courier records what it posted while another thread looks


class Looked:
    """Whoever looks at it finds that more is recorded in this moment."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:
        number = len(self._ledger.objects)
        for object_ in (APPS, replace(APPS, uid=f"uid-of-{number}")):
            self._ledger.record(object_, str(number), posted(NOW), NOW)
        return {"pledge": None, "red": (), "day": day_of(NOW)}[name]


@pytest.fixture
def looked_at() -> Ledger:
    """With two statuses of an object."""
    ledger = Ledger()
    there: dict[str, Any] = {"one": Looked(ledger), "other": Looked(ledger)}
    ledger.memory(APPS, NOW).posted.update(there)
    return ledger


def test_what_is_recorded_meanwhile_disturbs_nobody_who_looks_for_pending(
    looked_at: Ledger,
) -> None:
    assert not looked_at.objects[APPS.key].has_pending()
    assert len(looked_at.objects) > 1


def test_what_is_recorded_meanwhile_disturbs_nobody_who_looks_for_reds(looked_at: Ledger) -> None:
    assert looked_at.objects[APPS.key].reds() == set()
    assert not looked_at.objects[APPS.key].recovered(owed().result)


def test_what_is_recorded_meanwhile_disturbs_nobody_who_forgets_the_old() -> None:
    ledger = Ledger()
    there: dict[str, Any] = {"one": Looked(ledger), "other": Looked(ledger)}
    ledger.objects.update(there)
    ledger.forget_old(NOW)
    assert there.items() < ledger.objects.items()
