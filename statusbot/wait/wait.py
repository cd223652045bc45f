"""The spine of ``wait``: look until all are green, one is red, or the time is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from statusbot.cluster.clock import Deadline
from statusbot.cluster.errors import TimedOut
from statusbot.wait.verdict import Looker, Standing, Verdict

# Seconds between two looks where nothing happens: the time that has passed is shown.
TICK = 1.0


class Ending(StrEnum):
    """How it ended; a signal ends it without any."""

    GREEN = "green"
    RED = "red"
    TIMEOUT = "timeout"

    @property
    def exit_code(self) -> int:
        """That of the verb."""
        return {Ending.GREEN: 0, Ending.RED: 1, Ending.TIMEOUT: 124}[self]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it after so many ``seconds``."""

    sha: str
    ending: Ending
    seconds: float
    verdicts: Sequence[Verdict]

    def of(self, standing: Standing) -> list[Verdict]:
        """Those that stand so."""
        return [verdict for verdict in self.verdicts if verdict.standing is standing]


class Show(Protocol):
    """Who shows it to whoever waits."""

    def progress(self, verdicts: Sequence[Verdict], seconds: float) -> None:
        """All of them after so many seconds; called often, changed or not."""

    def end(self, outcome: Outcome) -> None:
        """The last words. ``progress`` was told of the same verdicts."""


@dataclass(slots=True)
class Wait:
    """``sha`` is in full. ``clock`` counts seconds from anywhere; by it ``began`` is when the user did.

    Without it the time counts from the call. With ``once`` nothing is waited for but the reading.
    """

    sha: str
    looker: Looker
    show: Show
    deadline: Deadline
    clock: Callable[[], float] = time.monotonic
    began: float | None = None
    once: bool = False
    _verdicts: Sequence[Verdict] = field(default=(), init=False)

    def __call__(self) -> Outcome:
        """How it ended. Raises UsageError where it cannot, and Stopped after a signal."""
        began = self.clock() if self.began is None else self.began
        ending = None
        while ending is None:
            ending = self._look()
            self.show.progress(self._verdicts, self.clock() - began)
        outcome = Outcome(self.sha, ending, self.clock() - began, self._verdicts)
        self.show.end(outcome)
        return outcome

    def _look(self) -> Ending | None:
        try:
            self._verdicts = self.looker.look(min(TICK, self.deadline.left()))
        except TimedOut:
            return Ending.TIMEOUT
        is_over = not self.deadline.left() or (self.once and self.looker.complete)
        return self._ending() or (Ending.TIMEOUT if is_over else None)

    def _ending(self) -> Ending | None:
        standings = {verdict.standing for verdict in self._verdicts}
        if Standing.RED in standings:
            return Ending.RED
        return Ending.GREEN if standings == {Standing.GREEN} else None
