"""The lines of an answer that has no end yet: one thread reads them, any thread may end them.

A thread that waits for bytes can only be woken through its socket, and a stream that becomes a
watch must wait longer than it did before. So the connection hands its socket to the grip of the
stream that this thread is opening, before it waits for the answer.
"""

from __future__ import annotations

import contextlib
import functools
import os
import socket
import threading
from collections.abc import Callable, Generator, Iterator
from typing import Any, Self

from statusbot.cluster.clock import Deadline

# Seconds until the kernel asks a silent peer whether it lives, between two questions, and how many
# stay without an answer. A watch may be silent for minutes; what cut the way to it tells nobody.
_ALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}
_opening = threading.local()


class Grip:
    """The connection of one stream. ``deadline`` bounds all of it, ``quiet`` (seconds) each wait."""

    def __init__(self, deadline: Deadline, quiet: float) -> None:
        """It holds nothing yet."""
        self.deadline = deadline
        self.quiet = quiet
        # A signal may interrupt the thread that holds it, and want to end what that one reads.
        self._lock = threading.RLock()
        self._socket: Any = None
        self._held: socket.socket | None = None
        self._ended = False

    @contextlib.contextmanager
    def opening(self) -> Iterator[None]:
        """What this thread sends while the block lasts goes over a connection that we then hold."""
        _opening.grip = self
        try:
            yield
        except BaseException:
            self.let_go()
            raise
        finally:
            _opening.grip = None

    def take(self, connection: Any) -> None:
        """The socket on which an answer is about to be waited for."""
        self.let_go()
        # A descriptor of our own: the connection may close its one while we are about to use it.
        held = socket.socket(fileno=os.dup(connection.fileno()))
        with contextlib.suppress(OSError):
            _ask_for_life(held)
        with self._lock:
            self._socket, self._held = connection, held
            if self._ended:
                self._shut()

    def wait(self, seconds: float) -> None:
        """Let the next read wait so long."""
        if self._socket is not None:
            self._socket.settimeout(seconds)

    def let_go(self) -> None:
        """The connection is closed, or serves somebody else."""
        with self._lock:
            if self._held is not None:
                self._held.close()
            self._socket = self._held = None

    def end(self) -> None:
        """From any thread: whoever waits on the connection wakes, now and from now on."""
        with self._lock:
            self._ended = True
            self._shut()

    def _shut(self) -> None:
        if self._held is not None:
            with contextlib.suppress(OSError):
                self._held.shutdown(socket.SHUT_RDWR)


class Stream:
    """An iterator over lines; nothing is sent before the first is asked for."""

    def __init__(self, grip: Grip, lines: Callable[[Grip], Generator[bytes, None, None]]) -> None:
        """``lines`` opens the connection, reads it, and frees it in the end."""
        self._grip = grip
        self._lines = lines(grip)
        self._lock = threading.RLock()
        self._reading = False
        self._closed = threading.Event()

    def __iter__(self) -> Self:
        """Itself."""
        return self

    def __next__(self) -> bytes:
        """The next line. A stream that was closed ends, also in the middle of this."""
        with self._lock:
            if self._closed.is_set():
                raise StopIteration
            self._reading = True
        try:
            return next(self._lines)
        except Exception:
            # Whatever a reader says whose socket was taken away.
            if self._closed.is_set():
                raise StopIteration from None
            raise
        finally:
            with self._lock:
                self._reading = False
                if self._closed.is_set():
                    self._lines.close()

    def allow(self, quiet: float) -> None:
        """From the next read on no deadline holds, and ``quiet`` seconds may pass without a byte."""
        self._grip.deadline = Deadline()
        self._grip.quiet = quiet

    def close(self) -> None:
        """From any thread or signal, at any time: the reader wakes, and the socket is freed."""
        with self._lock:
            self._closed.set()
            # A generator that runs cannot be closed from here; its reader does it.
            if not self._reading:
                self._lines.close()
        self._grip.end()


class _Telling:
    """What a connection of any kind does before it waits for an answer."""

    sock: Any

    def getresponse(self) -> Any:
        grip: Grip | None = getattr(_opening, "grip", None)
        if grip is not None:
            grip.take(self.sock)
        return super().getresponse()  # type: ignore[misc]


def tell(manager: Any) -> None:
    """Make the connections of a urllib3 pool manager tell; before it makes the first of them."""
    classes = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _telling(pool) for scheme, pool in classes.items()}


@functools.cache
def _telling(pool: Any) -> Any:
    if issubclass(pool.ConnectionCls, _Telling):
        return pool
    connection = type("Connection", (_Telling, pool.ConnectionCls), {})
    return type("Pool", (pool,), {"ConnectionCls": connection})


def _ask_for_life(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _ALIVE.items():
        if hasattr(socket, name):  # macOS has not all of them
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
