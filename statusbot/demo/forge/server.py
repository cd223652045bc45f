"""The wire: HTTP/1.1 with kept connections on loopback, a thread each, and broken on request."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from statusbot.demo.forge.calls import Reply
from statusbot.demo.forge.faults import Ending, Fault
from statusbot.demo.loopback import LoopbackServer, end_by_reset

MOST_BODY = 1 << 20

# What a forge does with a request: method, target, headers, body -> the answer and its fault.
Work = Callable[[str, str, dict[str, str], bytes], tuple[Reply, Fault]]


class Server(LoopbackServer, HTTPServer):
    """Listens on a free port of 127.0.0.1; ``close`` ends every connection and thread."""

    request_queue_size = 1024

    def __init__(self, work: Work, clock: Callable[[], datetime], port: int = 0) -> None:
        """Bind; requests are answered between ``start`` and ``close``."""
        self.work = work
        self.clock = clock
        self.stopping = threading.Event()
        self._loop = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        super().__init__(_Handler, port)

    @property
    def url(self) -> str:
        """The address with its port, without a trailing slash."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        """Answer from now on."""
        self._loop.start()

    def close(self) -> None:
        """End all connections, those that wait for a delayed answer too, and free the port."""
        self.stopping.set()
        self.shutdown()
        self._loop.join()
        self.hang_up()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients go away as they like; nothing is printed for that."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def version_string(self) -> str:
        return "statusbot-demo"

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.server.clock().astimezone(UTC), usegmt=True)

    def log_message(self, format: str, *args: object) -> None:
        """Calls are kept by the forge, not printed."""

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MOST_BODY:
            self.close_connection = True
            return self._send(Reply(413), Fault())
        body = self.rfile.read(int(length))
        if len(body) < int(length):  # the client died while it was sending: nobody asked anything
            self.close_connection = True
            return None
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply, fault = self.server.work(self.command, self.path, headers, body)
        self._send(reply, fault)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve

    def _send(self, reply: Reply, fault: Fault) -> None:
        if fault.delay:
            self.server.stopping.wait(fault.delay)
        if fault.ending is Ending.RESET or self.server.stopping.is_set():
            return self._reset()
        self._head(reply)
        body = b"" if self.command == "HEAD" else reply.body
        if fault.ending is Ending.HALF:
            body = body[: len(body) // 2]
            self.close_connection = True
        if fault.ending is Ending.TRICKLE:
            return self._trickle(body, fault.pace)
        self.wfile.write(body)
        self.wfile.flush()

    def _head(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def _trickle(self, body: bytes, pace: float) -> None:
        for position in range(len(body)):
            self.wfile.write(body[position : position + 1])
            self.wfile.flush()
            if self.server.stopping.wait(pace):
                return self._reset()

    def _reset(self) -> None:
        end_by_reset(self.connection)
        self.close_connection = True
