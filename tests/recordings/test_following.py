"""Real Flux, played to ``run --for``: every commit ends in its truth, at once and never otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from statusbot.demo.forge import Kind
from statusbot.demo.recording import read
from statusbot.posting import calls, desk
from tests.support.followed_replay import FollowedReplay
from tests.support.oracle import due
from tests.support.replay import recordings

EVERY_WRITE, COARSE = timedelta(0), timedelta(seconds=2)
RECORDINGS = recordings()
# Only here a courier has to give up on a forge: it should not take its time about it.
BROKEN_FORGE = {"forge-down", "forge-down-apply", "forge-down-build", "forge-limited", "forge-slow"}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((name, interval, ledger), id=f"{name}-{pace}")
        for name in RECORDINGS
        for interval, ledger, pace in (
            (EVERY_WRITE, True, "every-write-ledger"),
            (COARSE, False, "2s-none"),
        )
    ],
)
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FollowedReplay]:
    name, interval, ledger = request.param
    folder, recording = tmp_path_factory.mktemp("replay"), read(RECORDINGS[name])
    budget = 1.0 if name in BROKEN_FORGE else 20.0
    with pytest.MonkeyPatch.context() as patch:
        for module in (calls, desk):
            patch.setattr(module, "BACK_OFF", 0.0)
        with FollowedReplay(recording, interval, folder, ledger, budget=budget) as replay:
            replay.play()
            yield replay


def test_no_commit_ever_shows_what_it_never_was(played: FollowedReplay) -> None:
    wrong = [
        (truth.label, truth.name, state)
        for truth in played.recording.truths
        for state, _ in played.shown(truth)
        if state in truth.never
    ]
    assert wrong == []


def test_every_commit_that_stood_at_a_barrier_shows_its_truth(played: FollowedReplay) -> None:
    wrong = [
        (truth.label, truth.namespace, truth.name, played.final(truth))
        for truth in due(played.recording, played.polled)
        if played.final(truth) not in truth.accept
    ]
    assert wrong == []


def test_what_stood_at_no_barrier_shows_its_truth_or_nothing(played: FollowedReplay) -> None:
    finals = {truth: played.final(truth) for truth in played.recording.truths}
    assert {t: f for t, f in finals.items() if f not in t.accept | {"none"}} == {}


def test_nothing_is_written_twice(played: FollowedReplay) -> None:
    rows = [
        (stored.repository, stored.commit, stored.row.context, stored.row.state)
        for stored in played.forge.stored
    ]
    assert sorted(set(rows)) == sorted(rows)


def test_a_poll_afterwards_finds_all_of_it_there(played: FollowedReplay) -> None:
    before = len(played.forge.calls)
    report = played.poll()
    assert report["counts"]["posted"] == report["counts"]["errors"] == 0
    kinds = {call.kind for call in played.forge.calls[before:]}
    assert kinds <= (set() if played.ledger else {Kind.READ})
