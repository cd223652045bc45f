"""SIGTERM and SIGINT: the run ends at once, with 130, and what it did is not forgotten."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from statusbot.demo.forge import Fault, Kind
from statusbot.demo.kube.faults import Fault as Hang
from statusbot.demo.kube.requests import Request
from tests.support.site import TRUTH, WRITES, Site, ended

SIGNALS = [signal.SIGTERM, signal.SIGINT]
# A guard for a process that hangs, not a measurement: no fault here lasts for less.
AT_ONCE = 10.0
FOREVER = 120.0


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path, ledger=f"file:{tmp_path / 'ledger'}") as site:
        yield site


def hangs_at(site: Site, path: str) -> threading.Event:
    """The API server says nothing any more from the first request for ``path`` on."""
    seen = threading.Event()

    def fail(request: Request) -> Hang | None:
        if path not in request.path:
            return None
        seen.set()
        return Hang(hang=FOREVER)

    site.kube.faults.fail = fail
    return seen


def slow_at(site: Site, call: int, on: Kind) -> threading.Event:
    """The forge takes its time from one call of a kind on; what it is sent is stored."""
    seen = threading.Event()
    slow = Fault(delay=FOREVER, after=seen.set)
    site.forge.faults.at(*range(call, 9), fault=slow, on=on)
    return seen


@pytest.mark.parametrize("sig", SIGNALS)
@pytest.mark.parametrize("path", ["/apis", "/gitrepositories", "/kustomizations", "/secrets/token"])
def test_a_run_that_waits_for_the_cluster_ends_at_once(
    site: Site, sig: signal.Signals, path: str
) -> None:
    seen = hangs_at(site, path)
    process = site.start()
    assert seen.wait(60)
    process.send_signal(sig)
    ran = ended(process, AT_ONCE)
    assert (ran.code, ran.out, ran.err) == (130, "", "statusbot: error: interrupted\n")
    assert site.forge.calls == []


def test_the_run_after_one_that_was_stopped_while_it_read_does_it_all(site: Site) -> None:
    seen = hangs_at(site, "/kustomizations")
    process = site.start()
    assert seen.wait(60)
    process.send_signal(signal.SIGTERM)
    ended(process, AT_ONCE)
    site.kube.faults.fail = lambda request: None
    assert site.run()[0].code == 0
    assert site.shown() == TRUTH


@pytest.mark.parametrize("sig", SIGNALS)
@pytest.mark.parametrize(
    ("call", "on"), [(1, Kind.READ), (1, Kind.WRITE), (2, Kind.WRITE), (WRITES, Kind.WRITE)]
)
def test_a_run_that_waits_for_a_forge_ends_at_once_and_the_next_doubles_nothing(
    site: Site, sig: signal.Signals, call: int, on: Kind
) -> None:
    seen = slow_at(site, call, on)
    process = site.start()
    assert seen.wait(60)
    process.send_signal(sig)
    ran = ended(process, AT_ONCE)
    assert ran.code == 130, ran.err
    assert site.remembered() == json.loads(ran.out)["counts"]["posted"]
    site.forge.faults.clear()
    assert site.run()[0].code == 0
    assert site.shown() == TRUTH


def test_what_was_posted_before_the_signal_is_in_report_and_ledger(site: Site) -> None:
    """The last write hangs; it is sent after the answers to the others have been taken."""
    others = threading.Semaphore(0)

    def last() -> None:
        for _ in range(WRITES - 1):
            assert others.acquire(timeout=60)

    seen = threading.Event()
    site.forge.faults.at(1, 2, fault=Fault(after=others.release), on=Kind.WRITE)
    site.forge.faults.at(3, fault=Fault(before=last, after=seen.set, delay=FOREVER), on=Kind.WRITE)
    process = site.start()
    assert seen.wait(60)
    process.send_signal(signal.SIGTERM)
    report = json.loads(ended(process, AT_ONCE).out)
    assert report["counts"]["posted"] == site.remembered() == WRITES - 1


def test_a_second_signal_changes_nothing(site: Site) -> None:
    seen = slow_at(site, 1, Kind.WRITE)
    process = site.start()
    assert seen.wait(60)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    ran = ended(process, AT_ONCE)
    assert ran.code == 130
    assert json.loads(ran.out)["counts"]["posted"] == 0


def test_a_run_that_was_stopped_lets_the_next_one_have_the_ledger(site: Site) -> None:
    seen = hangs_at(site, "/kustomizations")
    process = site.start()
    assert seen.wait(60)
    assert "another run holds the ledger" in site.run()[0].err
    process.send_signal(signal.SIGTERM)
    ended(process, AT_ONCE)
    site.kube.faults.fail = lambda request: None
    assert site.run()[1]["counts"]["posted"] == WRITES
