"""An explanation as a tree, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from statusbot.explain.explanation import Explanation
from statusbot.explain.step import Step, Verdict, folded
from statusbot.text import loggable

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

_MARKS = {
    Verdict.YES: ("✓ ", "green"),
    Verdict.NO: ("✗ ", "yellow"),
    Verdict.FAULT: ("! ", "bold red"),
    Verdict.UNASKED: ("· ", "dim"),
}


def print_tree(explanation: Explanation, stream: TextIO) -> None:
    """Draw it; NO_COLOR and the width are rich's to find out."""
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    console.print(_tree(explanation.root))
    style = "bold green" if explanation.ending.posted else "bold yellow"
    # The terminal breaks it where it must: a command that is copied out of it stays whole.
    console.print(Text(loggable(explanation.ending.sentence), style), soft_wrap=True)


def _tree(step: Step) -> Tree:
    from rich.tree import Tree

    tree = Tree(_label(step), guide_style="dim")
    _grow(tree, step)
    return tree


def _grow(tree: Tree, step: Step) -> None:
    for child in folded(step.children):
        _grow(tree.add(_label(child)), child)


def _label(step: Step) -> Text:
    from rich.text import Text

    mark, style = _MARKS.get(step.verdict, ("", ""))
    dim = step.verdict is Verdict.UNASKED
    label = Text(mark, style)
    label.append(loggable(step.name), "dim" if dim else "bold")
    if step.value:
        label.append(f": {loggable(step.value)}", "not bold")
    return label
