"""The tools of these tests see what is wrong."""

from __future__ import annotations

import pytest

from tests.support.shell_lines import commands, lines
from tests.support.shown import missing

PRINTED = "green apps at 1a2b3c4d5e: x\nred web\nafter 3.5 s at 2026-11-21T10:00:00Z\n"


@pytest.mark.parametrize(
    "shown",
    [
        "green apps at fedcba98: x\nred web\nafter 12 s at 2026-01-01T00:00:00Z\n",
        "green …\nred web\nafter …\n",
        "…\nred web\n…\n",
        "green apps at 1a2b…: x\n…",
    ],
)
def test_what_is_printed_may_be_shown(shown: str) -> None:
    assert missing(shown, PRINTED) == ""


@pytest.mark.parametrize(
    ("shown", "wrong"),
    [
        ("green web at fedcba98: x\nred web\n…", "green web at fedcba98: x"),
        ("green apps at fedcba98: x\n…\nblue web\n…", "blue web"),
        ("…\nred web", "no line such as: after <seconds> s at <instant>"),
        ("red web\n…", "red web"),
        ("…\nred web\ngreen apps …", "green apps …"),
    ],
)
def test_what_is_not_printed_there_is_seen(shown: str, wrong: str) -> None:
    assert missing(shown, PRINTED) == wrong


def test_commands_are_told_apart() -> None:
    (line,) = lines("A=b a x |\n  c --y \\\n    'd | e' \"$(f g)\" && source <(h) # i\n")
    found = [words[0] for words in commands(line)]
    assert found == ["a", "c", "source", "h", "f"]


def test_each_line_is_one() -> None:
    assert lines("# a\nb\n\nc \\\n  d\n") == ["b", "c d"]
