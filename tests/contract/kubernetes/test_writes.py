from __future__ import annotations

import base64

import pytest

from tests.support.kube import (
    Client,
    Object,
    Reply,
    config_map,
    core,
    kustomization,
    kustomizations,
    lease,
    ready,
    secret,
    version,
)


@pytest.fixture
def app(admin: Client, namespace: str) -> Object:
    """A Kustomization that was just made."""
    made: Object = admin.post(kustomizations(namespace), kustomization(namespace, "app")).ok()
    return made


@pytest.fixture
def path(namespace: str) -> str:
    return kustomizations(namespace, "app")


@pytest.fixture
def state(admin: Client, namespace: str) -> Object:
    """A ConfigMap that was just made."""
    made: Object = admin.post(
        core("configmaps", namespace), config_map(namespace, "state", a="1")
    ).ok()
    return made


def outcome(answer: Reply) -> tuple[int, str]:
    return answer.status, answer.data.get("reason", "")


def test_a_create_is_201(admin: Client, namespace: str) -> None:
    assert admin.post(kustomizations(namespace), kustomization(namespace, "app")).status == 201


def test_a_new_object_is_complete(app: Object) -> None:
    assert set(app["metadata"]) >= {"uid", "creationTimestamp", "resourceVersion", "generation"}


def test_what_was_made_is_what_is_read(admin: Client, app: Object, path: str) -> None:
    assert admin.get(path).ok() == app


def test_a_second_create_is_409(admin: Client, app: Object, namespace: str) -> None:
    answer = admin.post(kustomizations(namespace), kustomization(namespace, "app"))
    assert outcome(answer) == (409, "AlreadyExists")


def test_a_create_in_no_namespace_is_404(admin: Client) -> None:
    answer = admin.post(kustomizations("no-such"), kustomization("no-such", "app"))
    assert outcome(answer) == (404, "NotFound")
    assert answer.data["message"] == 'namespaces "no-such" not found'


def test_a_create_without_a_name_is_422(admin: Client, namespace: str) -> None:
    answer = admin.post(core("configmaps", namespace), {"metadata": {}})
    assert outcome(answer) == (422, "Invalid")


def test_a_create_in_another_namespace_than_its_own_is_400(admin: Client, namespace: str) -> None:
    answer = admin.post(kustomizations(namespace), kustomization("another", "app"))
    assert outcome(answer) == (400, "BadRequest")


def test_a_create_at_another_version_is_400(admin: Client, namespace: str) -> None:
    other = kustomization(namespace, "app") | {"apiVersion": "kustomize.toolkit.fluxcd.io/v9"}
    assert outcome(admin.post(kustomizations(namespace), other)) == (400, "BadRequest")


def test_a_create_that_is_no_object_is_400(admin: Client, namespace: str) -> None:
    answer = admin.call("POST", kustomizations(namespace), [1])
    assert outcome(answer) == (400, "BadRequest")


def test_a_create_leaves_status_out(admin: Client, namespace: str) -> None:
    told = kustomization(namespace, "app") | {"status": ready("main@sha1:" + "a" * 40)}
    made = admin.post(kustomizations(namespace), told).ok()
    assert made["status"] == {"observedGeneration": -1}


def test_an_update_with_status_leaves_status_alone(admin: Client, app: Object, path: str) -> None:
    updated = admin.put(path, app | {"status": ready("main@sha1:" + "a" * 40)}).ok()
    assert updated["status"] == app["status"]


def test_an_update_brings_no_status_where_there_is_none(admin: Client, namespace: str) -> None:
    path = f"/apis/source.toolkit.fluxcd.io/v1/namespaces/{namespace}/externalartifacts"
    told = {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "ExternalArtifact",
        "metadata": {"name": "app"},
        "spec": {"sourceRef": {"kind": "Artifact", "name": "app"}},
    }
    made = admin.post(path, told).ok()
    status = {"conditions": ready("x")["conditions"]}
    assert "status" not in admin.put(f"{path}/app", made | {"status": status}).ok()


def test_a_status_update_writes_status(admin: Client, app: Object, path: str) -> None:
    status = ready("main@sha1:" + "a" * 40)
    assert admin.put(f"{path}/status", app | {"status": status}).ok()["status"] == status


