"""Instants in the headers of answers (RFC 9110 section 5.6.7)."""

from __future__ import annotations

from datetime import UTC, datetime

from statusbot.forges.base import Answer


def http_date(value: str) -> datetime | None:
    """The instant that a header names, aware; None where it can be read by nobody."""
    # Here, since few headers are dates.
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # "-0000" gives a naive one, which still means UTC (RFC 5322 section 3.3).
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def clock_of(answer: Answer) -> datetime | None:
    """What the forge's clock showed when it answered, in whole seconds (RFC 9110 section 6.6.1)."""
    return http_date(answer.headers.get("date", ""))
