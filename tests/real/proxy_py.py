"""proxy.py as a process: somebody else's proxy, with a login, that knows what ``gitea.test`` is.

Started as a program this module is proxy.py with one more plugin.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import proxy
from proxy.http.parser import HttpParser
from proxy.http.proxy import HttpProxyBasePlugin

from tests.real.processes import die_with_parent, running, until

LOGIN = ("statusbot", "proxy-password-of-the-tests")
_ROOT = Path(__file__).parents[2]
_HEARD = "HEARD"


@dataclass(frozen=True)
class ProxyPy:
    """``url`` has no login in it; ``log`` is proxy.py's own, with all that it has to tell."""

    url: str
    log: Path = field(repr=False)
    heard: Path = field(repr=False)

    def requests(self) -> list[str]:
        """``METHOD path`` or ``CONNECT host:port`` of all that came with the login, outside of TLS."""
        return re.findall(r"^HEARD (.*)$", self.heard.read_text(), re.MULTILINE)


@contextmanager
def started(work: Path) -> Iterator[ProxyPy]:
    """On a free port; its files go to ``work``."""
    heard, port, log, output = (work / name for name in ("heard", "port", "log", "output"))
    heard.touch()
    flags = [
        "--hostname=127.0.0.1",
        "--port=0",
        f"--port-file={port}",
        f"--basic-auth={':'.join(LOGIN)}",
    ]
    flags += ["--num-acceptors=1", "--num-workers=1", f"--log-file={log}", "--log-level=DEBUG"]
    environment = ["env", f"HOME={work}", f"PYTHONPATH={_ROOT}", f"{_HEARD}={heard}"]
    command = [*environment, sys.executable, "-m", "tests.real.proxy_py", *flags]
    with running(command, output) as process:
        try:
            until(lambda: port.exists() and port.read_text().endswith("\n"), process, output)
            yield ProxyPy(f"http://127.0.0.1:{port.read_text().strip()}", log, heard)
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    # It has a child that accepts connections; both are in a group of their own.
    os.killpg(process.pid, signal.SIGKILL)


class Loopback(HttpProxyBasePlugin):
    """Every name is this machine, and every request is written down as it came."""

    def resolve_dns(self, host: str, port: int) -> tuple[str | None, tuple[str, int] | None]:
        """Nobody else could resolve it."""
        return "127.0.0.1", None

    def handle_client_request(self, request: HttpParser) -> HttpParser | None:
        """Before the request goes on: who has its answer finds it here."""
        parts = (request.method, request.host, request.path)
        method, host, path = (part or b"" for part in parts)
        target = b"%b:%d" % (host, request.port or 0) if request.is_https_tunnel else path
        with Path(os.environ[_HEARD]).open("ab") as heard:
            heard.write(b"HEARD %b %b\n%b\n" % (method, target, request.build()))
        return request


if __name__ == "__main__":
    if (mortal := die_with_parent()) is not None:
        os.register_at_fork(after_in_child=mortal)
    proxy.main(plugins=[Loopback])
