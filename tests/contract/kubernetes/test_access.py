from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime

import pytest

from tests.contract.kubernetes.conftest import Server
from tests.support.kube import Client, Reply, core, kustomizations

GROUP = "kustomize.toolkit.fluxcd.io"
Ask = Callable[..., Reply]


@pytest.fixture
def ask(server: Server) -> Ask:
    def ask(path: str, user: str | None = "nobody", token: str | None = None) -> Reply:
        with server.client(user, token=token) as client:
            return client.get(path)

    return ask


def test_a_wrong_token_is_401(ask: Ask) -> None:
    answer = ask(kustomizations(), token="wrong")
    assert (answer.status, answer.data["reason"], answer.data["message"]) == (
        401,
        "Unauthorized",
        "Unauthorized",
    )


def test_no_token_is_somebody_without_rights(ask: Ask) -> None:
    answer = ask(kustomizations(), user=None)
    assert answer.status == 403 and "system:anonymous" in answer.data["message"]


def test_a_list_of_the_cluster_is_forbidden_in_these_words(ask: Ask) -> None:
    assert ask(kustomizations()).data == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": (
            f'kustomizations.{GROUP} is forbidden: User "nobody" cannot list resource'
            f' "kustomizations" in API group "{GROUP}" at the cluster scope'
        ),
        "reason": "Forbidden",
        "details": {"group": GROUP, "kind": "kustomizations"},
        "code": 403,
    }


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (core("secrets", "apps", "s"), 'secrets "s" is forbidden: User "nobody" cannot get'),
        (core("secrets", "apps"), 'resource "secrets" in API group "" in the namespace "apps"'),
        (f"{kustomizations()}?watch=1", "cannot watch resource"),
        (f"{kustomizations('apps', 'a')}/status", 'cannot get resource "kustomizations/status"'),
        (core("namespaces", "", "apps"), 'in the namespace "apps"'),
        ("/api/v1/nodes", "nodes is forbidden"),
    ],
    ids=["object", "namespace", "watch", "status", "namespace itself", "another resource"],
)
def test_what_is_forbidden_is_named(ask: Ask, path: str, words: str) -> None:
    answer = ask(path)
    assert answer.status == 403 and words in answer.data["message"]


def test_a_right_in_one_namespace_is_a_right_there(server: Server, namespace: str) -> None:
    server.grant_list("alice", GROUP, "kustomizations", namespace)
    with server.client("alice") as alice:
        assert alice.get(kustomizations(namespace)).status == 200


def test_a_right_in_one_namespace_is_none_in_the_cluster(server: Server, namespace: str) -> None:
    server.grant_list("alice", GROUP, "kustomizations", namespace)
    with server.client("alice") as alice:
        assert alice.get(kustomizations()).status == 403


def test_the_version_is_open_to_all(ask: Ask) -> None:
    assert ask("/version", user=None).data["gitVersion"].startswith("v1.")


def test_readiness_is_open_to_all(ask: Ask) -> None:
    assert ask("/readyz", user=None).body == b"ok"


def test_discovery_is_not_open_to_the_anonymous(ask: Ask) -> None:
    assert ask("/apis", user=None).status == 403


@pytest.mark.parametrize("path", [kustomizations(), kustomizations("apps", "none"), "/version"])
def test_every_answer_tells_the_time(admin: Client, path: str) -> None:
    assert parsedate_to_datetime(admin.get(path).headers["Date"]).tzinfo is not None


def test_a_refused_login_tells_the_time(ask: Ask) -> None:
    assert "Date" in ask(kustomizations(), token="wrong").headers
