"""The GitHub Action: its inputs are options of the verbs, and what they mean is what is run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from statusbot.cli.action import ABOUT, VERBS, inputs_of, options_of
from statusbot.demo.forge import EmbeddedForge
from statusbot.demo.kube import EmbeddedKubernetes
from tests.support import kube
from tests.support.github_runner import Runner, Step, action, by_entrypoint
from tests.support.objects import Object, not_ready, provider

ACTION = action()
# The secret and what a verb is about are no options: the one must not, the other need not be one.
NO_OPTIONS = {"command", "token", "github-token", *ABOUT.values()}
WITH_A_DEFAULT = {"command", "github-token"}
SHA = "5f" * 20
TOKEN = "forge-token-for-tests"
REPOSITORY = "my-org/my-repo"


@pytest.fixture
def forge() -> Iterator[EmbeddedForge]:
    with EmbeddedForge(token=TOKEN) as made:
        made.add_repository(REPOSITORY, {SHA})
        yield made


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def app(name: str, status: Object) -> Object:
    made = kube.kustomization("apps", name)
    made["metadata"] |= {"uid": f"9b2f0000-0000-0000-0000-{name:0>12}", "generation": 1}
    return made | {"status": status}


def dump(runner: Runner, forge: EmbeddedForge, *more: Object) -> str:
    """What `kubectl get -o yaml` shows where `web` was applied; its name in the workspace."""
    revision = f"main@sha1:{SHA}"
    source = {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": {"namespace": "apps", "name": "fleet"},
        "spec": {"interval": "1m", "url": f"{forge.url}/{REPOSITORY}"},
        "status": {"artifact": {"revision": revision, "lastUpdateTime": "2026-11-20T00:00:00Z"}},
    }
    listed = [source, app("web", kube.ready(revision)), *more]
    text = yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": listed})
    (runner.workspace / "objects.yaml").write_text(text)
    return "objects.yaml"


def to(forge: EmbeddedForge) -> dict[str, str]:
    """Inputs by which the forge is asked."""
    return {
        "provider-type": "gitea",
        "address": f"{forge.url}/{REPOSITORY}",
        "token": TOKEN,
    }


def written(step: Step, runner: Runner) -> Any:
    """The report that a later step reads."""
    return json.loads((runner.workspace / step.outputs["report"]).read_text())


def test_every_input_is_one_of_a_verb_and_every_option_of_a_verb_an_input() -> None:
    assert set(ACTION["inputs"]) == set().union(*map(inputs_of, VERBS))


def test_every_option_has_the_variable_that_its_input_sets() -> None:
    variables = {name: env for verb in VERBS for name, env in options_of(verb).items()}
    expected = {env: f"${{{{ inputs.{name} }}}}" for name, env in variables.items()}
    expected["STATUSBOT_TOKEN"] = "${{ inputs.token }}"
    expected["GITHUB_TOKEN"] = "${{ inputs.github-token }}"
    assert ACTION["runs"]["env"] == expected


def test_nothing_is_handed_over_as_an_argument() -> None:
    assert "args" not in ACTION["runs"]


@pytest.mark.parametrize("name", sorted(ACTION["inputs"]))
def test_every_input_is_described(name: str) -> None:
    assert ACTION["inputs"][name]["description"].endswith(".")


@pytest.mark.parametrize("name", sorted(ACTION["outputs"]))
def test_every_output_is_described_and_has_no_value(name: str) -> None:
    assert ACTION["outputs"][name].keys() == {"description"}
    assert ACTION["outputs"][name]["description"].endswith(".")


@pytest.mark.parametrize("name", sorted(set(ACTION["inputs"]) - WITH_A_DEFAULT))
def test_an_input_has_no_default_of_its_own(name: str) -> None:
    assert "default" not in ACTION["inputs"][name]


def test_branding_is_what_the_marketplace_takes() -> None:
    assert ACTION["branding"] == {"icon": "git-commit", "color": "blue"}


def test_inputs_are_the_options_of_run(runner: Runner, forge: EmbeddedForge) -> None:
    step = runner.step({"from": dump(runner, forge), **to(forge)})
    rows = [row.state for row in forge.rows(REPOSITORY, SHA)]
    assert (step.code, rows) == (0, ["success"]), step.log


def test_the_cluster_of_a_kubeconfig_is_read(runner: Runner) -> None:
    with EmbeddedKubernetes(token="admin") as embedded:
        embedded.apply(kube.kustomization("apps", "web"))
        embedded.kubeconfig(runner.workspace / "kubeconfig")
        step = runner.step({"kubeconfig": "kubeconfig", "provider-type": "none", "all": "true"})
    assert "apps/web" in step.out, step.err


def test_several_paths_are_separated_by_white_space(runner: Runner) -> None:
    for name in ("web", "api"):
        text = yaml.safe_dump(kube.kustomization("apps", name))
        (runner.workspace / f"{name}.yaml").write_text(text)
    step = runner.step({"from": "web.yaml\napi.yaml", "provider-type": "none"})
    assert step.outputs["objects"] == "2", step.err


def test_a_flag_that_is_false_is_not_set(runner: Runner, forge: EmbeddedForge) -> None:
    inputs = {"from": dump(runner, forge), "provider-type": "none"}
    assert "apps/web" not in runner.step({**inputs, "all": "false"}).out


def test_the_outputs_are_the_counts(runner: Runner, forge: EmbeddedForge) -> None:
    step = runner.step({"from": dump(runner, forge), **to(forge)})
    report = step.outputs.pop("report")
    assert step.outputs == {
        "failed": "false",
        "posted": "1",
        "already": "0",
        "skipped": "0",
        "deferred": "0",
        "errors": "0",
        "objects": "1",
        "results": "1",
    }
    assert report == "statusbot-reports/report.json"


def test_a_second_step_finds_the_status_that_the_first_one_posted(
    runner: Runner, forge: EmbeddedForge
) -> None:
    inputs = {"from": dump(runner, forge), **to(forge)}
    runner.step(inputs)
    second = runner.step(inputs)
    assert (second.outputs["posted"], second.outputs["already"]) == ("0", "1")


def test_the_report_is_a_file_that_later_steps_read(runner: Runner, forge: EmbeddedForge) -> None:
    step = runner.step({"from": dump(runner, forge), **to(forge)})
    assert written(step, runner)["counts"]["posted"] == 1


def test_each_step_has_a_report_of_its_own(runner: Runner, forge: EmbeddedForge) -> None:
    inputs = {"from": dump(runner, forge), **to(forge)}
    step = runner.step(inputs, env={"GITHUB_ACTION": "../one two"})
    assert step.outputs["report"] == "statusbot-reports/_one_two.json"


def test_git_does_not_see_the_reports(runner: Runner, forge: EmbeddedForge) -> None:
    runner.step({"from": dump(runner, forge), **to(forge)})
    assert (runner.workspace / "statusbot-reports/.gitignore").read_text() == "*\n"


def test_the_reports_are_no_manifests_to_the_next_step(
    runner: Runner, forge: EmbeddedForge
) -> None:
    dump(runner, forge)
    inputs = {"from": ".", **to(forge)}
    runner.step(inputs)
    second = runner.step(inputs)
    assert (second.code, second.outputs["already"], second.annotations) == (0, "1", ()), second.log


def test_json_on_stdout_is_nothing_else(runner: Runner, forge: EmbeddedForge) -> None:
    red = app("api", failed("no such chart"))
    step = runner.step({"from": dump(runner, forge, red), **to(forge), "output": "json"})
    assert json.loads(step.out)["counts"]["posted"] == 2
    assert [each.name for each in step.annotations] == ["warning"]


def failed(message: str) -> Object:
    return {
        "conditions": [not_ready("BuildFailed", message)],
        "lastAttemptedRevision": f"main@sha1:{SHA}",
        "observedGeneration": 1,
    }


def test_what_could_not_be_posted_is_an_annotation(runner: Runner, forge: EmbeddedForge) -> None:
    step = runner.step({"from": dump(runner, forge), **to(forge), "token": "wrong-token"})
    assert step.outputs["failed"] == "true"
    assert step.outputs["errors"] == "1"
    (error,) = step.annotations
    assert (error.name, error.properties["title"]) == ("error", "not posted")
    assert error.text.startswith(f"error apps/web {SHA[:8]} success not posted to ")


def test_the_summary_has_the_statuses(runner: Runner, forge: EmbeddedForge) -> None:
    step = runner.step({"from": dump(runner, forge), **to(forge)})
    assert "<code>apps/web</code>" in step.summary
    assert "**1 posted**" in step.summary


def test_the_summary_can_be_kept_out(runner: Runner, forge: EmbeddedForge) -> None:
    step = runner.step({"from": dump(runner, forge), **to(forge), "summary": "none"})
    assert (step.code, step.summary) == (0, "")


def test_the_tokens_are_masked_before_anything_is_said(
    runner: Runner, forge: EmbeddedForge
) -> None:
    step = runner.step({"from": dump(runner, forge), **to(forge)})
    first = step.err.splitlines()[0]
    assert first == f"::add-mask::{TOKEN}"
    assert "ghs_token-of-the-job-for-tests" in step.masks
    assert TOKEN not in step.log


def test_the_secrets_of_providers_are_masked(runner: Runner, forge: EmbeddedForge) -> None:
    alert = {
        "apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
        "kind": "Alert",
        "metadata": {"namespace": "apps", "name": "all"},
        "spec": {
            "providerRef": {"name": "forge"},
            "eventSources": [{"kind": "Kustomization", "name": "*"}],
        },
    }
    there = provider("forge", type="gitea", address=f"{forge.url}/{REPOSITORY}")
    there["metadata"]["namespace"] = "apps"
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"namespace": "apps", "name": there["spec"]["secretRef"]["name"]},
        "stringData": {"token": TOKEN, "username": "git-user", "note": "one line\nand-another"},
    }
    inputs = {"from": dump(runner, forge, alert, there, secret), "provider-type": "none"}
    step = runner.step(inputs)
    assert step.outputs["posted"] == "1", step.log
    assert {TOKEN, "one line", "and-another"} <= step.masks
    assert "git-user" not in step.masks


def test_a_command_that_there_is_not_is_told(runner: Runner) -> None:
    step = runner.step({"command": "fly"})
    assert (step.code, step.outputs["failed"]) == (2, "true")
    assert "there is no command 'fly': use run" in step.err


def test_an_input_that_there_is_not_is_told_with_those_that_there_are(runner: Runner) -> None:
    step = runner.step({"adress": "https://github.com/my-org/my-repo"})
    assert step.code == 2
    (error,) = step.annotations
    assert error.text.startswith("with: there is no input 'adress': the inputs are address, ")


@pytest.mark.parametrize("name", sorted(inputs_of("wait") - inputs_of("run")))
def test_an_input_that_the_command_has_no_use_for_is_told(runner: Runner, name: str) -> None:
    step = runner.step({name: "x"})
    assert step.code == 2
    assert f"the command run takes no input {name}" in step.err


def test_what_cannot_begin_has_failed(runner: Runner) -> None:
    step = runner.step({"from": "missing.yaml", "provider-type": "none"})
    assert (step.code, step.outputs) == (2, {"failed": "true"})
    assert [each.name for each in step.annotations] == ["error"]


def test_hostile_text_is_no_command_no_output_and_no_markup(
    runner: Runner, forge: EmbeddedForge
) -> None:
    evil = (
        "::set-output name=failed::x\n::error::x ##[error]x <img src=x> [a](https://evil.example)"
    )
    red = app("api", failed(evil))
    step = runner.step({"from": dump(runner, forge, red), **to(forge), "all": "true"})
    assert {each.name for each in step.commands} == {"add-mask", "warning"}
    assert step.outputs["failed"] == "false"
    assert "<img" not in step.summary


def test_a_long_report_is_folded_but_for_its_counts(runner: Runner, forge: EmbeddedForge) -> None:
    more = [app(f"a{number}", kube.ready(f"main@sha1:{SHA}")) for number in range(30)]
    step = runner.step({"from": dump(runner, forge, *more), **to(forge), "dry-run": "true"})
    first, *_, last, counts = step.out.splitlines()
    assert (first, last) == ("::group::statuses", "::endgroup::")
    assert counts.startswith("31 Kustomizations")


def test_the_log_is_folded_up_to_the_report(runner: Runner, forge: EmbeddedForge) -> None:
    step = runner.step({"from": dump(runner, forge), **to(forge), "log-level": "debug"})
    names = [each.name for each in step.commands if each.name in {"group", "endgroup"}]
    assert names == ["group", "endgroup"]


def test_arguments_are_the_command_line_on_github_too(runner: Runner) -> None:
    step = runner.step(arguments=("--version",))
    assert step.out.startswith("statusbot, version ")


def test_elsewhere_no_verb_is_the_help(tmp_path: Path) -> None:
    step = Runner(tmp_path, start=elsewhere).step()
    assert (step.code, "Commands:" in step.err, step.commands) == (2, True, ())


def elsewhere(start: Any) -> Any:
    return by_entrypoint(replace(start, env={**start.env, "GITHUB_ACTIONS": ""}))


def test_a_step_that_calls_the_command_line_tells_the_runner_no_secret(
    runner: Runner, forge: EmbeddedForge
) -> None:
    """It may write its log to a file, where a mask would be the secret itself."""

    def without_inputs(start: Any) -> Any:
        env = {k: v for k, v in start.env.items() if not k.startswith("INPUT_")}
        return by_entrypoint(replace(start, env=env, arguments=("run",)))

    given = Runner(runner.folder, start=without_inputs)
    step = given.step({"from": dump(runner, forge), **to(forge)})
    assert (step.code, step.masks) == (0, frozenset())
    assert TOKEN not in step.out + step.err
    assert "report" not in step.outputs


def test_the_pattern_of_an_input_is_one_that_a_variable_can_have() -> None:
    assert all(re.fullmatch("[a-z][a-z-]*", name) for name in ACTION["inputs"])
