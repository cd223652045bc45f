from __future__ import annotations

import pytest

from statusbot.demo.show.pace import Pace


class Time:
    """A clock that only sleeping, or a test, moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


def pace(time: Time, speed: float) -> Pace:
    return Pace(speed, now=lambda: time.now, sleep=time.sleep)


def test_a_recorded_second_takes_its_part_of_a_real_one(time: Time) -> None:
    pace(time, 20).second()
    assert time.slept == [pytest.approx(0.05)]


def test_what_was_worked_in_between_is_not_waited_for(time: Time) -> None:
    show = pace(time, 1)
    time.now += 0.25
    show.second()
    assert time.slept == [pytest.approx(0.75)]


def test_a_long_poll_is_not_caught_up_with(time: Time) -> None:
    show = pace(time, 1)
    time.now += 5
    show.second()
    show.second()
    assert time.slept == [pytest.approx(1)]
