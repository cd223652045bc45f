"""Blocks that are no commands: each is of a sort, and each sort is held to who reads it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from statusbot.cli.verbs import VERBS
from tests.docs.conftest import Real
from tests.docs.test_commands import OUTPUTS
from tests.packaging import test_ci_templates, test_workflows
from tests.support.cli import cli
from tests.support.docs_site import Site
from tests.support.pages import Block, pages

BLOCKS = {block.name: block for page in pages().values() for block in page.blocks}
YAML = {name: block for name, block in BLOCKS.items() if block.language == "yaml"}
LANGUAGES = {"sh", "console", "text", "yaml", "json", "promql", "dockerfile"}


def documents(block: Block) -> list[Any]:
    return list(yaml.safe_load_all(block.text))


def sort(block: Block) -> str:
    """Who reads it."""
    first = documents(block)[0]
    if isinstance(first, list):
        return "containers" if "image" in first[0] else "pre-commit"
    version = str(first.get("apiVersion", ""))
    if version.startswith("kustomize.config.k8s.io/"):
        return "kustomize"
    if ".toolkit.fluxcd.io/" in version:
        return "flux"
    if "jobs" in first:
        return "github"
    # test_ci_templates has those that are of one page and one sort each.
    known = {"include": "gitlab", "resources": "azure", "tekton.dev/v1": "tekton"}
    known["argoproj.io/v1alpha1"] = "argo"
    return next((known[key] for key in (*first, version) if key in known), "")


SORTS = {name: sort(block) for name, block in YAML.items()}


def of(wanted: str) -> list[str]:
    return [name for name, found in SORTS.items() if found == wanted]


def test_every_block_says_its_language() -> None:
    assert {name: b.language for name, b in BLOCKS.items() if b.language not in LANGUAGES} == {}


def test_every_text_is_what_a_command_prints() -> None:
    texts = {block.name for block in BLOCKS.values() if block.language == "text"}
    assert texts == {block.name for block in OUTPUTS.values()}


@pytest.mark.parametrize("name", YAML)
def test_every_yaml_is_of_a_sort(name: str) -> None:
    assert SORTS[name]


@pytest.mark.parametrize("name", of("flux"))
def test_objects_of_flux_are_valid(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(BLOCKS[name].text)
    ran = cli("validate", "--fail-on", "warning", str(tmp_path))
    assert ran.code == 0, ran.out


@pytest.mark.parametrize("name", of("kustomize"))
def test_kustomizations_build(name: str, on_real: Site) -> None:
    """With the address that they name, which leads to the clone."""
    (on_real.clone / "kustomization.yaml").write_text(BLOCKS[name].text)
    assert on_real.popen("kubectl kustomize . > built.yaml", subprocess.DEVNULL).wait() == 0
    assert list(yaml.safe_load_all((on_real.clone / "built.yaml").read_text()))


@pytest.mark.parametrize("name", of("github"))
def test_workflows_are_linted(name: str) -> None:
    assert BLOCKS[name].text in test_workflows.WORKFLOWS.values()


def test_templates_of_other_cis_are_looked_at() -> None:
    for wanted, first in {
        "gitlab": "include",
        "azure": "resources",
        "tekton": "apiVersion: tekton",
        "argo": "apiVersion: argoproj",
    }.items():
        assert [documents(BLOCKS[name])[0] for name in of(wanted)] == test_ci_templates.blocks(
            first
        )


@pytest.mark.parametrize("name", of("containers"))
def test_containers_are_taken_by_the_server(name: str, real: Real) -> None:
    containers = documents(BLOCKS[name])[0]
    volumes = [{"name": "metrics", "emptyDir": {}}]
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "a"},
        "spec": {"containers": containers, "volumes": volumes},
    }
    strict = {"fieldValidation": "Strict", "dryRun": "All"}
    path = "/api/v1/namespaces/team-a/pods"
    real.admin.call("POST", path, pod, **strict).ok()


@pytest.mark.parametrize("name", of("pre-commit"))
def test_hooks_call_a_verb(name: str) -> None:
    (repository,) = documents(BLOCKS[name])[0]
    for hook in repository["hooks"]:
        program, verb = hook["entry"].split()
        assert (program, verb in VERBS) == ("statusbot", True)


def test_queries_ask_for_metrics_that_there_are() -> None:
    table = "\n".join(page.prose for page in pages().values())
    for block in BLOCKS.values():
        if block.language == "promql":
            for name in re.findall(r"statusbot_\w+", block.text):
                assert f"| `{name}` |" in table


# What programs read


def shape(value: Any) -> Any:
    """The keys of a document, of lists the first one's."""
    if isinstance(value, dict):
        return {key: shape(inside) for key, inside in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else None


@pytest.mark.parametrize(
    ("page", "command"),
    [
        ("docs/running.md#the-document-1", "statusbot run -o json"),
        ("docs/waiting.md#the-document-1", "statusbot wait $GITHUB_SHA -k apps -o json 2>&-"),
        (
            "docs/validating.md#for-programs-1",
            "sed -i s,/my-repo,, clusters/production/forge.yaml;"
            "statusbot validate -o json clusters || true",
        ),
    ],
)
def test_documents_have_the_keys_that_the_page_shows(
    on_embedded: Site, page: str, command: str
) -> None:
    path = on_embedded.clone / "out.json"
    process = on_embedded.popen(f"{{ {command}; }} > {path}", subprocess.DEVNULL)
    assert process.wait() == 0
    assert shape(json.loads(path.read_text())) == shape(json.loads(BLOCKS[page].text))


def test_every_document_is_looked_at() -> None:
    assert [block.name for block in BLOCKS.values() if block.language == "json"] == [
        "docs/running.md#the-document-1",
        "docs/validating.md#for-programs-1",
        "docs/waiting.md#the-document-1",
    ]
