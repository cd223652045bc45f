from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from statusbot.cluster.base import Cluster
from statusbot.cluster.errors import Forbidden
from statusbot.cluster.kinds import KUSTOMIZATION, SECRET
from statusbot.cluster.live import LiveCluster
from statusbot.demo.kube import EmbeddedKubernetes, failing, garbled
from statusbot.errors import ClusterError

Connect = Callable[..., LiveCluster]
Make = Callable[..., dict[str, Any]]


def secret(name: str = "token", **fields: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": "apps"},
        **fields,
    }


def test_a_live_cluster_is_a_cluster(kube: EmbeddedKubernetes, cluster: LiveCluster) -> None:
    seen: Cluster = cluster
    assert (seen.name, seen.live) == (kube.url, True)


def test_get_gives_the_object_as_it_is_now(
    kube: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    for path in ("./old", "./new"):
        kube.apply(make("app", spec={"path": path}))
        found = cluster.get(KUSTOMIZATION, "apps", "app")
        assert found is not None
        assert found["spec"]["path"] == path


def test_what_is_not_there_is_none(kube: EmbeddedKubernetes, cluster: LiveCluster) -> None:
    assert cluster.get(KUSTOMIZATION, "apps", "app") is None


def test_what_is_not_served_is_none(connect: Connect) -> None:
    with EmbeddedKubernetes(versions={"Kustomization": ()}) as kube:
        assert connect(kube).get(KUSTOMIZATION, "apps", "app") is None


def test_what_is_neither_there_nor_missing_is_an_error(
    kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    kube.faults.fail = lambda request: failing(406, message="not acceptable")
    with pytest.raises(ClusterError, match="406: not acceptable"):
        cluster.secret("apps", "token")


def test_serves_asks_the_server(connect: Connect) -> None:
    with EmbeddedKubernetes(versions={"Kustomization": ()}) as kube:
        cluster = connect(kube)
        assert cluster.serves(SECRET)
        assert not cluster.serves(KUSTOMIZATION)


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "../secrets/x", "a?b", "A", "x" * 254])
def test_a_name_that_none_can_have_is_never_asked_for(
    name: str, kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    assert cluster.secret("apps", name) is None
    assert cluster.secret(name, "token") is None
    assert kube.requests == []


@pytest.mark.parametrize("body", [b"{}", b'{"metadata": {"name": 1}}', b"[]", b"<html>"])
def test_an_answer_that_is_no_object_is_a_sentence(
    body: bytes, kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    kube.faults.fail = lambda request: garbled(body)
    with pytest.raises(ClusterError):
        cluster.get(SECRET, "apps", "token")


def test_a_secret_comes_decoded(kube: EmbeddedKubernetes, cluster: LiveCluster) -> None:
    kube.apply(secret(data={"token": "czNjcmV0", "empty": ""}))
    assert cluster.secret("apps", "token") == {"token": b"s3cret", "empty": b""}


def test_a_secret_that_is_not_there_is_none(cluster: LiveCluster) -> None:
    assert cluster.secret("apps", "token") is None


def test_a_forbidden_secret_tells_the_line_for_this_one_alone(connect: Connect) -> None:
    users = {"t": "system:serviceaccount:flux-system:statusbot"}
    with EmbeddedKubernetes(users=users, authorize=lambda *asked: False) as kube:
        with pytest.raises(Forbidden) as caught:
            connect(kube, token="t").secret("apps", "token")
    assert "--resource=secrets --resource-name=token -n apps" in caught.value.todo


def test_a_broken_secret_is_a_sentence_without_its_value(
    kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    kube.apply(secret(data={"token": "hunter22!"}))
    with pytest.raises(
        ClusterError, match=r"Secret apps/token: data\.token is not base64"
    ) as caught:
        cluster.secret("apps", "token")
    assert "hunter22" not in str(caught.value)


def event(name: str, uid: str, namespace: str = "apps") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": namespace},
        "involvedObject": {"kind": "Kustomization", "namespace": namespace, "uid": uid},
    }


def test_events_are_those_about_one_object(kube: EmbeddedKubernetes, cluster: LiveCluster) -> None:
    for one in (event("a", "uid-1"), event("b", "uid-2"), event("c", "uid-1", "other")):
        kube.apply(one)
    assert [one["metadata"]["name"] for one in cluster.events("apps", "uid-1")] == ["a"]


@pytest.mark.parametrize("uid", ["", "a,type=Normal", "a/b"])
def test_nobody_is_asked_about_what_is_no_uid(
    kube: EmbeddedKubernetes, cluster: LiveCluster, uid: str
) -> None:
    kube.faults.fail = lambda request: failing(500)
    assert cluster.events("apps", uid) == []


def test_events_that_nobody_may_see_are_an_error(
    kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    kube.faults.fail = lambda request: failing(403, message="no")
    with pytest.raises(Forbidden, match="no"):
        cluster.events("apps", "uid-1")
