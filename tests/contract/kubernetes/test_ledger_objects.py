"""ConfigMaps and Leases, as far as a ledger depends on what the server makes of them."""

from __future__ import annotations

import base64

import pytest

from tests.contract.kubernetes.conftest import Server
from tests.support.kube import Client, Object, Reply, config_map, core, lease, names

MIB = 1 << 20
LEASES = "/apis/coordination.k8s.io/v1/namespaces/{}/leases"


def outcome(answer: Reply) -> tuple[int, str]:
    return answer.status, answer.data.get("reason", "")


def causes(answer: Reply) -> list[tuple[str, str]]:
    return [(cause["field"], cause["reason"]) for cause in answer.data["details"]["causes"]]


def binary(namespace: str, name: str, data: bytes) -> Object:
    return config_map(namespace, name) | {"binaryData": {"x": base64.b64encode(data).decode()}}


@pytest.fixture
def path(namespace: str) -> str:
    return core("configmaps", namespace)


@pytest.fixture
def leases(namespace: str) -> str:
    return LEASES.format(namespace)


def timed(namespace: str, **spec: object) -> Object:
    made = lease(namespace, "run")
    return made | {"spec": {**made["spec"], **spec}}


@pytest.mark.parametrize(("size", "status"), [(MIB, 201), (MIB + 1, 422)])
def test_a_mebibyte_of_decoded_data_is_the_most(
    admin: Client, namespace: str, path: str, size: int, status: int
) -> None:
    answer = admin.post(path, binary(namespace, "big", b"\0" * size))
    assert answer.status == status
    if status == 422:
        assert causes(answer) == [("[]", "FieldValueTooLong")]
        assert answer.data["details"]["kind"] == "ConfigMap"


