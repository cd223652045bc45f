"""What the manifests of ``deploy/`` say, as kustomize renders them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml

from statusbot import __version__, duration
from statusbot.cli.run import command as run
from tests.real import deployed
from tests.real.deployed import (
    ALL,
    BOT,
    DEFAULT,
    DEPLOY,
    FLUX,
    FOLLOW,
    INDEXED,
    SINGLE,
    VARIANTS,
    Object,
    pytest_params,
)
from tests.support.rbac import RIGHTS, Right, rights

KUSTOMIZATION = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
SECRETS = Right("secrets", "get")


def where(objects: list[Object], *kinds: str) -> set[str]:
    """The namespaces of these kinds' objects, by default of all; none for a cluster's own."""
    return {
        item["metadata"].get("namespace", "")
        for item in objects
        if not kinds or item["kind"] in kinds
    }


def subjects(objects: list[Object]) -> set[tuple[str, str]]:
    """Who gets rights: namespace and name."""
    return {
        (subject["namespace"], subject["name"])
        for item in objects
        for subject in item.get("subjects", ())
    }


def options(variant: str, **environ: str) -> dict[str, Any]:
    """The options of ``run`` in the pod."""
    verb, *rest = deployed.arguments(variant)
    with mock.patch.dict("os.environ", environ), run.make_context(verb, rest) as context:
        found: dict[str, Any] = context.params
        return found


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of ``deploy/``, to be changed as its users do."""
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    return tmp_path


def kustomization(folder: Path, **fields: Any) -> list[Object]:
    """What a kustomization of a user's own comes to."""
    folder.mkdir(exist_ok=True)
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(KUSTOMIZATION | fields))
    return deployed.of_folder(folder)


# -- namespaces


def test_the_base_names_no_namespace() -> None:
    made = deployed.of_folder(DEPLOY / "base")
    assert where(made) == {""}
    assert [s for item in made for s in item.get("subjects", ()) if "namespace" in s] == []


def test_a_namespace_set_on_the_base_is_that_of_all(copied: Path) -> None:
    made = kustomization(copied / "mine", namespace="ci", resources=["../deploy/base"])
    assert where(made) == {"ci", ""}
    assert where(made, "ClusterRole", "ClusterRoleBinding") == {""}
    assert subjects(made) == {("ci", BOT)}


def test_the_default_has_the_secrets_role_where_the_providers_are() -> None:
    found = deployed.objects()
    in_flux = [item for item in found if item["metadata"].get("namespace") == FLUX]
    assert [item["kind"] for item in in_flux] == ["Role", "RoleBinding"]
    assert rights(in_flux) == [SECRETS]


@pytest_params(DEFAULT, ALL, INDEXED, FOLLOW)
def test_all_rights_are_those_of_the_bot_in_its_own_namespace(variant: str) -> None:
    found = deployed.objects(variant)
    assert subjects(found) == {(BOT, BOT)}
    assert where(found, "ServiceAccount", "CronJob", "Deployment") == {BOT}


def test_the_bot_moves_by_two_lines_and_its_rights_move_along(copied: Path) -> None:
    default = copied / "deploy" / "default"
    for name, before in (("kustomization.yaml", "namespace"), ("namespace.yaml", "name")):
        text = (default / name).read_text()
        assert text.count(f"  {before}: statusbot\n") == 1
        changed = text.replace(f"  {before}: statusbot\n", f"  {before}: ci\n")
        (default / name).write_text(changed)
    made = deployed.of_folder(copied / "deploy")
    assert subjects(made) == {("ci", BOT)}
    assert where(made) == {"ci", FLUX, ""}
    assert deployed.only("Namespace", among=made)["metadata"]["name"] == "ci"


def test_providers_in_another_namespace_are_one_kustomization_more(copied: Path) -> None:
    patch = "- {op: add, path: /subjects/0/namespace, value: statusbot}"
    made = kustomization(
        copied / "team-a",
        namespace="team-a",
        resources=["../deploy/providers"],
        patches=[{"target": {"kind": "RoleBinding"}, "patch": patch}],
    )
    assert (where(made), subjects(made), rights(made)) == ({"team-a"}, {(BOT, BOT)}, [SECRETS])


