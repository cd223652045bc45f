"""What random days found (test_model.py), told as plain stories."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from statusbot.posting import desk, post
from tests.support.ends import APPLY, BUILD, HEALTH, OK, STALLED
from tests.support.model import FLEET, Days


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(post, "CONNECTIONS", 1)
    monkeypatch.setattr(desk, "BACK_OFF", 0.0)
    yield


def begun(*, keeps: bool = True) -> Days:
    days = Days("gitea", keeps)
    days.push("fleet", 0)
    days.push("second", 0)
    days.apps.append(days.make("flux-system", "apps"))
    return days


def shown(days: Days, repository: str, commit: str) -> list[tuple[str, str]]:
    """State and reason of every row, oldest first."""
    rows = [
        row for place, kept in days.judge.rows.items() for row in kept if place[0] == repository
    ]
    return [(row.state, row.description.partition(":")[0]) for row in rows if row.commit == commit]


def test_what_is_stalled_puts_no_error_on_a_commit_that_came_while_it_was_suspended() -> None:
    days = begun()
    days.reconcile(days.apps[0], STALLED)
    days.apps[0].edit(suspend=True)
    days.flux.wait(61)
    days.push("fleet", 1)
    days.poll()
    assert shown(days, FLEET, days.commit("fleet", 1)) == []


def test_an_object_that_was_mended_puts_no_error_on_a_commit_that_flux_did_not_come_to() -> None:
    days = begun()
    days.reconcile(days.apps[0], STALLED)
    days.apps[0].edit(healthCheckExprs=[])
    days.flux.wait(61)
    days.push("fleet", 1)
    days.poll()
    assert shown(days, FLEET, days.commit("fleet", 1)) == []


def test_an_older_failure_does_not_replace_the_reason_of_a_newer_one() -> None:
    """The history tells of the older one only, and there is no ledger that knows better."""
    days = begun(keeps=False)
    days.reconcile(days.apps[0], APPLY)
    days.reconcile(days.apps[0], BUILD)
    days.poll()
    days.push("fleet", 1)
    days.reconcile(days.apps[0], HEALTH)
    days.poll()
    assert shown(days, FLEET, days.commit("fleet", 0)) == [("failure", "build failed")]


def test_a_newer_failure_of_which_the_history_tells_replaces_the_reason_of_an_older_one() -> None:
    days = begun(keeps=False)
    days.reconcile(days.apps[0], BUILD)
    days.poll()
    days.reconcile(days.apps[0], APPLY)
    days.push("fleet", 1)
    days.reconcile(days.apps[0], HEALTH)
    days.poll()
    shows = shown(days, FLEET, days.commit("fleet", 0))
    assert shows == [("failure", "build failed"), ("failure", "reconciliation failed")]


def test_a_recovery_of_which_the_history_tells_ends_a_red_that_stayed() -> None:
    days = begun(keeps=False)
    days.reconcile(days.apps[0], APPLY)
    days.reconcile(days.apps[0], BUILD)
    days.poll()
    days.reconcile(days.apps[0], OK)
    days.push("fleet", 1)
    days.reconcile(days.apps[0], HEALTH)
    days.poll()
    shows = shown(days, FLEET, days.commit("fleet", 0))
    assert [state for state, _ in shows] == ["failure", "success"]
