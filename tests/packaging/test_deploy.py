"""The manifests of `deploy/` on a real kube-apiserver, and a poll with the rights that they give."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from statusbot import __version__, duration
from statusbot.cli.run import command as run
from statusbot.demo.forge import EmbeddedForge
from tests.real.apiserver import ApiServer, started
from tests.real.parts import NoGoError, unavailable
from tests.support import kube
from tests.support.cli import run_json
from tests.support.kube import Client, Object, Reply

DEPLOY = Path(__file__).parents[2] / "deploy"
BASE: Object = yaml.safe_load((DEPLOY / "kustomization.yaml").read_text())
SHA = "5f" * 20
TOKEN = "forge-token-for-tests"
FLUX = "flux-system"
ACCOUNT = ("statusbot", "statusbot")  # namespace and name
GROUPS = {
    "CronJob": "/apis/batch/v1",
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1",
    "Role": "/apis/rbac.authorization.k8s.io/v1",
    "RoleBinding": "/apis/rbac.authorization.k8s.io/v1",
    "Namespace": "/api/v1",
    "ServiceAccount": "/api/v1",
}


def manifests() -> list[Object]:
    """All that the base has, in its order."""
    return [
        document
        for name in BASE["resources"]
        for document in yaml.safe_load_all((DEPLOY / name).read_text())
    ]


def manifest(kind: str) -> Object:
    return next(document for document in manifests() if document["kind"] == kind)


def path(document: Object) -> str:
    metadata = document["metadata"]
    scope = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
    return f"{GROUPS[document['kind']]}{scope}/{document['kind'].lower()}s/{metadata['name']}"


def apply(admin: Client, document: Object, **query: str) -> Reply:
    """Server-side apply, which refuses fields that the server does not know."""
    strict = {"fieldManager": "tests", "fieldValidation": "Strict"}
    content_type = "application/apply-patch+yaml"
    return admin.call(
        "PATCH", path(document), document, content_type=content_type, **strict, **query
    )


def pod() -> Object:
    """What the CronJob makes every minute."""
    template: Object = manifest("CronJob")["spec"]["jobTemplate"]["spec"]["template"]
    metadata = {"name": "a-poll", "namespace": "statusbot"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


@pytest.fixture(scope="module")
def apiserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """One of our own: a poll reads a whole cluster, and all of it must be in order."""
    try:
        with started(tmp_path_factory.mktemp("deploy")) as server:
            server.namespace(FLUX)
            for document in manifests():
                apply(server.admin, document).ok()
            yield server
    except NoGoError as error:
        unavailable("etcd and kube-apiserver", error)


@pytest.fixture(scope="module")
def robot(apiserver: ApiServer) -> Iterator[Client]:
    """Who the CronJob's pods are."""
    with apiserver.client(None, token=apiserver.service_account(*ACCOUNT)) as client:
        until_allowed(client, True)
        yield client


def until_allowed(robot: Client, allowed: bool) -> None:
    """Wait for the authorizer, which hears of new and deleted bindings a moment later."""
    deadline = time.monotonic() + 20
    paths = [kube.core("secrets", FLUX, "any"), kube.kustomizations()]
    while (robot.get(paths[0]).status != 403, robot.get(paths[1]).status) != (allowed, 200):
        assert time.monotonic() < deadline, "the authorizer did not hear of the bindings"


@pytest.fixture
def forge(apiserver: ApiServer) -> Iterator[EmbeddedForge]:
    """A forge, and a cluster with one commit that Flux reconciled and that is to be shown there."""
    with EmbeddedForge(token=TOKEN) as forge:
        forge.add_repository("acme/fleet", {SHA})
        fill(apiserver.admin, f"{forge.url}/acme/fleet")
        yield forge


def fill(admin: Client, address: str) -> None:
    """Flux's objects for a repository at ``address``, new or once more."""
    revision = f"main@sha1:{SHA}"
    provider = {
        "apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
        "kind": "Provider",
        "metadata": {"namespace": FLUX, "name": "forge"},
        "spec": {"type": "gitea", "address": address, "secretRef": {"name": "forge-token"}},
    }
    source = {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": {"namespace": FLUX, "name": "fleet"},
        "spec": {"interval": "1m", "url": address},
    }
    artifact = {
        "revision": revision,
        "digest": f"sha256:{'0' * 64}",
        "path": "fleet.tar.gz",
        "url": "http://source-controller/fleet.tar.gz",
        "lastUpdateTime": "2026-11-20T00:00:00Z",
    }
    put(admin, kube.core("secrets", FLUX), kube.secret(FLUX, "forge-token", token=TOKEN))
    notification = f"/apis/notification.toolkit.fluxcd.io/v1beta3/namespaces/{FLUX}"
    put(admin, f"{notification}/providers", provider)
    put(admin, f"{notification}/alerts", kube.alert(FLUX, "forge"))
    sources = f"/apis/source.toolkit.fluxcd.io/v1/namespaces/{FLUX}/gitrepositories"
    put(admin, sources, source, {"artifact": artifact})
    put(admin, kube.kustomizations(FLUX), kube.kustomization(FLUX, "apps"), kube.ready(revision))


