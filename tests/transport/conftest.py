"""A server that sends exactly the bytes that a test wants, and keeps what it was sent."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

import statusbot.transport.wire  # noqa: F401 - its import must not use up a test's short time
from statusbot.transport import Transport

Talk = Callable[[socket.socket], None]


class Serve(Protocol):
    def __call__(self, *talks: Talk | bytes, tls: ssl.SSLContext | None = None) -> RawServer: ...


@dataclass
class RawServer:
    """Answers the n-th request with the n-th talk, further ones with the last."""

    talks: tuple[Talk | bytes, ...]
    tls: ssl.SSLContext | None = None
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    listener: socket.socket = field(init=False)
    port: int = field(init=False)
    lock: threading.Lock = field(default_factory=threading.Lock)
    threads: list[threading.Thread] = field(default_factory=list)
    open: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self.listener.getsockname()[1])
        self._start(self._accept)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in list(self.threads):
            thread.join()
        self.listener.close()

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work)
        self.threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self.open.append(connection)
            self._start(lambda connection=connection: self._serve(connection))  # type: ignore[misc]

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection:
                while request := _request(connection):
                    with self.lock:
                        self.requests.append(request)
                        talk = self.talks[min(len(self.requests), len(self.talks)) - 1]
                    if isinstance(talk, bytes):
                        connection.sendall(talk)
                    else:
                        talk(connection)
                        return


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def http(status: int, body: bytes = b"{}", **headers: str) -> bytes:
    """A whole answer."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {status} Reason", f"Content-Length: {len(body)}", *lines])
    return head.encode() + b"\r\n\r\n" + body


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[RawServer] = []

    def start(*talks: Talk | bytes, tls: ssl.SSLContext | None = None) -> RawServer:
        servers.append(RawServer(talks, tls))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def transport(pauses: list[float]) -> Iterator[Transport]:
    """A transport that does not wait between tries."""
    with Transport(pause=pauses.append) as transport:
        yield transport


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``ca``, ``server`` (127.0.0.1) and ``client``, each as .crt and .key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not on PATH")
    folder = tmp_path_factory.mktemp("forge-certificates")

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

    new = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "2")
    run(*new, "-nodes", "-x509", "-subj", "/CN=test-ca", "-keyout", "ca.key", "-out", "ca.crt")
    usages = {"server": "subjectAltName=IP:127.0.0.1", "client": "extendedKeyUsage=clientAuth"}
    for name, extension in usages.items():
        (folder / "ext").write_text(extension + "\n")
        request = ("-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        run(*new, "-nodes", *request)
        signed = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "ext")
        run("x509", "-req", "-in", f"{name}.csr", *signed, "-days", "2", "-out", f"{name}.crt")
    run("pkey", "-in", "client.key", "-aes128", "-passout", "pass:x", "-out", "locked.key")
    return folder
