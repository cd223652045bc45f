"""How long a follower waits for what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds."""

    round: float = 60.0  # as often as a CronJob would poll
    grace: float = 5.0  # that what is under way at the end may still take
    stop: float = 0.6  # the same after a signal
    first_pause: float = 0.1  # before a cluster is read again that did not answer, or cut us off
    longest_pause: float = 30.0
    together: float = 0.05  # in which the writes that Flux makes one after another come
    look: float = 0.1  # how often a signal and the time are looked for


class Patience:
    """The pauses before a cluster is read again: each is twice the one before, until it holds."""

    def __init__(self, times: Times) -> None:
        """Nothing went wrong yet."""
        self._times = times
        self.pause = times.first_pause

    def lasted(self, seconds: float) -> None:
        """A round was that long. At most a fifth of the time is lost to a server that cuts us off."""
        if seconds > 4 * self.pause:
            self.pause = self._times.first_pause

    def lose(self) -> float:
        """Seconds to wait now."""
        pause, self.pause = self.pause, min(2 * self.pause, self._times.longest_pause)
        return pause
