"""The noun that an explanation is made of: a tree of steps, each with a verdict and a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby

from statusbot.text import cut, printable, redact

# A value is read in a terminal: a message of a thousand lines says no more than its beginning.
VALUE_KEPT = 400


class Verdict(StrEnum):
    """How a step came out. ``fact`` is no question, ``unasked`` one that was not reached."""

    YES = "yes"
    NO = "no"
    FAULT = "fault"  # somebody has to mend something
    FACT = "fact"
    UNASKED = "unasked"


@dataclass(slots=True)
class Step:
    """What was asked, what came of it, and the value that decided it; both texts are safe."""

    name: str
    verdict: Verdict = Verdict.FACT
    value: str = ""
    children: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Whatever a cluster or a forge wrote becomes one safe line here, and nowhere else."""
        self.name, self.value = safe(self.name), safe(self.value)


def folded(steps: Iterable[Step]) -> Iterator[Step]:
    """For people: the steps, with those in one that stand together and were not reached."""
    for reached, group in groupby(steps, lambda step: step.verdict is not Verdict.UNASKED):
        if reached:
            yield from group
        else:
            names = ", ".join(step.name for step in group)
            yield Step("not asked any more", Verdict.UNASKED, names)


def safe(text: str) -> str:
    """One line that holds no secret and moves no cursor."""
    return cut(redact(" ".join(printable(text).split())), VALUE_KEPT)


def yes(name: str, value: str = "", *children: Step) -> Step:
    """A question whose answer is yes."""
    return Step(name, Verdict.YES, value, list(children))


def no(name: str, value: str = "", *children: Step) -> Step:
    """A question whose answer is no."""
    return Step(name, Verdict.NO, value, list(children))


def fault(name: str, value: str = "", *children: Step) -> Step:
    """What somebody has to mend."""
    return Step(name, Verdict.FAULT, value, list(children))


def fact(name: str, value: str = "", *children: Step) -> Step:
    """What is so."""
    return Step(name, Verdict.FACT, value, list(children))
