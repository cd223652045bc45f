from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from statusbot.manifests.invalid import Invalid
from statusbot.manifests.provider import GIT_TYPES, Provider, parse

GROUP = "notification.toolkit.fluxcd.io"


def manifest(version: str = "v1beta3", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": f"{GROUP}/{version}",
        "kind": "Provider",
        "metadata": {"name": "github", "namespace": "apps", "uid": "0c9c2e41-d2f9"},
        "spec": {"type": "github", **spec},
    }


def valid(obj: dict[str, Any]) -> Provider:
    provider = parse(obj)
    assert isinstance(provider, Provider), str(provider)
    return provider


def fault(obj: dict[str, Any]) -> str:
    invalid = parse(obj)
    assert isinstance(invalid, Invalid)
    return f"{invalid.path}: {invalid.message}"


def test_everything_that_flux_reads_is_read() -> None:
    obj = manifest(
        address="https://github.com/org/repo",
        username="flux",
        secretRef={"name": "token"},
        certSecretRef={"name": "ca"},
        proxySecretRef={"name": "proxy-login"},
        proxy="http://proxy:3128",
        timeout="1m",
        suspend=True,
        commitStatusExpr="'x'",
    )
    obj["metadata"]["annotations"] = {"statusbot/api-url": "https://x"}
    assert valid(obj) == Provider(
        api_version=f"{GROUP}/v1beta3",
        namespace="apps",
        name="github",
        uid="0c9c2e41-d2f9",
        type="github",
        address="https://github.com/org/repo",
        username="flux",
        secret="token",
        cert_secret="ca",
        proxy_secret="proxy-login",
        proxy="http://proxy:3128",
        timeout=timedelta(minutes=1),
        suspend=True,
        commit_status_expr="'x'",
        annotations={"statusbot/api-url": "https://x"},
    )


def test_what_is_left_out_is_as_flux_has_it() -> None:
    provider = valid(manifest())
    assert provider.timeout == timedelta(seconds=15)
    assert (provider.secret, provider.proxy, provider.suspend) == (None, "", False)


@pytest.mark.parametrize("version", ["v1beta1", "v1beta2", "v1beta3"])
def test_every_version_that_flux_had_is_read(version: str) -> None:
    assert valid(manifest(version)).api_version == f"{GROUP}/{version}"


@pytest.mark.parametrize("kind", GIT_TYPES)
def test_every_git_type_is_a_type_of_flux(kind: str) -> None:
    assert valid(manifest(type=kind)).type == kind


def test_its_reference_is_namespace_and_name() -> None:
    assert valid(manifest()).ref == "apps/github"


def test_a_file_without_a_namespace_gets_the_default() -> None:
    obj = manifest()
    obj["metadata"] = {"name": "github"}
    provider = parse(obj, "flux-system")
    assert isinstance(provider, Provider)
    assert provider.ref == "flux-system/github"
    assert provider.uid == ""


def test_nulls_are_as_if_left_out() -> None:
    obj = manifest(timeout=None, secretRef=None, suspend=None)
    obj["metadata"]["annotations"] = None
    assert valid(obj) == valid(manifest())


def test_what_the_cluster_adds_is_no_fault() -> None:
    obj = manifest(unknown={"a": [None]})
    obj["metadata"] |= {"managedFields": [{"manager": "x"}], "generation": 1}
    obj["status"] = 5
    assert valid(obj) == valid(manifest())


def test_addresses_and_proxies_are_in_no_repr() -> None:
    provider = valid(manifest(address="https://hunter2@x", proxy="http://u:hunter2@p"))
    assert "hunter2" not in repr(provider)


def test_it_can_be_a_key() -> None:
    assert len({valid(manifest()), valid(manifest())}) == 1


def test_an_unknown_type_names_some_that_are_known() -> None:
    message = fault(manifest(type="githubb"))
    assert message.startswith("$.spec.type: 'githubb' is not one of slack, discord, ")
    assert message.endswith(" and 20 more")


def test_the_first_fault_by_path_is_told_and_the_others_counted() -> None:
    message = fault(manifest(type="githubb", suspend="no", timeout="soon"))
    assert message == "$.spec.suspend: is a string, not a boolean, and 2 more"


def test_a_wrong_type_of_value_is_one_fault() -> None:
    assert fault(manifest(type=5)) == "$.spec.type: is a number, not a string"


def test_an_unknown_version_names_the_known_ones() -> None:
    assert fault(manifest("v2")) == (
        f"$.apiVersion: '{GROUP}/v2' is unknown; statusbot knows {GROUP}/v1beta1, v1beta2, v1beta3"
    )


@pytest.mark.parametrize("version", [None, 5, "v1", "apps/v1beta3", [], f"{GROUP}/v1beta3/x"])
def test_another_api_is_a_fault(version: object) -> None:
    assert fault({**manifest(), "apiVersion": version}).startswith("$.apiVersion: ")


def test_another_kind_is_a_fault() -> None:
    assert fault({**manifest(), "kind": "Alert"}) == "$.kind: is not Provider"


def test_an_empty_object_is_a_fault() -> None:
    assert fault({}) == "$.kind: is not Provider"


@pytest.mark.parametrize("field", ["address", "proxy", "secretRef", "certSecretRef"])
def test_no_fault_repeats_what_may_be_a_secret(field: str) -> None:
    message = fault(manifest("v1beta1", **{field: "hunter2"}))
    assert message.startswith(f"$.spec.{field}: ")
    assert "hunter2" not in message


def test_a_token_in_the_wrong_place_is_hidden() -> None:
    assert "ghp_" not in fault(manifest(type="ghp_0123456789abcdef0123"))


def test_a_long_value_is_cut() -> None:
    assert len(fault(manifest(timeout="x" * 3000))) < 150


def test_a_newline_at_the_end_is_a_fault_as_it_is_to_go() -> None:
    assert fault(manifest(timeout="30s\n")).startswith("$.spec.timeout: '30s' does not match")


def test_a_timeout_beyond_python_is_a_fault() -> None:
    assert "too long" in fault(manifest(timeout="9" * 400 + "m"))


def test_an_expression_is_only_for_git_types() -> None:
    message = fault(manifest(type="slack", commitStatusExpr="'x'"))
    assert message.startswith("$.spec.commitStatusExpr: is only supported for the 'github'")


def test_endless_depth_in_unknown_fields_is_no_trouble() -> None:
    deep: Any = None
    for _ in range(2000):
        deep = {"a": deep}
    assert valid(manifest(unknown=deep)) == valid(manifest())


@pytest.mark.parametrize("part", ["metadata", "spec"])
@pytest.mark.parametrize("value", [None, 5, "x", [], True])
def test_nonsense_in_place_of_a_mapping_is_a_fault(part: str, value: object) -> None:
    assert fault({**manifest(), part: value}).startswith(f"$.{part}: ")
