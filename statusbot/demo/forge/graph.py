"""The history of an embedded repository: what was pushed after what, and on which branch."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

MAIN = "main"
_HEX = re.compile(r"[0-9a-f]{4,64}")


@dataclass
class Graph:
    """``parents`` by commit, oldest first; ``heads`` by branch."""

    parents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)

    def push(self, sha: str, parents: Iterable[str] | None, branch: str) -> None:
        """Make ``sha`` the head of a branch, by default after the head that this had."""
        if parents is None:
            parents = [self.heads[branch]] if branch in self.heads else []
        self.parents[sha] = tuple(parents)
        self.heads[branch] = sha

    def find(self, ref: str) -> str | None:
        """The commit of a branch, of a SHA, or of the only SHA that begins so."""
        if ref in self.heads:
            return self.heads[ref]
        if not _HEX.fullmatch(ref):
            return None
        found = [sha for sha in self.parents if sha.startswith(ref)]
        return found[0] if len(found) == 1 else None

    def log(self, sha: str, without: str | None = None) -> list[str]:
        """What ``sha`` contains and ``without`` does not, newest first."""
        wanted = self._all(sha) - (self._all(without) if without else set())
        return [each for each in reversed(self.parents) if each in wanted]

    def merge_base(self, one: str, other: str) -> str | None:
        """The newest commit that both contain."""
        both = self._all(one) & self._all(other)
        return next((sha for sha in reversed(self.parents) if sha in both), None)

    def _all(self, sha: str) -> set[str]:
        found: set[str] = set()
        left = [sha]
        while left:
            each = left.pop()
            if each not in found:
                found.add(each)
                left += self.parents.get(each, ())
        return found
