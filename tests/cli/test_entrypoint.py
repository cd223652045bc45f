"""From the inputs of a step to a command line and its variables."""

from __future__ import annotations

import os
from pathlib import Path
from unittest import mock

import pytest

from statusbot.cli import action
from statusbot.cli.action import VERBS, arguments_of, inputs_of, options_of
from statusbot.errors import UsageError
from tests.support.github_commands import pairs_of_file

HERE = "https://github.com/my-org/my-repo"
SHA = "5f" * 20
JOB = "ghs_token-of-the-job"


def variables(**inputs: str) -> dict[str, str]:
    """As the runner sets them: each input, and the variable of its option."""
    env = {"INPUT_COMMAND": "run", "GITHUB_ACTIONS": "true"}
    env |= {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "my-org/my-repo"}
    env |= {"GITHUB_SHA": SHA, "GITHUB_TOKEN": JOB, "INPUT_GITHUB-TOKEN": JOB}
    for name, text in inputs.items():
        env[f"INPUT_{name.upper().replace('_', '-')}"] = text
        env[f"STATUSBOT_{name.upper()}"] = text
    return env


def way(**inputs: str) -> tuple[str, str, str]:
    """The type, the address and the token that a run gets."""
    env = variables(**inputs)
    arguments_of(env)
    names = ("PROVIDER_TYPE", "ADDRESS", "TOKEN")
    kind, address, token = (env.get(f"STATUSBOT_{name}", "") for name in names)
    return kind, address, token


def refused(**inputs: str) -> str:
    with pytest.raises(UsageError) as caught:
        arguments_of(variables(**inputs))
    return str(caught.value)


def test_without_a_word_it_is_this_repository_with_the_token_of_the_job() -> None:
    assert way() == ("github", HERE, JOB)


def test_the_type_that_it_is_anyway_changes_nothing() -> None:
    assert way(provider_type="github") == ("github", HERE, JOB)


def test_a_token_that_was_given_is_used() -> None:
    assert way(token="pat") == ("github", HERE, "pat")


def test_another_repository_of_this_server_gets_the_token_of_the_job() -> None:
    there = "https://github.com/my-org/other"
    assert way(address=there) == ("github", there, JOB)


@pytest.mark.parametrize(
    "there",
    [
        "https://git.example/my-org/my-repo",
        "http://github.com/my-org/my-repo",
        "https://github.com:8443/my-org/my-repo",
        "https://github.com.git.example/my-org/my-repo",
        "https://github.com@git.example/my-org/my-repo",
        "ssh://git@github.com/my-org/my-repo",
        "https://[::1",
    ],
)
def test_no_other_place_gets_the_token_of_the_job(there: str) -> None:
    for kind in ("", "github", "gitea"):
        assert way(address=there, provider_type=kind) == (kind, there, "")


def test_another_type_is_not_this_repository() -> None:
    assert way(provider_type="gitea") == ("gitea", "", "")


@pytest.mark.parametrize("name", ["GITEA_ACTIONS", "FORGEJO_ACTIONS"])
def test_on_gitea_it_is_gitea(name: str) -> None:
    env = variables() | {name: "true"}
    arguments_of(env)
    assert env["STATUSBOT_PROVIDER_TYPE"] == "gitea"


def test_where_the_server_is_not_known_nothing_is_guessed() -> None:
    env = variables()
    del env["GITHUB_SERVER_URL"]
    arguments_of(env)
    assert not {"STATUSBOT_ADDRESS", "STATUSBOT_PROVIDER_TYPE", "STATUSBOT_TOKEN"} & set(env)


def test_with_none_the_alerts_of_the_cluster_say_where() -> None:
    assert way(provider_type="none") == ("", "", "")


def test_with_alerts_of_files_these_say_where() -> None:
    assert way(alerts_from="alerts/") == ("", "", "")


def test_run_is_the_command_where_none_is_named() -> None:
    assert arguments_of(variables(command=" ")) == ["run"]


def test_a_verb_that_is_no_step_is_none() -> None:
    assert refused(command="demo") == (
        "input command: there is no command 'demo': use run, wait or validate"
    )


def test_wait_waits_for_the_commit_of_the_workflow() -> None:
    assert arguments_of(variables(command="wait")) == ["wait", "--", SHA]


def test_wait_waits_for_the_commit_that_is_named() -> None:
    assert arguments_of(variables(command="wait", sha="1a2b3c4d")) == ["wait", "--", "1a2b3c4d"]


def test_wait_looks_for_this_repository() -> None:
    assert way(command="wait") == ("github", HERE, JOB)


def test_validate_checks_all_that_was_checked_out() -> None:
    assert arguments_of(variables(command="validate")) == ["validate", "--", "."]


def test_paths_are_separated_by_white_space_and_never_options() -> None:
    found = arguments_of(variables(command="validate", paths="a.yaml\n--help b/"))
    assert found == ["validate", "--", "a.yaml", "--help", "b/"]


def test_validate_gets_no_token() -> None:
    assert way(command="validate") == ("", "", "")


def test_an_input_that_there_is_not_is_told_with_those_that_there_are() -> None:
    sentence = refused(adress="x")
    assert sentence.startswith("with: there is no input 'adress': the inputs are address, ")


def test_an_input_of_another_command_is_told_with_that() -> None:
    assert refused(paths="x") == (
        "with: the command run takes no input paths: leave it out, or use command: validate"
    )


def test_an_input_that_is_empty_was_not_given() -> None:
    assert arguments_of(variables(paths=" ")) == ["run"]


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_with_a_variable_is_an_input(verb: str) -> None:
    assert set(options_of(verb)) <= inputs_of(verb)


def test_two_verbs_mean_the_same_option_by_a_variable() -> None:
    names: dict[str, str] = {}
    for verb in VERBS:
        for name, variable in options_of(verb).items():
            assert names.setdefault(variable, name) == name


def test_a_step_that_is_killed_has_failed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def killed(*_: object) -> int:
        raise SystemExit

    monkeypatch.setattr(action, "run_command", killed)
    environ = variables() | {"GITHUB_OUTPUT": str(tmp_path / "out")}
    # It adds variables of its own, which no other test must see.
    with mock.patch.dict(os.environ, environ), pytest.raises(SystemExit):
        action.run_step()
    assert pairs_of_file((tmp_path / "out").read_text()) == {"failed": "true"}