def test_a_status_update_leaves_spec_alone(admin: Client, app: Object, path: str) -> None:
    told = app | {"spec": {**app["spec"], "path": "./other"}, "status": ready("x")}
    assert admin.put(f"{path}/status", told).ok()["spec"] == app["spec"]


def test_a_status_update_leaves_labels_alone(admin: Client, app: Object, path: str) -> None:
    change = {"metadata": {"labels": {"a": "b"}}, "status": {"lastAppliedRevision": "x"}}
    assert "labels" not in admin.patch(f"{path}/status", change).ok()["metadata"]


def test_the_first_generation_is_1(app: Object) -> None:
    assert app["metadata"]["generation"] == 1


@pytest.mark.parametrize(
    ("suffix", "change", "generation"),
    [
        ("", {"spec": {"path": "./other"}}, 2),
        ("", {"metadata": {"labels": {"a": "b"}}}, 1),
        ("/status", {"status": {"lastAppliedRevision": "x"}}, 1),
    ],
    ids=["spec", "labels", "status"],
)
def test_only_spec_makes_a_new_generation(
    admin: Client, app: Object, path: str, suffix: str, change: Object, generation: int
) -> None:
    updated = admin.patch(f"{path}{suffix}", change).ok()
    assert updated["metadata"]["generation"] == generation


def test_a_write_makes_a_newer_version(admin: Client, app: Object, path: str) -> None:
    assert version(admin.patch(path, {"spec": {"path": "./other"}}).ok()) > version(app)


def test_a_write_that_changes_nothing_makes_no_version(
    admin: Client, state: Object, namespace: str
) -> None:
    again = admin.put(core("configmaps", namespace, "state"), state).ok()
    assert version(again) == version(state)


def test_a_merge_patch_takes_away_with_null(admin: Client, state: Object, namespace: str) -> None:
    path = core("configmaps", namespace, "state")
    assert admin.patch(path, {"data": {"a": None, "b": "2"}}).ok()["data"] == {"b": "2"}


def test_a_patch_of_another_type_is_415(admin: Client, app: Object, path: str) -> None:
    answer = admin.call("PATCH", path, {}, content_type="application/strategic-merge-patch+json")
    assert outcome(answer) == (415, "UnsupportedMediaType")


def test_a_patch_from_an_old_version_is_409(admin: Client, app: Object, path: str) -> None:
    old = {"metadata": {"resourceVersion": app["metadata"]["resourceVersion"]}}
    admin.patch(path, {"spec": {"path": "./other"}}).ok()
    assert outcome(admin.patch(path, old | {"spec": {"path": "./late"}})) == (409, "Conflict")


def test_an_update_from_an_old_version_is_409(admin: Client, state: Object, namespace: str) -> None:
    path = core("configmaps", namespace, "state")
    admin.put(path, state | {"data": {"a": "2"}}).ok()
    assert outcome(admin.put(path, state | {"data": {"a": "3"}})) == (409, "Conflict")


def test_a_conflict_names_the_object(admin: Client, state: Object, namespace: str) -> None:
    path = core("configmaps", namespace, "state")
    admin.put(path, state | {"data": {"a": "2"}}).ok()
    answer = admin.put(path, state | {"data": {"a": "3"}})
    assert answer.data["details"] == {"name": "state", "kind": "configmaps"}


def test_a_conflict_changes_nothing(admin: Client, state: Object, namespace: str) -> None:
    path = core("configmaps", namespace, "state")
    admin.put(path, state | {"data": {"a": "2"}}).ok()
    admin.put(path, state | {"data": {"a": "3"}})
    assert admin.get(path).ok()["data"] == {"a": "2"}


def test_an_update_of_another_uid_is_409(admin: Client, state: Object, namespace: str) -> None:
    path = core("configmaps", namespace, "state")
    told = config_map(namespace, "state", a="2")
    told["metadata"]["uid"] = "another"
    assert outcome(admin.put(path, told)) == (409, "Conflict")


def test_a_config_map_may_be_updated_without_a_version(
    admin: Client, state: Object, namespace: str
) -> None:
    path = core("configmaps", namespace, "state")
    assert admin.put(path, config_map(namespace, "state", a="2")).ok()["data"] == {"a": "2"}


