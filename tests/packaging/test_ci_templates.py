"""Templates for other CIs: every placeholder is one, and what they call is a command that there is.

Their shell is run with a `statusbot` or a `docker` that writes down what it was called with.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

ROOT = Path(__file__).parents[2]
GITLAB = ROOT / "templates/statusbot/template.yml"
AZURE = ROOT / "ci/azure-pipelines.yml"
TEKTON = ROOT / "ci/tekton-task.yaml"
ARGO = ROOT / "ci/argo-workflow-template.yaml"
DOCS = (ROOT / "docs/ci.md").read_text()
SHA = "5f" * 20
TOKEN = "forge-token-for-tests"


def documents(path: Path) -> list[Any]:
    return list(yaml.safe_load_all(path.read_text()))


def understood(arguments: list[str]) -> dict[str, Any]:
    """The options that a command line means to us."""
    verb, *rest = arguments
    command: click.Command = import_module(f"statusbot.cli.{verb}").command
    return command.make_context(verb, rest).params


def called(script: str, program: str, folder: Path, env: Mapping[str, str]) -> list[str]:
    """The arguments with which a shell script calls a program."""
    written = folder / "arguments"
    stub = folder / "bin" / program
    stub.parent.mkdir()
    stub.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {written}\nexit "${{FAKE:-0}}"\n')
    stub.chmod(0o755)
    path = f"{stub.parent}:{os.environ['PATH']}"
    subprocess.run(
        ["bash", "-c", script], cwd=folder, env={**env, "PATH": path}, check=True, timeout=30
    )
    return written.read_text().splitlines()


# GitLab


def gitlab(**inputs: str) -> dict[str, Any]:
    """The one job, with inputs put in as GitLab does: before YAML is read."""
    head, _, body = GITLAB.read_text().partition("\n---\n")
    declared = yaml.safe_load(head)["spec"]["inputs"]
    values = {name: entry.get("default") for name, entry in declared.items()} | inputs
    text = re.sub(r"\$\[\[ inputs\.([a-z-]+) \]\]", lambda match: str(values[match[1]]), body)
    (job,) = yaml.safe_load(text).values()
    found: dict[str, Any] = job
    return found


def gitlab_calls(folder: Path, **inputs: str) -> list[str]:
    (script,) = gitlab(image="x", **inputs)["script"]
    return called(script, "statusbot", folder, {"CI_COMMIT_SHA": SHA})


def test_on_gitlab_every_input_is_used_and_every_one_used_is_declared() -> None:
    head, _, body = GITLAB.read_text().partition("\n---\n")
    declared = yaml.safe_load(head)["spec"]["inputs"]
    assert set(declared) == set(re.findall(r"\$\[\[ inputs\.([a-z-]+) \]\]", body))
    assert all(entry["description"] for entry in declared.values())


@pytest.mark.parametrize(
    ("inputs", "arguments"),
    [
        ({}, ["run"]),
        ({"options": "--all --for 10m"}, ["run", "--all", "--for", "10m"]),
        ({"command": "wait"}, ["wait", "--", SHA]),
        ({"command": "wait", "about": "1a2b3c4d"}, ["wait", "--", "1a2b3c4d"]),
        ({"command": "validate"}, ["validate", "--", "."]),
        ({"command": "validate", "about": "a b"}, ["validate", "--", "a", "b"]),
    ],
)
def test_on_gitlab_the_inputs_are_a_command_line(
    tmp_path: Path, inputs: dict[str, str], arguments: list[str]
) -> None:
    found = gitlab_calls(tmp_path, **inputs)
    assert found == arguments
    assert understood(found)


def test_on_gitlab_the_commands_are_those_that_there_are() -> None:
    command = documents(GITLAB)[0]["spec"]["inputs"]["command"]
    assert command["options"] == ["run", "wait", "validate"]


def test_on_gitlab_it_is_the_projects_own_repository() -> None:
    variables = gitlab(image="x")["variables"]
    assert variables["STATUSBOT_PROVIDER_TYPE"] == "gitlab"
    assert variables["STATUSBOT_ADDRESS"] == "$CI_PROJECT_URL"


def test_on_gitlab_the_summary_is_kept_whatever_comes_of_it() -> None:
    job = gitlab(image="x")
    assert job["artifacts"] == {"when": "always", "paths": [job["variables"]["STATUSBOT_SUMMARY"]]}


# Azure Pipelines


def azure() -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters by their names, and the one step."""
    document = yaml.safe_load(AZURE.read_text())
    (step,) = document["steps"]
    return {each["name"]: each for each in document["parameters"]}, step


def azure_calls(folder: Path, **given: str) -> list[str]:
    declared, step = azure()
    values = {name: entry.get("default", "x") for name, entry in declared.items()} | given
    env = {
        name: re.sub(r"\$\{\{ parameters\.(\w+) \}\}", lambda match: values[match[1]], text)
        for name, text in step["env"].items()
    }
    env |= {"BUILD_SOURCEVERSION": SHA, "BUILD_SOURCESDIRECTORY": str(folder)}
    env |= {"AGENT_TEMPDIRECTORY": str(folder), "STATUSBOT_TOKEN": TOKEN}
    found = called(step["bash"], "docker", folder, env)
    return found[found.index(values["image"]) + 1 :]


def test_on_azure_every_parameter_is_used_and_every_one_used_is_declared() -> None:
    declared, _ = azure()
    used = re.findall(r"\$\{\{ parameters\.(\w+) \}\}", AZURE.read_text())
    assert set(declared) == set(used)


