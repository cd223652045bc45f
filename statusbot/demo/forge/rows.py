"""What the embedded forge remembers: repositories, their commits, and every row in order."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NamedTuple

from statusbot.demo.forge.apps import Apps
from statusbot.demo.forge.graph import Graph

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True)
class Row:
    """One status as it was stored.

    ``id`` counts over the whole forge, ``index`` within its commit; both begin at 1. ``created``
    is aware and in whole seconds, as every forge shows it. ``state`` is the forge's own word.
    On the Bitbuckets ``context`` is the key; ``genre`` is Azure's, ``name`` the Bitbuckets' title.
    GitLab has its branch as ``genre``, and ``changed`` is when a row of its was last written over.
    ``creator`` is who alone may write over a row on Bitbucket Cloud, in no words that log in.
    """

    id: int
    index: int
    context: str
    state: str
    description: str
    url: str
    created: datetime
    genre: str = ""
    name: str = ""
    changed: datetime | None = None
    creator: str = ""


class Stored(NamedTuple):
    """One row and where it was put."""

    repository: str
    commit: str
    row: Row


@dataclass
class Repo:
    """A repository: its name as it was given, and its rows by commit."""

    id: int
    name: str
    commits: set[str] | None
    private: bool
    archived: bool = False
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    graph: Graph = field(default_factory=Graph)

    def commit(self, sha: str) -> str | None:
        """The full name of an existing commit in lower case, else None."""
        sha = sha.lower()
        if _SHA.fullmatch(sha) is None:
            return None
        return sha if self.commits is None or sha in self.commits else None


class Store:
    """All repositories of one forge; safe for threads."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """``clock`` gives the time of new rows; it must be aware."""
        self.clock = clock
        self.repos: dict[str, Repo] = {}
        self.stored: list[Stored] = []
        self.apps = Apps()
        self._moved: dict[str, Repo] = {}
        self._lock = threading.Lock()

    def add(self, name: str, commits: Iterable[str] | None, *, private: bool) -> Repo:
        """Create ``owner/repo``, or give an existing one more commits (None: all exist)."""
        with self._lock:
            repo = self.repos.get(name.lower())
            if repo is None:
                repo = Repo(len(self.repos) + 1, name, None if commits is None else set(), private)
                self.repos[name.lower()] = repo
            if commits is None:
                repo.commits = None
            elif repo.commits is not None:
                repo.commits |= {sha.lower() for sha in commits}
            return repo

    def push(self, name: str, sha: str, parents: Iterable[str] | None, branch: str) -> None:
        """Add a commit to a branch; KeyError when there is no such repository."""
        with self._lock:
            repo = self.repos[name.lower()]
            repo.graph.push(sha, parents, branch)
            if repo.commits is not None:
                repo.commits.add(sha)

    def find(self, name: str) -> Repo | None:
        """The repository of that name; upper and lower case are one, as on every forge."""
        return self.repos.get(name.strip("/").lower())

    def rename(self, old: str, new: str) -> None:
        """Give a repository another name; KeyError when there is none of the old one."""
        with self._lock:
            repo = self.repos.pop(old.lower())
            repo.name = new
            self.repos[new.lower()] = repo
            self._moved[old.lower()] = repo

    def moved_to(self, name: str) -> str:
        """The newer name of a renamed repository, else ""."""
        repo = self._moved.get(name.lower())
        return "" if repo is None else repo.name

    def has_owner(self, owner: str) -> bool:
        """Whether anything of that owner is here."""
        return any(name.startswith(f"{owner.lower()}/") for name in list(self.repos))

    def numbered(self, number: int) -> Repo | None:
        """The repository with that id."""
        repos = list(self.repos.values())
        return next((repo for repo in repos if repo.id == number), None)

    def insert(
        self,
        repo: Repo,
        sha: str,
        *,
        context: str,
        state: str,
        description: str,
        url: str,
        genre: str = "",
        name: str = "",
        creator: str = "",
        replace: bool = False,
    ) -> Row:
        """Append a row to a commit; with ``replace`` it takes the place of one of its context."""
        with self._lock:
            rows = repo.rows[sha]
            if replace:
                rows[:] = [row for row in rows if row.context != context]
            row = Row(
                id=len(self.stored) + 1,
                index=max((row.index for row in rows), default=0) + 1,
                context=context,
                state=state,
                description=description,
                url=url,
                created=self._now(),
                genre=genre,
                name=name,
                creator=creator,
            )
            rows.append(row)
            self.stored.append(Stored(repo.name, sha, row))
            return row

    def amend(self, repo: Repo, sha: str, row: Row) -> Row:
        """Write ``row`` over the one with its id, in whose place it stays."""
        with self._lock:
            row = replace(row, changed=self._now())
            rows = repo.rows[sha]
            rows[:] = [row if old.id == row.id else old for old in rows]
            self.stored.append(Stored(repo.name, sha, row))
            return row

    def _now(self) -> datetime:
        return self.clock().astimezone(UTC).replace(microsecond=0)

    def rows(self, repo: Repo, sha: str) -> list[Row]:
        """A commit's rows, oldest first; a copy."""
        with self._lock:
            return list(repo.rows.get(sha, ()))


def latest(rows: Iterable[Row], key: Callable[[str], str] = str) -> dict[str, Row]:
    """The newest row of each context, oldest context first; ``key`` folds equal contexts."""
    newest: dict[str, Row] = {}
    for row in rows:
        newest.pop(key(row.context), None)
        newest[key(row.context)] = row
    return newest
