"""Forges that replace the status of a key: what the ledger does not know is not written over."""

from __future__ import annotations

import pytest

from tests.support.ends import OK, STALLED
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