@pytest.mark.parametrize(
    ("given", "arguments"),
    [
        ({}, ["run"]),
        ({"command": "wait", "options": "--timeout 1m"}, ["wait", "--timeout", "1m", "--", SHA]),
        ({"command": "validate"}, ["validate", "--", "."]),
        ({"command": "validate", "about": "a b"}, ["validate", "--", "a", "b"]),
    ],
)
def test_on_azure_the_parameters_are_a_command_line(
    tmp_path: Path, given: dict[str, str], arguments: list[str]
) -> None:
    found = azure_calls(tmp_path, **given)
    assert found == arguments
    assert understood(found)


def test_on_azure_the_token_is_no_argument(tmp_path: Path) -> None:
    azure_calls(tmp_path)
    assert TOKEN not in (tmp_path / "arguments").read_text()
    assert "--env\nSTATUSBOT_TOKEN\n" in (tmp_path / "arguments").read_text()


def test_on_azure_the_step_ends_as_the_command_did(tmp_path: Path) -> None:
    _, step = azure()
    env = dict.fromkeys(["ABOUT", "OPTIONS", "BUILD_SOURCEVERSION"], "")
    env |= {"VERB": "run", "IMAGE": "x", "FAKE": "124", "AGENT_TEMPDIRECTORY": str(tmp_path)}
    env |= {"BUILD_SOURCESDIRECTORY": str(tmp_path)}
    with pytest.raises(subprocess.CalledProcessError) as caught:
        called(step["bash"], "docker", tmp_path, env)
    assert caught.value.returncode == 124


# Tekton and Argo Workflows


def containers() -> list[dict[str, Any]]:
    templates = yaml.safe_load(ARGO.read_text())["spec"]["templates"]
    steps: list[dict[str, Any]] = yaml.safe_load(TEKTON.read_text())["spec"]["steps"]
    return steps + [template["container"] for template in templates]


@pytest.mark.parametrize("container", containers(), ids=["tekton", "argo-wait", "argo-run"])
def test_it_runs_as_restricted_as_in_the_cluster(container: dict[str, Any]) -> None:
    cron = (ROOT / "deploy/base/cronjob.yaml").read_text()
    job = yaml.safe_load(cron)["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    expected = {**job["securityContext"], **job["containers"][0]["securityContext"]}
    assert container["securityContext"].items() >= expected.items()


@pytest.mark.parametrize("container", containers(), ids=["tekton", "argo-wait", "argo-run"])
def test_the_token_comes_from_a_secret(container: dict[str, Any]) -> None:
    (variable,) = container["env"]
    assert variable["name"] == "STATUSBOT_TOKEN"
    assert variable["valueFrom"]["secretKeyRef"]["key"] == "token"


def test_of_tekton_every_parameter_is_used_and_every_one_used_is_declared() -> None:
    spec = yaml.safe_load(TEKTON.read_text())["spec"]
    used = set(re.findall(r"\$\(params\.(\w+)", TEKTON.read_text()))
    assert used == {param["name"] for param in spec["params"]}
    assert all(param["description"] for param in spec["params"])


def test_of_tekton_the_default_is_a_command_line() -> None:
    params = yaml.safe_load(TEKTON.read_text())["spec"]["params"]
    (default,) = [param["default"] for param in params if param["name"] == "arguments"]
    assert understood(default)


def argo(name: str) -> dict[str, Any]:
    """A template, by its name."""
    templates = yaml.safe_load(ARGO.read_text())["spec"]["templates"]
    (found,) = [template for template in templates if template["name"] == name]
    return dict(found)


@pytest.mark.parametrize("name", ["wait", "run"])
def test_of_argo_every_parameter_is_used_and_the_arguments_are_a_command_line(name: str) -> None:
    template = argo(name)
    values = {
        parameter["name"]: parameter.get("value", SHA)
        for parameter in template["inputs"]["parameters"]
    }
    used: set[str] = set()

    def value(match: re.Match[str]) -> str:
        used.add(match[1])
        return str(values[match[1]])

    pattern = r"\{\{inputs\.parameters\.(\w+)\}\}"
    found = understood([re.sub(pattern, value, text) for text in template["container"]["args"]])
    assert used == set(values)
    assert found["timeout"] == {"wait": 600.0, "run": 300.0}[name]


# The docs


def blocks(first: str) -> list[Any]:
    """The YAML blocks of docs/ci.md that begin with a word."""
    found = re.findall(r"^```yaml\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL)
    return [yaml.safe_load(block) for block in found if block.startswith(first)]


def test_what_gitlab_includes_has_inputs_that_there_are() -> None:
    ((include,),) = [block["include"] for block in blocks("include")]
    assert set(include["inputs"]) <= set(documents(GITLAB)[0]["spec"]["inputs"])
    assert include["component"].split("/")[-1].partition("@")[0] == GITLAB.parent.name


def test_what_azure_includes_has_parameters_that_there_are() -> None:
    ((step,),) = [block["steps"] for block in blocks("resources")]
    assert step["template"].partition("@")[0] == str(AZURE.relative_to(ROOT))
    assert set(step["parameters"]) <= set(azure()[0])


def test_the_run_of_tekton_is_a_command_line() -> None:
    (run,) = blocks("apiVersion: tekton")
    (arguments,) = [p["value"] for p in run["spec"]["params"] if p["name"] == "arguments"]
    assert understood(arguments)["kustomization"] == ("flux-system/apps",)


def test_the_workflow_of_argo_calls_a_template_with_its_parameters() -> None:
    (workflow,) = blocks("apiVersion: argoproj")
    (((step,),),) = [template["steps"] for template in workflow["spec"]["templates"]]
    there = argo(step["templateRef"]["template"])["inputs"]["parameters"]
    given = {each["name"] for each in step["arguments"]["parameters"]}
    assert {each["name"] for each in there if "value" not in each} <= given
    assert given <= {each["name"] for each in there}
