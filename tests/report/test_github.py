"""Commands to GitHub's runner: what it reads back is what was meant, whatever the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusbot.report.github import (
    SHOWN,
    Annotations,
    annotation,
    below_workspace,
    group,
    is_github,
    mask,
)
from statusbot.text import loggable
from tests.support.github_commands import command, commands

HOSTILE = [
    "::error::x",
    "a\n::set-env name=PATH::/evil",
    "a\r\n::add-mask::e",
    "##[error]x",
    "100% sure: a, b",
    "%0A::error::x",
    "\u2028::error::x",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_an_annotation_is_one_command_with_this_very_text(text: str) -> None:
    (found,) = commands(annotation("error", text, title=text, file="a b.yaml").split("\n"))
    assert (found.name, found.text) == ("error", loggable(text))
    assert found.properties == {"title": loggable(text), "file": "a b.yaml"}


@given(st.text(), st.text(min_size=1).map(lambda title: f"-{title}-"))
def test_whatever_the_text_it_is_read_as_it_was(text: str, title: str) -> None:
    line = annotation("warning", text, title=title)
    assert len(line.splitlines()) == 1
    found = command(line)
    assert found is not None
    assert (found.text, found.properties) == (loggable(text), {"title": loggable(title)})


def test_what_is_not_known_is_left_out() -> None:
    assert annotation("notice", "x", file="", line=0, col=0) == "::notice::x"


def test_a_place_is_in_the_words_of_the_runner() -> None:
    line = annotation("error", "no", file="a.yaml", line=3, col=7)
    assert line == "::error file=a.yaml,line=3,col=7::no"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_mask_hides_exactly_the_secret(secret: str) -> None:
    line = mask(secret)
    assert "\n" not in line
    found = command(line)
    assert found is not None
    assert (found.name, found.text) == ("add-mask", secret)


def test_a_group_has_a_title_of_one_line() -> None:
    found = command(group("a\nb"))
    assert found is not None
    assert (found.name, found.text) == ("group", "a b")


def test_no_more_annotations_are_made_than_are_shown() -> None:
    lines: list[str] = []
    annotations = Annotations(lines.append)
    for number in range(3 * SHOWN):
        annotations.add("error", f"number {number}")
    annotations.add("warning", "another level")
    assert len(lines) == SHOWN + 1
    assert "the last one that GitHub shows" in lines[SHOWN - 1]


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("a/b.yaml", "a/b.yaml"),
        ("./a/b.yaml", "a/b.yaml"),
        ("/github/workspace/a.yaml", "a.yaml"),
        ("/elsewhere/a.yaml", "/elsewhere/a.yaml"),
        ("/github/workspace-2/a.yaml", "/github/workspace-2/a.yaml"),
    ],
)
def test_files_are_named_from_the_root_of_the_checkout(path: str, named: str) -> None:
    assert below_workspace(path, "/github/workspace") == named


@pytest.mark.parametrize("value", ["", "false", "1"])
def test_only_its_own_word_means_github(value: str) -> None:
    assert not is_github({"GITHUB_ACTIONS": value})
    assert is_github({"GITHUB_ACTIONS": "true"})
