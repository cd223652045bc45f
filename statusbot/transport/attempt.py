"""One request on its way: whether it went out, and an end to waiting for its answer.

Timeouts of sockets begin anew with every byte, so a server that trickles its answer could hold a
thread for good. The watchdog ends the connection of an attempt when its time is up.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

from statusbot.transport.guards import Guard


class Attempt:
    """``until`` is an instant of ``time.monotonic``; the connection reports to us as it goes."""

    def __init__(self, until: float, guard: Guard, name: str) -> None:
        """``name`` is the host as the request names it."""
        self.until = until
        self.sent = False
        self.expired = False
        self._guard = guard
        self._name = name
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def connected(self, connection: socket.socket) -> None:
        """A new connection stands and nothing was sent on it; NotAllowed ends it."""
        peer = connection.getpeername()
        if isinstance(peer, tuple):
            self._guard.check_peer(str(peer[0]), int(peer[1]), self._name)
        self._hold(connection)

    def sending(self, connection: Any) -> None:
        """From here on the request may reach the forge."""
        self._hold(connection)
        self.sent = True

    def _hold(self, connection: Any) -> None:
        # A descriptor of our own: TLS moves the connection's into another object.
        held = socket.socket(fileno=os.dup(connection.fileno()))
        with self._lock:
            before, self._socket = self._socket, held
            if self.expired:
                self._end()
        if before is not None:
            before.close()

    def expire(self) -> None:
        """The time is up: whoever waits on the connection wakes with an error."""
        with self._lock:
            self.expired = True
            self._end()

    def _end(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def finish(self) -> None:
        """Let go of the connection, which may serve another request."""
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None


_current = threading.local()


def current() -> Attempt | None:
    """The attempt that this thread is making."""
    return getattr(_current, "attempt", None)


class Watchdog:
    """One thread that ends the attempts whose time is up."""

    def __init__(self) -> None:
        """The thread begins with the first attempt."""
        self._changed = threading.Condition()
        self._attempts: set[Attempt] = set()
        self._wakes = float("inf")
        self._closed = False
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def watch(self, attempt: Attempt) -> Iterator[Attempt]:
        """Make ``attempt`` this thread's, and end it when it takes too long."""
        self._add(attempt)
        _current.attempt = attempt
        try:
            yield attempt
        finally:
            _current.attempt = None
            with self._changed:
                self._attempts.discard(attempt)
            attempt.finish()

    def _add(self, attempt: Attempt) -> None:
        with self._changed:
            self._attempts.add(attempt)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
                self._thread.start()
            elif attempt.until < self._wakes:
                self._changed.notify()

    def _run(self) -> None:
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                for attempt in [one for one in self._attempts if one.until <= now]:
                    self._attempts.discard(attempt)
                    attempt.expire()
                self._wakes = min((one.until for one in self._attempts), default=float("inf"))
                wait = self._wakes - now
                self._changed.wait(None if wait == float("inf") else wait)

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
