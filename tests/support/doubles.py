"""What a ledger knows of the forge's rows, and whether the bot writes one that is there already."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.support.chaos import Kept


@dataclass(frozen=True)
class Copy:
    """What a copy of a ledger holds, and how many rows the forge had then.

    ``owed`` is by path, commit and repository, ``known`` as :class:`Doubles` has it.
    """

    owed: dict[tuple[str, str, str], int]
    urls: dict[str, str]
    rows: int
    known: dict[int, frozenset[str]]


@dataclass
class Doubles:
    """``unread``: by key, with a ledger. What that does not hold of an object replaces the same unread.

    ``known`` has the rows that the ledger holds, each with the uids of those that it may be of.
    """

    unread: bool = False
    known: dict[int, frozenset[str]] = field(default_factory=dict)

    def add(self, row: Kept, before: Kept | None, uids: frozenset[str]) -> bool:
        """Note a row; whether it says what the one before it said, though the bot could know."""
        same = before is not None and (before.state, before.description) == (
            row.state,
            row.description,
        )
        alone = before is not None and len(uids) == 1 and self.known.get(before.id) == uids
        could_know = alone or not self.unread
        self.known[row.id] = uids
        return same and could_know
