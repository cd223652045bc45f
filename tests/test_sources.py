"""Sources are read once, and again where a claim must not rest on an older one."""

from __future__ import annotations

import logging

import pytest

from statusbot.cluster.errors import TimedOut
from statusbot.errors import ClusterError
from statusbot.results.observation import Observation, observe
from statusbot.results.source import SourceRef
from statusbot.sources import Sources
from tests.support.objects import (
    C1,
    C2,
    NOW,
    FakeCluster,
    Object,
    git_repository,
    kustomization,
    source_object,
)

GET = "GitRepository fleet"


def seen(source: Object | None = None, *, now: float = NOW) -> Observation:
    return observe(kustomization(source=source), now)


def read(cluster: FakeCluster) -> Sources:
    sources = Sources(cluster)
    sources.read()
    return sources


def commit(sources: Sources, observation: Observation, *, fresh: bool = False) -> str | None:
    source = sources(observation, fresh=fresh)
    return source.commit() if source else None


class TestReading:
    def test_each_kind_of_source_is_listed_once(self) -> None:
        cluster = FakeCluster()
        read(cluster)
        expected = ["GitRepository", "OCIRepository", "Bucket", "ExternalArtifact"]
        assert cluster.lists == expected

    def test_a_kind_that_the_cluster_does_not_have_is_not_asked_for(self) -> None:
        cluster = FakeCluster(unserved={"ExternalArtifact", "Bucket"})
        read(cluster)
        assert cluster.lists == ["GitRepository", "OCIRepository"]

    def test_what_was_listed_is_not_asked_for_by_name(self) -> None:
        cluster = FakeCluster([git_repository(C1)])
        assert commit(read(cluster), seen()) == C1
        assert cluster.gets == []

    def test_only_the_wanted_namespaces_are_listed(self) -> None:
        cluster = FakeCluster([git_repository(C1)])
        sources = Sources(cluster)
        sources.read(["other"])
        sources(seen(), fresh=False)
        assert cluster.gets == [GET]

    def test_a_list_that_is_forbidden_is_a_warning(self, caplog: pytest.LogCaptureFixture) -> None:
        cluster = FakeCluster([git_repository(C1)], forbidden={"GitRepository"})
        with caplog.at_level(logging.WARNING):
            sources = read(cluster)
        assert "may not list GitRepository" in caplog.text
        assert "ExternalArtifact" in cluster.lists
        assert commit(sources, seen()) == C1


class TestLookingUp:
    def test_a_source_in_a_namespace_that_was_not_listed_is_read_by_name(self) -> None:
        cluster = FakeCluster([git_repository(C1)])
        assert commit(Sources(cluster), seen()) == C1

    def test_it_is_read_by_name_once(self) -> None:
        cluster = FakeCluster([git_repository(C1)])
        sources = Sources(cluster)
        sources(seen(), fresh=False)
        sources(seen(), fresh=False)
        assert cluster.gets == [GET]

    def test_a_source_that_is_not_there_is_none(self) -> None:
        cluster = FakeCluster()
        sources = read(cluster)
        assert sources(seen(), fresh=False) is None
        assert sources(seen(), fresh=False) is None
        assert cluster.gets == [GET]

    def test_a_source_of_a_kind_that_nobody_knows_is_none(self) -> None:
        cluster = FakeCluster()
        assert Sources(cluster)(seen({"kind": "Secret", "name": "x"}), fresh=False) is None
        assert Sources(cluster)(seen({"kind": "Nonsense", "name": "x"}), fresh=False) is None
        assert cluster.gets == []

    def test_a_source_without_a_name_is_none(self) -> None:
        cluster = FakeCluster()
        assert Sources(cluster)(seen({"kind": "Bucket"}), fresh=False) is None
        assert cluster.gets == []

    def test_a_source_of_a_kind_that_the_cluster_does_not_have_is_none(self) -> None:
        cluster = FakeCluster(unserved={"Bucket"})
        assert Sources(cluster)(seen({"kind": "Bucket", "name": "x"}), fresh=False) is None
        assert cluster.gets == []

    def test_the_source_of_another_namespace_is_another_source(self) -> None:
        cluster = FakeCluster([git_repository(C1)])
        other = {"kind": "GitRepository", "name": "fleet", "namespace": "other"}
        assert commit(read(cluster), seen(other)) is None

    def test_a_source_of_the_same_name_but_another_kind_is_another_source(self) -> None:
        cluster = FakeCluster([git_repository(C1), source_object("Bucket", None)])
        assert commit(read(cluster), seen({"kind": "Bucket", "name": "fleet"})) is None

    def test_a_source_that_may_not_be_read_is_none_and_says_so(self) -> None:
        sources = Sources(FakeCluster([git_repository(C1)], forbidden={GET}))
        assert sources(seen(), fresh=False) is None
        ref = SourceRef("GitRepository", "flux-system", "fleet")
        assert sources.unreadable == {ref: "may not get GitRepository fleet"}


