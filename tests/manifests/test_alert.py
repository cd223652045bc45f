from __future__ import annotations

from typing import Any

import pytest

from statusbot.manifests.alert import Alert, EventSource, parse
from statusbot.manifests.invalid import Invalid

GROUP = "notification.toolkit.fluxcd.io"


def manifest(version: str = "v1beta3", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": f"{GROUP}/{version}",
        "kind": "Alert",
        "metadata": {"name": "all", "namespace": "apps"},
        "spec": {
            "providerRef": {"name": "github"},
            "eventSources": [{"kind": "Kustomization", "name": "*"}],
            **spec,
        },
    }


def valid(obj: dict[str, Any]) -> Alert:
    alert = parse(obj)
    assert isinstance(alert, Alert), str(alert)
    return alert


def fault(obj: dict[str, Any]) -> str:
    invalid = parse(obj)
    assert isinstance(invalid, Invalid)
    return f"{invalid.path}: {invalid.message}"


def test_everything_that_flux_reads_is_read() -> None:
    obj = manifest(
        eventSeverity="error",
        eventSources=[
            {"kind": "Kustomization", "name": "web", "namespace": "b", "matchLabels": {"a": "b"}}
        ],
        inclusionList=[".*failed.*"],
        exclusionList=["waiting", "x"],
        eventMetadata={"env": "prod"},
        summary="apps",
        suspend=True,
    )
    obj["metadata"]["uid"] = "1-2"
    assert valid(obj) == Alert(
        api_version=f"{GROUP}/v1beta3",
        namespace="apps",
        name="all",
        uid="1-2",
        provider="github",
        severity="error",
        sources=(EventSource("Kustomization", "b", "web", {"a": "b"}),),
        inclusion=(".*failed.*",),
        exclusion=("waiting", "x"),
        event_metadata={"env": "prod"},
        summary="apps",
        suspend=True,
    )


@pytest.mark.parametrize("version", ["v1beta1", "v1beta2", "v1beta3"])
def test_every_version_that_flux_had_is_read(version: str) -> None:
    assert valid(manifest(version)).severity == "info"


def test_a_source_without_a_namespace_is_in_the_alerts_own() -> None:
    assert valid(manifest()).sources[0].namespace == "apps"


def test_a_source_of_a_file_without_a_namespace_is_in_the_default() -> None:
    obj = manifest()
    del obj["metadata"]["namespace"]
    alert = parse(obj, "flux-system")
    assert isinstance(alert, Alert)
    assert alert.sources[0].namespace == "flux-system"


def test_its_references_are_namespace_and_name() -> None:
    alert = valid(manifest())
    assert (alert.ref, alert.provider_ref) == ("apps/all", "apps/github")


def test_no_sources_at_all_are_allowed() -> None:
    assert valid(manifest(eventSources=[])).sources == ()


def test_nulls_are_as_if_left_out() -> None:
    source = {"kind": "Kustomization", "name": "*", "namespace": None, "matchLabels": None}
    obj = manifest(eventSources=[source], inclusionList=None, eventSeverity=None, summary=None)
    assert valid(obj) == valid(manifest())


def test_a_required_null_is_missing() -> None:
    assert fault(manifest(eventSources=None)) == "$.spec.eventSources: is missing"


def test_an_api_version_in_a_source_is_allowed() -> None:
    source = {"apiVersion": "x/v1", "kind": "Kustomization", "name": "*"}
    assert valid(manifest(eventSources=[source])) == valid(manifest())


def test_it_can_be_a_key() -> None:
    assert len({valid(manifest()), valid(manifest())}) == 1


def test_faults_in_a_long_list_come_in_its_order() -> None:
    sources: list[dict[str, str]] = [{"kind": "Kustomization", "name": "*"} for _ in range(12)]
    sources[2]["kind"] = sources[10]["kind"] = "Pod"
    message = fault(manifest(eventSources=sources))
    assert message.startswith("$.spec.eventSources[2].kind: 'Pod' is not one of")
    assert message.endswith(", and 1 more")


def test_what_is_missing_is_told_in_its_place() -> None:
    message = fault(manifest(eventSources=None, suspend=1))
    assert message == "$.spec.eventSources: is missing, and 1 more"


def test_two_missing_keys_are_two_faults() -> None:
    message = fault(manifest(eventSources=[{}]))
    assert message == "$.spec.eventSources[0].kind: is missing, and 1 more"


def test_a_name_that_is_too_long_says_how_long_it_may_be() -> None:
    source = {"kind": "Kustomization", "name": "x" * 300}
    message = fault(manifest(eventSources=[source]))
    assert message == "$.spec.eventSources[0].name: is longer than 253 characters"


def test_an_empty_name_is_told_so() -> None:
    message = fault(manifest(eventSources=[{"kind": "Kustomization", "name": ""}]))
    assert message == "$.spec.eventSources[0].name: is empty"


def test_a_null_in_a_list_is_a_fault() -> None:
    assert fault(manifest(exclusionList=[None])) == (
        "$.spec.exclusionList[0]: is nothing, not a string"
    )


def test_the_fault_names_file_and_object() -> None:
    assert str(parse(manifest(suspend=1), source="a.yaml")) == (
        "a.yaml: Alert apps/all: $.spec.suspend: is a number, not a boolean"
    )
