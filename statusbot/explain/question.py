"""What is asked: which Kustomization, and of which commit. The search for it is here too."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from statusbot.decide import Decision
from statusbot.errors import UsageError

# What Git itself takes for enough of a commit's name, in its default output.
SHORTEST_COMMIT = 7
_COMMIT = re.compile(rf"[0-9a-f]{{{SHORTEST_COMMIT},64}}")
_NEAR = 3


@dataclass(frozen=True, slots=True)
class Question:
    """``commit`` is the beginning of one, in lower case; empty: whatever the object speaks of."""

    namespace: str
    name: str
    commit: str = ""

    @property
    def path(self) -> str:
        """``namespace/name``."""
        return f"{self.namespace}/{self.name}"

    def means(self, commits: Iterable[str | None]) -> bool:
        """Whether it is about one of these commits."""
        return any(commit and commit.startswith(self.commit) for commit in commits)


def question(name: str, namespace: str, commit: str | None) -> Question:
    """``name`` may be ``namespace/name``, which wins over ``namespace``. Raises UsageError."""
    first, slash, second = name.partition("/")
    if slash and (not first or not second or "/" in second):
        raise UsageError(f"{name!r} is no Kustomization", todo="write its name, or namespace/name")
    digits = (commit or "").strip().lower()
    if commit is not None and not _COMMIT.fullmatch(digits):
        what = f"{commit!r} is no commit"
        todo = f"give {SHORTEST_COMMIT} to 40 of its hexadecimal digits"
        raise UsageError(what, where="--commit", todo=todo)
    return Question(first if slash else namespace, second if slash else first, digits)


class Search:
    """Sees every decision of a survey, and keeps the one that is asked about."""

    def __init__(self, asked: Question) -> None:
        """Nothing was seen yet."""
        self._asked = asked
        self._seen: list[tuple[str, str]] = []
        self.decision: Decision | None = None

    def __call__(self, decision: Decision) -> None:
        """The next object."""
        object_ = decision.observation.object
        self._seen.append((object_.namespace, object_.name))
        if (object_.namespace, object_.name) == (self._asked.namespace, self._asked.name):
            self.decision = decision

    def missing(self) -> UsageError:
        """That there is none, and which may have been meant."""
        what = f"there is no Kustomization {self._asked.path}"
        if not self._seen:
            return UsageError(what, todo="there is none at all: is this the right cluster?")
        return UsageError(what, todo=self._meant())

    def _meant(self) -> str:
        name = self._asked.name
        elsewhere = sorted(f"{space}/{other}" for space, other in self._seen if other == name)
        if elsewhere:
            return f"one of that name is {_or(elsewhere)}"
        paths = [f"{space}/{other}" for space, other in self._seen]
        close = get_close_matches(self._asked.path, paths, _NEAR) or [
            path
            for path in paths
            if path.partition("/")[2]
            in get_close_matches(name, [other for _, other in self._seen], _NEAR)
        ]
        if close:
            return f"did you mean {_or(close[:_NEAR])}?"
        return "`flux get kustomizations -A` lists them"


def _or(paths: list[str]) -> str:
    return " or ".join([", ".join(paths[:-1]), paths[-1]] if paths[1:] else paths)
