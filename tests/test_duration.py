from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusbot import duration
from statusbot.errors import StatusbotError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15s", 15),
        ("5m", 300),
        ("1h30m", 5400),
        ("1.5m", 90),
        ("500ms", 0.5),
        ("0s", 0),
        ("30m1h", 5400),
        ("1h1h", 7200),
    ],
)
def test_it_reads_what_flux_reads(text: str, seconds: float) -> None:
    assert duration.parse(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "15",
        "1d",
        "1mm",
        "-5m",
        "+5m",
        "1h 30m",
        " 5m",
        "5m\n",
        "5us",
        ".5s",
        "5.s",
        "5M",
        "\u0665s",
    ],
)
def test_it_refuses_what_flux_refuses(text: str) -> None:
    with pytest.raises(StatusbotError, match="is not a duration"):
        duration.parse(text)


def test_the_error_says_what_to_write_instead() -> None:
    with pytest.raises(StatusbotError, match=r"'5 minutes' is not a duration: write it like 90s"):
        duration.parse("5 minutes")


def test_a_duration_beyond_python_is_a_sentence() -> None:
    with pytest.raises(StatusbotError, match="too long a duration"):
        duration.parse("9" * 400 + "h")


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(seconds=15), "15s"),
        (timedelta(minutes=90), "1h30m"),
        (timedelta(milliseconds=500), "500ms"),
        (timedelta(), "0s"),
        (timedelta(microseconds=3), "0s"),
        (timedelta(days=2), "48h"),
    ],
)
def test_it_shows_a_duration_as_flux_does(span: timedelta, text: str) -> None:
    assert duration.show(span) == text


@settings(deadline=None)
@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=3000)))
def test_what_is_shown_can_be_read_again(span: timedelta) -> None:
    assert abs(duration.parse(duration.show(span)) - span) <= timedelta(milliseconds=1)
