"""Who counts the calls of the forges, if anybody does."""

from __future__ import annotations

from typing import Protocol

from statusbot.forges.base import Answer, Repository


class Meter(Protocol):
    """Told of each call by the thread that made it."""

    def called(self, there: Repository, method: str, seconds: float, answer: Answer | None) -> None:
        """How long it took, tries and redirects included; None where no answer came."""
