"""What is played into the real server is there as it was recorded, and gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from statusbot.demo.forge import EmbeddedForge
from statusbot.demo.player import TOKEN
from statusbot.demo.recording import read
from tests.real.apiserver import ApiServer
from tests.support.kube import kustomization, kustomizations, ready
from tests.support.real_player import RealCluster, RealPlayer, begun_now
from tests.support.replay import recordings

UID = "0b9a35e2-1f0e-4f7e-9d1e-000000000001"
REVISION = f"main@sha1:{'a' * 40}"


class Place:
    """One namespace of the server, and a cluster that plays into it."""

    def __init__(self, apiserver: ApiServer, cluster: RealCluster) -> None:
        self.apiserver = apiserver
        self.cluster = cluster
        self.namespace = apiserver.namespace()

    def play(self, generation: int, observed: int, spec: dict[str, Any] | None = None) -> None:
        """A recorded state of the Kustomization apps."""
        recorded = kustomization(self.namespace, "apps")
        del recorded["metadata"]["labels"]
        recorded["metadata"] |= {"uid": UID, "generation": generation}
        # A recording has the defaults of the CRD, too.
        recorded["spec"] |= {"force": False, **(spec or {})}
        self.cluster.apply(recorded | {"status": ready(REVISION, generation=observed)})

    def apps(self) -> dict[str, Any]:
        """The Kustomization as the server has it."""
        found: dict[str, Any] = self.apiserver.admin.get(
            kustomizations(self.namespace, "apps")
        ).ok()
        return found

    def seen(self) -> tuple[int, int, int]:
        """The generation, and those that the status and its condition observed."""
        apps = self.apps()
        status = apps["status"]
        condition = status["conditions"][0]
        generation = apps["metadata"]["generation"]
        return generation, status["observedGeneration"], condition["observedGeneration"]


@pytest.fixture
def place(apiserver: ApiServer) -> Iterator[Place]:
    with RealCluster(apiserver.admin) as cluster:
        yield Place(apiserver, cluster)


def test_a_status_is_written_with_its_object(place: Place) -> None:
    place.play(1, 1)
    assert place.apps()["status"] == ready(REVISION)


def test_what_was_observed_is_of_the_server_s_generations(place: Place) -> None:
    place.play(3, 3)
    assert place.seen() == (1, 1, 1)


def test_a_new_generation_is_one_on_the_server_too(place: Place) -> None:
    place.play(3, 3)
    place.play(4, 3, {"path": "./other"})
    assert place.seen() == (2, 1, 1)


def test_a_generation_that_the_server_does_not_count_is_an_error(place: Place) -> None:
    place.play(3, 3)
    with pytest.raises(AssertionError, match="kustomizations/apps"):
        place.play(4, 3)


def test_an_event_names_its_object_by_the_server_s_uid(place: Place) -> None:
    place.play(1, 1)
    involved = {"kind": "Kustomization", "namespace": place.namespace, "name": "apps", "uid": UID}
    event = {"apiVersion": "v1", "kind": "Event", "reason": "Done", "involvedObject": involved}
    place.cluster.apply(
        event | {"metadata": {"namespace": place.namespace, "name": "apps.1", "uid": UID[::-1]}}
    )
    path = f"/api/v1/namespaces/{place.namespace}/events/apps.1"
    found = place.apiserver.admin.get(path).ok()["involvedObject"]["uid"]
    assert found == place.apps()["metadata"]["uid"] != UID


def test_finalizers_or_not_nothing_is_left(apiserver: ApiServer) -> None:
    recording = begun_now(read(recordings()["deletion"]))
    namespace = recording.truths[0].namespace
    with RealCluster(apiserver.admin) as cluster, EmbeddedForge(token=TOKEN) as forge:
        player = RealPlayer(recording)
        player.into(cluster, forge)
        # The first is gone by then, with its finalizer; the second one is still there.
        player.to(recording.events[-20].time)
        names = _names(apiserver, namespace)
    assert (names, _names(apiserver, namespace)) == (["two"], [])


def test_steps_go_through_every_instant_of_a_recording(apiserver: ApiServer) -> None:
    recording = begun_now(read(recordings()["superseded"]))
    instants = []
    with RealCluster(apiserver.admin) as cluster, EmbeddedForge(token=TOKEN) as forge:
        player = RealPlayer(recording)
        player.into(cluster, forge)
        while not player.over:
            player.step()
            instants.append(player.now)
    recorded = {e.time for e in recording.events} | {s.time for s in recording.steps}
    assert instants == sorted(recorded)


def _names(apiserver: ApiServer, namespace: str) -> list[str]:
    listed = apiserver.admin.get(kustomizations(namespace)).ok()
    return [item["metadata"]["name"] for item in listed["items"]]
