from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from statusbot.cluster.base import Cluster
from statusbot.cluster.files import Files
from statusbot.cluster.kinds import ALERT, KUSTOMIZATION, PROVIDER, SECRET
from statusbot.cluster.overlay import Overlay
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
