"""What is none of our business, or not whole yet, is no error; with --all it is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Check = Callable[..., list[dict[str, Any]]]
Told = Callable[..., set[str]]

PROVIDER = """apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Provider
metadata:
  name: forge
spec:
  type: {type}
  address: {address}
  secretRef:
    name: {secret}
"""
GOOD = PROVIDER.format(type="github", address="https://github.com/my-org/my-repo", secret="token")
BAD = GOOD.replace("github\n", "githubb\n")


def provider(**changes: str) -> str:
    known = {"type": "github", "address": "https://github.com/my-org/my-repo", "secret": "token"}
    return PROVIDER.format(**known | changes)


def skipped(found: list[dict[str, Any]]) -> list[str]:
    assert {one["rule"] for one in found} <= {"skipped"}
    return [one["message"] for one in found]


@pytest.mark.parametrize(
    "text",
    [
        "{{- if .Values.forge }}\n" + GOOD + "{{- end }}\n",
        GOOD.replace("name: forge", "name: {{ .Release.Name }}"),
        "{% if forge %}\n" + GOOD + "{% endif %}\n",
    ],
)
def test_a_template_is_left(check: Check, text: str) -> None:
    assert set(skipped(check(text))) == {"not checked: it is a template"}


def test_a_broken_document_beside_a_template_is_not(told: Told) -> None:
    assert told("kind: [\n---\nx: {{ include }}\n") == {"yaml"}


def test_a_document_of_another_kind_is_left(check: Check) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n"
    assert skipped(check(text)) == ["not checked: statusbot does not read this kind"]


def test_a_provider_of_somebody_else_is_left(check: Check) -> None:
    other = GOOD.replace("notification.toolkit.fluxcd.io/v1beta3", "pkg.crossplane.io/v1")
    assert skipped(check(other)) == ["not checked: statusbot does not read this kind"]


@pytest.mark.parametrize("text", ["- a\n- b\n", "just a text\n", "- op: remove\n  path: /spec\n"])
def test_what_is_no_object_is_left(check: Check, text: str) -> None:
    assert set(skipped(check(text))) == {"not checked: it is no object of Kubernetes"}


def test_a_patch_that_a_kustomization_yaml_names_is_left(told: Told) -> None:
    files = {
        "kustomization.yaml": "patches:\n  - path: patches/forge.yaml\n",
        "patches/forge.yaml": GOOD.replace("  type: github\n", ""),
    }
    assert told(files) == set()


def test_the_same_file_without_one_is_an_error(told: Told) -> None:
    assert told({"patches/forge.yaml": GOOD.replace("  type: github\n", "")}) == {"schema"}


@pytest.mark.parametrize(
    "kustomization",
    [
        "patches:\n  - path: forge.yaml\n",
        "patchesStrategicMerge:\n  - forge.yaml\n",
        "patches:\n  - target: {kind: Provider, name: forge}\n    patch: '[]'\n",
        "patches:\n  - target: {kind: Provider}\n    patch: '[]'\n",
        "patches:\n  - patch: |\n      kind: Provider\n      metadata: {name: forge}\n",
    ],
)
def test_what_a_patch_changes_is_left(told: Told, kustomization: str) -> None:
    files = {
        "base/forge.yaml": GOOD.replace("  type: github\n", ""),
        "overlay/kustomization.yaml": kustomization,
        "overlay/forge.yaml": "kind: Provider\nmetadata: {name: forge}\nspec: {type: github}\n",
    }
    assert told(files) == set()


def test_what_a_patch_does_not_change_is_checked(told: Told) -> None:
    files = {
        "base/forge.yaml": BAD,
        "overlay/kustomization.yaml": "patches:\n  - target: {kind: Provider, name: other}\n",
    }
    assert told(files) == {"schema"}


def test_a_variable_of_flux_is_not_judged(told: Told) -> None:
    assert told(provider(address="https://${host}")) == set()
    assert told(provider(type="${type}")) == set()


def test_beside_a_variable_the_schema_still_counts(told: Told) -> None:
    assert told(provider(type="githubb", address="https://${host}/x")) == {"schema"}


def test_what_holds_variables_is_there_for_others(told: Told) -> None:
    alert = """---
apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Alert
metadata:
  name: forge
spec:
  providerRef:
    name: forge
  eventSources:
    - kind: Kustomization
      name: '*'
"""
    assert "provider-ref" not in told(provider(address="https://${host}/x") + alert, "--complete")
    assert "provider-ref" in told(alert, "--complete")


SECRET = """---
apiVersion: v1
kind: Secret
metadata:
  name: token
stringData:
  token: {value}
{more}"""


def test_an_encrypted_secret_is_left(check: Check) -> None:
    sops = SECRET.format(value="ENC[AES256_GCM,data:x]", more="sops:\n  version: 3.9.0\n")
    assert skipped(check(GOOD + sops)) == ["its values are not checked: they are encrypted"]


def test_an_encrypted_secret_is_there(told: Told) -> None:
    sops = SECRET.format(value="ENC[AES256_GCM,data:x]", more="sops:\n  version: 3.9.0\n")
    assert told(GOOD + sops, "--complete") == set()
    assert told(GOOD, "--complete") == {"secret-ref"}


@pytest.mark.parametrize("kind", ["SealedSecret", "ExternalSecret"])
def test_what_makes_a_secret_counts_as_one(told: Told, kind: str) -> None:
    maker = f"---\napiVersion: x.example/v1\nkind: {kind}\nmetadata:\n  name: token\n"
    assert told(GOOD + maker, "--complete") == set()


def test_a_suspended_provider_is_left_as_a_poll_leaves_it(told: Told) -> None:
    assert told(provider(address="https://github.com/x") + "  suspend: true\n") == set()


def test_a_chat_needs_no_repository(told: Told) -> None:
    assert told(provider(type="slack", address="https://hooks.slack.example/x")) == set()
