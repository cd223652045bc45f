"""Real Flux, played at several poll intervals, with and without a ledger, ends in its truth."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from statusbot.demo.forge import Kind
from statusbot.demo.recording import read
from tests.support.oracle import due
from tests.support.replay import Replay, recordings

INTERVALS = (2, 5, 10, 60, 300)
RECORDINGS = recordings()
# Only here a run has to give up on a forge: it should not take its time about it.
BROKEN_FORGE = {"forge-down", "forge-down-apply", "forge-down-build", "forge-limited", "forge-slow"}
# A run that posts nothing new has found everything already there.
QUIET = {"posted": 0, "deferred": 0, "errors": 0}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(
            (name, interval, ledger), id=f"{name}-{interval}s-{'ledger' if ledger else 'none'}"
        )
        for name in RECORDINGS
        for interval in INTERVALS
        for ledger in (True, False)
    ],
)
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Replay]:
    name, interval, ledger = request.param
    folder: Path = tmp_path_factory.mktemp("replay")
    timeout = "500ms" if name in BROKEN_FORGE else "20s"
    recording = read(RECORDINGS[name])
    with Replay(recording, timedelta(seconds=interval), folder, ledger, timeout) as replay:
        replay.play()
        yield replay


def test_no_commit_ever_shows_what_it_never_was(played: Replay) -> None:
    assert played.shown_wrongly == []


def test_every_commit_that_a_poll_could_see_shows_its_truth(played: Replay) -> None:
    expected = due(played.recording, played.polled)
    wrong = [
        (truth.label, truth.namespace, truth.name, played.final(truth))
        for truth in expected
        if played.final(truth) not in truth.accept
    ]
    assert wrong == []


def test_what_no_poll_could_see_shows_its_truth_or_nothing(played: Replay) -> None:
    finals = {truth: played.final(truth) for truth in played.recording.truths}
    assert {t: f for t, f in finals.items() if f not in t.accept | {"none"}} == {}


def test_nothing_is_written_twice(played: Replay) -> None:
    rows = [
        (stored.repository, stored.commit, stored.row.context, stored.row.state)
        for stored in played.forge.stored
    ]
    assert sorted(set(rows)) == sorted(rows)


def test_a_poll_of_an_unchanged_cluster_writes_nothing(played: Replay) -> None:
    before = played.forge.writes
    report = played.poll()
    assert {key: report["counts"][key] for key in QUIET} == QUIET
    assert played.forge.writes == before


def test_an_unchanged_cluster_costs_no_call_of_the_forge_with_a_ledger_and_only_reads_without(
    played: Replay,
) -> None:
    calls = len(played.forge.calls)
    played.poll()
    kinds = {call.kind for call in played.forge.calls[calls:]}
    assert kinds <= (set() if played.ledger else {Kind.READ})
