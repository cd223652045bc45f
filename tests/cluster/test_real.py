"""The readers against a real kube-apiserver: what it says must be what they were written for."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from statusbot.cluster import listing as module
from statusbot.cluster.connection import Connection
from statusbot.cluster.errors import Forbidden
from statusbot.cluster.kinds import ALERT, KUSTOMIZATION
from statusbot.cluster.live import LiveCluster
from statusbot.errors import UsageError
from tests.support.kube import kustomization, secret

if TYPE_CHECKING:
    from tests.real.apiserver import ApiServer

Reader = Callable[..., Any]
NAMES = [f"app-{number}" for number in range(7)]


@contextmanager
def reading(server: ApiServer, folder: Path, **login: str) -> Iterator[LiveCluster]:
    path = server.kubeconfig(folder / "kubeconfig", **login)
    with Connection.open(str(path)) as connection:
        yield LiveCluster(connection)


@pytest.fixture
def namespace(apiserver: ApiServer) -> str:
    made = apiserver.namespace()
    path = f"/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/{made}/kustomizations"
    for name in NAMES:
        apiserver.admin.post(path, kustomization(made, name)).ok()
    return made


@pytest.fixture
def cluster(apiserver: ApiServer, tmp_path: Path) -> Iterator[LiveCluster]:
    with reading(apiserver, tmp_path) as found:
        yield found


def names(objects: Any) -> list[str]:
    return sorted(item["metadata"]["name"] for item in objects)


def test_it_streams(cluster: LiveCluster, namespace: str) -> None:
    listing = cluster.listing(KUSTOMIZATION, namespace)
    assert names(listing) == NAMES
    assert listing.ability.streams
    assert int(listing.resource_version) > 0


def test_its_pages_are_the_same(
    cluster: LiveCluster, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 3)
    streamed = {
        item["metadata"]["name"]: item for item in cluster.list(KUSTOMIZATION, (namespace,))
    }
    cluster._ability.streams = False
    paged = {item["metadata"]["name"]: item for item in cluster.list(KUSTOMIZATION, (namespace,))}
    assert paged == streamed


def test_a_continue_token_that_expired_starts_again(
    cluster: LiveCluster, namespace: str, apiserver: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 3)
    cluster._ability.streams = False
    path = f"/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/{namespace}/kustomizations"
    token = apiserver.admin.get(path, limit="3").ok()["metadata"]["continue"]
    objects = cluster.list(KUSTOMIZATION, (namespace,))
    found = [next(objects) for _ in range(3)]
    apiserver.admin.delete(f"{path}/{NAMES[-1]}").ok()
    apiserver.compact()
    # The server looks for compactions every few seconds only.
    while apiserver.admin.get(path, limit="3", **{"continue": token}).status != 410:
        time.sleep(0.2)
    assert names([*found, *objects]) == NAMES[:-1]


def test_discovery_knows_what_is_served(cluster: LiveCluster) -> None:
    assert cluster.serves(ALERT)


def test_its_clock_is_known_without_asking_twice(cluster: LiveCluster) -> None:
    assert cluster.now() <= cluster.now()


def test_the_kubectl_line_for_a_kind_is_what_was_missing(
    apiserver: ApiServer, tmp_path: Path, namespace: str
) -> None:
    token = apiserver.service_account(namespace, "reader")
    with reading(apiserver, tmp_path, token=token) as cluster:
        with pytest.raises(Forbidden) as caught:
            names(cluster.list(KUSTOMIZATION, (namespace,)))
        obey(apiserver, caught.value.todo)
        assert names(cluster.list(KUSTOMIZATION, (namespace,))) == NAMES


def test_the_kubectl_line_for_a_secret_opens_that_one_and_no_other(
    apiserver: ApiServer, tmp_path: Path, namespace: str
) -> None:
    for name in ("token", "other"):
        path = f"/api/v1/namespaces/{namespace}/secrets"
        apiserver.admin.post(path, secret(namespace, name, token="s3cret")).ok()
    token = apiserver.service_account(namespace, "reader")
    with reading(apiserver, tmp_path, token=token) as cluster:
        with pytest.raises(Forbidden) as caught:
            cluster.secret(namespace, "token")
        obey(apiserver, caught.value.todo)
        assert cluster.secret(namespace, "token") == {"token": b"s3cret"}
        with pytest.raises(Forbidden):
            cluster.secret(namespace, "other")


def test_a_wrong_token_is_refused_in_a_sentence(apiserver: ApiServer, tmp_path: Path) -> None:
    with (
        reading(apiserver, tmp_path, token="wrong") as cluster,
        pytest.raises(UsageError, match="refuses the credentials"),
    ):
        names(cluster.list(KUSTOMIZATION))


def obey(server: ApiServer, todo: str) -> None:
    """Do what the two ``kubectl create`` of a ``todo`` would, without a kubectl."""
    role, binding = (
        shlex.split(line) for line in todo.removeprefix("allow it with: ").split(" && ")
    )
    namespace = role[role.index("-n") + 1]
    options = dict(word[2:].split("=", 1) for word in role if word.startswith("--"))
    plural, _, group = options["resource"].partition(".")
    rule = {"apiGroups": [group], "resources": [plural], "verbs": options["verb"].split(",")}
    if "resource-name" in options:
        rule["resourceNames"] = [options["resource-name"]]
    (account,) = (word for word in binding if word.startswith("--serviceaccount="))
    server.grant(account.replace("--serviceaccount=", "system:serviceaccount:"), [rule], namespace)
