"""A server on loopback that knows its connections, to end them all and wait for their threads."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
from typing import Any

# Lingering for no time makes close() send RST: the client sees a reset, not an end.
_NO_TIME = struct.pack("ii", 1, 0)


class LoopbackServer(socketserver.ThreadingTCPServer):
    """A thread for each connection."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, handler: type[socketserver.BaseRequestHandler], port: int) -> None:
        """Listen on a port of 127.0.0.1; 0 stands for a free one."""
        self._open: dict[socket.socket, threading.Thread] = {}
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", port), handler)

    def hang_up(self, seconds: float | None = None) -> None:
        """End every connection, and wait for its thread, for so long at the most."""
        with self._guard:
            connections = dict(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in connections.values():
            if thread is not threading.current_thread():
                thread.join(seconds)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection in a thread that is known before it starts."""
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        with self._guard:
            self._open[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        """Close one connection: with a FIN first, unless it is to be reset."""
        linger = request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(_NO_TIME))
        if linger == _NO_TIME:
            self.close_request(request)
        else:
            super().shutdown_request(request)
        with self._guard:
            self._open.pop(request, None)


def end_by_reset(connection: socket.socket) -> None:
    """Let a connection end as if it were cut: what the client did not read is thrown away."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_TIME)
