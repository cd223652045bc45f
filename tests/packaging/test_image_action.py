"""The action as GitHub runs it: the image, its mounts, and paths as the container has them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from statusbot.demo.forge import EmbeddedForge
from tests.real.container import Container
from tests.real.image_part import Image
from tests.support.github_runner import Runner, Start, Step, action, by_entrypoint
from tests.support.objects import C1, git_repository, kustomization

TOKEN = "forge-token-for-tests"
REPOSITORY = "acme/fleet"
RUNNER = 1001


class ByImage:
    """Starts containers, and gives what they may write to the user whom GitHub's runners have."""

    def __init__(self, image: Image) -> None:
        self._image = image

    def __call__(self, start: Start) -> subprocess.CompletedProcess[str]:
        for folder in start.mounts.values():
            for path in [folder, *folder.rglob("*")]:
                os.chown(path, RUNNER, RUNNER)
        return Container(self._image, start.inside(), start.mounts, folder="/github/workspace").run(
            *start.arguments
        )


def posted(runner: Runner, **inputs: str) -> tuple[Step, list[str]]:
    """A step that posts what a dump shows, and the states that the forge then has."""
    with EmbeddedForge(token=TOKEN) as forge:
        forge.add_repository(REPOSITORY, {C1})
        address = f"{forge.url}/{REPOSITORY}"
        dump = yaml.safe_dump_all([git_repository(C1, url=address), kustomization()])
        (runner.workspace / "objects.yaml").write_text(dump)
        given = {"from": "objects.yaml", "provider-type": "gitea", "address": address}
        step = runner.step({**given, "token": TOKEN, **inputs})
        return step, [row.state for row in forge.rows(REPOSITORY, C1)]


@pytest.fixture
def runner(image: Image, tmp_path: Path) -> Runner:
    return Runner(tmp_path / "by-image", ByImage(image))


def test_a_step_posts(runner: Runner) -> None:
    step, states = posted(runner)
    assert (step.code, states) == (0, ["success"]), step.log


def test_it_has_every_output_that_is_declared(runner: Runner) -> None:
    step, _ = posted(runner)
    assert set(step.outputs) <= set(action().get("outputs", {})), step.log


def test_it_leaves_what_the_entrypoint_leaves(runner: Runner, tmp_path: Path) -> None:
    here = Runner(tmp_path / "by-entrypoint", by_entrypoint)
    (ours, _), (theirs, _) = posted(runner), posted(here)
    counts = ("posted", "already", "skipped", "errors", "failed")
    expected = {name: value for name, value in theirs.outputs.items() if name in counts}
    assert {name: ours.outputs.get(name) for name in expected} == expected
    assert bool(ours.summary) == bool(theirs.summary)


def test_a_ledger_is_kept_in_the_workspace(runner: Runner) -> None:
    step, _ = posted(runner, ledger="file:statusbot-ledger")
    assert (runner.workspace / "statusbot-ledger").is_file(), step.log


def test_the_token_is_no_argument_and_not_in_the_log(runner: Runner) -> None:
    started: list[Start] = []

    def watched(start: Start) -> subprocess.CompletedProcess[str]:
        started.append(start)
        return by_image(start)

    by_image, runner.start = runner.start, watched
    step, _ = posted(runner)
    assert (TOKEN in step.log, started[0].arguments) == (False, ())
