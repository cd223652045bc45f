"""The process is killed at any call of a run: the next run ends right, and nothing is doubled."""

from __future__ import annotations

import signal

import pytest

from statusbot.demo.forge import Kind
from tests.support.site import READS, TRUTH, WRITES, Site, ended


def test_a_run_makes_as_many_calls_as_these_tests_kill_it_at(site: Site) -> None:
    ran, report = site.run()
    assert ran.code == 0, ran.err
    assert report["forge_calls"] == {"read": READS, "write": WRITES}
    assert site.shown() == TRUTH


@pytest.mark.parametrize("stored", [False, True], ids=["before storing", "after storing"])
@pytest.mark.parametrize("call", range(1, READS + WRITES + 1))
def test_the_run_after_a_kill_ends_right_and_doubles_nothing(
    site: Site, call: int, stored: bool
) -> None:
    site.forge.faults.at(call, fault=site.kill(stored=stored), on=None)
    assert ended(site.start()).code == -signal.SIGKILL
    site.forge.faults.clear()
    ran, report = site.run()
    assert (ran.code, report["counts"]["errors"]) == (0, 0)
    assert site.shown() == TRUTH


@pytest.mark.parametrize("call", [1, READS + 1, READS + WRITES])
def test_the_second_run_after_a_kill_has_nothing_to_do(site: Site, call: int) -> None:
    site.forge.faults.at(call, fault=site.kill(stored=True), on=None)
    ended(site.start())
    site.forge.faults.clear()
    site.run()
    _, report = site.run()
    reads = READS if site.ledger == "none" else 0
    assert report["forge_calls"] == {"read": reads, "write": 0}


def test_a_run_that_is_killed_at_every_write_gets_there_in_the_end(site: Site) -> None:
    """A status more each time at least: what was stored is never stored again."""
    site.forge.faults.always(fault=site.kill(stored=True), on=Kind.WRITE)
    codes = [ended(site.start()).code]
    while codes[-1] == -signal.SIGKILL and len(codes) <= WRITES:
        codes.append(ended(site.start()).code)
    assert codes[-1] == 0
    assert site.shown() == TRUTH
