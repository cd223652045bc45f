"""How fast recorded time goes by."""

from __future__ import annotations

import time
from collections.abc import Callable


class Pace:
    """``speed`` recorded seconds in a real one; a poll that takes long makes the show longer."""

    def __init__(
        self,
        speed: float,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """The first second begins now."""
        self._seconds = 1 / speed
        self._now = now
        self._sleep = sleep
        self._next = now() + self._seconds

    def second(self) -> None:
        """Wait until the next recorded second begins."""
        wait = self._next - self._now()
        if wait > 0:
            self._sleep(wait)
        self._next = self._now() + self._seconds
