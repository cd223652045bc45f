"""What the history of an object tells of commits that came and went between two polls."""

from __future__ import annotations

from typing import Any

from statusbot.results.history import earlier
from statusbot.results.observation import observe
from statusbot.results.result import Result
from statusbot.results.state import State
from tests.support.objects import (
    C1,
    C2,
    C3,
    DIGEST,
    NOW,
    Look,
    Object,
    entry,
    git,
    green,
    kustomization,
)

FAILED = "HealthCheckFailed"
OCI = {"kind": "OCIRepository", "name": "fleet"}


def told(
    *history: Object, since: float = 0.0, claimed: str | None = None, **fields: Any
) -> list[Result]:
    """What an object with this history tells; its source is not there."""
    obj = kustomization(green(history=list(history)), **fields)
    return list(earlier(observe(obj, NOW), Look(None, None), since=since, claimed=claimed))


def short(results: list[Result]) -> list[tuple[str, State]]:
    return [(result.commit, result.state) for result in results]


def test_the_oldest_comes_first() -> None:
    results = told(entry(git(C3), last=NOW - 1), entry(git(C1), last=NOW - 3), entry(git(C2)))
    assert [result.commit for result in results] == [C2, C1, C3]


def test_a_success_is_a_success() -> None:
    assert short(told(entry(git(C1)))) == [(C1, State.SUCCESS)]


def test_each_reason_to_fail_at_the_attempted_revision_is_a_failure() -> None:
    for reason in ("BuildFailed", "ReconciliationFailed", "PruneFailed", "HealthCheckFailed"):
        assert short(told(entry(git(C1), reason))) == [(C1, State.FAILURE)]


def test_an_unknown_status_says_nothing() -> None:
    assert told(entry(git(C1), "DependencyNotReady"), entry(git(C2), "")) == []


def test_the_commit_that_the_object_speaks_of_is_left_to_it() -> None:
    assert short(told(entry(git(C1)), entry(git(C2)), claimed=C2)) == [(C1, State.SUCCESS)]


def test_of_a_red_and_a_green_entry_the_later_holds() -> None:
    red, green_ = entry(git(C1), FAILED, NOW - 10), entry(git(C1), last=NOW - 20)
    assert short(told(green_, red)) == [(C1, State.FAILURE)]
    assert short(told(red, green_)) == [(C1, State.FAILURE)]


def test_of_two_entries_of_one_second_the_one_that_flux_has_first_holds() -> None:
    assert short(told(entry(git(C1)), entry(git(C1), FAILED))) == [(C1, State.SUCCESS)]
    assert short(told(entry(git(C1), FAILED), entry(git(C1)))) == [(C1, State.FAILURE)]


def test_a_commit_stands_where_its_last_entry_stands() -> None:
    results = told(
        entry(git(C1), last=NOW - 1),
        entry(git(C2), last=NOW - 2),
        entry(git(C1), FAILED, last=NOW - 3),
    )
    assert short(results) == [(C2, State.SUCCESS), (C1, State.SUCCESS)]


def test_what_is_older_than_asked_for_is_left_out() -> None:
    results = told(entry(git(C1), last=NOW - 11), entry(git(C2), last=NOW - 10), since=NOW - 10)
    assert [result.commit for result in results] == [C2]


def test_a_colour_of_before_does_not_come_back_with_a_later_one_left_out() -> None:
    """The later entry is not news, and so the earlier is not either."""
    results = told(entry(git(C1), last=NOW - 20), entry(git(C1), FAILED, NOW - 30), since=NOW - 25)
    assert short(results) == [(C1, State.SUCCESS)]


def test_an_entry_without_a_revision_says_nothing() -> None:
    assert told(entry("")) == []


def test_an_entry_whose_revision_is_no_commit_says_nothing() -> None:
    assert told(entry("main"), claimed=C1) == []
    assert told(entry(f"latest@sha256:{DIGEST}"), claimed=C1, source=OCI) == []


def test_an_entry_of_an_artifact_is_of_its_origin() -> None:
    results = told(entry(f"latest@sha256:{DIGEST}", origin=git(C2)), source=OCI)
    assert short(results) == [(C2, State.SUCCESS)]


def test_an_object_that_is_being_deleted_still_tells_its_past() -> None:
    results = told(entry(git(C2)), metadata={"deletionTimestamp": "2026-11-20T12:00:00Z"})
    assert short(results) == [(C2, State.SUCCESS)]


def test_a_suspended_object_still_tells_its_past() -> None:
    assert short(told(entry(git(C2)), suspend=True)) == [(C2, State.SUCCESS)]


def test_a_result_of_the_past_is_as_old_as_its_entry() -> None:
    (result,) = told(entry(git(C1), last=NOW - 5, first=NOW - 9))
    assert (result.when, result.arrived, result.current) == (NOW - 5, NOW - 9, False)


def test_a_success_of_the_past_has_the_message_that_flux_always_gives() -> None:
    (result,) = told(entry(git(C1)))
    assert (result.reason, result.message) == (
        "ReconciliationSucceeded",
        f"Applied revision: {git(C1)}",
    )


def test_the_message_of_a_failure_of_the_past_is_lost() -> None:
    (result,) = told(entry(git(C1), FAILED))
    assert (result.reason, result.message) == (FAILED, "")


def test_a_result_of_the_past_is_of_the_object() -> None:
    (result,) = told(entry(git(C1)), name="web", namespace="a", uid="1-2")
    assert (result.object.path, result.object.key) == ("a/web", "1-2")
