"""Which commit contains which, by whoever can tell: a clone, the forge, or the first of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from statusbot.wait.lineage_forge import ForgeLineage
from statusbot.wait.lineage_git import LocalGit
from statusbot.wait.verdict import Lineage

__all__ = ["FirstOf", "ForgeLineage", "LocalGit"]


@dataclass(frozen=True, slots=True)
class FirstOf:
    """The first of several who can tell; the last of them is the one who says what there is.

    A clone is asked first, since that costs nothing, but it may have commits that nobody pushed.
    """

    lineages: Sequence[Lineage]

    def resolve(self, sha: str) -> str | None:
        """Raises UsageError where one who is asked says that there is none."""
        answers = (lineage.resolve(sha) for lineage in reversed(self.lineages))
        return next((answer for answer in answers if answer is not None), None)

    def contains(self, commit: str, ancestor: str) -> bool | None:
        """None where nobody can tell now."""
        answers = (lineage.contains(commit, ancestor) for lineage in self.lineages)
        return next((answer for answer in answers if answer is not None), None)
