from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def loaded_by(module: str) -> set[str]:
    code = f"import sys, {module}; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(ran.stdout.split())


@pytest.fixture(scope="module")
def of_run() -> set[str]:
    return loaded_by("statusbot.cli.run")


@pytest.mark.parametrize(
    "module",
    [
        "click.shell_completion",
        "html",
        "jsonschema",
        "kubernetes",
        "prometheus_client",
        "rich",
        "statusbot.cluster.archives",
        "statusbot.cluster.files",
        "statusbot.cluster.overlay",
        "statusbot.follow.follow",
        "statusbot.report.as_markdown",
    ],
)
def test_a_run_does_not_load_what_only_some_runs_need(of_run: set[str], module: str) -> None:
    assert "statusbot.poll" in of_run
    assert module not in of_run
