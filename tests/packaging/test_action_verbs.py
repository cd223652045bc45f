"""The Action's other commands: a gate, and a check of manifests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from statusbot.demo.kube import EmbeddedKubernetes
from tests.support.github_runner import Runner, Step
from tests.support.objects import (
    C1,
    C2,
    NAMESPACE,
    URL,
    git,
    git_repository,
    kustomization,
    not_ready,
    provider,
)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path, github={"sha": C1})


@pytest.fixture
def kube(runner: Runner) -> Iterator[EmbeddedKubernetes]:
    """A cluster in which `apps` is green at C1."""
    with EmbeddedKubernetes(token="cluster-token-for-tests") as made:
        made.apply_all([git_repository(), kustomization()])
        made.kubeconfig(runner.workspace / "kubeconfig")
        yield made


# With none, so that nobody asks github.com which commit contains which.
GATE = {
    "command": "wait",
    "kubeconfig": "kubeconfig",
    "kustomization": f"{NAMESPACE}/apps",
    "provider-type": "none",
}


def written(step: Step, runner: Runner) -> Any:
    return json.loads((runner.workspace / step.outputs["report"]).read_text())


def test_a_gate_waits_for_the_commit_of_the_workflow(
    runner: Runner, kube: EmbeddedKubernetes
) -> None:
    step = runner.step(GATE)
    assert (step.code, step.outputs["result"], step.outputs["failed"]) == (0, "green", "false")
    assert written(step, runner)["sha"] == C1
    assert "<code>1 of 1 green at" in step.summary


def test_a_gate_that_is_red_says_who(runner: Runner, kube: EmbeddedKubernetes) -> None:
    broken = {
        "conditions": [not_ready("BuildFailed", "no such file | @octocat")],
        "lastAttemptedRevision": git(C2),
        "observedGeneration": 1,
    }
    kube.apply_all([git_repository(commit=C2), kustomization(broken)])
    step = runner.step({**GATE, "sha": C2})
    assert (step.code, step.outputs["result"], step.outputs["failed"]) == (1, "red", "true")
    (error,) = step.annotations
    assert (error.name, error.properties["title"]) == ("error", "not live")
    assert "no such file | @octocat" in error.text
    assert "<code>no such file | @octocat</code>" in step.summary


def test_a_gate_that_times_out_says_who_is_missing(
    runner: Runner, kube: EmbeddedKubernetes
) -> None:
    step = runner.step({**GATE, "sha": C2, "timeout": "1s", "output": "json"})
    assert (step.code, step.outputs["result"]) == (124, "timeout")
    assert [each.properties["title"] for each in step.annotations] == ["not live in time"]
    assert json.loads(step.out) == written(step, runner)


def test_a_gate_that_found_nothing_in_time_says_so(
    runner: Runner, kube: EmbeddedKubernetes
) -> None:
    kube.delete("GitRepository", NAMESPACE, "fleet")
    step = runner.step({**GATE, "kustomization": "", "address": URL, "timeout": "1s"})
    assert (step.code, step.outputs["result"]) == (124, "timeout")
    (error,) = step.annotations
    assert "there was nothing to wait for yet" in error.text


def test_a_gate_that_had_no_time_to_look_says_so(runner: Runner, kube: EmbeddedKubernetes) -> None:
    step = runner.step({**GATE, "timeout": "1ms"})
    assert (step.code, step.outputs["result"], step.outputs["failed"]) == (124, "timeout", "true")
    (error,) = step.annotations
    assert "there was nothing to wait for yet" in error.text


def test_the_token_of_the_cluster_is_masked(runner: Runner, kube: EmbeddedKubernetes) -> None:
    assert "cluster-token-for-tests" in runner.step(GATE).masks


def manifests(runner: Runner, *objects: Any) -> str:
    (runner.workspace / "a b.yaml").write_text("---\n".join(map(yaml.safe_dump, objects)))
    (runner.workspace / "flux").mkdir()
    (runner.workspace / "a b.yaml").rename(runner.workspace / "flux/a b.yaml")
    return "flux"


def test_findings_are_annotations_at_their_lines(runner: Runner) -> None:
    wrong = provider("forge", type="github", address="https://github.com/my-org")
    step = runner.step({"command": "validate", "paths": manifests(runner, wrong)})
    assert (step.code, step.outputs["failed"]) == (1, "true")
    error = next(each for each in step.annotations if each.name == "error")
    assert error.properties["file"] == "flux/a b.yaml"
    lines = (runner.workspace / "flux/a b.yaml").read_text().splitlines()
    assert "address:" in lines[int(error.properties["line"]) - 1]
    assert f"<code>{error.properties['title']}</code>" in step.summary


def test_the_counts_of_findings_are_outputs(runner: Runner) -> None:
    wrong = provider("forge", type="github", address="https://github.com/my-org")
    step = runner.step({"command": "validate", "paths": manifests(runner, wrong)})
    counts = written(step, runner)["counts"]
    assert int(step.outputs["errors"]) == counts["errors"] > 0
    assert int(step.outputs["warnings"]) == counts["warnings"]


def test_the_summary_counts_in_the_words_of_the_log(runner: Runner) -> None:
    wrong = provider("forge", type="github", address="https://github.com/my-org")
    step = runner.step({"command": "validate", "paths": manifests(runner, wrong)})
    assert "**1 error, 0 warnings: 1 document of 1 file, 1 of them checked**" in step.summary


def test_all_of_the_workspace_is_checked_where_no_path_is_named(runner: Runner) -> None:
    manifests(runner, provider("forge", type="github", address="https://github.com/my-org"))
    step = runner.step({"command": "validate"})
    assert {each.properties["file"] for each in step.annotations} == {"flux/a b.yaml"}


def test_where_nothing_is_wrong_nothing_is_said(runner: Runner) -> None:
    manifests(runner, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})
    step = runner.step({"command": "validate"})
    assert (step.code, step.annotations, step.outputs["errors"]) == (0, (), "0")


def test_a_path_that_is_not_there_is_told(runner: Runner) -> None:
    step = runner.step({"command": "validate", "paths": "missing"})
    assert (step.code, step.outputs["failed"]) == (2, "true")
    (error,) = step.annotations
    assert "missing" in error.text
