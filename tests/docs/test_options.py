"""The pages name every verb and every option, and none that there is not."""

from __future__ import annotations

import re

import click
import pytest

from statusbot.cli.verbs import VERBS, statusbot
from tests.support.pages import Page, pages
from tests.support.shell_lines import commands, lines

# Options of other programs that sentences and tables speak of.
FOREIGN = {
    "--build-arg": "docker",
    "--from": "kubectl create job",
    "--read-only": "docker",
    "--replicas": "kubectl scale",
    "--resource-name": "kubectl create role",
    "--revision": "flux push artifact",
    "--strict": "mypy",
    "--tmpfs": "docker",
    "--collector.textfile.directory": "node_exporter",
}
OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z.-]*[a-z])\b")
ALL = [page for page in pages().values() if page.path != "tests/real/README.md"]


def command(verb: str) -> click.Command:
    found = statusbot.get_command(click.Context(statusbot), verb)
    assert found is not None
    return found


def options(verb: str) -> set[str]:
    """Its long ones."""
    params = (p for p in command(verb).params if isinstance(p, click.Option))
    return {name for param in params for name in param.opts if name.startswith("--")}


def calls() -> list[tuple[str, list[str]]]:
    """Each call of ours that a block has, with where it stands."""
    shell = [block for page in ALL for block in page.blocks if block.language == "sh"]
    found = [(b.name, words) for b in shell for line in lines(b.text) for words in commands(line)]
    return [(name, words[1:]) for name, words in found if words[0] == "statusbot"]


EVERY = set().union(*map(options, VERBS)) | {"--help", "--version"}
NAMED = {name for page in ALL for text in page.code() for name in OPTION.findall(text)}


@pytest.mark.parametrize("name", sorted(NAMED - FOREIGN.keys()))
def test_an_option_that_a_page_names_is_there(name: str) -> None:
    assert name in EVERY


@pytest.mark.parametrize(("place", "words"), calls())
def test_a_call_is_understood_by_its_verb(place: str, words: list[str]) -> None:
    verb, *arguments = words
    given = arguments[: arguments.index(">")] if ">" in arguments else arguments
    command(verb).make_context(verb, given)


@pytest.mark.parametrize("verb", VERBS)
def test_the_pages_tell_of_every_verb(verb: str) -> None:
    texts = [text for page in ALL for text in (*page.code(), *(b.text for b in page.blocks))]
    assert any(f"statusbot {verb}" in text for text in texts)


@pytest.mark.parametrize("name", sorted(EVERY - {"--help", "--version"}))
def test_the_pages_tell_of_every_option(name: str) -> None:
    assert name in NAMED | {option for _, words in calls() for option in words}


def test_the_table_of_other_programs_is_not_longer_than_it_must_be() -> None:
    assert FOREIGN.keys() <= NAMED


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.path)
def test_a_variable_that_a_page_names_is_that_of_an_option(page: Page) -> None:
    text = "\n".join([page.prose, *(block.text for block in page.blocks)])
    known = {f"STATUSBOT_{name[2:].replace('-', '_').upper()}" for name in EVERY}
    known |= {"STATUSBOT_TOKEN", "STATUSBOT_PATHS", "STATUSBOT_SHARDS", "STATUSBOT_REQUIRE_REAL"}
    assert set(re.findall(r"\bSTATUSBOT_[A-Z_]*[A-Z]\b", text)) <= known