def test_a_custom_resource_may_not_be_updated_without_a_version(
    admin: Client, app: Object, path: str, namespace: str
) -> None:
    assert outcome(admin.put(path, kustomization(namespace, "app"))) == (422, "Invalid")


def test_an_update_of_nothing_is_404(admin: Client, namespace: str) -> None:
    answer = admin.put(core("configmaps", namespace, "none"), config_map(namespace, "none"))
    assert outcome(answer) == (404, "NotFound")


def test_an_update_under_another_name_is_400(admin: Client, app: Object, namespace: str) -> None:
    answer = admin.put(kustomizations(namespace, "another"), app)
    assert outcome(answer) == (400, "BadRequest")


def leases(namespace: str) -> str:
    return f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"


def test_an_update_may_make_a_lease(admin: Client, namespace: str) -> None:
    assert admin.put(f"{leases(namespace)}/run", lease(namespace, "run")).status == 201


def test_a_lease_that_another_took_is_409(admin: Client, namespace: str) -> None:
    made = admin.post(leases(namespace), lease(namespace, "run")).ok()
    path = f"{leases(namespace)}/run"
    taken = made | {"spec": {**made["spec"], "holderIdentity": "two"}}
    admin.put(path, taken).ok()
    late = made | {"spec": {**made["spec"], "holderIdentity": "three"}}
    assert outcome(admin.put(path, late)) == (409, "Conflict")


def test_a_lease_may_not_be_updated_without_a_version(admin: Client, namespace: str) -> None:
    admin.post(leases(namespace), lease(namespace, "run")).ok()
    answer = admin.put(f"{leases(namespace)}/run", lease(namespace, "run", "two"))
    assert outcome(answer) == (422, "Invalid")


def test_a_secret_s_texts_are_read_in_base64(admin: Client, namespace: str) -> None:
    made = admin.post(core("secrets", namespace), secret(namespace, "login", token="t0k3n")).ok()
    assert (made["data"], made["type"]) == (
        {"token": base64.b64encode(b"t0k3n").decode()},
        "Opaque",
    )
    assert "stringData" not in made


def test_a_delete_names_what_is_gone(admin: Client, app: Object, path: str) -> None:
    gone = admin.delete(path).ok()
    assert (gone["status"], gone["details"]["uid"]) == ("Success", app["metadata"]["uid"])


def test_what_is_deleted_is_404(admin: Client, app: Object, path: str) -> None:
    admin.delete(path).ok()
    assert outcome(admin.get(path)) == (404, "NotFound")


def test_a_delete_of_nothing_is_404(admin: Client, path: str) -> None:
    assert outcome(admin.delete(path)) == (404, "NotFound")


@pytest.mark.parametrize("field", ["uid", "resourceVersion"])
def test_a_delete_of_another_object_is_409(
    admin: Client, app: Object, path: str, field: str
) -> None:
    answer = admin.call("DELETE", path, {"preconditions": {field: "1"}})
    assert outcome(answer) == (409, "Conflict")


def test_a_finalizer_keeps_a_deleted_object(admin: Client, app: Object, path: str) -> None:
    admin.patch(path, {"metadata": {"finalizers": ["finalizers.fluxcd.io"]}}).ok()
    admin.delete(path).ok()
    kept = admin.get(path).ok()["metadata"]
    assert kept["deletionTimestamp"] and kept["generation"] == 2


def test_the_last_finalizer_gone_takes_the_object_with_it(
    admin: Client, app: Object, path: str
) -> None:
    admin.patch(path, {"metadata": {"finalizers": ["finalizers.fluxcd.io"]}}).ok()
    admin.delete(path).ok()
    admin.patch(path, {"metadata": {"finalizers": None}}).ok()
    assert admin.get(path).status == 404


def test_a_name_used_again_has_another_uid(
    admin: Client, app: Object, path: str, namespace: str
) -> None:
    admin.delete(path).ok()
    again = admin.post(kustomizations(namespace), kustomization(namespace, "app")).ok()
    assert again["metadata"]["uid"] != app["metadata"]["uid"]
