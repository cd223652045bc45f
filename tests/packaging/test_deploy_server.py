"""What a real kube-apiserver says of the manifests of ``deploy/``, as of a dry run.

kubeconform checks against schemas that it fetches; the server has its own, refuses fields that it
does not know, and says what Pod Security makes of the pods.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.real import deployed
from tests.real.apiserver import ApiServer
from tests.real.deployed import BOT, DEPLOY, FLUX, VARIANTS, Object, path_of, pytest_params
from tests.support import kube
from tests.support.kube import Client, Reply

EXAMPLES = sorted((DEPLOY / "examples").glob("*.yaml"))
RESTRICTED = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}


def apply(admin: Client, item: Object) -> Reply:
    """As ``kubectl apply --server-side --dry-run=server --validate=strict``."""
    strict = {"fieldManager": "tests", "fieldValidation": "Strict", "dryRun": "All"}
    kind = "application/apply-patch+yaml"
    return admin.call("PATCH", path_of(item), item, content_type=kind, **strict)


@pytest.fixture(scope="module")
def places(apiserver: ApiServer) -> dict[str, str]:
    """Namespaces in place of those that the manifests name: nothing is made, but they must exist."""
    found = {BOT: apiserver.namespace(), FLUX: apiserver.namespace()}
    path = f"/api/v1/namespaces/{found[BOT]}"
    apiserver.admin.patch(path, {"metadata": {"labels": RESTRICTED}}).ok()
    return found


def moved(item: Object, places: dict[str, str]) -> Object:
    """The object in such a namespace."""
    item = copy.deepcopy(item)
    for there in (item["metadata"], *item.get("subjects", ())):
        if "namespace" in there:
            there["namespace"] = places[there["namespace"]]
    return item


def made(apiserver: ApiServer, namespace: str, template: Object, **changes: Any) -> Reply:
    """What the server says of a pod as a controller would make it."""
    spec = template["spec"] | changes
    metadata = {"name": "a-poll", "namespace": namespace}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    strict = {"fieldValidation": "Strict", "dryRun": "All"}
    return apiserver.admin.call("POST", kube.core("pods", namespace), pod, **strict)


@pytest_params(*VARIANTS)
def test_the_server_takes_every_object(
    apiserver: ApiServer, places: dict[str, str], variant: str
) -> None:
    for item in deployed.objects(variant):
        reply = apply(apiserver.admin, moved(item, places))
        assert reply.status in (200, 201), reply.body
        assert "Warning" not in reply.headers


def test_the_server_takes_the_network_policy(apiserver: ApiServer, places: dict[str, str]) -> None:
    [policy] = deployed.of_folder(DEPLOY / "network-policy")
    apply(apiserver.admin, moved(policy, places)).ok()


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_server_takes_the_examples_for_flux(
    apiserver: ApiServer, places: dict[str, str], file: Path
) -> None:
    for item in yaml.safe_load_all(file.read_text()):
        apply(apiserver.admin, moved(item, places)).ok()


def test_the_server_refuses_a_field_that_it_does_not_know(
    apiserver: ApiServer, places: dict[str, str]
) -> None:
    job = moved(deployed.only("CronJob"), places)
    job["spec"]["concurencyPolicy"] = "Forbid"
    reply = apply(apiserver.admin, job)
    assert reply.status >= 400
    assert b"concurencyPolicy: field not declared" in reply.body


@pytest_params(*VARIANTS)
def test_the_pod_may_run_in_a_restricted_namespace(
    apiserver: ApiServer, places: dict[str, str], variant: str
) -> None:
    reply = made(apiserver, places[BOT], deployed.template(variant))
    assert reply.status == 201, reply.body
    assert "Warning" not in reply.headers


def test_a_pod_that_is_not_restricted_may_not(apiserver: ApiServer, places: dict[str, str]) -> None:
    reply = made(apiserver, places[BOT], deployed.template(), securityContext={})
    assert (reply.status, "PodSecurity" in reply.data["message"]) == (403, True)


def test_the_bots_own_namespace_is_restricted() -> None:
    labels = deployed.only("Namespace")["metadata"]["labels"]
    assert labels.items() >= RESTRICTED.items()


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_examples_for_flux_build_what_kubectl_would(file: Path) -> None:
    documents = list(yaml.safe_load_all(file.read_text()))
    [flux] = [item for item in documents if item["kind"] == "Kustomization"]
    [source] = [item for item in documents if item["kind"] != "Kustomization"]
    # An artifact of Git holds the repository, that of `flux push artifact --path=deploy` the folder.
    root = DEPLOY.parent if source["kind"] == "GitRepository" else DEPLOY
    assert (root / flux["spec"]["path"]).resolve() == DEPLOY
    assert "targetNamespace" not in flux["spec"]
    assert flux["spec"]["sourceRef"] == {"kind": source["kind"], "name": source["metadata"]["name"]}
