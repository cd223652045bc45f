"""The kustomizations of ``docs/deploying.md``, as who copies them has them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.real import deployed
from tests.real.deployed import ALL, DEPLOY, FLUX, FOLLOW, VARIANTS
from tests.support.rbac import rights

PAGE = (DEPLOY.parent / "docs" / "deploying.md").read_text()
REMOTE = re.compile(r"https://github\.com/my-org/statusbot//(\S+)\?ref=v[\d.]+")
BLOCK = re.compile(r"^#+ (.*?)\n|^```yaml\n# (\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks() -> dict[str, str]:
    """The kustomizations by the heading that they are under."""
    found, heading = dict[str, str](), ""
    for title, file, text in BLOCK.findall(PAGE):
        if file:
            assert heading not in found
            found[heading] = text
        else:
            heading = title
    return found


def made(heading: str, folder: Path) -> list[dict[str, Any]]:
    """What the kustomization under a heading comes to, with this checkout in place of the remote."""
    shutil.copytree(DEPLOY, folder / "deploy")
    (folder / "mine").mkdir()
    text = REMOTE.sub(r"../\1", blocks()[heading])
    (folder / "mine" / "kustomization.yaml").write_text(text)
    return deployed.of_folder(folder / "mine")


def test_each_kustomization_is_told_by_its_heading() -> None:
    assert PAGE.count("kind: Kustomization") == len(blocks()) > 6


@pytest.mark.parametrize("heading", blocks())
def test_every_kustomization_builds(heading: str, tmp_path: Path) -> None:
    objects = made(heading, tmp_path)
    # Whatever belongs into a namespace says which.
    lost = [
        item["kind"]
        for item in objects
        if "namespace" not in item["metadata"]
        and item["kind"] not in ("Namespace", "ClusterRole", "ClusterRoleBinding")
    ]
    assert lost == []
    assert [s for item in objects for s in item.get("subjects", ()) if not s["namespace"]] == []


def test_an_image_of_yours_is_the_pods(tmp_path: Path) -> None:
    objects = made("Install", tmp_path)
    assert "image: registry.example.com/my-org/statusbot:0.1.0" in yaml.safe_dump(objects)


def test_follow_and_all_namespaces_go_together(tmp_path: Path) -> None:
    objects = made("Which one", tmp_path)
    assert deployed.only("Deployment", among=objects) == deployed.workload(FOLLOW)
    roles = [item for item in objects if item["kind"] == "ClusterRole"]
    assert roles == [deployed.only("ClusterRole", ALL)]


def test_options_are_variables_beside_the_arguments(tmp_path: Path) -> None:
    job = deployed.only("CronJob", among=made("Options", tmp_path))
    [container] = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["args"] == deployed.arguments()
    names = [variable["name"] for variable in container["env"]]
    assert names == ["STATUSBOT_PENDING", "STATUSBOT_AGGREGATE"]


def test_more_shards_are_one_number(tmp_path: Path) -> None:
    job = deployed.only("CronJob", among=made("Shards", tmp_path))["spec"]["jobTemplate"]["spec"]
    [container] = job["template"]["spec"]["containers"]
    assert (job["completions"], job["parallelism"]) == (8, 8)
    assert container["env"] == [{"name": "STATUSBOT_SHARDS", "value": "8"}]


def test_another_namespace_for_the_bot_leaves_the_providers_role(tmp_path: Path) -> None:
    objects = made("Another namespace for the bot", tmp_path)
    [*secrets] = (item for item in objects if item["metadata"].get("namespace") == FLUX)
    assert [str(right) for right in rights(secrets)] == ["get secrets"]
    subjects = [s["namespace"] for item in objects for s in item.get("subjects", ())]
    assert subjects == ["ci"] * 3


def test_every_variant_has_its_line() -> None:
    for variant in VARIANTS[1:]:
        assert f"| `deploy/{variant}` |" in PAGE


def test_every_right_has_its_line() -> None:
    for right in rights(deployed.objects()):
        rows = [line for line in PAGE.splitlines() if line.startswith("|")]
        assert any(right.resource in row and right.verb in row for row in rows), right
