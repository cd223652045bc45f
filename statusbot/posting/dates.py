"""A forge's instants by the cluster's clock: the two may be minutes apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from statusbot.forges.base import Answer, Row
from statusbot.forges.dates import clock_of

# Both clocks are known in whole seconds: what they differ by less than this may be nothing.
WHOLE_SECONDS = 2.0


def ahead(answer: Answer, asked: float, answered: float) -> float:
    """Seconds that the forge's clock is surely ahead of ours, negative where it is behind.

    Its ``Date`` was written between ``asked`` and ``answered``, which are
    seconds since the epoch by our clock. Without one, or with none that can be read, 0.
    """
    date = clock_of(answer)
    if date is None:
        return 0.0
    told = date.timestamp()
    if told > answered + WHOLE_SECONDS:
        return told - answered
    return min(told + WHOLE_SECONDS - asked, 0.0)


def by_our_clock(rows: Iterable[Row], seconds_ahead: float) -> Iterator[Row]:
    """The rows with the instants that they have by our clock."""
    for row in rows:
        yield replace(row, created=_moved(row.created, seconds_ahead)) if seconds_ahead else row


def _moved(created: datetime | None, seconds_ahead: float) -> datetime | None:
    try:
        return created and created - timedelta(seconds=seconds_ahead)
    except OverflowError:
        # Go writes an instant that was never set as the first of the year 1.
        return created
