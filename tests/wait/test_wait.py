"""The spine: who ends a wait, and when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from statusbot.cluster.clock import Deadline
from statusbot.cluster.errors import TimedOut
from statusbot.errors import UsageError
from statusbot.wait.verdict import Standing, Verdict
from statusbot.wait.wait import Ending, Outcome, Wait
from tests.support.objects import C2

GREEN, RED, WAITING = Standing.GREEN, Standing.RED, Standing.WAITING


def verdicts(*standings: Standing) -> list[Verdict]:
    return [Verdict(f"ns/{number}", standing) for number, standing in enumerate(standings)]


@dataclass
class Script:
    """A looker that sees one thing after the other, a second each, and the clock of that."""

    sights: list[list[Verdict] | Exception]
    now: float = 0.0
    asked: list[float] = field(default_factory=list)
    looks: int = 1  # until all was read once

    @property
    def complete(self) -> bool:
        return len(self.asked) >= self.looks

    def look(self, seconds: float) -> Sequence[Verdict]:
        self.asked.append(seconds)
        self.now += seconds
        sight = self.sights.pop(0) if len(self.sights) > 1 else self.sights[0]
        if isinstance(sight, Exception):
            raise sight
        return sight

    def close(self) -> None:
        raise AssertionError("whoever opened it closes it")


@dataclass
class Shown:
    said: list[tuple[list[Standing], float]] = field(default_factory=list)
    outcome: Outcome | None = None

    def progress(self, verdicts: Sequence[Verdict], seconds: float) -> None:
        self.said.append(([verdict.standing for verdict in verdicts], seconds))

    def end(self, outcome: Outcome) -> None:
        assert self.said, "nobody was told before"
        self.outcome = outcome


def waited(
    *sights: list[Verdict] | Exception, timeout: float = math.inf, once_after: int = 0
) -> tuple[Outcome, Script, Shown]:
    script, shown = Script(list(sights), looks=once_after or 1), Shown()
    clock = lambda: script.now  # noqa: E731
    deadline = Deadline(timeout, clock)
    outcome = Wait(C2, script, shown, deadline, clock, once=bool(once_after))()
    assert shown.outcome is outcome
    return outcome, script, shown


def test_all_green_is_green() -> None:
    outcome, _, shown = waited(verdicts(WAITING, GREEN), verdicts(GREEN, GREEN))
    assert (outcome.ending, outcome.seconds, outcome.sha) == (Ending.GREEN, 2.0, C2)
    assert shown.said == [([WAITING, GREEN], 1.0), ([GREEN, GREEN], 2.0)]


def test_one_red_is_red_at_once() -> None:
    outcome, script, _ = waited(verdicts(WAITING, RED, GREEN), verdicts(GREEN, GREEN, GREEN))
    assert outcome.ending is Ending.RED
    assert len(script.asked) == 1


def test_nothing_at_all_is_not_green() -> None:
    outcome, _, _ = waited([], verdicts(GREEN))
    assert (outcome.ending, outcome.seconds) == (Ending.GREEN, 2.0)


def test_the_time_ends_it_with_what_is_missing() -> None:
    outcome, script, _ = waited(verdicts(WAITING, GREEN), timeout=2.5)
    assert (outcome.ending, outcome.seconds) == (Ending.TIMEOUT, 2.5)
    assert [verdict.name for verdict in outcome.of(WAITING)] == ["ns/0"]
    assert script.asked == [1.0, 1.0, 0.5]


def test_green_at_the_last_moment_is_green() -> None:
    outcome, _, _ = waited(verdicts(WAITING), verdicts(GREEN), timeout=2.0)
    assert outcome.ending is Ending.GREEN


def test_a_cluster_that_used_the_time_up_keeps_what_was_known() -> None:
    outcome, _, _ = waited(verdicts(WAITING), TimedOut("over"), timeout=60)
    assert outcome.ending is Ending.TIMEOUT
    assert outcome.verdicts == verdicts(WAITING)


def test_what_waiting_does_not_mend_goes_up() -> None:
    with pytest.raises(UsageError, match="forbidden"):
        waited(verdicts(WAITING), UsageError("forbidden"))


def test_each_ending_has_its_exit_code() -> None:
    assert {ending: ending.exit_code for ending in Ending} == {"green": 0, "red": 1, "timeout": 124}


def test_the_time_counts_from_when_the_user_began() -> None:
    script = Script([verdicts(GREEN)])
    deadline = Deadline(None, clock=lambda: script.now)
    outcome = Wait(C2, script, Shown(), deadline, clock=lambda: script.now, began=-3.0)()
    assert outcome.seconds == 4.0


def test_who_looks_once_waits_for_nothing_but_the_reading() -> None:
    outcome, script, _ = waited(*[verdicts(WAITING)] * 9, once_after=2)
    assert (outcome.ending, len(script.asked)) == (Ending.TIMEOUT, 2)


@pytest.mark.parametrize("standing", [GREEN, RED])
def test_who_looks_once_learns_what_the_last_of_the_reading_told(standing: Standing) -> None:
    outcome, _, _ = waited(verdicts(WAITING), verdicts(standing), once_after=2)
    assert outcome.ending.value == standing.value
