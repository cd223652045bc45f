"""What a step leaves behind, on GitHub and elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from statusbot.cli.step import Step, is_action
from tests.support.cli import cli
from tests.support.github_commands import commands, pairs_of_file
from tests.support.world import World


def on_github(folder: Path, **more: str) -> dict[str, str]:
    """The variables of a step that calls the command line itself."""
    files = {"GITHUB_OUTPUT": str(folder / "out"), "GITHUB_STEP_SUMMARY": str(folder / "md")}
    return {"GITHUB_ACTIONS": "true", **files, **more}


def test_a_summary_can_be_had_everywhere(here: World) -> None:
    path = here.folder / "summary.md"
    ran = here.run("--summary", str(path))
    assert (ran.code, "::" in ran.err) == (0, False)
    assert "<code>flux-system/healthy</code>" in path.read_text()


def test_a_summary_is_added_to_what_is_there(here: World) -> None:
    path = here.folder / "summary.md"
    path.write_text("# Before\n")
    here.run("--summary", str(path))
    assert path.read_text().startswith("# Before\n### statusbot\n")


def test_a_summary_that_takes_nothing_is_told_before_anything_is_posted(here: World) -> None:
    ran = here.run("--summary", str(here.folder / "missing" / "summary.md"))
    assert (ran.code, here.forge.calls) == (2, [])
    assert "the summary cannot be written" in ran.err


def test_the_summary_of_a_runner_that_takes_nothing_is_a_warning(here: World) -> None:
    env = on_github(here.folder, GITHUB_STEP_SUMMARY=str(here.folder / "missing" / "md"))
    ran = here.run(env=env)
    assert (ran.code, here.shown("healthy")) == (0, ["success"])
    assert "the summary cannot be written" in ran.err


def test_outputs_that_cannot_be_written_are_a_warning(here: World) -> None:
    ran = here.run(env=on_github(here.folder, GITHUB_OUTPUT=str(here.folder)))
    assert (ran.code, "the outputs cannot be written" in ran.err) == (0, True)


def test_on_github_the_summary_and_the_outputs_are_the_steps(here: World) -> None:
    here.run(env=on_github(here.folder))
    assert pairs_of_file((here.folder / "out").read_text())["posted"] == "1"
    assert "**1 posted**" in (here.folder / "md").read_text()


def test_elsewhere_files_of_github_are_left_alone(here: World) -> None:
    here.run(env=on_github(here.folder) | {"GITHUB_ACTIONS": ""})
    assert not (here.folder / "out").exists()


def test_a_run_that_cannot_read_says_so_in_an_annotation(here: World) -> None:
    ran = cli("run", "--kubeconfig", "missing", env=on_github(here.folder))
    (error,) = commands(ran.err.splitlines())
    assert (error.name, error.properties["title"]) == ("error", "statusbot")
    assert f"statusbot: error: {error.text}" in ran.err


def test_a_warning_is_an_annotation(here: World) -> None:
    ran = here.run("-n", "flux-sytem", env=on_github(here.folder))
    (warning,) = commands(ran.err.splitlines())
    assert warning.name == "warning"
    assert warning.text == "there is no Kustomization in the namespace flux-sytem"


def test_a_group_is_ended_where_the_run_fails(here: World) -> None:
    options = ("--kubeconfig", "missing", "--log-level", "info")
    ran = cli("run", *options, env=on_github(here.folder))
    names = [each.name for each in commands(ran.err.splitlines())]
    assert [name for name in names if "group" in name] == ["group", "endgroup"]


def test_two_groups_are_never_open(capsys: pytest.CaptureFixture[str]) -> None:
    step = Step(None, {"GITHUB_ACTIONS": "true"})
    step.fold("a")
    step.fold("b")
    step.unfold()
    step.unfold()
    assert capsys.readouterr().err.splitlines() == ["::group::a", "::endgroup::"]


@pytest.mark.parametrize(
    ("environ", "action"),
    [
        ({"GITHUB_ACTIONS": "true", "INPUT_COMMAND": "run"}, True),
        ({"GITHUB_ACTIONS": "true", "INPUT_COMMAND": ""}, True),
        ({"GITHUB_ACTIONS": "true"}, False),
        ({"INPUT_COMMAND": "run"}, False),
    ],
)
def test_only_a_step_of_the_action_has_inputs(environ: dict[str, str], action: bool) -> None:
    assert is_action(environ) is action


def test_an_old_report_is_not_added_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    environ = {"GITHUB_ACTIONS": "true", "INPUT_COMMAND": "run", "GITHUB_ACTION": "one"}
    for text in (b"old", b"new"):
        Step(None, environ).keep([text])
    assert (tmp_path / "statusbot-reports/one.json").read_bytes() == b"new"


def test_a_report_that_cannot_be_kept_is_a_warning_and_no_output(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "statusbot-reports").write_text("in the way")
    environ = {"GITHUB_ACTIONS": "true", "INPUT_COMMAND": "run", "GITHUB_OUTPUT": "out"}
    step = Step(None, environ)
    step.keep([b"{}"])
    step.close([], {"posted": 1})
    assert pairs_of_file((tmp_path / "out").read_text()) == {"posted": "1"}


@pytest.fixture
def checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A workspace beside a folder ``outside``, which has a file."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/one.json").write_text("theirs")
    (tmp_path / "checkout").mkdir()
    monkeypatch.chdir(tmp_path / "checkout")
    return tmp_path / "checkout"


ONE = {"GITHUB_ACTIONS": "true", "INPUT_COMMAND": "run", "GITHUB_ACTION": "one"}


def outside(checkout: Path) -> dict[str, str]:
    """What its files hold, by name."""
    return {path.name: path.read_text() for path in (checkout.parent / "outside").iterdir()}


def test_a_folder_that_is_a_link_is_not_followed(
    checkout: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (checkout / "statusbot-reports").symlink_to("../outside")
    Step(None, ONE).keep([b"{}"])
    assert outside(checkout) == {"one.json": "theirs"}
    (said,) = caplog.messages
    assert said.endswith("the report cannot be kept: its folder is a symbolic link")


def test_a_report_that_becomes_a_link_is_not_followed(
    checkout: Path, caplog: pytest.LogCaptureFixture
) -> None:
    step = Step(None, ONE)
    (checkout / "statusbot-reports").mkdir()
    (checkout / "statusbot-reports/one.json").symlink_to("../../outside/one.json")
    step.keep([b"{}"])
    assert outside(checkout) == {"one.json": "theirs"}
    (said,) = caplog.messages
    assert "the report cannot be kept: " in said


def test_a_report_that_was_a_link_is_a_file(checkout: Path) -> None:
    (checkout / "statusbot-reports").mkdir()
    report = checkout / "statusbot-reports/one.json"
    report.symlink_to("../../outside/one.json")
    Step(None, ONE).keep([b"{}"])
    assert outside(checkout) == {"one.json": "theirs"}
    assert (report.is_symlink(), report.read_bytes()) == (False, b"{}")


def test_a_list_of_ignored_files_that_leads_nowhere_is_left_alone(checkout: Path) -> None:
    (checkout / "statusbot-reports").mkdir()
    (checkout / "statusbot-reports/.gitignore").symlink_to("../../outside/new")
    Step(None, ONE).keep([b"{}"])
    assert outside(checkout) == {"one.json": "theirs"}
