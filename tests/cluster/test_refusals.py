from __future__ import annotations

import orjson
import pytest

from statusbot.cluster.answer import Answer
from statusbot.cluster.errors import Forbidden
from statusbot.cluster.refusals import forbidden, unauthorized

KUSTOMIZATIONS = "/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations"


def refused(path: str, user: str = "jane", method: str = "GET") -> Forbidden:
    message = f'things is forbidden: User "{user}" cannot list resource "things" in API group ""'
    body = orjson.dumps({"kind": "Status", "message": message})
    return forbidden(Answer("https://k8s" + path, 403, {}, body), method, path, {})


def test_the_whole_cluster_needs_a_cluster_role_and_its_binding() -> None:
    assert refused(KUSTOMIZATIONS).todo == (
        "allow it with: kubectl create clusterrole statusbot-kustomizations"
        " --verb=get,list,watch --resource=kustomizations.kustomize.toolkit.fluxcd.io"
        " && kubectl create clusterrolebinding statusbot-kustomizations"
        " --clusterrole=statusbot-kustomizations --user=jane"
    )


def test_a_secret_is_allowed_by_its_name_and_nothing_more() -> None:
    todo = refused("/api/v1/namespaces/flux-system/secrets/github-token").todo
    assert (
        "kubectl create role statusbot-secrets --verb=get --resource=secrets"
        " --resource-name=github-token -n flux-system && kubectl create rolebinding"
        " statusbot-secrets --role=statusbot-secrets --user=jane -n flux-system" in todo
    )


def test_a_service_account_is_bound_as_one() -> None:
    todo = refused(KUSTOMIZATIONS, "system:serviceaccount:flux-system:statusbot").todo
    assert todo.endswith("--serviceaccount=flux-system:statusbot")


@pytest.mark.parametrize("user", ["$(reboot)", "a b", "x;y", "`id`", "'", "\\"])
def test_a_hostile_user_name_is_never_part_of_a_command(user: str) -> None:
    assert refused(KUSTOMIZATIONS, user).todo.endswith("--user=YOU")


def test_names_in_the_path_are_quoted_for_the_shell() -> None:
    todo = refused("/api/v1/namespaces/a%24%28id%29/secrets/b%3Bc").todo
    assert "--resource-name='b;c' -n 'a$(id)'" in todo


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/v1/namespaces/x/configmaps", "get,list,create,update,delete --resource=configmaps"),
        (
            "/apis/coordination.k8s.io/v1/namespaces/x/leases/a",
            "get,create,update --resource=leases.coordination.k8s.io",
        ),
    ],
)
def test_a_ledger_gets_all_that_it_needs_at_once(method: str, path: str, allowed: str) -> None:
    assert f"--verb={allowed} -n x" in refused(path, method=method).todo


def test_discovery_needs_the_role_that_every_cluster_has() -> None:
    assert "--clusterrole=system:discovery" in refused("/apis/kustomize.toolkit.fluxcd.io").todo


def test_forbidden_is_for_the_user_to_put_right() -> None:
    assert refused(KUSTOMIZATIONS).exit_code == 2


@pytest.mark.parametrize(
    "message",
    [
        'configmaps "statusbot" is forbidden: exceeded quota: q, requested: count/configmaps=1',
        'configmaps "a" is forbidden: unable to create new content in namespace x because it is'
        " being terminated",
        'admission webhook "policy.example.com" denied the request: no ConfigMaps here',
    ],
)
def test_what_no_right_would_help_against_is_told_without_one(message: str) -> None:
    answer = Answer("https://k8s", 403, {}, orjson.dumps({"message": message}))
    error = forbidden(answer, "POST", "/api/v1/namespaces/x/configmaps", {})
    assert (error.what, error.todo) == (message, "")


def test_without_a_message_the_request_itself_is_told() -> None:
    answer = Answer("https://k8s", 403, {}, b'{"kind": "Status"}')
    error = forbidden(answer, "GET", KUSTOMIZATIONS, {})
    assert error.what == f"GET {KUSTOMIZATIONS} is forbidden"


def test_a_page_of_somebody_in_between_is_no_reason_for_a_role() -> None:
    error = forbidden(Answer("https://k8s", 403, {}, b"<html>"), "GET", KUSTOMIZATIONS, {})
    assert error.what == "it answered 403, and not as a Kubernetes API does"
    assert "kubectl" not in error.todo


def test_refused_credentials_name_where_they_come_from() -> None:
    error = unauthorized(Answer("https://k8s", 401, {}, b""), "/home/jane/.kube/config")
    assert error.exit_code == 2
    assert "/home/jane/.kube/config" in str(error)
