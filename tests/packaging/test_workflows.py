"""Workflows of GitHub, ours and those of the docs: they mean what GitHub takes them for."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.real.actionlint_part import actionlint
from tests.real.parts import NoGoError, unavailable

ROOT = Path(__file__).parents[2]
OURS = sorted((ROOT / ".github/workflows").glob("*.yml"))
DOCS = "".join((ROOT / path).read_text() for path in ("README.md", "docs/ci.md"))
Complaints = Callable[[str], str]
USES = "my-org/statusbot@v0.1.0"


def of_the_docs() -> dict[str, str]:
    """The workflows of the README and of docs/ci.md by their names."""
    blocks = re.findall(r"^```yaml\n(name: .*?)^```$", DOCS, re.MULTILINE | re.DOTALL)
    return {yaml.safe_load(block)["name"]: block for block in blocks}


WORKFLOWS = of_the_docs()


@pytest.fixture
def complaints(tmp_path: Path) -> Complaints:
    """What actionlint says of a workflow in a repository whose root is the action."""
    try:
        lint = actionlint()
    except NoGoError as error:
        unavailable("actionlint", error)
    workflow = tmp_path / ".github/workflows/a.yml"
    workflow.parent.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / "action.yml").write_text((ROOT / "action.yml").read_text())
    (tmp_path / "Dockerfile").touch()

    def complain(text: str) -> str:
        workflow.write_text(text)
        command: list[str | Path] = [lint, "-no-color", "-shellcheck=", "-pyflakes=", workflow]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return ran.stdout + ran.stderr

    return complain


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_ours_pass(complaints: Complaints, path: Path) -> None:
    assert complaints(path.read_text()) == ""


def test_the_docs_have_one_for_each_command() -> None:
    steps = [_action(text) for text in WORKFLOWS.values()]
    assert {step["with"].get("command", "run") for step in steps} == {"run", "wait", "validate"}


def _action(text: str) -> dict[str, Any]:
    (job,) = yaml.safe_load(text)["jobs"].values()
    (step,) = [step for step in job["steps"] if step.get("uses") == USES]
    found: dict[str, Any] = step
    return found


@pytest.mark.parametrize("name", sorted(WORKFLOWS))
def test_those_of_the_docs_pass_with_the_inputs_and_outputs_of_the_action(
    complaints: Complaints, name: str
) -> None:
    assert complaints(WORKFLOWS[name].replace(USES, "./")) == ""


def test_an_input_and_an_output_that_there_are_not_do_not_pass(complaints: Complaints) -> None:
    text = WORKFLOWS["Flux"].replace(USES, "./")
    assert 'input "fro" is not defined' in complaints(text.replace("for: 10m", "fro: 10m"))
    assert "outputs.rep" in complaints(text.replace("outputs.report", "outputs.rep"))


@pytest.mark.parametrize("name", sorted(WORKFLOWS))
def test_zizmor_finds_nothing_wrong_with_those_of_the_docs(tmp_path: Path, name: str) -> None:
    path = tmp_path / ".github/workflows/a.yml"
    path.parent.mkdir(parents=True)
    # Tags are readable; whoever copies one pins it as everything else.
    path.write_text(re.sub(r"@v\S+", f"@{'5f' * 20} # v1", WORKFLOWS[name]))
    ran = subprocess.run(
        [Path(sys.executable).with_name("zizmor"), "--offline", "--quiet", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
