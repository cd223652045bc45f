"""An explanation as plain indented lines, for a pipe or a file."""

from __future__ import annotations

from collections.abc import Iterator

from statusbot.explain.explanation import Explanation
from statusbot.explain.step import Step, Verdict, folded
from statusbot.text import loggable

_MARKS = {Verdict.YES: "yes ", Verdict.NO: "no  ", Verdict.FAULT: "!   ", Verdict.UNASKED: "-   "}


def as_text(explanation: Explanation) -> Iterator[str]:
    """The lines, without their line ends; the last is the answer."""
    yield from _lines(explanation.root, 0)
    yield loggable(explanation.ending.sentence)


def _lines(step: Step, depth: int) -> Iterator[str]:
    value = f": {step.value}" if step.value else ""
    yield loggable(f"{'  ' * depth}{_MARKS.get(step.verdict, '')}{step.name}{value}")
    for child in folded(step.children):
        yield from _lines(child, depth + 1)
