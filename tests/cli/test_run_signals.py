"""SIGTERM and SIGINT: the run ends at once, with 130, and what it did is not forgotten."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from statusbot.demo.forge import Fault, Kind, faults
from statusbot.demo.kube.faults import Fault as Hang
from statusbot.demo.kube.requests import Request
from statusbot.posting.outcome import STOPPED
from tests.support.objects import provider
from tests.support.silent import FallsSilent, Silent
from tests.support.site import READS, REPOSITORY, TRUTH, WRITES, Site, ended

SIGNALS = [signal.SIGTERM, signal.SIGINT]
# A guard for a process that hangs, not a measurement: no fault here lasts for less.
AT_ONCE = 20.0
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


def through(site: Site, port: int) -> None:
    """The cluster is at another port from now on."""
    here = urlsplit(site.kube.url).port
    path = site.kubeconfig
    path.write_text(path.read_text().replace(f"127.0.0.1:{here}", f"127.0.0.1:{port}"))


def deferred(report: dict[str, Any]) -> int:
    """How many statuses are left to the next run; the report says so of each."""
    left = [entry for entry in report["statuses"] if entry["outcome"] == "deferred"]
    assert {entry["why"] for entry in left} <= {STOPPED}
    assert len(left) == report["counts"]["deferred"]
    return len(left)


def slow_at(site: Site, call: int, on: Kind) -> threading.Event:
    """The forge takes its time from one call of a kind on; what it is sent is stored."""
    seen = threading.Event()
    slow = Fault(delay=FOREVER, after=seen.set)
    site.forge.faults.at(*range(call, 9), fault=slow, on=on)
    return seen


@pytest.mark.parametrize("sig", SIGNALS)
@pytest.mark.parametrize("path", ["/apis", "/gitrepositories", "/kustomizations"])
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


def stopped(process: subprocess.Popen[str], sig: signal.Signals = signal.SIGTERM) -> dict[str, Any]:
    """The report of a run that a signal ends."""
    process.send_signal(sig)
    ran = ended(process, AT_ONCE)
    assert (ran.code, ran.err) == (130, "")
    report: dict[str, Any] = json.loads(ran.out)
    return report


def test_a_run_ends_though_an_api_server_never_answers(site: Site) -> None:
    with Silent() as server:
        through(site, server.port)
        process = site.start()
        assert server.said.wait(60)
        process.send_signal(signal.SIGTERM)
        assert ended(process, AT_ONCE).err == "statusbot: error: interrupted\n"


def test_a_run_ends_though_the_list_stops_in_the_middle(site: Site) -> None:
    port = urlsplit(site.kube.url).port
    assert port is not None
    with FallsSilent(port, b'"name":"infra"') as server:
        through(site, server.port)
        process = site.start()
        assert server.said.wait(60)
        process.send_signal(signal.SIGTERM)
        assert ended(process, AT_ONCE).err == "statusbot: error: interrupted\n"
    assert site.forge.calls == []


@pytest.mark.parametrize("more", [(), ("--for", "forever")], ids=["run", "for"])
def test_a_run_that_waits_for_a_login_tells_what_is_left(site: Site, more: tuple[str, ...]) -> None:
    seen = hangs_at(site, "/secrets/token")
    process = site.start(*more)
    assert seen.wait(60)
    assert deferred(stopped(process)) == WRITES
    site.kube.faults.fail = lambda request: None
    assert site.run()[1]["forge_calls"] == {"read": READS, "write": WRITES}


@pytest.mark.parametrize("more", [(), ("--for", "forever")], ids=["run", "for"])
def test_a_run_ends_though_a_forge_never_answers(site: Site, more: tuple[str, ...]) -> None:
    with Silent() as server:
        site.kube.apply(provider(address=f"http://127.0.0.1:{server.port}/{REPOSITORY}"))
        process = site.start(*more)
        assert server.said.wait(60)
        assert deferred(stopped(process)) == WRITES
    site.kube.apply(provider(address=site.address))
    assert site.run()[0].code == 0
    assert site.shown() == TRUTH


@pytest.mark.parametrize("fault", [faults.too_many(60), faults.answer(500, "{}")])
def test_a_run_that_leaves_a_forge_alone_for_a_while_ends_at_once(site: Site, fault: Fault) -> None:
    seen = threading.Event()
    site.forge.faults.always(fault=dataclasses.replace(fault, after=seen.set), on=Kind.WRITE)
    process = site.start()
    assert seen.wait(60)
    process.send_signal(signal.SIGTERM)
    ran = ended(process, AT_ONCE)
    assert (ran.code, json.loads(ran.out)["counts"]["posted"]) == (130, 0)


@pytest.mark.parametrize("stored", [False, True])
def test_a_write_under_way_is_read_by_the_next_run_which_neither_loses_nor_doubles_it(
    site: Site, stored: bool
) -> None:
    """The forge has the request, and stores it or not: it never says."""
    seen, never = threading.Event(), threading.Event()

    def hang() -> None:
        seen.set()
        never.wait(FOREVER)

    fault = Fault(after=hang) if stored else Fault(before=hang, stored=False)
    site.forge.faults.always(fault=fault, on=Kind.WRITE)
    process = site.start()
    assert seen.wait(60)
    report = stopped(process)
    assert (deferred(report), report["counts"]["posted"]) == (WRITES, 0)
    never.set()
    site.forge.faults.clear()
    ran, after = site.run()
    assert (ran.code, after["forge_calls"]["read"]) == (0, READS)
    assert site.shown() == TRUTH


def test_explain_ends_though_a_forge_never_answers(site: Site) -> None:
    with Silent() as server:
        site.kube.apply(provider(address=f"http://127.0.0.1:{server.port}/{REPOSITORY}"))
        process = site.start(verb=("explain", "flux-system/apps"))
        assert server.said.wait(60)
        process.send_signal(signal.SIGTERM)
        ran = ended(process, AT_ONCE)
    assert (ran.code, ran.out, ran.err) == (130, "", "statusbot: error: interrupted\n")


def test_explain_ends_though_the_cluster_never_answers(site: Site) -> None:
    seen = hangs_at(site, "/kustomizations")
    process = site.start(verb=("explain", "flux-system/apps"))
    assert seen.wait(60)
    process.send_signal(signal.SIGTERM)
    ran = ended(process, AT_ONCE)
    assert (ran.code, ran.out, ran.err) == (130, "", "statusbot: error: interrupted\n")


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
    report = json.loads(ran.out)
    assert site.remembered() == report["counts"]["posted"] == WRITES - deferred(report)
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


def test_signals_that_do_not_end_make_no_traceback(site: Site) -> None:
    """To the very end of the process, in which nothing is left to interrupt."""
    seen = slow_at(site, 1, Kind.WRITE)
    process = site.start()
    assert seen.wait(60)
    while process.poll() is None:
        for sig in SIGNALS:
            process.send_signal(sig)
    ran = ended(process, AT_ONCE)
    assert (ran.code, ran.err) == (130, "")


def test_a_run_ends_though_nobody_takes_its_report(site: Site) -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        while True:
            os.write(write, b"x")
    except BlockingIOError:
        os.set_blocking(write, True)
    saved = threading.Event()
    site.forge.faults.at(WRITES, fault=Fault(after=saved.set))
    process = site.start(stdout=write)
    assert saved.wait(60)
    process.send_signal(signal.SIGTERM)
    assert ended(process, AT_ONCE).code == 130
    os.close(read)
    os.close(write)


def test_a_pod_that_is_asked_to_stop_before_it_began_does_nothing(site: Site) -> None:
    """Whoever is the first process of a container gets no signal that it does not handle."""
    process = site.start()
    process.send_signal(signal.SIGTERM)
    ran = ended(process, AT_ONCE)
    assert ran.code in (130, -signal.SIGTERM)  # of another process the system takes care
    assert site.forge.calls == []
