"""Forges that replace the status of a key: what the ledger does not know is not written over."""

from __future__ import annotations

import pytest

from tests.support.ends import FETCH, OK, STALLED
from tests.support.model import Days
from tests.support.two_repositories import BY_KEY


@pytest.mark.parametrize("forge", BY_KEY)
def test_a_red_stays_though_the_ledger_is_lost_and_the_history_tells_of_an_earlier_green(
    forge: str,
) -> None:
    days = Days(forge)
    days.push("fleet", 0)
    days.apps.append(days.make("flux-system", "apps"))
    for outcome in (OK, STALLED):
        days.reconcile(days.apps[0], outcome)
    days.poll()
    days.lose_ledger()
    days.push("fleet", 1)
    days.reconcile(days.apps[0], OK)
    days.poll()
    states = [row.state for row in days.forge.rows if row.commit.endswith(days.commit("fleet", 0))]
    assert (states, days.judge.wrong) == (["failure"], [])


@pytest.mark.parametrize("forge", BY_KEY)
def test_a_wait_for_too_long_ends_no_green_of_the_object_that_was_there_before(forge: str) -> None:
    days = Days(forge)
    days.push("fleet", 0)
    before = days.make("flux-system", "apps")
    days.reconcile(before, OK)
    days.poll()
    before.delete()
    days.reconcile(days.make("flux-system", "apps"), FETCH)
    days.poll()
    days.flux.wait(400)
    days.poll()
    assert [row.state for row in days.forge.rows] == ["success"]
