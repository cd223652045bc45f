"""What forges tell of a repository's history: which commits there are, and which contains which.

As with statuses, nothing here does I/O: a ``Graph`` makes requests and says what the answers mean.
Every meaning is a small value, and what cannot be told now is one as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from statusbot.forges import refusal
from statusbot.forges.base import Answer, Limited, Refused, Repository, Request, Unclear
from statusbot.forges.words import sentence

# The most commits of a branch that are of interest: the newest.
NEWEST = 20
_FULL = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


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


def full(value: Any) -> str:
    """A full SHA in lower case, or ``""`` for anything else."""
    text = value.lower() if isinstance(value, str) else ""
    return text if _FULL.fullmatch(text) else ""


def found(answer: Answer, value: Any, asked: str, needs: str) -> CommitMeaning:
    """What it means that the forge shows the commit ``value`` for ``asked``."""
    sha = full(value)
    if not sha:
        return failure(answer, needs)
    if not sha.startswith(asked):
        # A branch or a tag may be called like a short SHA.
        return Unknown(sentence(f"{asked} is no commit there, but the name of {sha[:8]}"))
    return Known(sha)


def known(items: Any, sha: str, parents: str, parent: str = "") -> tuple[Known, ...]:
    """The commits of a list; ``sha``, ``parents`` and ``parent`` are the names of their fields.

    ``parent`` is empty where parents are bare SHAs. What is no commit is left out.
    """
    made = []
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, dict) or not (name := full(item.get(sha))):
            continue
        told = item.get(parents)
        values = told if isinstance(told, list) else []
        texts = (v.get(parent) if parent and isinstance(v, dict) else v for v in values)
        made.append(Known(name, tuple(text for text in map(full, texts) if text)))
    return tuple(made)


def unknown(answer: Answer) -> Unknown:
    """The forge's words for a commit that is not there."""
    return Unknown(sentence(refusal.told(refusal.NO_COMMIT, answer)))


def failure(answer: Answer, needs: str) -> Limited | Refused | Unclear:
    """The meaning of an answer that is not what was hoped for; ``needs`` is the right it takes."""
    if answer.status in (400, 413, 422):
        return refusal.no(refusal.told("the forge does not answer this", answer), "commit")
    return refusal.refusal(answer, needs)
