"""A history that a test knows."""

from __future__ import annotations

from dataclasses import dataclass, field

from statusbot.errors import UsageError


@dataclass
class Line:
    """Commits on one branch, the oldest first; what is in ``hidden`` nobody can tell now."""

    commits: tuple[str, ...]
    hidden: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def resolve(self, sha: str) -> str | None:
        found = [commit for commit in self.commits if commit.startswith(sha)]
        if not found:
            raise UsageError(f"the repository knows no commit {sha}")
        return None if found[0] in self.hidden else found[0]

    def contains(self, commit: str, ancestor: str) -> bool | None:
        self.asked.append((commit, ancestor))
        if commit in self.hidden:
            return None
        known = commit in self.commits and ancestor in self.commits
        return known and self.commits.index(ancestor) <= self.commits.index(commit)
