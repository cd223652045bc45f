"""Which of a commit's statuses are waited for, and what each of them says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from statusbot.forges.base import Forge, Row
from statusbot.results.state import SUPERSEDED, State
from statusbot.routing.texts import words

_MAGIC = re.compile(r"[*?\[]")
# What Data Center's titles end with: the reason as Flux words it.
_REASON = re.compile(r" \[[^\[\]]*\]$")
# As statusbot/superseded.py words it; a description may also be the reason alone, or hold another
# reason for which the commit will never be live.
_SUPERSEDED = re.compile(
    rf"\b{words(SUPERSEDED)}"
    r"(?:(?:: superseded)? by (?P<by>[0-9a-f]{7,64})\b|(?P<gone>:)|(?=[^\w\s]|$))"
)


class Word(StrEnum):
    """What a status says of its commit."""

    GREEN = "green"
    RED = "red"
    SUPERSEDED = "superseded"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Said:
    """``by`` are the first digits of the commit that took the place; empty where nobody names it."""

    word: Word
    by: str = ""


def said(row: Row | None) -> Said:
    """What a row says. A superseded commit never was live, whatever colour somebody chose for it."""
    if row is None or row.state is None:
        return Said(Word.OPEN)
    told = row.description.lower()
    # Somebody's template may begin with other words; no success of Flux's speaks of it.
    green = row.state is State.SUCCESS
    found = _SUPERSEDED.search(told) if green else _SUPERSEDED.match(told)
    if row.state is not State.PENDING and found:
        # "superseded: its Kustomization is gone": nobody took its place.
        return Said(Word.RED) if found["gone"] else Said(Word.SUPERSEDED, found["by"] or "")
    if green:
        return Said(Word.GREEN)
    return Said(Word.RED if row.state.final else Word.OPEN)


@dataclass(frozen=True, slots=True)
class Shown:
    """The newest row of each context of a commit, by the context's key."""

    sha: str
    rows: dict[str, Row] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contexts:
    """The contexts that are waited for: ``patterns`` are names, or have ``*``, ``?`` or ``[...]``.

    A forge that identifies statuses by a hashed key (both Bitbuckets) shows no contexts. A name is
    hashed there; other patterns are held against the title, ``kustomization/<name>`` as a rule.
    """

    forge: Forge
    patterns: Sequence[str]

    @property
    def keys(self) -> list[str] | None:
        """The keys of all of them; None where only a list of a commit's statuses can show them."""
        if any(_MAGIC.search(pattern) for pattern in self.patterns):
            return None
        return [self.forge.context_key(pattern) for pattern in self.patterns]

    def of(self, sha: str, rows: Sequence[Row]) -> Shown:
        """Those of a commit's rows that are waited for."""
        newest = self.forge.newest(rows)
        return Shown(sha, {k: row for k, row in newest.items() if self._wanted(row)})

    def missing(self, rows: Iterable[Row]) -> list[str]:
        """The patterns that none of these rows has."""
        rows = list(rows)
        return [p for p in self.patterns if not any(self._matches(p, row) for row in rows)]

    def open_patterns(self, shown: Shown) -> list[str]:
        """Those that none of a commit's rows has, and several of later ones may have."""
        return [p for p in self.missing(shown.rows.values()) if _MAGIC.search(p)]

    def name(self, row: Row) -> str:
        """The context, for people."""
        return (_title(row) or row.context) if self.forge.by_key else row.context

    def _wanted(self, row: Row) -> bool:
        return any(self._matches(pattern, row) for pattern in self.patterns)

    def _matches(self, pattern: str, row: Row) -> bool:
        if not self.forge.by_key:
            # Without what else identifies a context: Azure's genre is nothing to ask for.
            key = self.forge.context_key
            return fnmatchcase(key(row.context), key(pattern)) or row.context == pattern
        title = _title(row)
        if row.context == self.forge.context_key(pattern) or title == pattern:
            return True
        # "kustomization/apps/*", which elsewhere has the Provider's id at its end, too.
        return any(fnmatchcase(text, pattern) for text in (title, f"{title}/") if title)


def _title(row: Row) -> str:
    return _REASON.sub("", row.name)
