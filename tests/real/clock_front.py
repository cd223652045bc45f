"""A kube-apiserver as it is, but for the time that it tells.

A recording passes in seconds, the server's clock goes its own way: seen through this, the server's
``Date`` is the recorded time, and ages, pauses and the ledger's "since the last poll" come out as
they were.
"""

from __future__ import annotations

import re
import select
import socket
import socketserver
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from http.client import parse_headers
from io import BytesIO

from tests.real.apiserver import ApiServer
from tests.real.network import Server

_DATE = re.compile(rb"(?im)^Date:[^\r\n]*")
_END = b"\r\n\r\n"
_PATIENCE = 30.0


class ClockFront(Server):
    """Hands requests to ``apiserver`` and its answers back, watches too, with another ``Date``."""

    def __init__(self, apiserver: ApiServer, clock: Callable[[], datetime]) -> None:
        """``clock`` is asked for each answer; aware, in UTC."""
        super().__init__(_Handler)
        self.clock = clock
        self._trust = ssl.create_default_context(cafile=str(apiserver.ca))
        self._port = int(apiserver.url.rpartition(":")[2])
        self.apiserver = replace(apiserver, url=self.url)

    def there(self) -> ssl.SSLSocket:
        """A new connection to the server itself."""
        plain = socket.create_connection(("127.0.0.1", self._port), timeout=_PATIENCE)
        # The request follows the handshake at once, and would wait for its acknowledgement.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._trust.wrap_socket(plain, server_hostname="127.0.0.1")

    def dated(self, head: bytes) -> bytes:
        """The head of an answer at the time of our clock."""
        return _DATE.sub(b"Date: " + format_datetime(self.clock(), usegmt=True).encode(), head)


class _Handler(socketserver.StreamRequestHandler):
    """One request for each connection, so that an answer ends where the server hangs up."""

    server: ClockFront

    def handle(self) -> None:
        head = b"".join(iter(self.rfile.readline, b"\r\n"))
        if not head:
            return
        headers = parse_headers(BytesIO(head.partition(b"\r\n")[2]))
        length = int(headers.get("Content-Length", "0"))
        with self.server.there() as there:
            there.sendall(head + b"Connection: close\r\n\r\n" + self.rfile.read(length))
            self._answer(there)

    def _answer(self, there: ssl.SSLSocket) -> None:
        head = b""
        while _END not in head:
            head += self._next(there)
        head, end, rest = head.partition(_END)
        self.connection.sendall(self.server.dated(head) + end + rest)
        while data := self._next(there):
            self.connection.sendall(data)

    def _next(self, there: ssl.SSLSocket) -> bytes:
        """What the server says next; nothing when it, or whoever asked, has left."""
        if not there.pending():
            ready, _, _ = select.select([there, self.connection], [], [])
            if self.connection in ready:
                return b""
        return there.recv(65536)