def test_two_bots_in_one_cluster_are_told_apart_by_a_prefix(copied: Path) -> None:
    made = kustomization(
        copied / "mine", namespace="ci", namePrefix="two-", resources=["../deploy/base"]
    )
    roles = {item["metadata"]["name"] for item in made if "rules" in item}
    assert roles == {"two-statusbot", "two-statusbot-ledger"}
    assert {item["roleRef"]["name"] for item in made if "roleRef" in item} == roles
    assert subjects(made) == {("ci", "two-statusbot")}
    pod = deployed.only("CronJob", among=made)["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["serviceAccountName"] == "two-statusbot"


# -- rights


def test_nobody_may_read_secrets_of_the_whole_cluster_unless_that_is_asked_for() -> None:
    for variant in VARIANTS:
        [*roles] = (item for item in deployed.objects(variant) if item["kind"] == "ClusterRole")
        assert (SECRETS in rights(roles)) is (variant == ALL)


def test_secrets_everywhere_need_no_role_for_some() -> None:
    assert rights(deployed.objects(ALL)).count(SECRETS) == 1


def test_a_single_namespace_needs_nothing_of_the_cluster() -> None:
    assert where(deployed.objects(SINGLE)) == {FLUX}
    assert subjects(deployed.objects(SINGLE)) == {(FLUX, BOT)}


def test_a_single_namespace_has_the_rights_of_the_default() -> None:
    assert sorted(rights(deployed.objects(SINGLE))) == sorted(rights(deployed.objects()))


def test_to_follow_needs_the_rights_of_the_default() -> None:
    ours, theirs = deployed.objects(FOLLOW), deployed.objects()
    assert [item for item in ours if item["kind"] in RIGHTS] == [
        item for item in theirs if item["kind"] in RIGHTS
    ]


def test_the_ledgers_lease_is_the_only_one_but_for_shards() -> None:
    for variant in VARIANTS:
        [*roles] = (item for item in deployed.objects(variant) if item["kind"] == "Role")
        updating = [
            rule.get("resourceNames")
            for role in roles
            for rule in role["rules"]
            if rule["resources"] == ["leases"] and "update" in rule["verbs"]
        ]
        assert updating == [None if variant == INDEXED else [BOT]]


def test_no_role_has_a_wildcard() -> None:
    for variant in VARIANTS:
        assert "*" not in str([item.get("rules") for item in deployed.objects(variant)])


# -- pods


@pytest_params(*VARIANTS)
def test_the_image_is_that_of_this_version(variant: str) -> None:
    assert deployed.container(variant)["image"] == f"statusbot:{__version__}"


@pytest_params(*VARIANTS)
def test_an_image_of_yours_takes_its_place(variant: str, copied: Path) -> None:
    image = {"name": "statusbot", "newName": "registry.example.com/my-org/statusbot"}
    made = kustomization(copied / "mine", resources=[f"../deploy/{variant}"], images=[image])
    assert f"registry.example.com/my-org/statusbot:{__version__}" in yaml.safe_dump(made)


@pytest_params(*VARIANTS)
def test_only_the_bots_pod_gets_the_token(variant: str) -> None:
    account = deployed.only("ServiceAccount", variant)
    assert account["automountServiceAccountToken"] is False
    assert deployed.template(variant)["spec"]["automountServiceAccountToken"] is True


@pytest_params(*VARIANTS)
def test_no_service_becomes_an_option(variant: str) -> None:
    assert deployed.template(variant)["spec"]["enableServiceLinks"] is False


@pytest_params(DEFAULT, SINGLE, ALL, INDEXED)
def test_a_job_of_every_minute_follows_until_the_next(variant: str) -> None:
    spec = deployed.only("CronJob", variant)["spec"]
    assert (spec["schedule"], spec["concurrencyPolicy"]) == ("* * * * *", "Forbid")
    assert options(variant)["for_"] == 45.0


@pytest_params(*VARIANTS)
def test_one_tenants_fault_fails_no_pod_and_the_ledger_is_the_clusters(variant: str) -> None:
    found = options(variant)
    assert (found["fail_on"], found["ledger"]) == ("infra", None)


@pytest_params(DEFAULT, SINGLE, ALL, INDEXED)
def test_a_poll_ends_before_the_job_is_killed(variant: str) -> None:
    found = deployed.arguments(variant)
    timeout = duration.parse(found[found.index("--timeout") + 1]).total_seconds()
    reading_and_posting = 2 * timeout
    assert reading_and_posting < deployed.job(variant)["activeDeadlineSeconds"]


@pytest_params(DEFAULT, SINGLE, ALL)
def test_a_pod_that_failed_is_not_started_again(variant: str) -> None:
    job = deployed.job(variant)
    assert (job["backoffLimit"], job["template"]["spec"]["restartPolicy"]) == (0, "Never")


def test_a_single_namespace_is_the_pods_own() -> None:
    [variable] = deployed.container(SINGLE)["env"]
    assert variable["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.namespace"}}
    assert options(SINGLE, **{variable["name"]: "team-a"})["namespace"] == ("team-a",)


