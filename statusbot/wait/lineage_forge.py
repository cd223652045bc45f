"""Which commit contains which, as the forge knows it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from statusbot.errors import UsageError
from statusbot.forges.base import Answer, Limited, Refused
from statusbot.forges.graph import CommitMeaning, Failure, Known, NoCall, Related, Unknown
from statusbot.text import loggable
from statusbot.wait.once import Once
from statusbot.wait.via_forge_calls import ForgeCalls

log = logging.getLogger(__name__)

FIRST_PAUSE = 5.0
LONGEST_PAUSE = 300.0


@dataclass(slots=True)
class _Pause:
    """When to ask again, each time twice as late."""

    seconds: float = FIRST_PAUSE
    until: float = 0.0

    def longer(self, now: float) -> None:
        self.until = now + self.seconds
        self.seconds = min(2 * self.seconds, LONGEST_PAUSE)


@dataclass(slots=True)
class ForgeLineage:
    """The history of a commit never changes, so a yes and a no are kept for good."""

    calls: ForgeCalls
    clock: Callable[[], float] = time.monotonic
    _commits: dict[str, Known] = field(default_factory=dict, repr=False)
    _related: dict[tuple[str, str], bool] = field(default_factory=dict, repr=False)
    _pauses: dict[tuple[str, str], _Pause] = field(default_factory=dict, repr=False)
    # Of what concerns every question: the login, the way there.
    _pause: _Pause = field(default_factory=_Pause, repr=False)
    _once: Once = field(default_factory=lambda: Once(log), repr=False)

    def resolve(self, sha: str) -> str | None:
        """The full SHA; None where the forge does not say. Raises UsageError for an unknown one."""
        meaning = self.commit(sha)
        if isinstance(meaning, Known):
            return meaning.sha
        if isinstance(meaning, Unknown):
            raise self.no_commit(sha, meaning)
        self._tell(meaning.why)
        return None

    def commit(self, sha: str) -> CommitMeaning:
        """What the forge says of a full or a short SHA, asked anew unless it knows it."""
        if sha not in self._commits:
            graph = self.calls.access.graph
            answer = self.calls.ask(graph.commit(self.calls.access.repository, sha))
            if not isinstance(answer, Answer):
                return answer
            meaning = graph.commit_meaning(answer, sha)
            if not isinstance(meaning, Known):
                return self._limited(meaning)
            self._commits[sha] = meaning
        return self._commits[sha]

    def no_commit(self, sha: str, meaning: Unknown) -> UsageError:
        """The error for a commit that the repository does not have."""
        return UsageError(
            f"the repository has no commit {sha[:12]} ({meaning.why})",
            where=self.calls.access.repository.key,
            todo="push it first, or correct the SHA or --address",
        )

    def contains(self, commit: str, ancestor: str) -> bool | None:
        """Whether ``ancestor`` is ``commit`` or among what it grew from."""
        pair = (commit, ancestor)
        if commit == ancestor or pair in self._related:
            return self._related.get(pair, True)
        pause = self._pauses.setdefault(pair, _Pause())
        now = self.clock()
        if now < max(pause.until, self._pause.until) or self.calls.rest() > 0:
            return None
        meaning, is_sure = self._ask(commit, ancestor)
        if isinstance(meaning, Related):
            self._pause = _Pause()
            del self._pauses[pair]
            self._related[pair] = meaning.contains
            return meaning.contains
        self._tell(meaning.why)
        if isinstance(meaning, Limited):
            return None  # the calls keep the pause
        pause.longer(self.clock())
        if not is_sure or _concerns_all(meaning):
            self._pause.longer(self.clock())
        return None

    def _ask(self, commit: str, ancestor: str) -> tuple[Related | NoCall | Failure, bool]:
        """What the forge says, and whether it was the forge that said so."""
        graph = self.calls.access.graph
        meaning: Related | NoCall | Failure = NoCall("nobody was asked")
        for request in graph.contains(self.calls.access.repository, commit, ancestor):
            answer = self.calls.ask(request)
            if not isinstance(answer, Answer):
                return answer, False
            meaning = graph.contains_meaning(answer, commit, ancestor)
            if not isinstance(meaning, NoCall):
                break
        return meaning if isinstance(meaning, Related | NoCall) else self._limited(meaning), True

    def _limited(self, meaning: Failure) -> Failure:
        if isinstance(meaning, Limited):
            self.calls.limited(meaning)
        return meaning

    def _tell(self, why: str) -> None:
        if not self.calls.over:
            said = f"the forge does not tell which commit contains which: {loggable(why)}"
            self._once.warn(said, about=why)


def _concerns_all(meaning: NoCall | Failure) -> bool:
    if isinstance(meaning, Refused):
        return meaning.scope in ("login", "repository")
    return isinstance(meaning, NoCall)
