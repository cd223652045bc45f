"""The GitHub Action: its inputs are the options of `run`, and the entrypoint takes them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from statusbot.cli.run import command as run
from statusbot.demo.forge import EmbeddedForge
from statusbot.demo.kube import EmbeddedKubernetes
from tests.support import kube

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())

# The verb itself, and the secret, which is no option so that it never is an argument.
NO_OPTIONS = {"command", "token"}
SHA = "5f" * 20
TOKEN = "forge-token-for-tests"


def options() -> dict[str, str]:
    """The environment variable of each option of `run`, by the option's long name."""
    context = click.Context(run, auto_envvar_prefix="STATUSBOT")
    found = {}
    for option in run.params:
        name = next(flag for flag in option.opts if flag.startswith("--")).removeprefix("--")
        found[name] = str(option.envvar or f"{context.auto_envvar_prefix}_{option.name}".upper())
    return found


def as_the_runner(inputs: Mapping[str, str]) -> dict[str, str]:
    """The environment that GitHub's runner gives to the container: an input left out is empty."""
    given = {name: str(entry.get("default", "")) for name, entry in ACTION["inputs"].items()}
    given |= inputs
    env = {f"INPUT_{name.upper()}": value for name, value in given.items()}
    for name, expression in ACTION["runs"]["env"].items():
        match = re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", expression)
        assert match, expression
        env[name] = given[match[1]]
    return env | {"GITHUB_ACTIONS": "true", "PATH": os.environ["PATH"]}


def entrypoint(
    *arguments: str, env: Mapping[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "entrypoint.py", *arguments],
        env=dict(env),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def dump(forge: EmbeddedForge) -> str:
    """What `kubectl get kustomizations,gitrepositories -o yaml` shows of one that was applied."""
    revision = f"main@sha1:{SHA}"
    source = {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": {"namespace": "apps", "name": "fleet"},
        "spec": {"interval": "1m", "url": f"{forge.url}/acme/fleet"},
        "status": {"artifact": {"revision": revision, "lastUpdateTime": "2026-11-20T00:00:00Z"}},
    }
    app = kube.kustomization("apps", "web")
    app["metadata"] |= {"uid": "9b2f0000-0000-0000-0000-000000000001", "generation": 1}
    listed = [source, app | {"status": kube.ready(revision)}]
    return yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": listed})


def test_every_input_is_an_option_of_run_and_every_option_an_input() -> None:
    assert set(ACTION["inputs"]) - NO_OPTIONS == set(options())


def test_every_input_reaches_the_environment_variable_of_its_option() -> None:
    expected = {env: f"${{{{ inputs.{name} }}}}" for name, env in options().items()}
    expected["STATUSBOT_TOKEN"] = "${{ inputs.token }}"
    assert ACTION["runs"]["env"] == expected


def test_nothing_is_handed_over_as_an_argument() -> None:
    assert "args" not in ACTION["runs"]


@pytest.mark.parametrize("name", sorted(ACTION["inputs"]))
def test_every_input_is_described(name: str) -> None:
    assert ACTION["inputs"][name]["description"].endswith(".")


@pytest.mark.parametrize("name", sorted(set(ACTION["inputs"]) - {"command"}))
def test_an_input_has_no_default_of_its_own(name: str) -> None:
    assert "default" not in ACTION["inputs"][name]


def test_on_github_inputs_are_the_options_of_run(tmp_path: Path) -> None:
    with EmbeddedForge(token=TOKEN) as forge:
        forge.add_repository("acme/fleet", {SHA})
        (tmp_path / "objects.yaml").write_text(dump(forge))
        address = f"{forge.url}/acme/fleet"
        inputs = {"from": "objects.yaml", "provider-type": "gitea", "address": address}
        ran = entrypoint(env=as_the_runner({**inputs, "token": TOKEN}), folder=tmp_path)
    rows = [(row.state, row.description) for row in forge.rows("acme/fleet", SHA)]
    assert (ran.returncode, [state for state, _ in rows]) == (0, ["success"]), ran.stderr


def test_on_github_the_cluster_of_a_kubeconfig_is_read(tmp_path: Path) -> None:
    with EmbeddedKubernetes(token="admin") as embedded:
        embedded.apply(kube.kustomization("apps", "web"))
        embedded.kubeconfig(tmp_path / "kubeconfig")
        env = as_the_runner({"kubeconfig": "kubeconfig", "all": "true"})
        ran = entrypoint(env=env, folder=tmp_path)
    assert "apps/web" in ran.stdout, ran.stderr


def test_several_paths_are_separated_by_white_space(tmp_path: Path) -> None:
    for name in ("web", "api"):
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(kube.kustomization("apps", name)))
    ran = entrypoint(env=as_the_runner({"from": "web.yaml\napi.yaml"}), folder=tmp_path)
    assert ran.stdout.startswith("2 Kustomizations"), ran.stderr


def test_a_flag_that_is_false_is_not_set(tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text(yaml.safe_dump(kube.kustomization("apps", "web")))
    env = as_the_runner({"from": "web.yaml", "all": "false"})
    assert "apps/web" not in entrypoint(env=env, folder=tmp_path).stdout


def test_the_input_command_is_the_verb(tmp_path: Path) -> None:
    ran = entrypoint(env=as_the_runner({"command": "fly"}), folder=tmp_path)
    assert (ran.returncode, "'fly'" in ran.stderr) == (2, True)


def test_arguments_are_the_command_line_on_github_too(tmp_path: Path) -> None:
    ran = entrypoint("--version", env=as_the_runner({}), folder=tmp_path)
    assert ran.stdout.startswith("statusbot, version ")


def test_elsewhere_no_verb_is_the_help(tmp_path: Path) -> None:
    env = as_the_runner({}) | {"GITHUB_ACTIONS": ""}
    ran = entrypoint(env=env, folder=tmp_path)
    assert (ran.returncode, "Commands:" in ran.stderr) == (2, True)
