"""The pace of one login on one forge."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from statusbot.cluster.clock import Deadline
from statusbot.forges.base import Refused
from statusbot.ledger.pace import Pace
from statusbot.posting import lane as module
from statusbot.posting.lane import FAILURES_IN_A_ROW, OVER, Lane, Stop
from statusbot.posting.outcome import STOPPED, Did


@dataclass
class Waiting(threading.Event):
    """An event that nobody sets: waiting for it makes the time pass, and is noted."""

    at: float = 1000.0
    waits: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waits.append(timeout)
        if not self.is_set():
            self.at += timeout
        return self.is_set()

    def monotonic(self) -> float:
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Waiting:
    clock = Waiting()
    monkeypatch.setattr(module, "time", clock)
    return clock


def lane(clock: Waiting, seconds: float | None = 600.0, *limits: tuple[int, float]) -> Lane:
    return Lane(Deadline(seconds, clock.monotonic), limits, clock)


def stopped(lane: Lane, *, write: bool = True) -> tuple[Did, str]:
    with pytest.raises(Stop) as caught:
        lane.may_call(write=write)
    return caught.value.did, caught.value.why


def test_nobody_waits_without_a_reason(clock: Waiting) -> None:
    lane(clock).may_call(write=True)
    assert clock.waits == []


def test_a_limit_is_waited_for_as_long_as_the_forge_said(clock: Waiting) -> None:
    limited = lane(clock)
    limited.limited(30, "slow down")
    limited.may_call(write=False)
    assert clock.waits == [30]


def test_a_limit_without_a_time_is_a_minute(clock: Waiting) -> None:
    limited = lane(clock)
    limited.limited(None, "slow down")
    limited.may_call(write=False)
    assert clock.waits == [60]


def test_the_longest_of_several_limits_counts(clock: Waiting) -> None:
    limited = lane(clock)
    limited.limited(30, "slow down")
    limited.limited(5, "slow down")
    limited.may_call(write=False)
    assert clock.waits == [30]


def test_a_limit_beyond_the_end_of_the_run_defers_in_the_forges_words(clock: Waiting) -> None:
    limited = lane(clock)
    limited.limited(601, "slow down")
    assert stopped(limited) == (Did.DEFERRED, "slow down")


def test_writes_wait_for_the_published_limit(clock: Waiting) -> None:
    busy = lane(clock, 600.0, (2, 60.0))
    for _ in range(2):
        busy.may_call(write=True)
        clock.at += 10
    busy.may_call(write=True)
    assert clock.waits == [40]


def test_of_two_published_limits_the_tighter_counts(clock: Waiting) -> None:
    busy = lane(clock, 6000.0, (9, 60.0), (1, 3600.0))
    busy.may_call(write=True)
    busy.may_call(write=True)
    assert clock.waits == [3600]


def test_reads_neither_wait_for_the_limit_of_writes_nor_count_as_any(clock: Waiting) -> None:
    busy = lane(clock, 600.0, (1, 60.0))
    busy.may_call(write=False)
    busy.may_call(write=True)
    busy.may_call(write=False)
    assert clock.waits == []


def test_a_published_limit_beyond_the_end_of_the_run_defers(clock: Waiting) -> None:
    busy = lane(clock, 50.0, (1, 60.0))
    busy.may_call(write=True)
    assert stopped(busy) == (Did.DEFERRED, "the forge takes 1 writes in 60 s")


def test_a_write_that_was_deferred_does_not_count(clock: Waiting) -> None:
    busy = lane(clock, 600.0, (1, 60.0))
    busy.limited(601, "slow down")
    stopped(busy)
    assert not busy._writes[0][2]


def test_a_run_that_is_over_defers(clock: Waiting) -> None:
    over = lane(clock, 10.0)
    clock.at += 10
    assert stopped(over) == (Did.DEFERRED, OVER)


def test_a_run_that_is_told_to_stop_defers(clock: Waiting) -> None:
    clock.set()
    assert stopped(lane(clock)) == (Did.DEFERRED, STOPPED)


def test_who_waits_hears_that_the_run_is_told_to_stop(clock: Waiting) -> None:
    limited = lane(clock)
    limited.limited(30, "slow down")
    clock.set()
    assert stopped(limited)[1] == STOPPED


def test_a_forge_that_fails_in_a_row_is_left_alone(clock: Waiting) -> None:
    broken = lane(clock)
    for number in range(FAILURES_IN_A_ROW):
        broken.may_call(write=False)
        broken.failed(f"failure {number}")
    broken.failed("one more")
    assert stopped(broken, write=False) == (Did.ERROR, f"failure {FAILURES_IN_A_ROW - 1}")


def test_an_answer_ends_the_row_of_failures(clock: Waiting) -> None:
    shaky = lane(clock)
    for _ in range(3):
        for _ in range(FAILURES_IN_A_ROW - 1):
            shaky.failed("no")
        shaky.answered()
    shaky.may_call(write=True)


def test_what_is_hopeless_stops_with_its_first_reason(clock: Waiting) -> None:
    dead = lane(clock)
    dead.hopeless("bad login")
    dead.hopeless("unreachable")
    assert stopped(dead, write=False) == (Did.ERROR, "bad login")


def test_what_is_hopeless_says_so_even_when_the_run_is_over(clock: Waiting) -> None:
    dead = lane(clock, 10.0)
    dead.hopeless("bad login")
    clock.at += 10
    assert stopped(dead) == (Did.ERROR, "bad login")


def test_the_first_refusal_of_a_thing_is_kept(clock: Waiting) -> None:
    first, second = Refused("one", False, "commit"), Refused("two", False, "commit")
    some = lane(clock)
    some.refuse("repo@c", first)
    some.refuse("repo@c", second)
    assert some.refusal("repo", "repo@c") is first


def test_what_was_not_refused_has_no_refusal(clock: Waiting) -> None:
    assert lane(clock).refusal("repo", "repo@c") is None


def test_a_pause_ends_with_the_run(clock: Waiting) -> None:
    lane(clock, 10.0).pause(60)
    assert clock.waits == [10]


def test_a_run_without_an_end_can_pause_for_any_time(clock: Waiting) -> None:
    lane(clock, None).pause(float("inf"))
    assert clock.waits == [threading.TIMEOUT_MAX]


def test_it_knows_how_long_the_run_may_take(clock: Waiting) -> None:
    assert lane(clock, 10.0).left() == 10.0


def test_writes_of_earlier_runs_count_in_the_limit_of_an_hour(clock: Waiting) -> None:
    made = lane(clock, 6000.0, (2, 3600.0))
    made.recall(Pace({0: 2}), now=90.0)  # by the end of the minute 0, 30 s ago, they were made
    made.may_call(write=True)
    assert clock.waits == [3570.0]


def test_the_limit_of_a_minute_is_each_runs_own(clock: Waiting) -> None:
    made = lane(clock, 600.0, (2, 60.0))
    made.recall(Pace({0: 2}), now=90.0)
    made.may_call(write=True)
    assert clock.waits == []


def test_reads_do_not_wait_for_the_writes_of_earlier_runs(clock: Waiting) -> None:
    made = lane(clock, 6000.0, (2, 3600.0))
    made.recall(Pace({0: 2}), now=90.0)
    made.may_call(write=False)
    assert clock.waits == []


def unsure(clock: Waiting) -> Lane:
    """A lane whose forge asked an earlier run for a pause; one call is on its way."""
    made = lane(clock, 10.0)
    made.recall(Pace(until=130.0, why="too many"), now=90.0)
    made.may_call(write=False)
    return made


def test_after_a_pause_of_an_earlier_run_one_call_asks_at_once(clock: Waiting) -> None:
    unsure(clock)
    assert clock.waits == []


def test_and_no_other_call_goes_out_before_its_answer(clock: Waiting) -> None:
    made = unsure(clock)
    assert stopped(made) == (Did.DEFERRED, OVER)
    assert sum(clock.waits) == pytest.approx(10.0)


@pytest.mark.parametrize(
    "heard", [Lane.answered, lambda lane: lane.failed("500")], ids=["answered", "failed"]
)
def test_when_it_is_answered_the_others_go(clock: Waiting, heard: Callable[[Lane], None]) -> None:
    made = unsure(clock)
    heard(made)
    made.may_call(write=True)
    assert clock.waits == []


def test_when_it_is_limited_still_the_others_are_deferred(clock: Waiting) -> None:
    made = unsure(clock)
    made.limited(3600.0, "still too many")
    assert stopped(made) == (Did.DEFERRED, "still too many")


def test_a_pause_that_is_over_is_forgotten(clock: Waiting) -> None:
    made = lane(clock)
    made.recall(Pace(until=90.0), now=90.0)
    for _ in range(2):
        made.may_call(write=False)
    assert clock.waits == []


def test_what_was_written_is_there_for_later_runs(clock: Waiting) -> None:
    made, pace = lane(clock), Pace()
    made.may_call(write=True)
    made.may_call(write=False)
    made.remember(pace, now=600.0)
    assert (pace.writes, pace.until) == ({10: 1}, 0.0)


def test_a_pause_that_outlasts_the_run_is_there_for_later_runs(clock: Waiting) -> None:
    made, pace = lane(clock), Pace()
    made.limited(90.0, "too many")
    made.remember(pace, now=600.0)
    assert (pace.until, pace.why) == (690.0, "too many")


@pytest.mark.parametrize(("writes", "tight"), [(2, False), (3, True)])
def test_a_lane_is_tight_where_a_limit_may_leave_no_room(
    clock: Waiting, writes: int, tight: bool
) -> None:
    made = lane(clock, 600.0, (3, 60.0), (9, 3600.0))
    made.may_call(write=True)
    assert made.is_tight(writes) is tight


def test_a_lane_without_limits_is_never_tight(clock: Waiting) -> None:
    assert not lane(clock).is_tight(10**6)


def test_a_pause_that_a_call_found_over_is_over_for_later_runs_too(clock: Waiting) -> None:
    made, pace = lane(clock), Pace(until=130.0, why="too many")
    made.recall(pace, now=90.0)
    made.may_call(write=False)
    made.answered()
    made.remember(pace, now=91.0)
    assert (pace.until, pace.why) == (0.0, "")


def test_a_pause_that_nobody_asked_about_goes_on(clock: Waiting) -> None:
    made, pace = lane(clock), Pace(until=130.0, why="too many")
    made.recall(pace, now=90.0)
    made.remember(pace, now=91.0)
    assert (pace.until, pace.why) == (130.0, "too many")
