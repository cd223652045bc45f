"""A forge that fails in one of its ways: the next run ends right, and nothing is doubled."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from statusbot.demo.forge import EmbeddedForge, Fault, Kind, faults
from tests.support.cli import Ran
from tests.support.forge import TOKEN, Clock
from tests.support.objects import alert, provider
from tests.support.site import (
    REPOSITORY,
    TRUTH,
    WRITES,
    Site,
    ended,
    holding,
    secret,
)

RESET = Clock().now + timedelta(hours=1)
# What a call meets, and what the run says of the statuses that it concerns.
PASSING: dict[str, tuple[Fault, set[str]]] = {
    "reset before storing": (faults.reset(stored=False), {"posted", "error"}),
    "reset after storing": (faults.reset(stored=True), {"posted", "error"}),
    "half an answer": (faults.half_body(), {"posted", "error"}),
    "500 before storing": (faults.answer(500, "{}"), {"posted", "error"}),
    "500 after storing": (faults.answer(500, "{}", stored=True), {"posted", "error"}),
    "502 of a gateway": (faults.html(502), {"posted", "error"}),
    "200 of a login page": (faults.html(200), {"posted", "error"}),
    "429 for a second": (faults.too_many(1), {"posted", "deferred"}),
    "429 for an hour": (faults.too_many(3600), {"deferred"}),
    "403 secondary for a second": (faults.secondary_limit(1), {"posted", "deferred"}),
    "403 secondary": (faults.secondary_limit(), {"deferred"}),
    "403 primary": (faults.primary_limit(RESET), {"deferred"}),
    "401": (faults.answer(401, '{"message":"Bad credentials"}'), {"error"}),
    "403": (faults.answer(403, '{"message":"Resource not accessible"}'), {"error"}),
    "404": (faults.answer(404, '{"message":"Not Found"}'), {"error"}),
}
FINAL = faults.answer(422, '{"message":"Validation Failed"}')


def outcomes(report: dict[str, object]) -> set[str]:
    statuses = report["statuses"]
    assert isinstance(statuses, list)
    return {status["outcome"] for status in statuses}


def healthy(ran: Ran) -> None:
    """Neither a bug nor a secret."""
    assert ran.code in (0, 1), ran.err
    assert "Traceback" not in ran.err
    assert TOKEN not in ran.out + ran.err


def mended(site: Site) -> None:
    """All is well again: the next run ends right."""
    site.forge.faults.clear()
    ran, _ = site.run()
    assert ran.code == 0, ran.out
    assert site.shown() == TRUTH


@pytest.mark.parametrize("write", range(1, WRITES + 1))
@pytest.mark.parametrize("name", PASSING)
def test_one_write_goes_wrong(site: Site, name: str, write: int) -> None:
    fault, expected = PASSING[name]
    site.forge.faults.at(write, fault=fault)
    ran, report = site.run("--timeout", "20s")
    healthy(ran)
    assert outcomes(report) <= {"posted"} | expected
    mended(site)


@pytest.mark.parametrize("on", [Kind.READ, Kind.WRITE])
@pytest.mark.parametrize("name", PASSING)
def test_every_call_goes_wrong(site: Site, name: str, on: Kind) -> None:
    fault, expected = PASSING[name]
    site.forge.faults.always(fault=fault, on=on)
    ran, report = site.run("--timeout", "3s")
    healthy(ran)
    if not fault.stored and on is Kind.WRITE:
        assert site.shown() == {}
        assert outcomes(report) <= expected - {"posted"} | {"deferred"}
        assert ran.code == (1 if "error" in outcomes(report) else 0)
    mended(site)


@pytest.mark.parametrize("type_", ["github", "gitea"])
@pytest.mark.parametrize("stored", [False, True])
def test_every_answer_is_lost(site: Site, type_: str, stored: bool) -> None:
    """Neither forge has a key that makes a second write harmless."""
    site.kube.apply(provider(type=type_, address=site.address))
    site.forge.faults.first(2, fault=faults.reset(stored=stored))
    healthy(site.run()[0])
    mended(site)


def test_a_status_that_is_refused_for_good_is_settled_with_a_ledger(kept: Site) -> None:
    kept.forge.faults.always(fault=FINAL, on=Kind.WRITE)
    assert kept.run()[0].code == 1
    kept.forge.faults.clear()
    ran, report = kept.run("--all")
    assert (ran.code, outcomes(report)) == (0, {"skipped"})
    assert kept.shown() == {}


def test_an_answer_that_trickles_does_not_outlast_the_run(site: Site) -> None:
    site.forge.faults.always(fault=faults.trickle(0.2), on=Kind.WRITE)
    ran = ended(site.start("--timeout", "2s"))
    healthy(ran)
    assert "posted" not in ran.out.partition('"statuses"')[2]
    mended(site)


def test_a_forge_that_takes_a_minute_does_not_outlast_the_run(site: Site) -> None:
    site.forge.faults.always(fault=faults.slow(60))
    healthy(ended(site.start("--timeout", "2s")))
    mended(site)


# -- the ledger -------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"no ledger", b'{"version":9}\n', b"\x00" * 99])
def test_a_damaged_ledger_costs_reads_and_no_more(kept: Site, data: bytes) -> None:
    kept.run()
    (kept.folder / "ledger").write_bytes(data)
    ran, report = kept.run()
    assert (ran.code, report["counts"]["already"]) == (0, WRITES)
    assert "the forge is asked instead" in ran.err
    assert kept.shown() == TRUTH


def test_an_old_copy_of_the_ledger_doubles_nothing(kept: Site) -> None:
    kept.forge.faults.at(1, fault=faults.answer(500, "{}"))
    kept.forge.faults.at(2, 3, fault=faults.answer(403, '{"message":"no"}'))
    kept.run()
    copy = (kept.folder / "ledger").read_bytes()
    mended(kept)
    (kept.folder / "ledger").write_bytes(copy)
    mended(kept)


def test_a_ledger_that_cannot_be_written_is_a_sentence_before_any_call(tmp_path: Path) -> None:
    with Site(tmp_path, ledger=f"file:{tmp_path}") as site:
        ran, _ = site.run()
        assert ran.code == 2
        assert ran.err.startswith(f"statusbot: error: {tmp_path}: the ledger cannot be used: ")
        assert site.forge.calls == []


def test_of_two_runs_at_once_the_second_says_so_and_does_nothing(kept: Site) -> None:
    seen, go = threading.Event(), threading.Event()
    kept.forge.faults.at(1, fault=holding(lambda: go.wait(60), seen))
    first = kept.start()
    assert seen.wait(60)
    calls = len(_reading(kept))
    second, _ = kept.run()
    go.set()
    assert (second.code, second.out) == (0, "")
    assert second.err.endswith("another run holds the ledger: nothing to do\n")
    assert len(_reading(kept)) == calls
    assert ended(first).code == 0
    assert kept.shown() == TRUTH


def _reading(site: Site) -> list[str]:
    """What was asked of the cluster, but for the Events that a run asks for while it posts."""
    return [request.path for request in site.kube.requests if not request.path.endswith("/events")]


# -- two forges -------------------------------------------------------------------------------


def other(site: Site, address: str, token: str = TOKEN) -> None:
    """A second Alert with a second Provider, for another forge or with another token."""
    there = provider("other", address=address, secretRef={"name": "other"})
    there["metadata"]["uid"] = "ffffffff-0"
    site.kube.apply_all(
        [secret("other", token), there, alert("other", providerRef={"name": "other"})]
    )


def test_a_forge_that_hangs_does_not_keep_the_other_waiting(site: Site) -> None:
    """It answers only once the other forge, which waited for its first call, shows everything."""
    hangs, done = threading.Event(), threading.Event()

    def stored() -> None:
        if len(site.forge.stored) == WRITES:
            done.set()

    with EmbeddedForge(token=TOKEN) as hanging:
        hanging.add_repository(REPOSITORY)
        hanging.faults.always(fault=holding(lambda: done.wait(60), hangs))
        patient = holding(lambda: hangs.wait(60), threading.Event(), after=stored)
        site.forge.faults.always(fault=patient, on=Kind.WRITE)
        other(site, f"{hanging.url}/{REPOSITORY}")
        ran, report = site.run()
    assert (ran.code, report["counts"]["posted"]) == (0, 2 * WRITES)
    assert site.shown() == TRUTH


def test_a_dead_forge_hurts_only_its_own_statuses(site: Site) -> None:
    with EmbeddedForge() as dead:
        address = f"{dead.url}/{REPOSITORY}"
    other(site, address)
    ran, report = site.run()
    assert (ran.code, report["counts"]["posted"], report["counts"]["errors"]) == (1, WRITES, WRITES)
    assert site.shown() == TRUTH


def test_a_bad_token_hurts_only_its_own_statuses(site: Site) -> None:
    other(site, site.address, "a-token-that-nobody-knows")
    ran, report = site.run()
    assert (ran.code, report["counts"]["posted"], report["counts"]["errors"]) == (1, WRITES, WRITES)
    assert site.shown() == TRUTH


def test_what_a_dead_forge_missed_is_posted_when_it_lives(kept: Site) -> None:
    """The commit has moved on by then; what stood at a poll is still owed."""
    kept.forge.faults.always(fault=faults.reset(stored=False))
    kept.run()
    for item in kept.objects()[1:3]:
        item["status"] = {}
        kept.kube.apply(item)
    kept.clock.advance(seconds=7200)
    mended(kept)


def test_a_run_that_died_before_it_could_tell_the_past_tells_it(kept: Site) -> None:
    kept.forge.faults.at(1, fault=kept.kill(stored=False), on=None)
    ended(kept.start())
    kept.clock.advance(seconds=7200)
    mended(kept)
