"""What most forges have in common: an adapter says only what is otherwise with its own."""

from __future__ import annotations

from collections.abc import Sequence

from statusbot.forges.address import Place
from statusbot.forges.base import Repository, Row
from statusbot.forges.rows import newest_by_id


class Usual:
    """The part of ``Forge`` that needs no knowledge of a forge; it holds nothing."""

    description_limit = 255
    context_limit = 255
    by_key = False
    reads_by_key = False
    patience = 15.0

    def length(self, text: str) -> int:
        """In code points."""
        return len(text)

    def canonical(self, place: Place) -> Place:
        """Every address names a repository alike, but for the host's spelling."""
        return place

    def genre(self, summary: str) -> str:
        """There is none."""
        return ""

    def context_key(self, context: str, genre: str = "") -> str:
        """Contexts compare exactly."""
        return context

    def row_key(self, row: Row) -> str:
        """A row shows the context, and the genre, as they were written."""
        return self.context_key(row.context, row.genre)

    def newest(self, rows: Sequence[Row]) -> dict[str, Row]:
        """Ids grow."""
        return newest_by_id(rows, self.row_key)

    def write_limits(self, repository: Repository) -> tuple[tuple[int, float], ...]:
        """None are published."""
        return ()
