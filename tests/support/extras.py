"""What a run is asked to add to Flux's ends: what is pending, what is passed over, and the sum of all."""

from __future__ import annotations

from dataclasses import dataclass

from statusbot.settings import Settings
from tests.support.chaos import Kept


@dataclass(frozen=True)
class Extras:
    """``kinds`` are "pending" and "superseded", ``aggregate`` is the context of all."""

    kinds: frozenset[str] = frozenset()
    aggregate: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Extras:
        """What is pending is finished, whether "superseded" is asked for or not."""
        kinds = {"pending", "superseded"} if settings.pending else set()
        kinds |= {"superseded"} if settings.superseded else set()
        return cls(frozenset(kinds), settings.aggregate)

    def has(self, row: Kept) -> bool:
        """Whether a row tells of no end, as it was asked for."""
        return row.context == self.aggregate or _kind(row) in self.kinds

    def hides(self, row: Kept, before: Kept | None) -> bool:
        """Whether such a row stands where more was said."""
        if before is None or row.context == self.aggregate or before.state == "pending":
            return False
        return _kind(row) == "pending" or _kind(before) != "superseded"


def _kind(row: Kept) -> str:
    superseded = row.description.startswith("superseded") and row.state != "pending"
    return "superseded" if superseded else row.state
