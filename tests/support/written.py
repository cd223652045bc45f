"""Who wrote which row of a forge, where two write."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from statusbot.demo.forge import Row, Stored

# The words of all forges, in ours.
COLOURS = {
    **dict.fromkeys(("success", "SUCCESSFUL", "succeeded"), "success"),
    **dict.fromkeys(("failure", "error", "failed", "FAILED"), "failure"),
}


class By(StrEnum):
    """Who wrote a row."""

    FLUX = "flux"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Written:
    """A row, and who wrote it."""

    by: By
    repository: str
    commit: str
    context: str
    state: str  # success or failure, whatever the forge calls it
    description: str

    @property
    def place(self) -> tuple[str, str, str]:
        """Where it overwrites others."""
        return (self.repository, self.commit, self.context)


def over_flux(rows: Collection[Written]) -> list[Written]:
    """The rows of ours that were put over Flux's own of the same state."""
    newest: dict[tuple[str, str, str], Written] = {}
    wrong = []
    for row in rows:
        before = newest.get(row.place)
        if before and (before.by, row.by, row.state) == (By.FLUX, By.OURS, before.state):
            wrong.append(row)
        newest[row.place] = row
    return wrong


def runs(rows: Collection[Written]) -> dict[tuple[str, str, str], list[tuple[str, list[By]]]]:
    """By place: each state that it came to, and who wrote it meanwhile."""
    found: dict[tuple[str, str, str], list[tuple[str, list[By]]]] = {}
    for row in rows:
        mine = found.setdefault(row.place, [])
        if not mine or mine[-1][0] != row.state:
            mine.append((row.state, []))
        mine[-1][1].append(row.by)
    return found


def written(by: By, stored: Stored) -> Written:
    """A row of the forge, with who wrote it."""
    row: Row = stored.row
    state = COLOURS[row.state]
    return Written(by, stored.repository, stored.commit, row.context, state, row.description)
