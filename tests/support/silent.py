"""Servers that take a connection and then say no more, for good."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self


class Silent:
    """Accepts, reads and never answers. ``said`` is set once a client has sent something."""

    def __enter__(self) -> Self:
        self.said = threading.Event()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end(self._listener)
        for connection in self._open:
            self._end(connection)
        for thread in self._threads:
            thread.join()
        for connection in [self._listener, *self._open]:
            connection.close()

    def serve(self, connection: socket.socket) -> None:
        """Until the client is gone, or this server."""
        while connection.recv(65536):
            self.said.set()

    def keep(self, connection: socket.socket) -> None:
        """Close it in the end."""
        self._open.append(connection)

    def start(self, thread: threading.Thread) -> None:
        """Wait for it in the end."""
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.keep(connection)
                self.start(threading.Thread(target=self._serve, args=(connection,)))

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self.serve(connection)

    @staticmethod
    def _end(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


class FallsSilent(Silent):
    """In front of a server on ``port``: passes all on, but nothing that comes after ``last``.

    ``said`` is set when ``last`` went out.
    """

    def __init__(self, port: int, last: bytes) -> None:
        self._behind = port
        self._last = last

    def serve(self, connection: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self._behind))
        self.keep(server)
        self.start(threading.Thread(target=self._pass, args=(connection, server)))
        seen = b""
        while data := server.recv(4096):
            seen += data
            end = seen.find(self._last)
            if end >= 0:
                left = end + len(self._last) - (len(seen) - len(data))
                connection.sendall(data[: max(left, 0)])
                self.said.set()
                return
            connection.sendall(data)

    def _pass(self, connection: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := connection.recv(65536):
                server.sendall(data)
