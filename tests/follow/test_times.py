from __future__ import annotations

from statusbot.follow.times import Patience, Times

TIMES = Times(first_pause=1.0, longest_pause=5.0)


def test_each_pause_is_twice_the_one_before_up_to_the_longest() -> None:
    patience = Patience(TIMES)
    assert [patience.lose() for _ in range(5)] == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_a_round_that_lasted_makes_the_next_pause_short_again() -> None:
    patience = Patience(TIMES)
    patience.lose()
    patience.lasted(8.1)
    assert patience.lose() == 1.0


def test_a_round_that_hardly_lasted_does_not() -> None:
    patience = Patience(TIMES)
    patience.lose()
    patience.lasted(7.9)
    assert patience.lose() == 2.0