def test_texts_count_with_what_is_binary(admin: Client, namespace: str, path: str) -> None:
    both = binary(namespace, "big", b"\0" * (MIB // 2)) | {"data": {"y": "a" * (MIB // 2 + 1)}}
    assert outcome(admin.post(path, both)) == (422, "Invalid")


def test_an_update_may_not_grow_too_large_either(admin: Client, namespace: str, path: str) -> None:
    admin.post(path, binary(namespace, "big", b"\0")).ok()
    answer = admin.put(f"{path}/big", binary(namespace, "big", b"\0" * (MIB + 1)))
    assert outcome(answer) == (422, "Invalid")


def test_what_is_no_base64_is_400(admin: Client, namespace: str, path: str) -> None:
    made = config_map(namespace, "bad") | {"binaryData": {"x": "***"}}
    assert outcome(admin.post(path, made)) == (400, "BadRequest")


def test_an_immutable_config_map_stays(admin: Client, namespace: str, path: str) -> None:
    admin.post(path, config_map(namespace, "fixed", a="1") | {"immutable": True}).ok()
    answer = admin.put(f"{path}/fixed", config_map(namespace, "fixed", a="2"))
    assert outcome(answer) == (422, "Invalid")
    assert "immutable" in answer.data["message"]


def test_an_immutable_config_map_can_be_deleted(admin: Client, namespace: str, path: str) -> None:
    admin.post(path, config_map(namespace, "fixed", a="1") | {"immutable": True}).ok()
    admin.delete(f"{path}/fixed").ok()
    assert admin.get(f"{path}/fixed").status == 404


def test_data_that_is_empty_is_left_out(admin: Client, namespace: str, path: str) -> None:
    made = admin.post(path, config_map(namespace, "empty") | {"binaryData": {}}).ok()
    assert {"data", "binaryData"} & set(made) == set()


def test_labels_choose_among_config_maps_page_by_page(
    admin: Client, namespace: str, path: str
) -> None:
    for number in range(4):
        made = config_map(namespace, f"c{number}")
        label = "mine" if number else "another"
        made["metadata"]["labels"] = {"app.kubernetes.io/name": "bot", "bot/ledger": label}
        admin.post(path, made).ok()
    selector = "app.kubernetes.io/name=bot,bot/ledger=mine"
    page = admin.get(path, labelSelector=selector, limit="2").ok()
    token = page["metadata"]["continue"]
    rest = admin.get(path, labelSelector=selector, limit="2", **{"continue": token}).ok()
    assert (names(page), names(rest)) == (["c1", "c2"], ["c3"])
    assert not rest["metadata"].get("continue")


def test_a_list_of_a_namespace_that_is_not_there_is_empty(admin: Client) -> None:
    assert admin.get(core("configmaps", "no-such")).ok()["items"] == []


def test_an_update_of_what_was_deleted_is_404_with_its_version(
    admin: Client, namespace: str, path: str
) -> None:
    made = admin.post(path, config_map(namespace, "gone")).ok()
    admin.delete(f"{path}/gone").ok()
    assert outcome(admin.put(f"{path}/gone", made)) == (404, "NotFound")


def test_a_version_of_one_that_was_made_again_is_409(
    admin: Client, namespace: str, path: str
) -> None:
    made = admin.post(path, config_map(namespace, "again")).ok()
    admin.delete(f"{path}/again").ok()
    admin.post(path, config_map(namespace, "again")).ok()
    del made["metadata"]["uid"]
    assert outcome(admin.put(f"{path}/again", made)) == (409, "Conflict")


def test_a_lease_in_no_namespace_is_404(admin: Client) -> None:
    answer = admin.post(LEASES.format("no-such"), lease("no-such", "run"))
    assert (answer.status, answer.data["message"]) == (404, 'namespaces "no-such" not found')


def test_a_second_lease_of_that_name_is_409(admin: Client, namespace: str, leases: str) -> None:
    admin.post(leases, lease(namespace, "run")).ok()
    assert outcome(admin.post(leases, lease(namespace, "run"))) == (409, "AlreadyExists")


def test_an_update_of_a_lease_that_was_deleted_is_409(
    admin: Client, namespace: str, leases: str
) -> None:
    made = admin.post(leases, lease(namespace, "run")).ok()
    admin.delete(f"{leases}/run").ok()
    assert outcome(admin.put(f"{leases}/run", made)) == (409, "Conflict")


def test_without_its_uid_that_update_makes_another(
    admin: Client, namespace: str, leases: str
) -> None:
    made = admin.post(leases, lease(namespace, "run")).ok()
    admin.delete(f"{leases}/run").ok()
    del made["metadata"]["uid"]
    assert admin.put(f"{leases}/run", made).status == 201


def test_a_lease_s_times_have_six_digits(admin: Client, namespace: str, leases: str) -> None:
    told = timed(namespace, renewTime="2026-11-21T10:00:00.500000Z")
    made = admin.post(leases, told).ok()
    assert made["spec"]["renewTime"] == "2026-11-21T10:00:00.500000Z"


@pytest.mark.parametrize("text", ["2026-11-21T10:00:00Z", "2026-11-21T10:00:00.5Z", "2026", ""])
def test_other_times_are_400(admin: Client, namespace: str, leases: str, text: str) -> None:
    assert outcome(admin.post(leases, timed(namespace, renewTime=text))) == (400, "BadRequest")


@pytest.mark.parametrize(
    ("field", "value"), [("leaseDurationSeconds", 0), ("leaseTransitions", -1)]
)
def test_numbers_that_mean_nothing_are_422(
    admin: Client, namespace: str, leases: str, field: str, value: int
) -> None:
    answer = admin.post(leases, timed(namespace, **{field: value}))
    assert outcome(answer) == (422, "Invalid")
    assert causes(answer) == [(f"spec.{field}", "FieldValueInvalid")]


def test_a_lease_may_be_nobodys(admin: Client, namespace: str, leases: str) -> None:
    assert (
        admin.post(leases, timed(namespace, holderIdentity="")).ok()["spec"]["holderIdentity"] == ""
    )


@pytest.mark.parametrize("verb", ["get", "create", "update"])
def test_without_the_right_a_lease_is_403(
    server: Server, namespace: str, leases: str, verb: str
) -> None:
    with server.client("nobody") as nobody:
        answer = {
            "get": lambda: nobody.get(f"{leases}/run"),
            "create": lambda: nobody.post(leases, lease(namespace, "run")),
            "update": lambda: nobody.put(f"{leases}/run", lease(namespace, "run")),
        }[verb]()
    assert outcome(answer) == (403, "Forbidden")
    assert (
        f'cannot {verb} resource "leases" in API group "coordination.k8s.io"'
        in answer.data["message"]
    )
