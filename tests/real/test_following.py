"""Real Flux, played into a real kube-apiserver while a run follows it, ends in its truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from statusbot.demo.recording import read
from statusbot.posting import calls, desk
from tests.real.apiserver import ApiServer
from tests.real.test_recordings import BROKEN_FORGE, RECORDINGS, RealReplay
from tests.support.followed_replay import FollowedReplay
from tests.support.follower import MARK
from tests.support.kube import kustomizations
from tests.support.objects import Object
from tests.support.oracle import due
from tests.support.real_player import begun_now

INTERVAL = timedelta(seconds=2)


@dataclass(kw_only=True)
class RealFollowed(FollowedReplay, RealReplay):
    """The mark is the server's too, and gone in the end."""

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        self.apiserver.admin.delete(kustomizations(self.namespaces[0], MARK))

    def _put(self, data: Object) -> None:
        metadata = data["metadata"]
        path = kustomizations(metadata["namespace"], metadata["name"])
        changed = self.apiserver.admin.patch(path, {"metadata": {"labels": metadata["labels"]}})
        if changed.status == 404:
            made = {"name": metadata["name"], "labels": metadata["labels"]}
            body: dict[str, Any] = {k: v for k, v in data.items() if k != "status"}
            collection = kustomizations(metadata["namespace"])
            self.apiserver.admin.post(collection, body | {"metadata": made}).ok()


@pytest.fixture(scope="module", params=RECORDINGS)
def played(
    request: pytest.FixtureRequest, apiserver: ApiServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealFollowed]:
    recording = begun_now(read(RECORDINGS[request.param]))
    with pytest.MonkeyPatch.context() as patch:
        for module in (calls, desk):
            patch.setattr(module, "BACK_OFF", 0.0)
        made = RealFollowed(
            recording,
            INTERVAL,
            tmp_path_factory.mktemp("replay"),
            True,
            "20s",
            budget=1.0 if request.param in BROKEN_FORGE else 20.0,
            namespaces=tuple(sorted({truth.namespace for truth in recording.truths})),
            apiserver=apiserver,
        )
        with made:
            made.play()
            yield made


def test_no_commit_ever_shows_what_it_never_was(played: RealFollowed) -> None:
    wrong = [
        (truth.label, truth.name, state)
        for truth in played.recording.truths
        for state, _ in played.shown(truth)
        if state in truth.never
    ]
    assert wrong == []


def test_every_commit_that_stood_at_a_barrier_shows_its_truth(played: RealFollowed) -> None:
    wrong = [
        (truth.label, truth.namespace, truth.name, played.final(truth))
        for truth in due(played.recording, played.polled)
        if played.final(truth) not in truth.accept
    ]
    assert wrong == []


def test_what_stood_at_no_barrier_shows_its_truth_or_nothing(played: RealFollowed) -> None:
    finals = {truth: played.final(truth) for truth in played.recording.truths}
    assert {t: f for t, f in finals.items() if f not in t.accept | {"none"}} == {}


def test_nothing_is_written_twice(played: RealFollowed) -> None:
    rows = [
        (stored.repository, stored.commit, stored.row.context, stored.row.state)
        for stored in played.forge.stored
    ]
    assert sorted(set(rows)) == sorted(rows)


def test_a_poll_afterwards_calls_no_forge(played: RealFollowed) -> None:
    before = len(played.forge.calls)
    played.poll()
    assert played.forge.calls[before:] == []
