"""Two clocks: the server's, which dates every claim, and ours, which bounds every call."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from statusbot.cluster.errors import TimedOut

# A Date is the second that had begun when it was written; the answer took its time to come.
_ROUNDED = timedelta(seconds=2)


class Deadline:
    """How long all calls together may take; without seconds there is no end."""

    def __init__(
        self, seconds: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """It begins to run now."""
        self._clock = clock
        self._end = math.inf if seconds is None else clock() + seconds

    def restart(self, seconds: float) -> None:
        """So long from now, for the next piece of work."""
        self._end = self._clock() + seconds

    def left(self) -> float:
        """Seconds, never below 0; ``inf`` without an end."""
        return max(0.0, self._end - self._clock())

    def bound(self, seconds: float) -> float:
        """``seconds``, or what is left when that is less; ``TimedOut`` when nothing is."""
        left = self.left()
        if left <= 0:
            raise TimedOut("the time given for reading the cluster is over", todo="raise --timeout")
        return min(seconds, left)


class ServerClock:
    """The API server's time: its last ``Date`` header and what our monotonic clock added since.

    Ages are differences between times that the cluster wrote and this one, so a skewed local
    clock (or a recorded cluster) changes nothing. RFC 9110 section 6.6.1 has it in whole seconds,
    so a Date that agrees with the second which we are in says nothing new: the clock does not step
    back for it, or what was read later would seem to have been read before.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """It knows nothing yet."""
        self._clock = clock
        self._heard: tuple[datetime, float] | None = None

    @property
    def known(self) -> bool:
        """Whether the server has told its time."""
        return self._heard is not None

    def hear(self, date: str | None) -> None:
        """Take a ``Date`` header; one that is missing or no date changes nothing."""
        try:
            told = parsedate_to_datetime(date or "")
            # "-0000" gives a naive one, which still means UTC (RFC 5322 section 3.3).
            told = told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
        except (ValueError, TypeError, OverflowError):
            return
        at = self._clock()
        if self._heard is None or not told <= self._at(at) < told + _ROUNDED:
            self._heard = (told, at)

    def now(self) -> datetime:
        """Aware, in UTC; the local clock while the server has not told its own."""
        return datetime.now(UTC) if self._heard is None else self._at(self._clock())

    def _at(self, instant: float) -> datetime:
        assert self._heard is not None
        told, at = self._heard
        return told + timedelta(seconds=instant - at)
