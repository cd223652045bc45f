"""HTTP/1.1 on loopback around the API: chunks, the Date header, and faults on the wire."""

from __future__ import annotations

import contextlib
import math
import ssl
from datetime import UTC
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from statusbot.demo.kube.api import Api
from statusbot.demo.kube.faults import Fault
from statusbot.demo.kube.requests import Answer, Request, Stream
from statusbot.demo.loopback import LoopbackServer, end_by_reset

_NOTHING = Fault()


class Server(LoopbackServer):
    """A thread for each connection; ``close`` ends them all, watches included."""

    request_queue_size = 128

    def __init__(self, api: Api, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        """Listen on a port of 127.0.0.1; 0 stands for a free one."""
        self.api = api
        self.tls = tls
        self.requests: list[Request] = []
        super().__init__(Handler, port)

    def close(self) -> None:
        """Stop listening, end what is being answered and wait for its threads."""
        self.shutdown()
        self.api.stop.set()
        with self.api.store.changed:
            self.api.store.changed.notify_all()
        self.hang_up(10.0)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is a bug to be seen."""
        import sys

        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """The TLS handshake belongs to the connection's thread, not to the listener's."""
        if self.tls is None:
            super().finish_request(request, client_address)
            return
        with self.tls.wrap_socket(request.dup(), server_side=True) as secured:
            super().finish_request(secured, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection: requests one after the other, as HTTP/1.1 keeps them alive."""

    protocol_version = "HTTP/1.1"
    server: Server
    disable_nagle_algorithm = True
    wbufsize = 65536

    def do_GET(self) -> None:
        """Every method goes the same way."""
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        request = Request(self.command, url.path, query)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        api = self.server.api
        self.server.requests.append(request)
        fault = api.faults.fail(request) or _NOTHING
        if fault.hang:
            api.stop.wait(None if math.isinf(fault.hang) else fault.hang)
        if fault.reset or api.stop.is_set():
            self._drop(reset=True)
            return
        headers = {name.title(): value for name, value in self.headers.items()}
        answer = fault.answer or api.answer(request, headers, body)
        if isinstance(answer, Answer):
            self._send(answer, fault)
        else:
            self._stream(answer, fault)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The ``Date`` header tells the server's own time, be it now or recorded."""
        return format_datetime(self.server.api.clock().astimezone(UTC), usegmt=True)

    def version_string(self) -> str:
        """Nothing that a real server would not say."""
        return "kube-apiserver"

    def log_message(self, format: str, *args: Any) -> None:
        """The requests are logged in ``Server.requests``."""

    def _send(self, answer: Answer, fault: Fault) -> None:
        self.send_response(answer.code)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if fault.cut is not None:
            self.wfile.write(answer.body[: fault.cut])
            self._drop(reset=not fault.cut_politely)
            return
        self.wfile.write(answer.body)
        self.wfile.flush()

    def _stream(self, stream: Stream, fault: Fault) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        left = fault.cut
        for lines in filter(None, stream.batches):
            # An empty batch would be written as the chunk that ends the body.
            if left is not None and left < len(lines):
                half = lines[left][: len(lines[left]) // 2]
                self._chunk(b"".join(lines[:left]) + half)
                self._drop(reset=not fault.cut_politely)
                return
            left = None if left is None else left - len(lines)
            self._chunk(b"".join(lines))
        if self.server.api.stop.is_set():
            # A server that goes away does not get to say that this was all.
            self._drop(reset=False)
        else:
            self._chunk(b"")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _drop(self, *, reset: bool) -> None:
        """End the connection in the middle; a reset throws away what the client did not read."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.flush()
        if reset:
            end_by_reset(self.connection)
