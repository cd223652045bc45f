"""Whether what the forge shows is true, by the recordings' truth tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from statusbot.demo.forge import EmbeddedForge, Row
from statusbot.demo.recording import Truth


@dataclass(slots=True)
class Verdict:
    """The sum over all scenes; ``wrong`` has a sentence for each commit that shows no truth."""

    right: int = 0
    wrong: list[str] = field(default_factory=list)
    stored: int = 0
    doubled: int = 0

    @property
    def holds(self) -> bool:
        """Whether every commit shows what is true, and nothing was written twice."""
        return not self.wrong and not self.doubled

    def lines(self) -> Iterator[str]:
        """In words, what is wrong first."""
        yield from self.wrong
        yield f"{self.right} of {self.right + len(self.wrong)} commits show what is true."
        twice = f"{self.doubled} of them" if self.doubled else "none"
        yield f"{self.stored} statuses are stored, {twice} twice."

    def judge(self, forge: EmbeddedForge, truths: Iterable[Truth]) -> None:
        """Compare, and add to the sum."""
        for truth in truths:
            rows = rows_of(forge, truth)
            self.stored += len(rows)
            self.doubled += doubled(rows)
            if is_right(truth, rows):
                self.right += 1
            else:
                self.wrong.append(_wrong(truth, rows))


def rows_of(forge: EmbeddedForge, truth: Truth) -> list[Row]:
    """What was ever written on a truth's commit for its Kustomization, oldest first."""
    rows = forge.rows(truth.repository, truth.commit)
    return [row for row in rows if _name_in(row.context) == truth.name]


def is_right(truth: Truth, rows: Sequence[Row]) -> bool:
    """Whether the last row is accepted, and none ever said what is never true."""
    final = rows[-1].state if rows else "none"
    return final in truth.accept and not truth.never & {row.state for row in rows}


def doubled(rows: Sequence[Row]) -> int:
    """How many rows say again what the row before them said."""
    told = [(row.context, row.state, row.description) for row in rows]
    return sum(before == after for before, after in pairwise(told))


def _name_in(context: str) -> str:
    # kustomization/<name>/<id>, or kustomization/<namespace>/<name>/<id> for namesakes.
    return context.split("/")[-2] if "/" in context else ""


def _wrong(truth: Truth, rows: Sequence[Row]) -> str:
    told = ", then ".join(row.state for row in rows) or "nothing"
    right = " or ".join(sorted(truth.accept))
    return f"{truth.repository}: {truth.label} {truth.commit[:8]} shows {told}; right is {right}"
