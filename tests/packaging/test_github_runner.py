"""The stand-in for GitHub's runner: what it hands to a step, and what it makes of what is left."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.github_commands import Command, command, commands, masked, pairs_of_file
from tests.support.github_expressions import resolved
from tests.support.github_runner import Runner, Start

ACTION = {
    "inputs": {
        "path": {"description": "A path.", "default": "."},
        "host": {"description": "A host.", "default": "${{ github.server_url }}"},
        "log-level": {"description": "A level."},
    },
    "runs": {"using": "docker", "env": {"TOOL_PATH": "${{ inputs.path }}"}},
}


class Container:
    """Takes down how it was started, and writes what a test wants."""

    def __init__(self, out: str = "", *, output: str = "", summary: str = "") -> None:
        self.started: list[Start] = []
        self._out, self._files = out, {"GITHUB_OUTPUT": output, "GITHUB_STEP_SUMMARY": summary}

    def __call__(self, start: Start) -> subprocess.CompletedProcess[str]:
        self.started.append(start)
        for name, text in self._files.items():
            Path(start.env[name]).write_text(text)
        return subprocess.CompletedProcess((), 0, self._out, "")

    @property
    def env(self) -> dict[str, str]:
        return dict(self.started[-1].env)


def runner(folder: Path, container: Container, **env: str) -> Runner:
    return Runner(folder, container, env=env, action=ACTION)


def test_an_input_that_was_left_out_has_its_default(tmp_path: Path) -> None:
    container = Container()
    runner(tmp_path, container).step()
    assert container.env["INPUT_HOST"] == "https://github.com"


def test_an_input_without_a_default_is_empty(tmp_path: Path) -> None:
    container = Container()
    runner(tmp_path, container).step()
    assert container.env["INPUT_LOG-LEVEL"] == ""


def test_an_input_reaches_the_variable_that_asks_for_it(tmp_path: Path) -> None:
    container = Container()
    runner(tmp_path, container).step({"path": "a b"})
    assert container.env["TOOL_PATH"] == "a b"


def test_what_the_workflow_set_is_not_replaced_by_the_action(tmp_path: Path) -> None:
    container = Container()
    runner(tmp_path, container, TOOL_PATH="theirs").step({"path": "ours"})
    assert container.env["TOOL_PATH"] == "theirs"


def test_an_unknown_input_is_handed_over_with_a_warning(tmp_path: Path) -> None:
    container = Container()
    step = runner(tmp_path, container).step({"pth": "a"})
    assert (container.env["INPUT_PTH"], len(step.warnings)) == ("a", 1)


def test_the_token_of_the_job_is_no_variable(tmp_path: Path) -> None:
    container = Container()
    runner(tmp_path, container).step()
    assert not any("for-tests" in value for value in container.env.values())


def test_paths_are_those_of_the_container(tmp_path: Path) -> None:
    container = Container()
    runner(tmp_path, container).step({"path": "deploy"})
    inside = container.started[0].inside()
    assert inside["GITHUB_WORKSPACE"] == "/github/workspace"
    assert inside["GITHUB_OUTPUT"].startswith("/github/file_commands/")
    assert inside["RUNNER_TEMP"] == "/github/runner_temp"
    assert inside["TOOL_PATH"] == "deploy"


def test_outputs_and_summary_are_read_from_their_files(tmp_path: Path) -> None:
    step = runner(tmp_path, Container(output="posted=3\n", summary="# Done\n")).step()
    assert (step.outputs, step.summary) == ({"posted": "3"}, "# Done\n")


def test_what_was_masked_is_in_neither_log_nor_summary(tmp_path: Path) -> None:
    container = Container("::add-mask::s3cret\nIt is s3cret\n", summary="s3cret")
    step = runner(tmp_path, container).step()
    assert (step.log, step.summary) == ("::add-mask::***\nIt is ***\n", "***")


def test_a_summary_that_is_too_large_is_none(tmp_path: Path) -> None:
    step = runner(tmp_path, Container(summary="x" * (1024 * 1024 + 1))).step()
    assert (step.summary, len(step.warnings)) == ("", 1)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "::error file=a.yaml,line=3,title=a%2Cb::No%0Away",
            Command("error", "No\nway", {"file": "a.yaml", "line": "3", "title": "a,b"}),
        ),
        ("  ::group::Posting", Command("group", "Posting")),
        ("text ::error::no", None),
        ("text ##[error]yes", Command("error", "yes")),
        ("::fly::away", None),
    ],
)
def test_a_command_is_found_as_the_runner_finds_it(line: str, expected: Command | None) -> None:
    assert command(line) == expected


def test_nothing_is_a_command_between_stop_commands_and_its_token() -> None:
    lines = ["::stop-commands::abc", "::error::no", "::abc::", "::notice::yes"]
    assert [each.name for each in commands(lines)] == ["stop-commands", "notice"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("a=b=c\n", {"a": "b=c"}),
        ("a<<END\none\ntwo\nEND\nb=1\n", {"a": "one\ntwo", "b": "1"}),
        ("a=x<<y\n", {"a": "x<<y"}),
    ],
)
def test_outputs_are_read_as_the_runner_reads_them(text: str, expected: dict[str, str]) -> None:
    assert pairs_of_file(text) == expected


@pytest.mark.parametrize("text", ["a\n", "a<<END\nb\n", "=b\n", "<<END\nEND\n"])
def test_a_file_of_outputs_that_fails_the_step(text: str) -> None:
    with pytest.raises(ValueError, match=r"invalid format|delimiter"):
        pairs_of_file(text)


def test_a_secret_of_two_lines_is_not_masked_as_one() -> None:
    assert masked("one\ntwo", ["one\ntwo"]) == "one\ntwo"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${{ inputs.a }}/${{ inputs.b }}", "1/"),
        ("${{ inputs.b || 'none' }}", "none"),
        ("${{ inputs.a && 'some' || 'none' }}", "some"),
    ],
)
def test_an_expression_is_evaluated(text: str, expected: str) -> None:
    assert resolved(text, {"inputs": {"a": "1"}}) == expected


def test_a_context_that_is_not_known_there_is_refused() -> None:
    with pytest.raises(ValueError, match="github"):
        resolved("${{ github.token }}", {"inputs": {}})
