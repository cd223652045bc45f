"""What a commit may be given though it came to no end: it cannot be fetched."""

from __future__ import annotations

from dataclasses import dataclass, field

from statusbot.results.instant import epoch
from tests.support.chaos import Kept
from tests.support.ends import End
from tests.support.tape import Tape, View

Key = tuple[str, str]  # path and commit
FAILURE_AGE = 300.0


@dataclass
class Leave:
    """``vain`` has, of each commit that Flux cannot get for long, how many ends there were then.

    ``greens`` are ends that the bot had a chance to know.
    """

    tape: Tape
    ends: list[End]
    vain: dict[Key, int] = field(default_factory=dict)
    greens: set[End] = field(default_factory=set)
    waits: dict[Key, float] = field(default_factory=dict)  # uid and commit, first read so
    restored: bool = False  # a copy of the ledger has waits that began and ended long ago

    def note(self, read: list[View]) -> None:
        """What the objects that a poll read and their sources, as they are now, give leave to."""
        for view in read:
            artifact = self.tape.artifact(view.source)
            commit = str(artifact.get("revision", ""))[-40:]
            came = epoch(artifact.get("lastUpdateTime")) or self.tape.at
            if view.waiting:
                came = min(came, self.waits.setdefault((view.uid, commit), self.tape.at))
            if view.waiting and (self.tape.at - came > FAILURE_AGE or self.restored):
                if not self._was_green(view, commit):
                    self.vain[view.path, commit] = len(self.ends)

    def _was_green(self, view: View, commit: str) -> bool:
        """Whether this object applied the commit, and anybody could know."""
        return any(
            (end.uid, end.commit, end.state) == (view.uid, commit, "success")
            for end in {*self.greens, *view.past}
        )

    def in_vain(self, path: str, row: Kept, bound: int) -> bool:
        """Whether Flux could not get at the row's commit for long, and came to no end since."""
        return row.state == "failure" and bound <= self.vain.get((path, row.commit), -1)
