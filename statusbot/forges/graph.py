"""What forges tell of a repository's history: which commits there are, and which contains which.

As with statuses, nothing here does I/O: a ``Graph`` makes requests and says what the answers mean.
Every meaning is a small value, and what cannot be told now is one as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from statusbot.forges.base import Answer, Limited, Refused, Repository, Request, Unclear

# The most commits of a branch that are of interest: the newest.
NEWEST = 20


@dataclass(frozen=True, slots=True)
class Known:
    """The repository has this commit: its full SHA, and those of its parents where they are told."""

    sha: str
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """The repository is there, and has no such commit."""

    why: str


@dataclass(frozen=True, slots=True)
class Related:
    """Whether the one commit contains the other, which will never change."""

    contains: bool


@dataclass(frozen=True, slots=True)
class NoCall:
    """This server does not know the call: ask the next one of those that say the same."""

    why: str


@dataclass(frozen=True, slots=True)
class Listed:
    """Commits, newest first. ``one_head``: the first contains all others."""

    commits: tuple[Known, ...]
    one_head: bool = True


Failure = Unknown | Limited | Refused | Unclear
CommitMeaning = Known | Failure
ContainsMeaning = Related | NoCall | Failure
ListMeaning = Listed | Failure


class Graph(Protocol):
    """What a forge's adapter knows beside its statuses. SHAs are in lower case."""

    def commit(self, repository: Repository, sha: str) -> Request:
        """The request that shows the commit of a full SHA, or of one with seven digits or more."""

    def commit_meaning(self, answer: Answer, sha: str) -> CommitMeaning:
        """What the answer says of ``sha``, as it was asked for."""

    def contains(self, repository: Repository, commit: str, ancestor: str) -> Sequence[Request]:
        """The requests that tell whether ``commit`` contains ``ancestor``; each tells it alone.

        The second one is for servers that do not know the first. Both SHAs are full.
        """

    def contains_meaning(self, answer: Answer, commit: str, ancestor: str) -> ContainsMeaning:
        """What the answer to any of them says."""

    def newest(self, repository: Repository, branch: str, after: str) -> Request:
        """The request for the newest commits of ``branch``, of the default one where it is empty.

        Those that ``after`` contains may be left out, where that is cheaper.
        """

    def newest_meaning(self, answer: Answer) -> ListMeaning:
        """What the answer says."""
