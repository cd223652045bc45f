"""What a forge's own clock says of its rows, by ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from statusbot.forges.base import Answer, Row
from statusbot.posting.dates import ahead, by_our_clock
from statusbot.results.state import State

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def told(seconds: float) -> Answer:
    """An answer of a forge whose clock differs by so much."""
    return Answer(200, {"Date": format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)})


@pytest.mark.parametrize("seconds", [-2, -1, 0, 1, 2])
def test_less_than_whole_seconds_is_no_difference(seconds: float) -> None:
    assert ahead(told(seconds), NOW.timestamp(), NOW.timestamp()) == 0.0


@pytest.mark.parametrize(("seconds", "surely"), [(180, 180), (-180, -178)])
def test_minutes_are_one(seconds: float, surely: float) -> None:
    assert ahead(told(seconds), NOW.timestamp(), NOW.timestamp()) == surely


def test_a_slow_answer_is_no_difference() -> None:
    assert ahead(told(7), NOW.timestamp(), NOW.timestamp() + 15) == 0.0


@pytest.mark.parametrize("date", ["", "soon", "Fri, 99 Nov 2026 12:00:00 GMT"])
def test_a_date_that_is_none_says_nothing(date: str) -> None:
    assert ahead(Answer(200, {"Date": date}), NOW.timestamp(), NOW.timestamp()) == 0.0


def test_rows_get_the_instants_that_they_have_by_our_clock() -> None:
    rows = [Row("c", State.SUCCESS, created=NOW), Row("c", State.SUCCESS)]
    moved = [row.created for row in by_our_clock(rows, 180.0)]
    assert moved == [NOW - timedelta(seconds=180), None]


@pytest.mark.parametrize("seconds", [180.0, -180.0])
@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"])
def test_an_instant_at_the_end_of_the_calendar_does_no_harm(text: str, seconds: float) -> None:
    """Go writes an instant that was never set as the first of the year 1."""
    created = datetime.fromisoformat(text)
    (row,) = by_our_clock([Row("c", State.SUCCESS, created=created)], seconds)
    assert row.created is not None
    assert abs(row.created - created) <= timedelta(seconds=180)
