"""What is known of the kinds and of broken objects is found out anew when all is read again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from statusbot.cluster.files import Files
from statusbot.cluster.kinds import ALERT, KUSTOMIZATION
from statusbot.cluster.live import LiveCluster
from statusbot.cluster.overlay import Overlay
from statusbot.demo.kube import EmbeddedKubernetes, garbled
from statusbot.manifests.invalid import Invalid

Make = Callable[..., dict[str, Any]]


def calls(kube: EmbeddedKubernetes) -> int:
    return sum(request.path.startswith("/apis/notification") for request in kube.requests)


def test_a_kind_is_asked_for_again(kube: EmbeddedKubernetes, cluster: LiveCluster) -> None:
    assert cluster.serves(ALERT)
    before = calls(kube)
    cluster.afresh()
    assert cluster.serves(ALERT)
    assert calls(kube) == 2 * before


def test_a_kind_that_was_taken_away_is_gone(kube: EmbeddedKubernetes, cluster: LiveCluster) -> None:
    assert cluster.serves(ALERT)
    gone = garbled(b"404 page not found\n", 404, "text/plain")
    kube.faults.fail = lambda request: gone if request.path != "/version" else None
    cluster.afresh()
    assert not cluster.serves(ALERT)


def test_an_object_that_was_broken_is_no_problem_any_more(
    kube: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    line = (
        orjson.dumps({"type": "ADDED", "object": make("broken") | {"metadata": {"name": 1}}})
        + b"\n"
    )
    kube.faults.fail = lambda request: garbled(line) if "watch" in request.query else None
    list(cluster.list(KUSTOMIZATION))
    assert cluster.problems != []
    cluster.afresh()
    assert cluster.problems == []


def test_beside_files_it_is_the_cluster_that_is_asked_again(
    cluster: LiveCluster, tmp_path: Path
) -> None:
    (tmp_path / "empty.yaml").write_text("")
    overlay = Overlay(cluster, Files.read((str(tmp_path),), "flux-system"))
    cluster.problems.append(problem())
    overlay.afresh()
    assert list(overlay.problems) == []


def problem() -> Invalid:
    return Invalid("", "Alert", "flux-system", "all", "$.spec", "is missing")
