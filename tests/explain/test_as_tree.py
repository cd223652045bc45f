"""The tree of the terminal."""

from __future__ import annotations

import io

import pytest

from statusbot.explain.as_text import as_text
from statusbot.explain.as_tree import print_tree
from statusbot.explain.ending import Ending
from statusbot.explain.explanation import Explanation
from statusbot.explain.question import Question
from statusbot.explain.step import Step, Verdict, fact, fault, no, yes


def explanation(*steps: Step, sentence: str = "the status is posted") -> Explanation:
    end = Ending(True, sentence)
    return Explanation("c", 0.0, Question("flux-system", "apps"), list(steps), [], end)


def drawn(*steps: Step, sentence: str = "the status is posted") -> list[str]:
    stream = io.StringIO()
    print_tree(explanation(*steps, sentence=sentence), stream)
    return stream.getvalue().splitlines()


def test_each_verdict_has_its_mark() -> None:
    steps = (yes("a"), no("b", "c"), fault("d"), Step("e", Verdict.UNASKED), fact("f", "g"))
    assert drawn(*steps) == [
        "Kustomization flux-system/apps",
        "├── ✓ a",
        "├── ✗ b: c",
        "├── ! d",
        "├── · not asked any more: e",
        "└── f: g",
        "the status is posted",
    ]


def test_the_text_has_words_for_marks_and_depth() -> None:
    steps = (yes("a", "", no("b", "c")), fault("d"))
    assert list(as_text(explanation(*steps))) == [
        "Kustomization flux-system/apps",
        "  yes a",
        "    no  b: c",
        "  !   d",
        "the status is posted",
    ]


def test_what_looks_like_markup_is_text() -> None:
    assert drawn(fact("[bold]x[/bold]", ":smile: [link=http://x]y[/]"))[1] == (
        "└── [bold]x[/bold]: :smile: [link=http://x]y[/]"
    )


def test_the_answer_is_one_line_however_narrow_the_terminal_is() -> None:
    sentence = "to change that: `" + "flux create alert " * 20 + "`"
    assert drawn(sentence=sentence)[-1] == sentence


@pytest.mark.parametrize("text", ["##[error]x", "##vso[x]y"])
def test_what_looks_like_a_command_of_a_ci_system_is_none(text: str) -> None:
    lines = drawn(fact(text), sentence=text)
    assert "##" not in "".join(lines)


def test_no_color_leaves_marks_and_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    lines = drawn(no("b", "c"))
    assert not any("[3" in line for line in lines)