def test_the_three_numbers_of_shards_are_one() -> None:
    job = deployed.job(INDEXED)
    [variable] = deployed.container(INDEXED)["env"]
    assert variable == {"name": "STATUSBOT_SHARDS", "value": str(job["completions"])}
    assert job["parallelism"] == job["completions"]


def test_each_pod_of_an_indexed_job_has_a_shard_of_its_own() -> None:
    count = deployed.job(INDEXED)["completions"]
    shards = [
        options(INDEXED, STATUSBOT_SHARDS=str(count), JOB_COMPLETION_INDEX=str(index))["shard"]
        for index in range(count)
    ]
    assert [(shard.index, shard.count) for shard in shards] == [(i, count) for i in range(count)]


def test_a_shard_that_failed_leaves_the_others_alone_and_is_not_started_again() -> None:
    job = deployed.job(INDEXED)
    assert (job["completionMode"], job["backoffLimitPerIndex"]) == ("Indexed", 0)
    assert "backoffLimit" not in job


def test_to_follow_is_a_deployment_of_one_pod_at_a_time() -> None:
    spec = deployed.only("Deployment", FOLLOW)["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    assert spec["selector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items()
    assert options(FOLLOW)["for_"] == float("inf")


def test_to_follow_takes_the_pod_of_the_cronjob() -> None:
    ours, theirs = deployed.template(FOLLOW), deployed.template()
    ours["spec"]["containers"][0] |= {"args": deployed.arguments()}
    ours["spec"]["restartPolicy"] = "Never"
    assert ours == theirs


# -- put together


@pytest_params(DEFAULT, ALL, INDEXED, FOLLOW)
def test_the_network_policy_is_about_the_bots_pods(variant: str, copied: Path) -> None:
    made = kustomization(
        copied / "mine", resources=[f"../deploy/{variant}", "../deploy/network-policy"]
    )
    policy = deployed.only("NetworkPolicy", among=made)
    labels = deployed.template(variant)["metadata"]["labels"]
    assert policy["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    assert where([policy]) == where([deployed.workload(variant)])


def test_the_network_policy_of_a_single_namespace_is_there(copied: Path) -> None:
    resources = ["../deploy/overlays/single-namespace", "../deploy/network-policy"]
    made = kustomization(copied / "mine", namespace="team-a", resources=resources)
    assert where(made) == {"team-a"}


def test_nobody_may_connect_to_the_bot() -> None:
    [policy] = deployed.of_folder(DEPLOY / "network-policy")
    assert ("Ingress" in policy["spec"]["policyTypes"], policy["spec"]["ingress"]) == (True, [])


def test_variants_can_be_combined(copied: Path) -> None:
    components = ["follow", "all-namespaces"]
    made = kustomization(
        copied / "mine",
        resources=["../deploy"],
        components=[f"../deploy/components/{name}" for name in components],
    )
    kinds = {item["kind"] for item in made}
    assert ("Deployment" in kinds, "CronJob" in kinds) == (True, False)
    assert SECRETS in rights(item for item in made if item["kind"] == "ClusterRole")


def test_a_single_namespace_can_be_followed(copied: Path) -> None:
    made = kustomization(
        copied / "mine",
        resources=["../deploy/overlays/single-namespace"],
        components=["../deploy/components/follow"],
    )
    [container] = deployed.only("Deployment", among=made)["spec"]["template"]["spec"]["containers"]
    assert [variable["name"] for variable in container["env"]] == ["STATUSBOT_NAMESPACE"]
    assert where(made) == {FLUX}


def test_a_single_namespace_can_be_shared_by_shards(copied: Path) -> None:
    made = kustomization(
        copied / "mine",
        resources=["../deploy/overlays/single-namespace"],
        components=["../deploy/components/indexed-job"],
    )
    job = deployed.only("CronJob", among=made)["spec"]["jobTemplate"]["spec"]
    [container] = job["template"]["spec"]["containers"]
    names = {variable["name"] for variable in container["env"]}
    assert names == {"STATUSBOT_NAMESPACE", "STATUSBOT_SHARDS"}


def test_every_component_and_overlay_is_tested_here() -> None:
    overlays = {f"overlays/{folder.name}" for folder in (DEPLOY / "overlays").iterdir()}
    assert overlays | {DEFAULT} == set(VARIANTS)
    components = {folder.name for folder in (DEPLOY / "components").iterdir()}
    assert components == {"all-namespaces", "follow", "indexed-job"}
