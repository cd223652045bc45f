from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from statusbot.cluster.api import api_of
from statusbot.cluster.base import Cluster, Feed
from statusbot.cluster.files import Files
from statusbot.cluster.kinds import ALERT, KUSTOMIZATION, PROVIDER, SECRET
from statusbot.cluster.live import LiveCluster
from statusbot.cluster.overlay import Overlay
from statusbot.demo.kube import EmbeddedKubernetes
from statusbot.errors import UsageError
from statusbot.manifests.document import Document
from statusbot.manifests.invalid import Invalid

Make = Callable[..., dict[str, Any]]
NOTIFICATION = "notification.toolkit.fluxcd.io/v1beta3"


def alert(make: Make, name: str) -> Document:
    return Document(make(name) | {"apiVersion": NOTIFICATION, "kind": "Alert"}, "a.yaml")


def secret(make: Make, name: str, value: str) -> Document:
    made = make(name, apiVersion="v1", kind="Secret", stringData={"token": value})
    return Document(made, "s.yaml")


@pytest.fixture
def overlay(make: Make) -> Overlay:
    base = Files(
        [
            alert(make, "of-the-cluster"),
            Document(make("app"), "b.yaml"),
            secret(make, "both", "base"),
            secret(make, "one", "base"),
        ]
    )
    return Overlay(base, Files([alert(make, "of-the-file"), secret(make, "both", "file")]))


def names(cluster: Cluster, kind: Any) -> list[str]:
    return [item["metadata"]["name"] for item in cluster.list(kind)]


def test_alerts_come_from_the_files_and_only_from_there(overlay: Overlay) -> None:
    assert names(overlay, ALERT) == ["of-the-file"]
    assert names(overlay, PROVIDER) == []
    assert overlay.get(ALERT, "apps", "of-the-cluster") is None


def test_the_rest_comes_from_the_cluster(overlay: Overlay) -> None:
    assert names(overlay, KUSTOMIZATION) == ["app"]
    assert overlay.get(KUSTOMIZATION, "apps", "app") is not None


def test_a_secret_in_the_files_comes_first(overlay: Overlay) -> None:
    assert overlay.secret("apps", "both") == {"token": b"file"}
    assert overlay.secret("apps", "one") == {"token": b"base"}
    assert overlay.secret("apps", "none") is None


def test_a_secret_object_comes_from_where_its_values_come(overlay: Overlay) -> None:
    found = overlay.get(SECRET, "apps", "both")
    assert found is not None
    assert found["stringData"] == {"token": "file"}


class Bare(Files):
    name = "bare"

    def serves(self, kind: Any) -> bool:
        return False


def test_kinds_of_the_files_need_nothing_in_the_cluster() -> None:
    overlay = Overlay(Bare([]), Files([]))
    assert overlay.serves(ALERT)
    assert not overlay.serves(KUSTOMIZATION)


def test_a_kind_of_the_files_has_a_feed_in_which_nothing_changes(overlay: Overlay) -> None:
    (feed,) = overlay.feeds(ALERT)
    assert [item["metadata"]["name"] for item in feed.initial()] == ["of-the-file"]
    assert list(feed.changes()) == []
    feed.close()


def test_a_feed_of_the_files_has_the_namespaces_asked_for(overlay: Overlay) -> None:
    (feed,) = overlay.feeds(ALERT, ("elsewhere",))
    assert list(feed.initial()) == []


def test_feeds_of_other_kinds_are_those_of_the_cluster(
    kube: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    overlay = Overlay(cluster, Files([]))
    feeds: Sequence[Feed] = overlay.feeds(KUSTOMIZATION, ("apps", "infra"), 7)
    for feed in feeds:
        assert list(feed.initial()) == []
    kube.apply(make("app", "infra"))
    assert next(iter(feeds[1].changes()))["metadata"]["name"] == "app"
    assert kube.requests[-1].query["timeoutSeconds"] == "7"
    for feed in feeds:
        feed.close()


def test_a_cluster_that_cannot_be_followed_is_a_sentence() -> None:
    class Fixed(Files):
        feeds = None  # type: ignore[assignment]

    overlay = Overlay(Fixed([]), Files([]))
    assert len(overlay.feeds(ALERT)) == 1
    with pytest.raises(UsageError, match="changes cannot be followed in files"):
        overlay.feeds(KUSTOMIZATION)


def test_it_goes_by_the_name_of_the_cluster() -> None:
    overlay: Cluster = Overlay(Bare([]), Files([]))
    assert (overlay.name, overlay.live) == ("bare", False)


def test_it_goes_by_the_clock_of_the_cluster() -> None:
    class Early(Files):
        def now(self) -> datetime:
            return datetime(2020, 1, 1, tzinfo=UTC)

    assert Overlay(Early([]), Files([])).now() == datetime(2020, 1, 1, tzinfo=UTC)


def test_it_has_the_problems_of_both() -> None:
    one, two = (Invalid(source, "", "", "", "$", "is broken") for source in "ab")
    assert Overlay(Files([one]), Files([two])).problems == [one, two]


def test_events_are_the_clusters(make: Make) -> None:
    about = make("a", apiVersion="v1", kind="Event", involvedObject={"uid": "uid-1"})
    base = Files([Document(about, "b.yaml")])
    assert Overlay(base, Files([])).events("apps", "uid-1") == base.events("apps", "uid-1") != []


def test_what_it_keeps_is_kept_in_the_cluster(cluster: LiveCluster) -> None:
    assert api_of(Overlay(cluster, Files([]))) is cluster.connection
    assert api_of(Overlay(Files([]), Files([]))) is None
    assert api_of(Files([])) is None
