"""The network's Secrets in a real kube-apiserver, the results in a real Gitea."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.real.apiserver import ApiServer
from tests.real.authority import Authority, Pair
from tests.real.network import Proxy, TlsFront
from tests.real.scene import NAME, Scene
from tests.support.cli import run_json
from tests.support.kube import Object, alert, core, kustomization, kustomizations, ready, secret

# The first test waits for both builds, which take minutes.
pytestmark = pytest.mark.timeout(1800)

SOURCES = "/apis/source.toolkit.fluxcd.io/v1/namespaces/{}/gitrepositories"
NOTIFICATION = "/apis/notification.toolkit.fluxcd.io/v1beta3/namespaces/{}/{}"


@pytest.fixture
def front(scene: Scene, server: Pair, authority: Authority) -> Iterator[TlsFront]:
    """Gitea by https; whoever calls must show a certificate."""
    context = server.server_context(clients=authority.ca)
    with TlsFront(scene.port, context) as front:
        scene.at(f"https://{NAME}:{front.port}")
        yield front


def put(apiserver: ApiServer, scene: Scene, authority: Authority, **spec: Any) -> str:
    """The namespace of a green Kustomization, its source, an Alert, a Provider and its Secrets."""
    namespace, admin = apiserver.namespace(), apiserver.admin
    pair = authority.client()
    keys = {"ca.crt": authority.ca, "tls.crt": pair.certificate, "tls.key": pair.key}
    for made in (
        secret(namespace, "token", token=f"{scene.gitea.token}\n"),
        secret(namespace, "tls", **keys),
    ):
        admin.post(core("secrets", namespace), made).ok()
    source = {"interval": "1m", "url": scene.address}
    admin.post(SOURCES.format(namespace), _object("source", "GitRepository", "fleet", source)).ok()
    made = admin.post(kustomizations(namespace), kustomization(namespace, "apps")).ok()
    status = ready(f"main@sha1:{scene.commit}")
    admin.put(f"{kustomizations(namespace, 'apps')}/status", {**made, "status": status}).ok()
    spec |= {"type": "gitea", "address": scene.address, "secretRef": {"name": "token"}}
    spec |= {"certSecretRef": {"name": "tls"}}
    provider = _object("notification", "Provider", "forge", spec)
    admin.post(NOTIFICATION.format(namespace, "providers"), provider).ok()
    admin.post(NOTIFICATION.format(namespace, "alerts"), alert(namespace, "all")).ok()
    return namespace


def _object(group: str, kind: str, name: str, spec: Object) -> Object:
    version = {"source": "v1", "notification": "v1beta3"}[group]
    api = f"{group}.toolkit.fluxcd.io/{version}"
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name}, "spec": spec}


def run(apiserver: ApiServer, scene: Scene, namespace: str, **env: str) -> list[str]:
    """The outcomes of a poll: other tests have objects in the cluster too."""
    config = apiserver.kubeconfig(scene.folder / "kubeconfig")
    report = run_json("--kubeconfig", str(config), "-n", namespace, env=env)
    mine = [status for status in report["statuses"] if status["object"] is not None]
    return [str(status["outcome"]) for status in mine]


def test_certificates_and_a_proxy_of_the_clusters_secrets_lead_to_gitea(
    apiserver: ApiServer, scene: Scene, front: TlsFront, authority: Authority
) -> None:
    namespace = put(apiserver, scene, authority, proxySecretRef={"name": "proxy"})
    with Proxy("me:password") as strict:
        login = {"address": strict.url, "username": "me", "password": "password"}
        proxy = secret(namespace, "proxy", **login)
        apiserver.admin.post(core("secrets", namespace), proxy).ok()
        outcomes = run(apiserver, scene, namespace)
    assert outcomes == ["posted"]
    assert [state for _, state in scene.shown()] == ["success"]
    assert {(seen.method, seen.target) for seen in strict.seen} == {
        ("CONNECT", f"{NAME}:{front.port}")
    }


def test_the_environments_proxy_is_for_the_forge_and_not_for_a_cluster_on_this_machine(
    apiserver: ApiServer, scene: Scene, front: TlsFront, authority: Authority
) -> None:
    namespace = put(apiserver, scene, authority)
    with Proxy() as seer:
        outcomes = run(apiserver, scene, namespace, HTTPS_PROXY=seer.url)
    assert outcomes == ["posted"]
    assert [state for _, state in scene.shown()] == ["success"]
    assert {seen.target for seen in seer.seen} == {f"{NAME}:{front.port}"}