def put(admin: Client, collection: str, data: Object, status: Object | None = None) -> None:
    there = f"{collection}/{data['metadata']['name']}"
    admin.delete(there)
    admin.post(collection, data).ok()
    if status is not None:
        admin.patch(f"{there}/status", {"status": status}).ok()


@contextmanager
def without_secrets(admin: Client, robot: Client) -> Iterator[None]:
    """A cluster in which nobody bound the Role for the Providers' Secrets."""
    binding = manifest("RoleBinding")
    admin.delete(path(binding)).ok()
    until_allowed(robot, False)
    try:
        yield
    finally:
        apply(admin, binding).ok()
        until_allowed(robot, True)


def poll(apiserver: ApiServer, robot: Client, folder: Path) -> dict[str, Any]:
    """What the CronJob's pod does, with its arguments."""
    kubeconfig = apiserver.kubeconfig(folder / "kubeconfig", token=robot.token)
    return run_json("--kubeconfig", str(kubeconfig), *arguments()[1:])


def arguments() -> list[str]:
    found: list[str] = pod()["spec"]["containers"][0]["args"]
    return found


def test_the_base_leaves_no_manifest_out() -> None:
    files = {file.name for file in DEPLOY.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(BASE["resources"]) == files


def test_the_image_is_that_of_this_version() -> None:
    assert [image["newTag"] for image in BASE["images"]] == [__version__]


def test_kustomize_puts_the_tag_on_the_image() -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("there is no kubectl to build the base with")
    built = subprocess.run([kubectl, "kustomize", DEPLOY], capture_output=True, text=True)
    assert f"image: statusbot:{__version__}" in built.stdout, built.stderr


def test_the_arguments_are_those_of_a_run() -> None:
    verb, *options = arguments()
    with run.make_context(verb, options) as context:
        assert (verb, context.params["ledger"]) == ("run", "none")


def test_a_poll_ends_before_the_job_is_killed() -> None:
    options = arguments()
    timeout = duration.parse(options[options.index("--timeout") + 1]).total_seconds()
    assert timeout < manifest("CronJob")["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"]


def test_the_server_takes_the_pod_in_a_restricted_namespace(apiserver: ApiServer) -> None:
    made = apiserver.admin.call("POST", kube.core("pods", "statusbot"), pod(), dryRun="All")
    assert made.status == 201, made.body


def test_the_namespace_refuses_a_pod_that_is_not_restricted(apiserver: ApiServer) -> None:
    lax = pod()
    del lax["spec"]["securityContext"]
    made = apiserver.admin.call("POST", kube.core("pods", "statusbot"), lax, dryRun="All")
    assert (made.status, "PodSecurity" in made.data["message"]) == (403, True)


def test_the_rights_suffice_for_a_poll(
    apiserver: ApiServer, robot: Client, forge: EmbeddedForge, tmp_path: Path
) -> None:
    report = poll(apiserver, robot, tmp_path)
    assert [row.state for row in forge.rows("acme/fleet", SHA)] == ["success"], report


def test_a_poll_with_these_rights_has_nothing_to_complain_of(
    apiserver: ApiServer, robot: Client, forge: EmbeddedForge, tmp_path: Path
) -> None:
    report = poll(apiserver, robot, tmp_path)
    assert (report["exit_code"], report["counts"]["errors"]) == (0, 0)


def test_a_second_poll_writes_nothing(
    apiserver: ApiServer, robot: Client, forge: EmbeddedForge, tmp_path: Path
) -> None:
    poll(apiserver, robot, tmp_path)
    assert poll(apiserver, robot, tmp_path)["forge_calls"]["write"] == 0


def test_without_the_role_for_secrets_the_report_names_the_line_that_helps(
    apiserver: ApiServer, robot: Client, forge: EmbeddedForge, tmp_path: Path
) -> None:
    with without_secrets(apiserver.admin, robot):
        report = poll(apiserver, robot, tmp_path)
    [status] = report["statuses"]
    assert status["outcome"] == "error"
    assert re.search(
        r"kubectl create role statusbot-secrets --verb=get --resource=secrets "
        r"--resource-name=forge-token -n flux-system "
        r"&& kubectl create rolebinding statusbot-secrets --role=statusbot-secrets "
        r"--serviceaccount=statusbot:statusbot -n flux-system",
        status["why"],
    )


def test_without_the_role_for_secrets_a_poll_has_failed(
    apiserver: ApiServer, robot: Client, forge: EmbeddedForge, tmp_path: Path
) -> None:
    with without_secrets(apiserver.admin, robot):
        assert poll(apiserver, robot, tmp_path)["exit_code"] == 1


def test_the_rights_reach_the_words_of_failures(robot: Client) -> None:
    assert robot.get(kube.core("events", FLUX)).status == 200


@pytest.mark.parametrize(
    "collection",
    [
        kube.core("secrets"),
        kube.core("secrets", FLUX),
        kube.core("secrets", "default", "forge-token"),
        kube.core("secrets", "statusbot", "forge-token"),
        kube.core("configmaps", FLUX),
        kube.core("pods"),
    ],
)
def test_the_rights_do_not_reach(robot: Client, collection: str) -> None:
    assert robot.get(collection).status == 403


def test_the_rights_change_nothing(robot: Client) -> None:
    made = robot.post(kube.kustomizations(FLUX), kube.kustomization(FLUX, "mine"))
    assert made.status == 403
