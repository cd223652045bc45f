"""What a forge had of a login lately."""

from __future__ import annotations

from statusbot.ledger.pace import Pace

NOW = 1_000_000 * 60.0


def test_writes_of_this_minute_are_of_now() -> None:
    made = Pace()
    made.add([NOW, NOW + 5])
    assert list(made.ages(NOW + 10)) == [0, 0]


def test_no_write_counts_as_older_than_it_may_be() -> None:
    made = Pace()
    made.add([NOW + 59])
    assert list(made.ages(NOW + 90)) == [30]


def test_the_oldest_comes_first() -> None:
    made = Pace({10: 1, 5: 2})
    assert list(made.ages(11 * 60.0)) == [300, 300, 0]


def test_an_hour_is_remembered_and_no_more() -> None:
    assert list(Pace({0: 1}).ages(60 + 3599.0)) == [3599]
    assert list(Pace({0: 1}).ages(60 + 3600.0)) == []


def test_writes_of_the_last_hour_matter() -> None:
    made = Pace({0: 1, 5: 1})
    assert made.matters(3700.0)
    assert made.writes == {5: 1}


def test_what_a_clock_that_was_ahead_noted_holds_nobody_back() -> None:
    made = Pace({10: 1, 90: 5})
    assert list(made.ages(11 * 60.0)) == [0]
    made.matters(11 * 60.0)
    assert made.writes == {10: 1}


def test_a_write_of_the_next_minute_is_of_now() -> None:
    made = Pace({11: 1})
    assert list(made.ages(11 * 60.0 - 1)) == [0]


def test_a_pause_matters_until_it_is_over() -> None:
    assert Pace(until=5.0).matters(4.0)
    assert not Pace(until=5.0).matters(5.0)
