"""Real Flux, played into a real kube-apiserver, ends in its truth and as in the embedded one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from statusbot.demo.forge import EmbeddedForge
from statusbot.demo.player import TOKEN
from statusbot.demo.recording import Recording, read
from tests.real.apiserver import ApiServer
from tests.real.clock_front import ClockFront
from tests.support.kube import kustomizations
from tests.support.oracle import due
from tests.support.real_player import RealCluster, RealPlayer, begun_now
from tests.support.replay import Replay, recordings

INTERVAL = timedelta(seconds=10)
SECOND = timedelta(seconds=1)
RECORDINGS = recordings()
# Only here a run has to give up on a forge: it should not take its time about it.
BROKEN_FORGE = {"forge-down", "forge-down-apply", "forge-down-build", "forge-limited", "forge-slow"}
# A run that posts nothing new has found everything already there.
NEWS = {"posted", "deferred", "error"}

# What a poll posted, or a forge shows: (commit, context without its id, state, description).
Said = set[tuple[str, str, str, str]]


@dataclass(kw_only=True)
class RealReplay(Replay):
    """A replay whose objects are in the kube-apiserver that all tests share."""

    apiserver: ApiServer

    def __enter__(self) -> RealReplay:
        self.player = player = RealPlayer(self.recording)
        with ExitStack() as stack:
            self.forge = stack.enter_context(EmbeddedForge(clock=player.clock, token=TOKEN))
            self.cluster = stack.enter_context(RealCluster(self.apiserver.admin))
            front = stack.enter_context(ClockFront(self.apiserver, player.clock))
            self.kubeconfig = front.apiserver.kubeconfig(self.folder / "kubeconfig")
            self.version = _version(self.apiserver)
            player.into(self.cluster, self.forge)
            self._stack = stack.pop_all()
        return self

    def poll(self) -> dict[str, Any]:
        """One run on the recorded namespaces: Alerts and Providers are read everywhere."""
        mine = _namespaces(self.recording)
        report = self.run(
            *("--kubeconfig", str(self.kubeconfig)),
            *("--ledger", f"file:{self.folder / 'ledger'}" if self.ledger else "none"),
            *(option for namespace in mine for option in ("-n", namespace)),
        )
        told = [s for s in report["statuses"] if s["object"] and s["object"]["namespace"] in mine]
        self.reports.append(report | {"statuses": told})
        return self.reports[-1]


@dataclass
class Played:
    """One recording that both servers played, with the same polls; the real one still has it."""

    real: RealReplay
    embedded: Replay

    @property
    def ids(self) -> tuple[str, str]:
        """That of the Provider in contexts: the real server's, and the recorded one."""
        objects = (event.object for event in self.real.recording.events)
        uid = next(o["metadata"]["uid"] for o in objects if o["kind"] == "Provider")
        return self.real.cluster.uids[uid].partition("-")[0], uid.partition("-")[0]


@pytest.fixture(scope="module", params=RECORDINGS)
def played(
    request: pytest.FixtureRequest, apiserver: ApiServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Played]:
    recording = begun_now(read(RECORDINGS[request.param]))
    timeout = "500ms" if request.param in BROKEN_FORGE else "20s"
    folders = (tmp_path_factory.mktemp("replay") for _ in range(2))
    with Replay(recording, INTERVAL, next(folders), True, timeout) as embedded:
        embedded.play()
    with RealReplay(recording, INTERVAL, next(folders), True, timeout, apiserver=apiserver) as real:
        real.play()
        yield Played(real, embedded)


@pytest.fixture
def real(played: Played) -> RealReplay:
    return played.real


def test_no_commit_ever_shows_what_it_never_was(real: RealReplay) -> None:
    assert real.shown_wrongly == []


def test_every_commit_that_a_poll_could_see_shows_its_truth(real: RealReplay) -> None:
    wrong = [
        (truth.label, truth.namespace, truth.name, real.final(truth))
        for truth in due(real.recording, real.polled)
        if real.final(truth) not in truth.accept
    ]
    assert wrong == []


