"""The help of each verb: purpose, examples that can be typed, exit codes, environment."""

from __future__ import annotations

import re

import click
import pytest

from statusbot.cli.verbs import VERBS, statusbot
from tests.support.cli import cli
from tests.support.shell_lines import commands, lines

# Those that call nobody have no time to be over.
WITHOUT_TIMEOUT = {"validate", "demo", "completion"}


def help_of(verb: str) -> str:
    ran = cli(verb, "--help")
    assert (ran.code, ran.err) == (0, "")
    return ran.out


def section(verb: str, title: str) -> str:
    """What is below a title, up to the next one."""
    found = re.search(rf"^ *{title}:\n(.*?)(?=^\S|^  \w+:\n|\Z)", help_of(verb), re.S | re.M)
    assert found, title
    return found[1]


def examples() -> list[str]:
    texts = [section(verb, "Examples") for verb in VERBS]
    return [line.strip() for text in texts for line in lines(text)]


@pytest.mark.parametrize("verb", VERBS)
def test_it_says_every_exit_code(verb: str) -> None:
    codes = {int(code) for code in re.findall(r"^  (\d+) ", section(verb, "Exit codes"), re.M)}
    assert codes >= {0, 2, 3, 130}
    assert (124 in codes) == (verb not in WITHOUT_TIMEOUT)


@pytest.mark.parametrize("verb", VERBS)
def test_it_says_what_of_the_environment_counts(verb: str) -> None:
    assert "STATUSBOT_<OPTION>" in section(verb, "Environment")


@pytest.mark.parametrize("line", examples())
def test_its_examples_are_understood(line: str) -> None:
    ours = [words[1:] for words in commands(line) if words[0] == "statusbot"]
    assert ours
    for verb, *arguments in ours:
        command = statusbot.get_command(click.Context(statusbot), verb)
        assert command is not None
        given = [word for word in arguments if word != ">" and not word.startswith("~")]
        command.make_context(verb, given)


@pytest.mark.parametrize("verb", VERBS)
def test_its_lines_fit_a_terminal(verb: str) -> None:
    texts = [section(verb, title) for title in ("Examples", "Exit codes", "Environment")]
    assert [line for text in texts for line in text.splitlines() if len(line) > 80] == []


def test_the_version_is_told() -> None:
    from statusbot import __version__

    assert __version__ in cli("--version").out


def test_the_list_of_verbs_says_where_examples_and_exit_codes_are() -> None:
    last = cli("--help").out.rstrip().rpartition("\n\n")[2]
    words = "statusbot COMMAND --help tells its options, with examples, exit codes and variables."
    assert " ".join(last.split()) == words
