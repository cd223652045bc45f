"""Instants in headers, whatever is in them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusbot.forges.base import Answer
from statusbot.forges.dates import clock_of, http_date

THEN = datetime(2026, 11, 20, 12, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["Fri, 20 Nov 2026 12:01:30 GMT", "Fri, 20 Nov 2026 12:01:30 -0000"]
)
def test_a_date_is_aware(text: str) -> None:
    assert http_date(text) == THEN


@pytest.mark.parametrize("text", ["", "soon", f"Fri, 20 Nov {'9' * 20} 12:01:30 GMT"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert http_date(text) is None


@given(st.text())
def test_no_header_is_a_bug_of_ours(text: str) -> None:
    http_date(text)


def test_the_forges_clock_is_in_its_answer() -> None:
    assert clock_of(Answer(200, {"Date": "Fri, 20 Nov 2026 12:01:30 GMT"})) == THEN
    assert clock_of(Answer(200)) is None
