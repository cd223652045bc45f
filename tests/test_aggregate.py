"""One status for all Kustomizations of a commit, seen through whole runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from statusbot.demo.forge import faults
from tests.support.objects import (
    C1,
    C2,
    NAMESPACE,
    alert,
    condition,
    git,
    git_repository,
    kustomization,
)
from tests.support.world import REPOSITORY, World, world

NAME = "flux"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def green(name: str, commit: str = C1, **more: Any) -> dict[str, Any]:
    status = {
        "conditions": [condition("Ready", "True", "ReconciliationSucceeded")],
        "observedGeneration": 1,
        "lastAttemptedRevision": git(commit),
        "lastAppliedRevision": git(commit),
    }
    return kustomization(status, name=name, **more)


def red(name: str, commit: str = C1, reason: str = "BuildFailed", **more: Any) -> dict[str, Any]:
    status = {
        "conditions": [condition("Ready", "False", reason, "no such file")],
        "observedGeneration": -1,
        "lastAttemptedRevision": git(commit),
    }
    return kustomization(status, name=name, **more)


def busy(name: str) -> dict[str, Any]:
    status = {
        "conditions": [condition("Ready", "Unknown", "Progressing")],
        "observedGeneration": -1,
    }
    return kustomization(status, name=name)


def shown(scene: World, commit: str = C1) -> list[tuple[str, str]]:
    """All that the aggregate ever was."""
    rows = scene.forge.rows(REPOSITORY, commit)
    return [(str(row.state), row.description) for row in rows if row.context == NAME]


def poll(scene: World, *arguments: str) -> dict[str, Any]:
    return scene.report("--aggregate", NAME, *arguments)


def test_without_the_option_there_is_none(scene: World) -> None:
    scene.report()
    assert shown(scene) == []


def test_it_is_green_when_all_are(scene: World) -> None:
    scene.add(green("web"))
    poll(scene)
    assert shown(scene) == [("success", "all reconciled: 2 Kustomizations")]


def test_one_failure_makes_it_red_and_is_named(scene: World) -> None:
    scene.add(red("web"))
    poll(scene)
    why = f"some failed: 1 of 2 Kustomizations: {NAMESPACE}/web (build failed)"
    assert shown(scene) == [("failure", why)]


def test_a_failure_that_flux_does_not_try_again_is_the_worse(scene: World) -> None:
    stuck = red("stuck", reason="InvalidCELExpression")
    stuck["status"]["observedGeneration"] = 1  # Flux notes it where it gives up
    scene.add(red("web"), stuck)
    poll(scene)
    assert [state for state, _ in shown(scene)] == ["error"]


def test_while_one_is_at_work_nothing_is_claimed(scene: World) -> None:
    scene.add(busy("web"))
    poll(scene)
    assert shown(scene) == []


def test_it_turns_red_though_another_is_still_at_work(scene: World) -> None:
    scene.add(busy("web"), red("broken"))
    poll(scene)
    assert [state for state, _ in shown(scene)] == ["failure"]


def test_a_suspended_one_is_not_waited_for(scene: World) -> None:
    waiting = busy("web")
    waiting["spec"]["suspend"] = True
    scene.add(waiting)
    poll(scene)
    assert shown(scene) == [("success", "all reconciled: 1 Kustomization")]


def test_one_that_follows_another_branch_is_not_waited_for(scene: World) -> None:
    branch = git_repository(C2, url=scene.url)
    branch["metadata"]["name"] = "branch"
    source = {"kind": "GitRepository", "name": "branch"}
    scene.add(branch, green("web", C2, source=source))
    poll(scene)
    assert shown(scene) == [("success", "all reconciled: 1 Kustomization")]


def test_one_whose_source_has_the_commit_too_is_waited_for(scene: World) -> None:
    copy = git_repository(url=scene.url)
    copy["metadata"]["name"] = "copy"
    waiting = busy("web")
    waiting["spec"]["sourceRef"] = {"kind": "GitRepository", "name": "copy"}
    scene.add(copy, waiting)
    poll(scene)
    assert shown(scene) == []


def test_red_turns_green_when_the_last_one_is_mended(scene: World, tmp_path: Path) -> None:
    ledger = f"file:{tmp_path / 'ledger'}"
    scene.add(red("web"))
    poll(scene, "--ledger", ledger)
    scene.add(green("web"))
    poll(scene, "--ledger", ledger)
    assert [state for state, _ in shown(scene)] == ["failure", "success"]


def test_what_one_said_at_an_earlier_poll_counts(scene: World, tmp_path: Path) -> None:
    """`healthy` is at the next commit already when `web` comes to an end with this one."""
    ledger = f"file:{tmp_path / 'ledger'}"
    scene.add(busy("web"))
    poll(scene, "--ledger", ledger)
    scene.add(git_repository(C2, url=scene.url))
    scene.add(green("healthy", C2), green("web"))
    poll(scene, "--ledger", ledger)
    assert shown(scene) == [("success", "all reconciled: 2 Kustomizations")]


def test_a_red_of_one_that_goes_on_to_another_commit_is_never_forgotten(
    scene: World, tmp_path: Path
) -> None:
    """`web` has a source of its own, which is at the next commit by then."""
    ledger = f"file:{tmp_path / 'ledger'}"
    copy = git_repository(url=scene.url)
    copy["metadata"]["name"] = "copy"
    source = {"kind": "GitRepository", "name": "copy"}
    scene.add(copy, red("web", source=source))
    poll(scene, "--ledger", ledger)
    copy["status"] = git_repository(C2)["status"]
    scene.add(copy, green("web", C2, source=source))
    poll(scene, "--ledger", ledger)
    assert [state for state, _ in shown(scene)] == ["failure"]


def test_an_unchanged_cluster_costs_no_call_of_the_forge(scene: World, tmp_path: Path) -> None:
    ledger = f"file:{tmp_path / 'ledger'}"
    poll(scene, "--ledger", ledger)
    calls = len(scene.forge.calls)
    poll(scene, "--ledger", ledger)
    assert len(scene.forge.calls) == calls


def test_without_a_ledger_it_is_not_written_twice(scene: World) -> None:
    poll(scene)
    poll(scene)
    assert len(shown(scene)) == 1


def test_in_the_report_it_is_about_no_object(scene: World) -> None:
    (entry,) = [one for one in poll(scene)["statuses"] if one["context"] == NAME]
    assert (entry["object"], entry["state"], entry["outcome"]) == (None, "success", "posted")


def test_in_the_text_its_line_begins_with_its_name(scene: World) -> None:
    out = scene.run("--aggregate", NAME).out
    assert f"posted     {NAME} {C1[:8]} success" in out


def test_an_alert_for_errors_gets_no_green_one(scene: World) -> None:
    scene.kube.delete("Alert", NAMESPACE, "all")
    scene.add(alert("errors", eventSeverity="error"))
    poll(scene)
    assert shown(scene) == []


def test_what_could_not_be_posted_is_posted_when_the_forge_is_back(
    scene: World, tmp_path: Path
) -> None:
    ledger = f"file:{tmp_path / 'ledger'}"
    scene.forge.faults.always(fault=faults.answer(500, "maintenance"))
    poll(scene, "--ledger", ledger, "--timeout", "1s")
    scene.forge.faults.clear()
    poll(scene, "--ledger", ledger)
    assert shown(scene) == [("success", "all reconciled: 1 Kustomization")]
