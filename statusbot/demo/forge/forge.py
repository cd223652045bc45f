"""The embedded forge: several dialects over one store, on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import ClassVar, Self
from urllib.parse import parse_qsl, unquote

from statusbot.demo.forge.calls import Call, Kind, Reply
from statusbot.demo.forge.dialects import DIALECTS
from statusbot.demo.forge.dialects.base import Dialect, Route
from statusbot.demo.forge.faults import Ending, Fault, Faults
from statusbot.demo.forge.graph import MAIN
from statusbot.demo.forge.logins import Logins, Rights
from statusbot.demo.forge.page import page
from statusbot.demo.forge.rows import Row, Store, Stored, latest
from statusbot.demo.forge.server import Server


def utcnow() -> datetime:
    """Now, aware."""
    return datetime.now(UTC)


class EmbeddedForge:
    """A forge for tests and the demo, used as a context manager.

    ``url`` is its root; the GitHub API is below ``/api/v3`` (and bare, as on api.github.com),
    Gitea's below ``/api/v1``, the pages for people at ``/``. Both dialects see the same rows.
    ``faults`` says what goes wrong, ``latency`` (seconds, real time) slows every answer.
    ``watchers`` are told of each call of any forge, and of what a dialect said to it: None where
    the call was lost. They run in the server's threads, before the answer is sent.
    """

    watchers: ClassVar[list[Callable[[Call, Reply | None], None]]] = []

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = utcnow,
        token: str | None = None,
        latency: float = 0.0,
        port: int = 0,
    ) -> None:
        """``clock`` (aware) dates rows and answers; with a ``token`` nobody writes without one."""
        self.clock = clock
        self.latency = latency
        self.faults = Faults()
        self.calls: list[Call] = []
        self.store = Store(clock)
        self.logins = Logins({} if token is None else {token: Rights.WRITE})
        self._lock = threading.Lock()
        self._server = Server(self._work, clock, port)
        self.url = self._server.url

    def __enter__(self) -> Self:
        """Answer from now on."""
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End all connections and free the port; what was stored can still be asked for."""
        self._server.close()

    def add_repository(
        self,
        name: str,
        commits: Iterable[str] | None = None,
        *,
        private: bool = False,
        archived: bool = False,
    ) -> None:
        """``owner/repo`` with these commits, in full; None: every 40 or 64 hex digits are one."""
        repo = self.store.add(name, commits, private=private)
        repo.archived = archived

    def push(
        self, name: str, sha: str, *, after: Iterable[str] | None = None, branch: str = MAIN
    ) -> None:
        """Add a commit to a branch: after its head, or after other commits."""
        self.store.push(name, sha.lower(), after, branch)

    def rename(self, old: str, new: str) -> None:
        """Give a repository another name; the forge then redirects from the old one."""
        self.store.rename(old, new)

    def add_token(self, token: str, rights: Rights = Rights.WRITE) -> None:
        """One more login; from the first one on, writing needs a token."""
        self.logins.tokens[token] = rights

    def rows(self, repository: str, commit: str) -> list[Row]:
        """All rows of a commit, oldest first; none for what does not exist."""
        repo = self.store.find(repository)
        return [] if repo is None else self.store.rows(repo, commit.lower())

    def latest(self, repository: str, commit: str) -> dict[str, Row]:
        """The row that counts of each context, contexts compared exactly."""
        return latest(self.rows(repository, commit))

    @property
    def stored(self) -> list[Stored]:
        """Every row of the forge with its place, in the order of storing."""
        return list(self.store.stored)

    @property
    def writes(self) -> int:
        """How many writes arrived, whatever became of them."""
        return self._count(Kind.WRITE)

    @property
    def reads(self) -> int:
        """How many reads arrived, each page for itself."""
        return self._count(Kind.READ)

    def _count(self, kind: Kind) -> int:
        with self._lock:
            return sum(call.kind is kind for call in self.calls)

    def _work(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[Reply, Fault]:
        dialect, route = self._route(method, target.partition("?")[0])
        call = self._log(method, target, headers, body, dialect, route)
        fault = self.faults.of(call) or Fault()
        fault = replace(fault, delay=fault.delay + self.latency)
        reply = self._faulty(call, fault, dialect, route)
        call.status = None if fault.ending is Ending.RESET else reply.status
        return reply, fault

    def _route(self, method: str, path: str) -> tuple[Dialect | None, Route]:
        for dialect in DIALECTS:
            route = dialect.route(method, path, self.store)
            if route is not None:
                return dialect, route
        return None, Route("page", Kind.OTHER, "")

    def _log(
        self,
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes,
        dialect: Dialect | None,
        route: Route,
    ) -> Call:
        path, _, query = target.partition("?")
        with self._lock:
            call = Call(
                number=len(self.calls) + 1,
                when=self.clock(),
                method=method,
                path=unquote(path),
                query=dict(parse_qsl(query)),
                headers=headers,
                body=body,
                dialect="" if dialect is None else dialect.name,
                kind=route.kind,
                repository=route.repository,
                commit=route.ref,
                target=target,
            )
            self.calls.append(call)
            return call

    def _faulty(self, call: Call, fault: Fault, dialect: Dialect | None, route: Route) -> Reply:
        if fault.before is not None:
            fault.before()
        reply = self._answer(call, dialect, route) if fault.stored else None
        for watcher in self.watchers:
            watcher(call, reply)
        if fault.after is not None:
            fault.after()
        return fault.answer or reply or Reply(503)

    def _answer(self, call: Call, dialect: Dialect | None, route: Route) -> Reply:
        if dialect is None:
            return page(call.path, self.store)
        return dialect.answer(call, route, self.store, self.logins.rights(call))
