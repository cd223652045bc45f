"""Whole runs with a ledger in ConfigMaps: killed, turned away, robbed of it, or not allowed to."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from statusbot.demo.forge import Kind
from statusbot.demo.kube import Fault, Request
from statusbot.demo.kube.faults import failing
from statusbot.ledger import lease
from statusbot.posting import desk
from tests.support.site import READS, TRUTH, WRITES, Site, ended, holding
from tests.support.world import world

LEDGER = "configmap:flux-system/statusbot"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(desk, "BACK_OFF", 0.0)
    with Site(tmp_path, ledger=LEDGER) as site:
        yield site


def leases(site: Site) -> dict[str, str]:
    """Who has which."""
    found = site.kube.objects("Lease")
    return {item["metadata"]["name"]: item["spec"]["holderIdentity"] for item in found}


def names(site: Site) -> list[str]:
    return [item["metadata"]["name"] for item in site.kube.objects("ConfigMap")]


def after_a_kill(site: Site) -> dict[str, Any]:
    """The next run, when the Lease of the one that was killed is over."""
    site.kube.faults.fail = lambda request: None
    site.forge.faults.clear()
    site.clock.advance(seconds=lease.SECONDS + 1)
    ran, report = site.run()
    assert (ran.code, report["counts"]["errors"]) == (0, 0), ran.err
    assert site.shown() == TRUTH
    return report


def test_a_second_run_has_nothing_to_do(site: Site) -> None:
    first, _ = site.run()
    second, report = site.run()
    assert (first.code, second.code, first.err, second.err) == (0, 0, "", "")
    assert report["forge_calls"] == {"read": 0, "write": 0}
    assert site.shown() == TRUTH
    assert names(site) == ["statusbot", "statusbot-1-0"]
    assert leases(site) == {"statusbot": ""}


@pytest.mark.parametrize("call", range(1, READS + WRITES + 1))
def test_a_run_that_is_killed_at_a_call_of_the_forge_doubles_nothing(site: Site, call: int) -> None:
    site.forge.faults.at(call, fault=site.kill(stored=True), on=None)
    assert ended(site.start()).code == -signal.SIGKILL
    after_a_kill(site)
    assert leases(site) == {"statusbot": ""}


def writes_of(site: Site) -> int:
    """How many times a run writes to the cluster, its Lease too."""
    site.run()
    written = sum(request.method != "GET" for request in site.kube.requests)
    return written


def test_a_run_writes_to_the_cluster_as_often_as_these_tests_kill_it(site: Site) -> None:
    # The Lease twice; bucket and header before the first status, and the bucket after the last.
    assert writes_of(site) == 6


@pytest.mark.parametrize("write", range(1, 7))
def test_a_run_that_is_killed_at_a_write_to_the_cluster_doubles_nothing(
    site: Site, write: int
) -> None:
    count = 0

    def fail(request: Request) -> Fault | None:
        nonlocal count
        count += request.method != "GET"
        if request.method == "GET" or count != write:
            return None
        assert site._known.wait(20)
        os.kill(site.pid, signal.SIGKILL)
        return Fault(reset=True)

    site.kube.faults.fail = fail
    assert ended(site.start()).code == -signal.SIGKILL
    after_a_kill(site)


def test_of_two_runs_at_once_the_second_says_so_and_does_nothing(site: Site) -> None:
    seen, go = threading.Event(), threading.Event()
    site.forge.faults.at(1, fault=holding(lambda: go.wait(60), seen))
    first = site.start()
    assert seen.wait(60)
    before = names(site)
    second, _ = site.run()
    go.set()
    assert (second.code, second.out) == (0, "")
    assert "another run holds the ledger: " in second.err
    assert second.err.endswith("Z: nothing to do\n")
    assert names(site) == before
    assert ended(first).code == 0
    assert site.shown() == TRUTH


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_gives_the_ledger_back_with_what_was_posted(
    site: Site, sig: signal.Signals
) -> None:
    fault = site.kill(stored=True, sig=sig)
    site.forge.faults.at(READS + 1, fault=fault, on=None)
    assert ended(site.start()).code == 130
    assert leases(site) == {"statusbot": ""}
    site.forge.faults.clear()
    ran, _ = site.run()  # at once
    assert ran.code == 0
    assert site.shown() == TRUTH


def test_a_run_whose_ledger_another_takes_posts_no_more_and_fails(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "EVERY", 0.02)
    over = threading.Event()

    def robbed() -> bool:
        taken = site.kube.objects("Lease")[0]
        taken["spec"]["holderIdentity"] = "another"
        site.kube.apply(taken)
        return over.wait(60)

    site.forge.faults.always(fault=holding(robbed, threading.Event()), on=Kind.WRITE)
    try:
        ran, _ = site.run()
    finally:
        over.set()
    assert ran.code == 1
    assert "another run took the ledger: another" in ran.err
    assert leases(site) == {"statusbot": "another"}


def test_following_renews_it_and_gives_it_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "EVERY", 0.02)
    ran, _ = site.run("--for", "1s")
    assert (ran.code, site.shown()) == (0, TRUTH)
    assert leases(site) == {"statusbot": ""}
    puts = [one for one in site.kube.requests if one.method == "PUT" and "leases" in one.path]
    assert len(puts) > 2


def test_each_shard_has_a_ledger_of_its_own(site: Site) -> None:
    for shard in ("0/2", "1/2"):
        assert site.run("--shard", shard)[0].code == 0
    assert site.shown() == TRUTH
    assert leases(site) == {"statusbot-shard-0-of-2": "", "statusbot-shard-1-of-2": ""}


def test_who_asks_why_takes_nothing_and_writes_nothing(site: Site) -> None:
    from tests.support.cli import cli

    site.run()
    site.kube.requests.clear()
    where = ["--kubeconfig", str(site.kubeconfig), "--ledger", LEDGER]
    ran = cli("explain", "flux-system/apps", *where)
    assert (ran.code, ran.err) == (0, "")
    assert {request.method for request in site.kube.requests} == {"GET"}
    assert not [request for request in site.kube.requests if "leases" in request.path]


def test_a_dry_run_takes_nothing_and_writes_nothing(site: Site) -> None:
    ran, report = site.run("--dry-run")
    assert (ran.code, ran.err) == (0, "")
    assert [entry["outcome"] for entry in report["statuses"]] == ["would-post"] * WRITES
    assert {request.method for request in site.kube.requests} == {"GET"}


@pytest.mark.parametrize(
    ("verb", "kind"),
    [("get", "leases"), ("create", "leases"), ("list", "configmaps"), ("create", "configmaps")],
)
def test_without_the_right_nothing_is_posted(tmp_path: Path, verb: str, kind: str) -> None:
    def may(user: str, what: str, resource: str, namespace: str) -> bool:
        return (what, resource) != (verb, kind)

    with world(tmp_path, authorize=may) as made:
        ran = made.run("--ledger", LEDGER)
        assert ran.code == 2
        assert f"kubectl create role statusbot-{kind} --verb=get," in ran.err
        assert made.forge.calls == []


def test_in_a_namespace_that_is_not_there_nothing_is_posted(tmp_path: Path) -> None:
    with world(tmp_path) as made:
        ran = made.run("--ledger", "configmap:no-such/statusbot")
        assert ran.code == 2
        assert "kubectl create namespace no-such" in ran.err
        assert made.forge.calls == []


def test_what_was_posted_is_told_where_the_ledger_does_not_take_it_any_more(site: Site) -> None:
    def full(request: Request) -> Fault | None:
        late = bool(site.forge.stored) and "/configmaps" in request.path
        return failing(413, "RequestEntityTooLarge", "too large") if late else None

    site.kube.faults.fail = full
    ran, report = site.run()
    assert ran.code not in (0, 3)
    assert "413" in ran.err
    assert report["counts"]["posted"] == 3
