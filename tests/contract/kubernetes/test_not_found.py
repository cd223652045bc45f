from __future__ import annotations

import pytest

from tests.support.kube import Client, core, kustomizations

GROUP = "kustomize.toolkit.fluxcd.io"


def test_no_such_object_is_404_in_these_words(admin: Client, namespace: str) -> None:
    assert admin.get(kustomizations(namespace, "none")).data == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": f'kustomizations.{GROUP} "none" not found',
        "reason": "NotFound",
        "details": {"name": "none", "group": GROUP, "kind": "kustomizations"},
        "code": 404,
    }


def test_a_core_object_has_no_group_in_its_404(admin: Client, namespace: str) -> None:
    answer = admin.get(core("secrets", namespace, "none")).data
    assert answer["details"] == {"name": "none", "kind": "secrets"}


@pytest.mark.parametrize(
    "path",
    [
        "/apis/no.such.group",
        "/apis/no.such.group/v1",
        "/apis/no.such.group/v1/things",
        f"/apis/{GROUP}/v9",
        f"/apis/{GROUP}/v9/kustomizations",
        f"/apis/{GROUP}/v1/things",
        "/nowhere",
    ],
)
def test_what_is_not_served_at_all_is_404_in_plain_text(admin: Client, path: str) -> None:
    answer = admin.get(path)
    assert (answer.status, answer.body) == (404, b"404 page not found\n")


def test_no_such_core_resource_is_a_status(admin: Client) -> None:
    answer = admin.get("/api/v1/things")
    assert (answer.status, answer.data["message"]) == (
        404,
        "the server could not find the requested resource",
    )
