"""One login on one forge: what it can still do in this run."""

from __future__ import annotations

import threading
import time
from collections import deque

from statusbot.cluster.clock import Deadline
from statusbot.forges.base import Refused
from statusbot.ledger.pace import Pace
from statusbot.posting.outcome import STOPPED, Did

# A forge that fails this often in a row is left alone for the rest of the run: the next one tries.
FAILURES_IN_A_ROW = 3
# The least that GitHub asks for when it names no time ("Rate limits for the REST API").
LIMITED_FOR = 60.0
# What is limited for longer than this outlasts a run, so the runs have to share it.
RUN_SECONDS = 60.0
# How often a call looks whether another found the forge open again.
LOOK_EVERY = 0.1
Limits = tuple[tuple[int, float], ...]
OVER = "the time of this run is over (--timeout)"


class Stop(Exception):
    """No call can be made now: ``did`` and ``why`` are the outcome of whatever needed one.

    ``sent``: the last one went out, and the run ended before its answer came. ``unanswered``: the
    forge gave no answer that means anything to earlier ones.
    """

    def __init__(self, did: Did, why: str, unanswered: bool = False, *, sent: bool = False) -> None:
        """As an outcome."""
        super().__init__(why)
        self.did = did
        self.why = why
        self.sent = sent
        self.unanswered = unanswered


class Lane:
    """The pace of one login. Threads share it; every call asks it first."""

    def __init__(self, deadline: Deadline, limits: Limits, stopping: threading.Event) -> None:
        """``limits``: so many writes in so many seconds, as the forge publishes them."""
        self._deadline = deadline
        self._stopping = stopping
        self._lock = threading.Lock()
        self._writes = [(most, seconds, deque[float]()) for most, seconds in limits]
        self._log: list[float] = []
        self._unsure = False  # whether the forge takes calls again; one is asking
        self._asking = False
        self._failures = 0
        self._open_again = 0.0
        self._limited = ""
        self._stop: tuple[Did, str, bool] | None = None
        self._refusals: dict[str, Refused] = {}

    def recall(self, pace: Pace, now: float) -> None:
        """Go on from where earlier runs were; ``now`` is by the cluster's clock.

        The limit of a minute is each run's own: it is over before many runs could use it up. Where
        the forge asked an earlier run for a pause, one call finds out whether that still holds.
        """
        monotonic = time.monotonic()
        for age in pace.ages(now):
            for _, seconds, times in self._writes:
                if seconds > RUN_SECONDS:
                    times.append(monotonic - age)
        self._unsure = self._unsure or pace.until > now

    def remember(self, pace: Pace, now: float) -> None:
        """Note what later runs must know."""
        with self._lock:
            monotonic = time.monotonic()
            pace.add([now - (monotonic - instant) for instant in self._log])
            if self._open_again > monotonic:
                pace.until, pace.why = now + self._open_again - monotonic, self._limited
            elif not self._unsure:
                pace.until, pace.why = 0.0, ""

    def is_tight(self, writes: int) -> bool:
        """Whether a limit may leave no room for so many writes now."""
        with self._lock:
            return any(most - len(times) < writes for most, _, times in self._writes)

    def may_call(self, *, write: bool) -> None:
        """Wait until the forge takes another call. Raises Stop if that is not in this run."""
        while (wait := self._wait(write)) > 0:
            self.pause(wait)

    def pause(self, seconds: float) -> None:
        """Leave the forge alone for a while, or until the run is to stop."""
        self._stopping.wait(min(seconds, self._deadline.left(), threading.TIMEOUT_MAX))

    def _wait(self, write: bool) -> float:
        with self._lock:
            left = self._deadline.left()
            if self._stop is not None:
                raise Stop(*self._stop)
            if self._stopping.is_set():
                raise Stop(Did.DEFERRED, STOPPED)
            if left <= 0:
                raise Stop(Did.DEFERRED, OVER)
            if self._unsure and self._asking:
                return LOOK_EVERY
            now = time.monotonic()
            wait, why = max(self._open_again - now, 0.0), self._limited
            for most, seconds, times in self._writes if write else ():
                full = _full_for(most, seconds, times, now)
                if full > wait:
                    wait, why = full, f"the forge takes {most} writes in {seconds:.0f} s"
            if wait > left:
                raise Stop(Did.DEFERRED, why)
            self._asking = self._asking or wait <= 0
            if wait <= 0 and write:
                self._log.append(now)
                for _, _, times in self._writes:
                    times.append(now)
            return wait

    def limited(self, seconds: float | None, why: str) -> None:
        """The forge said that there are too many calls, and for how long that holds."""
        with self._lock:
            self._unsure = False
            again = time.monotonic() + (LIMITED_FOR if seconds is None else seconds)
            if again > self._open_again:
                self._open_again, self._limited = again, why

    def answered(self) -> None:
        """The forge works."""
        with self._lock:
            self._unsure = False
            self._failures = 0

    def failed(self, why: str) -> None:
        """The forge did not answer as it should."""
        with self._lock:
            self._unsure = False
            self._failures += 1
            if self._failures >= FAILURES_IN_A_ROW and self._stop is None:
                self._stop = (Did.ERROR, why, True)

    def hopeless(self, why: str, *, unanswered: bool = False) -> None:
        """No call of this login can do any good."""
        with self._lock:
            self._stop = self._stop or (Did.ERROR, why, unanswered)

    def refuse(self, what: str, refusal: Refused) -> None:
        """The forge refuses all that is about ``what``, a repository or a commit of it."""
        with self._lock:
            self._refusals.setdefault(what, refusal)

    def refusal(self, *what: str) -> Refused | None:
        """What the forge said of any of these."""
        with self._lock:
            return next((self._refusals[name] for name in what if name in self._refusals), None)

    def left(self) -> float:
        """Seconds until the run is over."""
        return self._deadline.left()


def _full_for(most: int, seconds: float, times: deque[float], now: float) -> float:
    while times and times[0] <= now - seconds:
        times.popleft()
    return times[0] + seconds - now if len(times) >= most else 0.0
