from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from statusbot.cluster.clock import Deadline, ServerClock
from statusbot.cluster.errors import TimedOut

DATE = "Sat, 21 Nov 2026 10:00:00 GMT"
TOLD = datetime(2026, 11, 21, 10, tzinfo=UTC)


class Ticks:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_the_servers_time_goes_on_with_our_monotonic_clock() -> None:
    ticks = Ticks()
    clock = ServerClock(ticks)
    clock.hear(DATE)
    ticks.at += 90
    assert clock.now() == TOLD + timedelta(seconds=90)


@pytest.mark.parametrize("seconds", [0.0, 0.5, 0.999, 1.5])
def test_a_date_that_is_only_rounded_down_does_not_set_it_back(seconds: float) -> None:
    ticks = Ticks()
    clock = ServerClock(ticks)
    clock.hear(DATE)
    ticks.at += seconds
    clock.hear(DATE)
    assert clock.now() == TOLD + timedelta(seconds=seconds)


def test_a_date_that_is_ahead_of_it_sets_it_forward() -> None:
    ticks = Ticks()
    clock = ServerClock(ticks)
    clock.hear(DATE)
    ticks.at += 0.5
    clock.hear("Sat, 21 Nov 2026 10:00:01 GMT")
    assert clock.now() == TOLD + timedelta(seconds=1)


def test_a_server_whose_clock_stands_still_is_believed_after_a_while() -> None:
    ticks = Ticks()
    clock = ServerClock(ticks)
    clock.hear(DATE)
    ticks.at += 30
    clock.hear(DATE)
    assert clock.now() == TOLD


def test_a_later_date_header_wins_even_when_it_goes_back() -> None:
    clock = ServerClock(Ticks())
    clock.hear("Sat, 21 Nov 2026 11:00:00 GMT")
    clock.hear(DATE)
    assert clock.now() == TOLD


@pytest.mark.parametrize("date", [None, "", "soon", "Sat, 99 Nov 2026 10:00:00 GMT", "\x00"])
def test_what_is_no_date_changes_nothing(date: str | None) -> None:
    clock = ServerClock(Ticks())
    clock.hear(DATE)
    clock.hear(date)
    assert clock.now() == TOLD


@pytest.mark.parametrize("zone", ["-0000", "+0000"])
def test_a_zone_without_a_name_is_utc(zone: str) -> None:
    clock = ServerClock(Ticks())
    clock.hear(f"Sat, 21 Nov 2026 10:00:00 {zone}")
    assert clock.now() == TOLD


def test_another_zone_is_turned_into_utc() -> None:
    clock = ServerClock(Ticks())
    clock.hear("Sat, 21 Nov 2026 12:00:00 +0200")
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.now() == TOLD


def test_before_the_server_spoke_the_local_clock_holds() -> None:
    before = datetime.now(UTC)
    clock = ServerClock()
    assert not clock.known
    assert before <= clock.now() <= datetime.now(UTC)


def test_a_deadline_shortens_what_is_longer_than_it_leaves() -> None:
    ticks = Ticks()
    deadline = Deadline(30, ticks)
    ticks.at += 20
    assert deadline.bound(60) == 10
    assert deadline.bound(5) == 5


def test_a_deadline_that_is_over_is_the_timeout_exit_code() -> None:
    ticks = Ticks()
    deadline = Deadline(30, ticks)
    ticks.at += 31
    assert deadline.left() == 0
    with pytest.raises(TimedOut, match="raise --timeout") as caught:
        deadline.bound(1)
    assert caught.value.exit_code == 124


def test_without_seconds_there_is_no_end() -> None:
    assert Deadline().bound(60) == 60
