"""One session for each host, login and way: tenants never share a connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from statusbot.forges.base import Login
from statusbot.transport.way import Way

if TYPE_CHECKING:
    from ssl import SSLContext

    from requests import Session

_IDLE_SECONDS = 600.0

_Key = tuple[str, Login, Way]


@dataclass
class _Entry:
    session: Session
    users: int = 0
    used: float = 0.0


class Sessions:
    """Kept while they are used, and ten minutes more: a token that changes leaves none behind."""

    def __init__(self) -> None:
        """None yet."""
        self._lock = threading.RLock()
        self._entries: dict[_Key, _Entry] = {}
        self._contexts: dict[Way, SSLContext] = {}

    @contextmanager
    def use(self, origin: str, login: Login, way: Way) -> Iterator[Session]:
        """The session for requests to ``origin`` (``scheme://host:port``)."""
        with self._lock:
            entry = self._entry((origin, login, way))
            entry.users += 1
        try:
            yield entry.session
        finally:
            with self._lock:
                entry.users -= 1
                entry.used = time.monotonic()

    def _entry(self, key: _Key) -> _Entry:
        entry = self._entries.get(key)
        if entry is None:
            self._drop_idle()
            entry = self._entries[key] = _Entry(self._new(key[0], key[2]))
        return entry

    def prepare(self, way: Way) -> None:
        """Make the TLS context of a way."""
        self._context(way)

    def _new(self, origin: str, way: Way) -> Session:
        from statusbot.transport.wire import session_for

        return session_for(origin.partition(":")[0], partial(self._context, way))

    def _context(self, way: Way) -> SSLContext:
        from statusbot.transport.wire import context_for

        with self._lock:
            context = self._contexts.get(way)
            if context is None:
                # Reading the authorities takes as long as some answers do: once for each way.
                context = self._contexts[way] = context_for(way)
            return context

    def _drop_idle(self) -> None:
        before = time.monotonic() - _IDLE_SECONDS
        for key, entry in list(self._entries.items()):
            if not entry.users and entry.used < before:
                del self._entries[key]
                entry.session.close()

    def close(self) -> None:
        """End all connections."""
        with self._lock:
            for entry in self._entries.values():
                entry.session.close()
            self._entries.clear()