class TestFreshness:
    def test_a_source_that_was_read_before_its_object_is_read_again(self) -> None:
        cluster = FakeCluster([git_repository(C1)])
        sources = read(cluster)
        cluster.objects[0] = git_repository(C2)
        assert commit(sources, seen(now=NOW + 1), fresh=True) == C2

    def test_in_the_same_instant_nobody_knows_which_came_first(self) -> None:
        cluster = FakeCluster([git_repository(C1)])
        sources = read(cluster)
        cluster.objects[0] = git_repository(C2)
        assert commit(sources, seen(now=NOW), fresh=True) == C2

    def test_a_source_that_was_read_after_its_object_is_fresh(self) -> None:
        cluster = FakeCluster([git_repository(C1)])
        sources = read(cluster)
        assert commit(sources, seen(now=NOW - 1), fresh=True) == C1
        assert cluster.gets == []

    def test_what_was_read_again_is_fresh_for_every_older_object(self) -> None:
        cluster = FakeCluster([git_repository(C1)])
        sources = read(cluster)
        cluster.at = NOW + 2
        sources(seen(now=NOW + 1), fresh=True)
        sources(seen(now=NOW + 1), fresh=True)
        assert cluster.gets == [GET]

    def test_what_was_read_again_is_known_to_all(self) -> None:
        cluster = FakeCluster([git_repository(C1)])
        sources = read(cluster)
        cluster.objects[0] = git_repository(C2)
        sources(seen(now=NOW + 1), fresh=True)
        assert commit(sources, seen(now=NOW + 1)) == C2

    def test_a_source_that_is_not_asked_for_freshly_is_as_it_was_listed(self) -> None:
        cluster = FakeCluster([git_repository(C1)])
        sources = read(cluster)
        cluster.objects[0] = git_repository(C2)
        assert commit(sources, seen(now=NOW + 1)) == C1

    def test_a_file_does_not_change(self) -> None:
        cluster = FakeCluster([git_repository(C1)], live=False)
        sources = read(cluster)
        assert commit(sources, seen(now=NOW + 1), fresh=True) == C1
        assert cluster.gets == []


class TestFailing:
    def test_a_source_that_is_not_answered_is_unreadable_and_stops_nobody(self) -> None:
        sources = Sources(FakeCluster(failing={GET: ClusterError("it answered 500")}))
        assert sources(seen(), fresh=False) is None
        assert list(sources.unreadable.values()) == ["it answered 500"]

    def test_the_end_of_the_time_ends_the_poll(self) -> None:
        sources = Sources(FakeCluster(failing={GET: TimedOut("the time is over")}))
        with pytest.raises(TimedOut):
            sources(seen(), fresh=False)


def test_a_right_that_is_missing_is_told_once_for_all_sources_of_a_kind(
    caplog: pytest.LogCaptureFixture,
) -> None:
    names = ["one", "two"]
    sources = Sources(FakeCluster(forbidden={f"GitRepository {name}" for name in names}))
    for name in names:
        reference = {"kind": "GitRepository", "name": name}
        sources(observe(kustomization(source=reference), NOW), fresh=False)
    assert caplog.messages == ["may not get GitRepository one"]
