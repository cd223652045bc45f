"""``statusbot run --for`` as a command: its options, its reports, and how it ends."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from statusbot.demo.forge import Fault, Kind
from statusbot.demo.kube.faults import Fault as Hang
from statusbot.demo.kube.requests import Request
from statusbot.ledger.store import peek
from tests.support.cli import Ran, cli
from tests.support.objects import (
    C1,
    C2,
    Object,
    alert,
    git,
    green,
    kustomization,
    not_ready,
)
from tests.support.site import APPS, INFRA, TRUTH, WRITES, Site, ended
from tests.support.world import World

# A guard for a process that hangs, not a measurement: no fault here lasts for less.
AT_ONCE = 20.0
FOREVER = 120.0
Shown = dict[tuple[str, str], list[str]]
SIGNALS = [signal.SIGTERM, signal.SIGINT]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path, ledger=f"file:{tmp_path / 'ledger'}") as site:
        yield site


def documents(ran: Ran) -> list[dict[str, Any]]:
    """The reports on stdout: each document ends with a line of its own."""
    return [json.loads(text + "]}") for text in ran.out.split("]}\n") if text]


def mended() -> Object:
    """``infra``, no longer red."""
    return kustomization(green(git(C2)), name="infra")


# -- options


def test_a_poll_of_files_cannot_be_followed(here: World) -> None:
    ran = cli("run", "--from", here.dump(*here.objects()), "--for", "1s")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "statusbot: error: --for follows a cluster: leave it out with --from\n"


@pytest.mark.parametrize("text", ["soon", "-1s", "1"])
def test_what_is_no_duration_is_a_usage_error(here: World, text: str) -> None:
    assert here.run("--for", text).code == 2


def test_for_no_time_it_is_a_poll(here: World) -> None:
    ran = here.run("-o", "json", "--for", "0s")
    (report,) = documents(ran)
    assert (ran.code, report["counts"]["posted"]) == (0, 1)
    assert here.shown("healthy") == ["success"]


def test_its_exit_code_is_that_of_a_poll(here: World) -> None:
    here.add_way("broken", secretRef={"name": "nowhere"})
    assert here.run("--for", "0s").code == 1


def test_a_cluster_that_cannot_be_read_at_first_is_an_error_at_once(here: World) -> None:
    here.kube.faults.fail = lambda request: Hang(reset=True)
    ran = here.run("--for", "forever", "--timeout", "1s")
    assert (ran.code, ran.out) == (1, "")


def test_another_run_that_holds_the_ledger_does_the_work(site: Site) -> None:
    process = site.start("--for", "forever")
    wait_for(site, TRUTH)
    second, _ = site.run("--for", "forever")
    assert (second.code, second.out) == (0, "")
    assert second.err.endswith("another run holds the ledger: nothing to do\n")
    process.send_signal(signal.SIGTERM)
    ended(process, AT_ONCE)


# -- reports


def test_each_round_has_a_document(site: Site) -> None:
    process = site.start("--for", "forever")
    wait_for(site, TRUTH)
    site.kube.apply(mended())
    wait_for(site, {**TRUTH, (C2, INFRA): ["failure", "success"]})
    another_survey(site, "another")
    process.send_signal(signal.SIGTERM)
    reports = documents(ended(process, AT_ONCE))
    posted = [report["counts"]["posted"] for report in reports]
    assert posted == [WRITES, 0]  # of a status that was posted twice the last counts


def test_a_round_in_which_nothing_happened_prints_nothing(site: Site) -> None:
    process = site.start("--for", "forever", "-o", "text")
    wait_for(site, TRUTH)
    for name in ("one", "two"):
        another_survey(site, name)
    process.send_signal(signal.SIGTERM)
    ran = ended(process, AT_ONCE)
    # The first, and the last since it was stopped.
    assert ran.out.count("2 Kustomizations, ") == 2


def test_who_is_not_selected_is_met_as_a_namesake_while_it_follows(site: Site) -> None:
    sources = [{"kind": "Kustomization", "name": "*", "namespace": n} for n in ("a", "b")]
    site.kube.apply(alert(eventSources=sources))
    fleet = {"kind": "GitRepository", "name": "fleet", "namespace": "flux-system"}

    def apply(name: str, namespace: str, **labels: str) -> None:
        object_ = kustomization(name=name, namespace=namespace, source=fleet, labels=labels)
        site.kube.apply(object_ | {"status": green(git(C2))})

    apply("first", "a", team="mine")
    process = site.start("--for", "forever", "-l", "team=mine")
    first = (C2, "kustomization/first/0c9c2e41")
    wait_for(site, {first: ["success"]})
    apply("web", "b")
    apply("web", "a", team="mine")
    wait_for(site, {first: ["success"], (C2, "kustomization/a/web/0c9c2e41"): ["success"]})
    process.send_signal(signal.SIGTERM)
    ended(process, AT_ONCE)


# -- signals


@pytest.mark.parametrize("sig", SIGNALS)
def test_a_signal_while_it_follows_ends_it_with_its_report(site: Site, sig: signal.Signals) -> None:
    process = site.start("--for", "forever")
    wait_for(site, TRUTH)
    site.kube.apply(mended())
    wait_for(site, {**TRUTH, (C2, INFRA): ["failure", "success"]})
    process.send_signal(sig)
    ran = ended(process, AT_ONCE)
    (report,) = documents(ran)
    assert (ran.code, ran.err) == (130, "")
    shown = {(s["commit"], s["context"]): s["state"] for s in report["statuses"]}
    assert shown == {(C1, APPS): "failure", (C2, APPS): "success", (C2, INFRA): "success"}
    assert site.remembered() == WRITES


def test_the_run_after_a_signal_has_nothing_to_do(site: Site) -> None:
    process = site.start("--for", "forever")
    wait_for(site, TRUTH)
    process.send_signal(signal.SIGTERM)
    ended(process, AT_ONCE)
    _, report = site.run()
    assert report["forge_calls"] == {"read": 0, "write": 0}


def test_a_signal_while_a_forge_hangs_ends_it_at_once_and_nothing_is_doubled(site: Site) -> None:
    process = site.start("--for", "forever")
    wait_for(site, TRUTH)
    seen = threading.Event()
    site.forge.faults.always(fault=Fault(delay=FOREVER, after=seen.set), on=Kind.WRITE)
    site.kube.apply(mended())
    assert seen.wait(60)
    process.send_signal(signal.SIGTERM)
    assert ended(process, AT_ONCE).code == 130
    site.forge.faults.clear()
    assert site.run()[0].code == 0
    assert site.shown() == {**TRUTH, (C2, INFRA): ["failure", "success"]}


@pytest.mark.parametrize("path", ["/kustomizations", "/gitrepositories/fleet"])
def test_a_signal_while_the_cluster_hangs_ends_it_at_once(site: Site, path: str) -> None:
    """While the next round reads it, and while a decision needs a source."""
    process = site.start("--for", "forever")
    wait_for(site, TRUTH)
    seen = threading.Event()

    def fail(request: Request) -> Hang | None:
        if not request.path.endswith(path):
            return None
        seen.set()
        return Hang(hang=FOREVER)

    site.kube.faults.fail = fail
    if path == "/kustomizations":
        site.kube.apply(alert("another", eventSources=[]))
    else:
        site.kube.apply(kustomization(green(conditions=[stalled()]), name="infra"))
    assert seen.wait(60)
    process.send_signal(signal.SIGTERM)
    ran = ended(process, AT_ONCE)
    assert ran.code == 130
    assert sum(report["counts"]["posted"] for report in documents(ran)) == WRITES


def test_a_second_signal_changes_nothing(site: Site) -> None:
    process = site.start("--for", "forever")
    wait_for(site, TRUTH)
    for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
        process.send_signal(sig)
    ran = ended(process, AT_ONCE)
    assert (ran.code, len(documents(ran))) == (130, 1)


def test_a_run_that_is_killed_while_it_follows_doubles_nothing(site: Site) -> None:
    process = site.start("--for", "forever")
    wait_for(site, TRUTH)
    site.forge.faults.at(1, fault=site.kill(stored=True))
    site.kube.apply(mended())
    assert ended(process, AT_ONCE).code == -signal.SIGKILL
    site.forge.faults.clear()
    site.run()
    assert site.shown() == {**TRUTH, (C2, INFRA): ["failure", "success"]}


def stalled() -> Object:
    """Only the source tells the commit of it, read again."""
    return not_ready("InvalidCELExpression")


def eventually(holds: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def wait_for(site: Site, shown: Shown) -> None:
    """Until the forge shows it, and the ledger holds it and owes nothing."""
    eventually(lambda: site.shown() == shown and remembered(site) == len(shown))


def remembered(site: Site) -> int:
    ledger = peek(site.ledger)
    owed = ledger is None or any(ledger.owing())
    return -1 if owed else site.remembered()


def surveys(site: Site) -> int:
    """How often all Kustomizations were asked for."""
    return sum(request.path.endswith("/kustomizations") for request in site.kube.requests)


def another_survey(site: Site, name: str) -> None:
    """Make an Alert that asks for nothing, and wait for the survey that it needs."""
    before = surveys(site)
    site.kube.apply(alert(name, eventSources=[]))
    eventually(lambda: surveys(site) > before)
