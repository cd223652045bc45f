"""How far a commit has come, by the statuses that the forge shows on it and on what contains it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from statusbot.errors import UsageError
from statusbot.forges.base import Refused
from statusbot.forges.graph import Known, Unknown
from statusbot.revision import FULL
from statusbot.text import loggable
from statusbot.wait.lineage_forge import ForgeLineage
from statusbot.wait.once import Once
from statusbot.wait.verdict import Standing, Verdict
from statusbot.wait.via_forge_calls import ForgeCalls
from statusbot.wait.via_forge_judge import Judge
from statusbot.wait.via_forge_later import Later
from statusbot.wait.via_forge_reads import Failed, Reads
from statusbot.wait.via_forge_rows import Contexts, Shown

log = logging.getLogger(__name__)

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 30.0
_GROWTH = 1.5
_READING = "the later commits are yet to be read"
_FOR_NOW = {Standing.RED: Standing.WAITING}


@dataclass(slots=True)
class ViaForge:
    """A ``Looker`` at the statuses of ``sha``, which may be short. It looks every 2 to 30 seconds.

    ``contexts`` are names or patterns. Without ``exact`` the newest commits of ``branch`` (of the
    repository's default one) that contain the commit count as well.
    """

    calls: ForgeCalls
    lineage: ForgeLineage
    sha: str
    contexts: Sequence[str]
    exact: bool = False
    branch: str = ""
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], object] = time.sleep
    _full: str = field(default="", init=False)
    _due: float = field(default=0.0, init=False)
    _wait: float = field(default=FIRST_PAUSE, init=False)
    _verdicts: Sequence[Verdict] = field(default=(), init=False)
    _once: Once = field(default_factory=lambda: Once(log), init=False, repr=False)
    _reads: Reads = field(init=False, repr=False)
    _later: Later = field(init=False, repr=False)
    _own: Shown | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        """Nothing is asked yet."""
        wanted = Contexts(self.calls.access.forge, tuple(self.contexts))
        self._reads = Reads(self.calls, wanted)
        self._later = Later(self.calls, self.lineage, self._reads, self.branch, self._tell)

    def look(self, seconds: float) -> Sequence[Verdict]:
        """As every Looker's. Raises UsageError where the forge refuses, or knows no such commit."""
        wait = self._due - self.clock()
        if wait > 0:
            self.pause(min(wait, seconds))
            if self.clock() < self._due:
                return self._verdicts
        verdicts = self._look()
        grown = min(self._wait * _GROWTH, LONGEST_PAUSE)
        self._wait = grown if verdicts == self._verdicts else FIRST_PAUSE
        self._verdicts = verdicts
        # What nobody can say yet is said soonest by reading on.
        pause = 0.0 if self._later.goes_on else self._wait
        self._due = self.clock() + max(pause, self.calls.rest())
        return self._verdicts

    @property
    def complete(self) -> bool:
        """Whether the statuses of the commit were read, and those of the later ones that count."""
        return self._own is not None and (self.exact or self._later.complete)

    def close(self) -> None:
        """The transport is whoever opened it's."""

    def _look(self) -> Sequence[Verdict]:
        if not self._full and not self._resolve():
            return self._verdicts
        rows = self._reads.rows(self._full)
        if isinstance(rows, Failed):
            self._refuse(rows.meaning if isinstance(rows.meaning, Refused) else None)
            self._tell(rows.why)
        else:
            self._own = self._reads.contexts.of(self._full, rows)
        return self._verdicts if self._own is None else self._judged(self._own)

    def _judged(self, own: Shown) -> Sequence[Verdict]:
        if self.exact:
            return Judge(self._reads.contexts, self.calls.access.repository)(own, ())
        follows = self._later.follows
        judge = Judge(self._reads.contexts, self.calls.access.repository, follows)
        known = self._held(own, judge(own, self._later.known))
        if all(verdict.standing is Standing.GREEN for verdict in known):
            return known
        return self._held(own, judge(own, self._later.look()))

    def _held(self, own: Shown, told: Sequence[Verdict]) -> Sequence[Verdict]:
        """As long as not all later commits are read none is red, and no pattern has all it has."""
        if self._later.complete:
            return told
        named = {verdict.name for verdict in told}
        open_ = [p for p in self._reads.contexts.open_patterns(own) if p not in named]
        return [
            *(replace(v, standing=_FOR_NOW.get(v.standing, v.standing)) for v in told),
            *(Verdict(pattern, Standing.WAITING, message=_READING) for pattern in open_),
        ]

    def _resolve(self) -> bool:
        """Whether the commit is known by its full SHA, as far as the forge tells."""
        meaning = self.lineage.commit(self.sha)
        if isinstance(meaning, Known):
            self._full = meaning.sha
        elif isinstance(meaning, Unknown):
            raise self.lineage.no_commit(self.sha, meaning)
        else:
            if isinstance(meaning, Refused) and not self._may_go_on(meaning):
                self._refuse(meaning)
            self._tell(meaning.why)
            self._full = self.sha if isinstance(meaning, Refused) else ""
        self._later.sha = self._full
        return bool(self._full)

    def _may_go_on(self, meaning: Refused) -> bool:
        """Who may not read the code may see its statuses: those of a full SHA."""
        return len(self.sha) in FULL and meaning.scope != "login" and self._reads.of_repository

    def _refuse(self, meaning: Refused | None) -> None:
        if meaning is not None:
            where = self.calls.access.repository.key
            todo = "correct --address or STATUSBOT_TOKEN"
            raise UsageError(meaning.why, where=where, todo=todo)

    def _tell(self, why: str) -> None:
        # Who has seen no statuses at all wants to know why, even when the time is over.
        known = self.calls.over and self._own is not None
        if not known:
            self._once.warn(loggable(why), about=why)
