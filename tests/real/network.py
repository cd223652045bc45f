"""What companies put between a cluster and its forge, small and on loopback.

Whoever names a host here, a proxy or a SOCKS server, is led to 127.0.0.1 at the port that it names:
so ``gitea.test`` is known to them and to nobody else.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Self
from urllib.parse import urlsplit

_PATIENCE = 30.0


class Server(socketserver.ThreadingTCPServer):
    """A thread for each connection, all of them over when the block is; ``tls`` speaks first."""

    allow_reuse_address = True
    request_queue_size = 64

    def __init__(
        self, handler: type[socketserver.BaseRequestHandler], tls: ssl.SSLContext | None = None
    ) -> None:
        self.tls = tls
        self.connections = 0
        super().__init__(("127.0.0.1", 0), handler)

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """Without a trailing slash."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Counted before anybody is answered."""
        self.connections += 1
        super().process_request(request, client_address)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the connection's own thread: a handshake that hangs holds nobody up."""
        request.settimeout(_PATIENCE)
        if self.tls is None:
            return super().finish_request(request, client_address)
        with _shaken(self.tls, request) as secure:
            super().finish_request(secure, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves, or whom a handshake did not suit, is no news."""


class TlsFront(Server):
    """Takes TLS off and sends what is in it to a port of 127.0.0.1."""

    def __init__(self, target: int, tls: ssl.SSLContext) -> None:
        self.target = target
        super().__init__(_TlsFrontHandler, tls)


class _TlsFrontHandler(socketserver.BaseRequestHandler):
    server: TlsFront

    def handle(self) -> None:
        with _to(self.server.target) as target:
            _relay(self.request, target)


@dataclass(frozen=True)
class Seen:
    """One request as it came; ``headers`` by names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)


class Recorder(Server):
    """Notes every request, and answers all of them alike."""

    def __init__(
        self,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"[]",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.answer = (status, headers or {}, body)
        self.seen: list[Seen] = []
        super().__init__(_RecorderHandler, tls)


class _HTTP(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def _note(self) -> bytes:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append(Seen(self.command, self.path, headers))
        return self.rfile.read(int(headers.get("content-length", 0)))

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Tests look at ``seen``."""


class _RecorderHandler(_HTTP):
    def do_GET(self) -> None:
        self._note()
        self._answer(*self.server.answer)

    do_POST = do_GET


class Proxy(Server):
    """An HTTP proxy: tunnels for https, single requests for http. ``login`` is ``user:password``.

    ``ports`` says where tunnels to some ports lead instead.
    """

    def __init__(
        self,
        login: str = "",
        tls: ssl.SSLContext | None = None,
        ports: Mapping[int, int] | None = None,
    ) -> None:
        self.ports = ports or {}
        self.login = f"Basic {base64.b64encode(login.encode()).decode()}" if login else ""
        self.seen: list[Seen] = []
        super().__init__(_ProxyHandler, tls)


class _ProxyHandler(_HTTP):
    server: Proxy

    def do_CONNECT(self) -> None:
        self._note()
        if self._is_known():
            self.close_connection = True
            port = int(self.path.rpartition(":")[2])
            with _to(self.server.ports.get(port, port)) as target:
                self.send_response(200)
                self.end_headers()
                _relay(self.connection, target)

    def do_GET(self) -> None:
        body = self._note()
        if self._is_known():
            self._forward(body)

    do_POST = do_GET

    def _is_known(self) -> bool:
        if self.headers.get("Proxy-Authorization", "") == self.server.login:
            return True
        self._answer(407, {"Proxy-Authenticate": "Basic"}, b"")
        return False

    def _forward(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        path = self.path.partition(parts.netloc)[2]
        headers = {n: v for n, v in self.headers.items() if not n.lower().startswith("proxy-")}
        there = http.client.HTTPConnection("127.0.0.1", parts.port or 80, timeout=_PATIENCE)
        with contextlib.closing(there):
            there.request(self.command, path, body or None, headers)
            answer = there.getresponse()
            kept = {n: v for n, v in answer.getheaders() if n.lower() in _KEPT}
            self._answer(answer.status, kept, answer.read())


_KEPT = ("content-type", "date", "link", "x-total-count", "location")


class Socks(Server):
    """A SOCKS5 server (RFC 1928, RFC 1929); ``asked`` is ``host:port`` as clients named it."""

    def __init__(self, login: str = "") -> None:
        self.login = login
        self.asked: list[str] = []
        super().__init__(_SocksHandler)


class _SocksHandler(socketserver.StreamRequestHandler):
    server: Socks
    rbufsize = 0

    def handle(self) -> None:
        methods = self._read(self._read(2)[1])
        wanted = 2 if self.server.login else 0
        self.wfile.write(bytes([5, wanted if wanted in methods else 0xFF]))
        if wanted not in methods or (wanted and not self._is_known()):
            return
        host, port = self._destination()
        self.server.asked.append(f"{host}:{port}")
        with _to(port) as target:
            self.wfile.write(bytes([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]))
            _relay(self.connection, target)

    def _is_known(self) -> bool:
        self._read(1)
        user, password = (self._read(self._read(1)[0]).decode() for _ in range(2))
        known = f"{user}:{password}" == self.server.login
        self.wfile.write(bytes([1, 0 if known else 1]))
        return known

    def _destination(self) -> tuple[str, int]:
        kind = self._read(4)[3]
        if kind == 3:
            host = self._read(self._read(1)[0]).decode()
        else:
            host = socket.inet_ntop(*_ADDRESSES[kind][:1], self._read(_ADDRESSES[kind][1]))
        return host, int.from_bytes(self._read(2), "big")

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            data += self.rfile.read(count - len(data)) or _gone()
        return data


_ADDRESSES = {1: (socket.AF_INET, 4), 4: (socket.AF_INET6, 16)}


def _shaken(tls: ssl.SSLContext, connection: socket.socket) -> ssl.SSLSocket:
    try:
        return tls.wrap_socket(connection.dup(), server_side=True)
    except ssl.SSLError:
        # Whoever closes on unread bytes resets the connection, and the alert may be lost.
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
        raise


def _gone() -> bytes:
    raise ConnectionError("the client left")


def _to(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)


def _relay(left: socket.socket, right: socket.socket) -> None:
    """Bytes both ways until one of the two ends."""
    other = {left: right, right: left}
    while True:
        held = [one for one in other if isinstance(one, ssl.SSLSocket) and one.pending()]
        for one in held or select.select(list(other), [], [], _PATIENCE)[0]:
            data = one.recv(65536)
            if not data:
                return
            other[one].sendall(data)
