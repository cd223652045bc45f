"""The later commits that contain one: the newest of a branch, and what took its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from statusbot.forges.base import Answer, Limited, Refused, Unclear
from statusbot.forges.graph import NEWEST, Known, Listed
from statusbot.wait.lineage_forge import ForgeLineage
from statusbot.wait.via_forge_calls import ForgeCalls
from statusbot.wait.via_forge_reads import Failed, Reads
from statusbot.wait.via_forge_rows import Shown

# Commits whose statuses are read at one look, in turn where there are more.
PER_LOOK = 6
# Looks after which what could not be read so far is left out.
ENOUGH = 8


@dataclass(slots=True)
class Later:
    """Those that contain ``sha``. Nobody knows which come, so the branch is asked for each time."""

    calls: ForgeCalls
    lineage: ForgeLineage
    reads: Reads
    branch: str
    tell: Callable[[str], None]
    sha: str = ""
    _order: list[str] = field(default_factory=list, init=False)
    _successors: dict[str, str] = field(default_factory=dict, init=False)
    _shown: dict[str, Shown] = field(default_factory=dict, init=False, repr=False)
    _read_at: dict[str, int] = field(default_factory=dict, init=False, repr=False)
    _read: set[str] = field(default_factory=set, init=False, repr=False)  # or refused
    _looks: int = field(default=0, init=False)
    _is_listed: bool = field(default=False, init=False)
    _went_on: bool = field(default=False, init=False)

    @property
    def goes_on(self) -> bool:
        """Whether the last look read what was not read before, and another one may at once."""
        return self._went_on and not self.complete

    @property
    def complete(self) -> bool:
        """Whether each was read once: before, one that is not known yet may be the green one."""
        read = self._is_listed and all(sha in self._read for sha in self._order)
        return read or self._looks >= ENOUGH

    @property
    def known(self) -> Sequence[Shown]:
        """What was read of those that contain it, the newest commit first."""
        return [self._shown[sha] for sha in self._order if sha in self._shown]

    def follows(self, digits: str) -> bool | None:
        """Whether the commit that begins so contains ours; then it is looked at from now on."""
        sha = self._successors.get(digits) or next(
            (sha for sha in self._order if sha.startswith(digits)), ""
        )
        if not sha:
            meaning = self.lineage.commit(digits)
            if not isinstance(meaning, Known):
                return None
            sha = meaning.sha
        found = self.lineage.contains(sha, self.sha)
        if found:
            self._successors[digits] = sha
        return found

    def look(self) -> Sequence[Shown]:
        """What the forge shows on them now; where they are many, on some, in turn."""
        self._looks += 1
        known = len(self._read)
        listed = self._listed()
        if listed is not None:
            order = _containing(listed, self.sha, self.lineage)
            self._order = [*order, *(s for s in self._successors.values() if s not in order)]
        for each in sorted(self._order, key=lambda each: self._read_at.get(each, 0))[:PER_LOOK]:
            rows = self.reads.rows(each)
            self._read_at[each] = self._looks
            if not isinstance(rows, Failed) or isinstance(rows.meaning, Refused):
                self._read.add(each)
            if isinstance(rows, Failed):
                self.tell(rows.why)
            else:
                self._shown[each] = self.reads.contexts.of(each, rows)
        self._went_on = len(self._read) > known
        return self.known

    def _listed(self) -> Listed | None:
        graph, repository = self.calls.access.graph, self.calls.access.repository
        answer = self.calls.ask(graph.newest(repository, self.branch, self.sha))
        if not isinstance(answer, Answer):
            self._is_listed = self._is_listed or isinstance(answer, Refused)
            self.tell(answer.why)
            return None
        meaning = graph.newest_meaning(answer)
        self._is_listed = self._is_listed or not isinstance(meaning, Limited | Unclear)
        if isinstance(meaning, Listed):
            return meaning
        if isinstance(meaning, Limited):
            self.calls.limited(meaning)
        self.tell(f"the later commits are not known: {meaning.why}")
        return None


def _containing(listed: Listed, sha: str, lineage: ForgeLineage) -> list[str]:
    """Those that contain ``sha``, newest first.

    Parents tell it for most of them; who else comes before ``sha`` is asked for, once.
    """
    commits = listed.commits[:NEWEST]
    before = [each.sha for each in commits]
    if sha in before:
        before = before[: before.index(sha)]
    grown = _grown_from(sha, commits)
    if listed.one_head and before and before[0] not in grown:
        if not lineage.contains(before[0], sha):
            return []  # the head of the branch contains all others
    return [each for each in before if each in grown or lineage.contains(each, sha)]


def _grown_from(sha: str, commits: Sequence[Known]) -> set[str]:
    """Those from which parents lead to ``sha``."""
    grown = {sha}
    # In whatever order they come: as often as something new is found.
    while more := {c.sha for c in commits if c.sha not in grown and grown.intersection(c.parents)}:
        grown |= more
    return grown - {sha}
