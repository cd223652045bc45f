"""The judge of a bot with several ledgers: what each of them knows of the story."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.support.chaos import Kept
from tests.support.ends import End
from tests.support.judge import Judge, Place


@dataclass
class Known:
    """What one ledger knows of the story; ``rows``: how many the forge had when it last knew."""

    owed: dict[Place, int] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    moved: dict[str, float] = field(default_factory=dict)
    since: dict[str, float] = field(default_factory=dict)  # by selector
    greens: set[End] = field(default_factory=set)
    rows: int = 0
    copied: bool = False  # it was put back from a copy


@dataclass
class FleetJudge(Judge):
    """The judge of a bot with several ledgers, one of which is at hand at a time."""

    ledgers: dict[str, Known] = field(default_factory=dict)
    known: Known = field(default_factory=Known)
    by: dict[int, str] = field(default_factory=dict)  # whose ledger was at hand for a row
    name: str = ""
    green_there: set[End] = field(default_factory=set)  # that the forge was given

    def take_up(self, name: str, selector: str) -> None:
        """A run has this ledger now."""
        known = self.ledgers.setdefault(name, Known(rows=0))
        self.name, self.known = name, known
        self.owed, self.urls, self.moved = known.owed, known.urls, known.moved
        self.since = known.since.get(selector)
        self.leave.greens = known.greens | self.green_there
        self._note_stale()

    def lay_down(self, selector: str) -> None:
        """The run is over."""
        if self.since is not None:
            self.known.since[selector] = self.since
        self.known.owed, self.known.urls, self.known.moved = self.owed, self.urls, self.moved
        self.known.greens = set(self.leave.greens)
        self.known.rows = len(self.by)

    def _note_stale(self) -> None:
        """What was written since, by others or before it was put back, a ledger does not know."""
        known, copied = self.known, self.known.copied
        known.copied = False
        for (repository, _, context), kept in self.rows.items() if known.since else ():
            for row in kept:
                if row.id > known.rows and (copied or self.by[row.id] != self.name):
                    self.stale |= {(path, row.commit, repository) for path in self._paths(context)}

    def put(self, repository: str, row: Kept) -> None:
        """Noted with whose it is."""
        self.by[row.id] = self.name
        before = set(self.leave.greens)
        super().put(repository, row)
        self.green_there |= self.leave.greens - before

    def other_ledgers(self) -> None:
        """From now on others are used: what only those before know, nobody knows."""
        self.leave.restored = True
        self.forget_what_is_not_there()

    def damaged(self, name: str) -> None:
        """Of one ledger something is lost; what of it, nobody knows."""
        known = self.ledgers.setdefault(name, Known())
        known.owed, known.since, known.greens = {}, {}, set()
        self.other_ledgers()
