"""What the patterns and expressions of one namespace may cost a poll.

Both are programs that a tenant writes, and a poll runs them for each of its results. One run has a
limit of its own (``patterns``, ``cel.program``), but ten thousand that stay just below it would
take hours, in which nobody else's statuses are posted.
"""

from __future__ import annotations

from statusbot.errors import StatusbotError

# Of the processor's time. An expression takes 0.0001, a person's pattern less than 0.00001.
SECONDS = 10.0
# Of compiled patterns, which have some hundred each, and take some hundred bytes for one of these.
INSTRUCTIONS = 100_000


class Allowance:
    """What is left of it for one namespace."""

    def __init__(
        self, namespace: str = "", *, seconds: float = SECONDS, instructions: int = INSTRUCTIONS
    ) -> None:
        """Nothing is spent yet."""
        self._whose = f"the patterns and expressions of the namespace {namespace}"
        self._seconds = seconds
        self._instructions = instructions

    def check(self) -> None:
        """StatusbotError: no time is left."""
        if self._seconds <= 0:
            what = f"{self._whose} have had the {SECONDS:g} seconds of the processor's time"
            raise StatusbotError(f"{what} that a poll has for them", todo="make them simpler")

    def spend(self, seconds: float) -> None:
        """So much time of the processor was taken."""
        self._seconds -= seconds

    def keep(self, instructions: int) -> None:
        """A compiled pattern is kept. StatusbotError: there is no room for it."""
        if instructions > self._instructions:
            what = f"{self._whose} have more than {INSTRUCTIONS} instructions"
            raise StatusbotError(what, todo="make them fewer or simpler")
        self._instructions -= instructions


class Allowances:
    """By namespace, for one poll."""

    def __init__(self) -> None:
        """Nothing is spent yet."""
        self._of: dict[str, Allowance] = {}

    def __call__(self, namespace: str) -> Allowance:
        """That of all Alerts and Providers of a namespace."""
        return self._of.setdefault(namespace, Allowance(namespace))
