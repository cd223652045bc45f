"""``statusbot completion``: the script, and what a shell gets to choose from by it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from statusbot.cli.verbs import VERBS
from tests.support.cli import cli

ROOT = Path(__file__).parents[2]
# What readline does at Tab, without a terminal.
TAB = """
source /dev/stdin
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_statusbot_completion statusbot "${COMP_WORDS[COMP_CWORD]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    """PATH with the command."""
    command = tmp_path / "statusbot"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m statusbot "$@"\n')
    command.chmod(0o755)
    return f"{tmp_path}:{os.environ['PATH']}"


def choices(path: str, *words: str) -> list[str]:
    """What bash offers for the last of these words."""
    ran = subprocess.run(
        ["bash", "--norc", "-c", TAB, "bash", *words],
        input=cli("completion", "bash").out,
        env={"PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stderr == ""
    return ran.stdout.split()


def test_bash_completes_verbs(path: str) -> None:
    assert choices(path, "statusbot", "") == list(VERBS)
    assert choices(path, "statusbot", "wa") == ["wait"]


def test_bash_completes_options(path: str) -> None:
    assert choices(path, "statusbot", "run", "--fo") == ["--forge-hosts", "--for"]


def test_bash_completes_values(path: str) -> None:
    assert choices(path, "statusbot", "run", "--superseded", "") == ["off", "success", "error"]


@pytest.mark.parametrize(
    ("words", "number"),
    [("run --from ", 3), ("run --kubeconfig a", 3), ("run --metrics-file ", 3), ("validate ", 2)],
)
def test_files_are_left_to_the_shell(path: str, words: str, number: int) -> None:
    environ = {
        "PATH": path,
        "PYTHONPATH": str(ROOT),
        "_STATUSBOT_COMPLETE": "bash_complete",
        "COMP_WORDS": f"statusbot {words}",
        "COMP_CWORD": str(number),
    }
    ran = subprocess.run(["statusbot"], env=environ, capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("file,")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_asks_by_the_variable_that_click_looks_at(shell: str) -> None:
    ran = cli("completion", shell)
    assert (ran.code, ran.err) == (0, "")
    assert f"_STATUSBOT_COMPLETE={shell}_complete" in ran.out


def test_a_shell_that_there_is_not_is_told() -> None:
    ran = cli("completion", "tcsh")
    assert (ran.code, ran.out) == (2, "")
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in ran.err
