from __future__ import annotations

from typing import Any

import pytest

from tests.support.kube import Client, alert

FLUX = {
    "kustomize.toolkit.fluxcd.io/v1": {"kustomizations"},
    "source.toolkit.fluxcd.io/v1": {
        "gitrepositories",
        "ocirepositories",
        "buckets",
        "externalartifacts",
    },
    "notification.toolkit.fluxcd.io/v1beta3": {"alerts", "providers"},
    "coordination.k8s.io/v1": {"leases"},
}
NOTIFICATION = "/apis/notification.toolkit.fluxcd.io"


def test_the_core_has_one_version(admin: Client) -> None:
    assert admin.get("/api").ok()["versions"] == ["v1"]


def test_the_groups_of_flux_are_listed(admin: Client) -> None:
    groups = {group["name"] for group in admin.get("/apis").ok()["groups"]}
    assert {name.partition("/")[0] for name in FLUX} <= groups


@pytest.mark.parametrize("served", FLUX)
def test_a_group_names_its_preferred_version(admin: Client, served: str) -> None:
    group, _, version = served.partition("/")
    found = admin.get(f"/apis/{group}").ok()
    assert found["preferredVersion"] == {"groupVersion": served, "version": version}


@pytest.mark.parametrize("served", FLUX)
def test_a_version_lists_its_resources(admin: Client, served: str) -> None:
    listed = admin.get(f"/apis/{served}").ok()
    names = {resource["name"] for resource in listed["resources"]}
    assert (listed["groupVersion"], names >= FLUX[served]) == (served, True)


@pytest.mark.parametrize("name", ["secrets", "configmaps", "events", "namespaces"])
def test_the_core_lists_its_resources(admin: Client, name: str) -> None:
    assert name in {resource["name"] for resource in admin.get("/api/v1").ok()["resources"]}


def resource(admin: Client, path: str, name: str) -> dict[str, Any]:
    listed = admin.get(path).ok()["resources"]
    found: dict[str, Any] = next(item for item in listed if item["name"] == name)
    return found


def test_a_resource_names_its_kind_and_scope(admin: Client) -> None:
    found = resource(admin, "/apis/kustomize.toolkit.fluxcd.io/v1", "kustomizations")
    assert (found["kind"], found["namespaced"]) == ("Kustomization", True)


def test_a_resource_can_be_listed_and_watched(admin: Client) -> None:
    found = resource(admin, "/apis/kustomize.toolkit.fluxcd.io/v1", "kustomizations")
    assert {"get", "list", "watch", "create", "update", "patch", "delete"} <= set(found["verbs"])


def test_status_is_a_subresource(admin: Client) -> None:
    found = resource(admin, "/apis/kustomize.toolkit.fluxcd.io/v1", "kustomizations/status")
    assert set(found["verbs"]) == {"get", "patch", "update"}


def test_the_newest_of_several_versions_is_preferred(old_admin: Client) -> None:
    group = old_admin.get(NOTIFICATION).ok()
    assert group["preferredVersion"]["version"] == "v1beta3"
    assert [v["version"] for v in group["versions"]] == ["v1beta3", "v1beta2", "v1beta1"]


@pytest.mark.parametrize("version", ["v1beta1", "v1beta2", "v1beta3"])
def test_an_object_is_served_at_every_version(old_admin: Client, version: str) -> None:
    namespace = f"served-at-{version}"
    old_admin.post("/api/v1/namespaces", {"metadata": {"name": namespace}}).ok()
    made = alert(namespace, "all")
    old_admin.post(f"{NOTIFICATION}/v1beta3/namespaces/{namespace}/alerts", made).ok()
    found = old_admin.get(f"{NOTIFICATION}/{version}/namespaces/{namespace}/alerts/all").ok()
    assert (found["apiVersion"], found["spec"]["providerRef"]) == (
        f"notification.toolkit.fluxcd.io/{version}",
        {"name": "forge"},
    )
