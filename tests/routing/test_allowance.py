"""What one namespace's patterns and expressions may cost a poll."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from statusbot.errors import StatusbotError
from statusbot.routing.allowance import INSTRUCTIONS, SECONDS, Allowance, Allowances
from statusbot.routing.cel.process import Died, Process
from statusbot.routing.cel.program import SECONDS as LIMIT
from statusbot.routing.expression import Expression
from statusbot.routing.patterns import Patterns

_DIGITS = "[0,1,2,3,4,5,6,7,8,9]"
SLOW = f"{_DIGITS}.all(a, {_DIGITS}.all(b, event.m.replace('m', 'n') != '')) ? 'a' : 'b'"
_GROWS = "[[1]]" + ".map(x, [x, x, x, x, x, x, x, x])" * 14
ENDLESS = f"{_GROWS} == {_GROWS} ? 'a' : 'b'"
MESSAGE = {"event": {"m": "m" * 30_000}}


@pytest.fixture
def process() -> Iterator[Process]:
    made = Process()
    yield made
    made.close()


def test_while_there_is_time_nothing_is_said() -> None:
    allowance = Allowance("team")
    allowance.spend(SECONDS / 2)
    allowance.check()


def test_when_it_is_spent_the_namespace_is_named() -> None:
    allowance = Allowance("team")
    allowance.spend(SECONDS)
    with pytest.raises(StatusbotError, match=r"of the namespace team have had the 10 seconds"):
        allowance.check()


def test_what_there_is_no_room_for_is_refused_and_takes_none() -> None:
    allowance = Allowance("team", instructions=10)
    with pytest.raises(StatusbotError, match=rf"team have more than {INSTRUCTIONS} instructions"):
        allowance.keep(11)
    allowance.keep(10)


def test_a_namespace_has_one_allowance_for_all_that_it_has() -> None:
    allowances = Allowances()
    assert allowances("a") is allowances("a")
    assert allowances("a") is not allowances("b")


def test_a_pattern_is_paid_for_when_it_is_compiled_and_when_it_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ticks = count()
    monkeypatch.setattr(time, "thread_time", lambda: float(next(ticks)))
    allowance = Allowance("team")
    patterns = Patterns(["a"], [], allowance)
    patterns.check()
    assert allowance._seconds == SECONDS - 1
    patterns("a")
    assert allowance._seconds == SECONDS - 2
    assert allowance._instructions < INSTRUCTIONS


def test_when_it_is_spent_no_pattern_is_asked() -> None:
    allowance = Allowance("team")
    patterns = Patterns(["a"], [], allowance)
    patterns.check()
    allowance.spend(SECONDS)
    with pytest.raises(StatusbotError, match="namespace team"):
        patterns("a")


def test_more_patterns_than_there_is_room_for_are_refused() -> None:
    many = [f"{'(ab|cd)' * 40}{number}" for number in range(2000)]
    with pytest.raises(StatusbotError, match="instructions"):
        Patterns([], many, Allowance("team")).check()


def test_an_expression_is_paid_for_when_it_is_compiled_and_when_it_is_asked() -> None:
    class Second(Process):
        def ask(
            self, request: dict[str, Any], spend: Callable[[float], None] = lambda seconds: None
        ) -> dict[str, str]:
            spend(1.0)
            return {"result": "a"}

    allowance = Allowance("team")
    expression = Expression("'a'", Second(), allowance)
    assert allowance._seconds == SECONDS - 1
    expression({}, {}, {})
    assert allowance._seconds == SECONDS - 2


def test_the_process_tells_what_it_took(process: Process) -> None:
    took: list[float] = []
    assert process.ask({"expression": SLOW, "variables": MESSAGE}, took.append) == {"result": "a"}
    assert 0 < sum(took) < LIMIT


def test_what_ends_the_process_took_all_that_it_may(process: Process) -> None:
    took: list[float] = []
    endless = {"expression": ENDLESS, "variables": MESSAGE}
    with pytest.raises(Died):
        process.ask(endless, took.append)
    assert took == [LIMIT]


def test_when_it_is_spent_no_expression_is_asked() -> None:
    allowance = Allowance("team")
    expression = Expression("'a'", allowance=allowance)
    allowance.spend(SECONDS)
    with pytest.raises(StatusbotError, match="namespace team"):
        expression({}, {}, {})