def test_what_no_poll_could_see_shows_its_truth_or_nothing(real: RealReplay) -> None:
    finals = {truth: real.final(truth) for truth in real.recording.truths}
    assert {t: f for t, f in finals.items() if f not in t.accept | {"none"}} == {}


def test_nothing_is_written_twice(real: RealReplay) -> None:
    rows = [
        (stored.repository, stored.commit, stored.row.context, stored.row.state)
        for stored in real.forge.stored
    ]
    assert sorted(set(rows)) == sorted(rows)


def test_a_poll_of_an_unchanged_cluster_calls_no_forge(real: RealReplay) -> None:
    calls = len(real.forge.calls)
    report = real.poll()
    assert [s for s in report["statuses"] if s["outcome"] in NEWS] == []
    assert real.forge.calls[calls:] == []


def test_the_forge_shows_what_it_shows_with_the_embedded_server(played: Played) -> None:
    ids = played.ids
    assert _shown(played.real, ids[0]) == _shown(played.embedded, ids[1])


def test_every_poll_posts_what_it_posts_with_the_embedded_server(played: Played) -> None:
    ids, polls = played.ids, len(played.embedded.polled)
    real = [_posted(report, ids[0]) for report in played.real.reports[:polls]]
    assert real == [_posted(report, ids[1]) for report in played.embedded.reports]


def test_every_poll_takes_place_at_its_recorded_time(real: RealReplay) -> None:
    told = [datetime.fromisoformat(report["started"]) for report in real.reports]
    late = [started - time for started, time in zip(told, real.polled, strict=False)]
    # A server tells whole seconds.
    assert [by for by in late if not -SECOND < by < INTERVAL] == []


def test_a_watch_tells_of_kustomizations_what_was_recorded(real: RealReplay) -> None:
    for namespace in _namespaces(real.recording):
        recorded = list(_recorded(real.recording, namespace))
        path = kustomizations(namespace)
        with closing(real.apiserver.admin.events(path, resourceVersion=real.version)) as watch:
            told = list(islice(watch, len(recorded)))
        assert [_compared(event["type"], event["object"]) for event in told] == recorded


def _namespaces(recording: Recording) -> list[str]:
    return sorted({truth.namespace for truth in recording.truths})


def _version(apiserver: ApiServer) -> str:
    return str(apiserver.admin.get(kustomizations()).ok()["metadata"]["resourceVersion"])


def _shown(replay: Replay, id_: str) -> Said:
    places = {(stored.repository, stored.commit) for stored in replay.forge.stored}
    return {
        (commit, context.removesuffix(f"/{id_}"), row.state, row.description)
        for repository, commit in places
        for context, row in replay.forge.latest(repository, commit).items()
    }


def _posted(report: dict[str, Any], id_: str) -> Said:
    return {
        (s["commit"], s["context"].removesuffix(f"/{id_}"), s["state"], s["description"])
        for s in report["statuses"]
        if s["outcome"] == "posted"
    }


def _recorded(recording: Recording, namespace: str) -> Iterator[Any]:
    """What a watch told of Kustomizations, but for changes of nothing that clients write."""
    before: dict[str, Any] = {}
    for event in recording.events:
        metadata = event.object["metadata"]
        if event.object["kind"] == "Kustomization" and metadata["namespace"] == namespace:
            compared = _compared(event.type, event.object)
            if event.type == "DELETED" or before.get(metadata["name"]) != compared[1:]:
                yield compared
            before[metadata["name"]] = compared[1:]


def _compared(type_: str, object_: dict[str, Any]) -> Any:
    metadata = object_["metadata"]
    leaves = "deletionTimestamp" in metadata
    kept = (metadata["name"], metadata["generation"], metadata.get("finalizers"), leaves)
    return type_, kept, object_["spec"], object_["status"]
