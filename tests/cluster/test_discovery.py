from __future__ import annotations

from collections.abc import Callable

import pytest

from statusbot.cluster.discovery import Discovery
from statusbot.cluster.kinds import ALERT, BUCKET, EXTERNAL_ARTIFACT, KUSTOMIZATION, SECRET
from statusbot.cluster.live import LiveCluster
from statusbot.demo.kube import EmbeddedKubernetes, Fault, failing, garbled
from statusbot.errors import ClusterError, UsageError

Connect = Callable[..., LiveCluster]
NO_PAGE = garbled(b"404 page not found\n", 404, "text/plain")


@pytest.fixture
def discovery(cluster: LiveCluster) -> Discovery:
    return Discovery(cluster.connection)


def test_the_version_is_the_one_that_the_server_prefers(connect: Connect) -> None:
    with EmbeddedKubernetes(versions={"Alert": ("v1beta2",), "Provider": ("v1beta2",)}) as kube:
        assert Discovery(connect(kube).connection).version(ALERT) == "v1beta2"


def test_a_group_is_asked_for_once(kube: EmbeddedKubernetes, discovery: Discovery) -> None:
    for _ in range(2):
        assert discovery.serves(BUCKET)
        assert discovery.serves(EXTERNAL_ARTIFACT)
    assert [request.path for request in kube.requests] == [
        "/apis/source.toolkit.fluxcd.io",
        "/apis/source.toolkit.fluxcd.io/v1",
    ]


def test_a_kind_with_a_version_of_its_own_asks_nothing(
    kube: EmbeddedKubernetes, discovery: Discovery
) -> None:
    assert discovery.version(SECRET) == "v1"
    assert kube.requests == []


def test_core_kinds_are_served(discovery: Discovery) -> None:
    assert discovery.serves(SECRET)


def test_a_kind_that_came_with_a_later_flux_is_not_served(connect: Connect) -> None:
    with EmbeddedKubernetes(versions={"ExternalArtifact": ()}) as kube:
        discovery = Discovery(connect(kube).connection)
        assert not discovery.serves(EXTERNAL_ARTIFACT)
        assert discovery.serves(BUCKET)


def test_a_group_that_is_not_there_serves_nothing(connect: Connect) -> None:
    with EmbeddedKubernetes(versions={"Kustomization": ()}) as kube:
        assert not Discovery(connect(kube).connection).serves(KUSTOMIZATION)


@pytest.mark.parametrize(
    "body", [b"{}", b'{"preferredVersion": 1}', b'{"preferredVersion": {"version": "../.."}}']
)
def test_a_group_without_a_usable_version_is_a_sentence(
    body: bytes, kube: EmbeddedKubernetes, discovery: Discovery
) -> None:
    kube.faults.fail = lambda request: garbled(body)
    with pytest.raises(ClusterError, match="prefers no version"):
        discovery.version(KUSTOMIZATION)


@pytest.mark.parametrize("body", [b'{"resources": 1}', b'{"resources": [1, {"name": 2}]}'])
def test_resources_of_no_shape_serve_nothing(
    body: bytes, kube: EmbeddedKubernetes, discovery: Discovery
) -> None:
    kube.faults.fail = lambda request: garbled(body) if request.path == "/api/v1" else None
    assert not discovery.serves(SECRET)


def test_an_answer_that_is_no_discovery_is_an_error(
    kube: EmbeddedKubernetes, discovery: Discovery
) -> None:
    kube.faults.fail = lambda request: failing(406, message="not acceptable")
    with pytest.raises(ClusterError, match="406: not acceptable"):
        discovery.serves(KUSTOMIZATION)


def test_a_version_that_went_away_serves_nothing(
    kube: EmbeddedKubernetes, discovery: Discovery
) -> None:
    kube.faults.fail = lambda request: failing(404) if request.path.endswith("/v1") else None
    assert not discovery.serves(KUSTOMIZATION)


def test_resources_that_are_refused_are_an_error(
    kube: EmbeddedKubernetes, discovery: Discovery
) -> None:
    kube.faults.fail = lambda request: failing(406) if request.path.endswith("/v1") else None
    with pytest.raises(ClusterError, match="406"):
        discovery.serves(KUSTOMIZATION)


@pytest.mark.parametrize(
    "version",
    [
        garbled(b"404 page not found", 404, "text/plain"),
        garbled(b"<html>Sign in</html>", 200, "text/html"),
        garbled(b"{}"),
        garbled(b"[]"),
    ],
)
def test_a_web_server_without_the_group_is_no_kubernetes_api(
    version: Fault, kube: EmbeddedKubernetes, discovery: Discovery
) -> None:
    kube.faults.fail = lambda request: version if request.path == "/version" else NO_PAGE
    with pytest.raises(UsageError, match="this is no Kubernetes API"):
        discovery.version(KUSTOMIZATION)


def test_a_server_that_keeps_its_version_for_itself_may_be_one(
    kube: EmbeddedKubernetes, discovery: Discovery
) -> None:
    kube.faults.fail = lambda request: failing(403) if request.path == "/version" else NO_PAGE
    assert discovery.version(KUSTOMIZATION) == ""
