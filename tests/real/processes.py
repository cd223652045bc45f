"""Servers as child processes: they end with the test run, even when that is killed."""

from __future__ import annotations

import ctypes
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: Sequence[str | Path], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The process while the block lasts; its output goes to ``log``.

    Linux kills it when our own process ends in whatever way (PR_SET_PDEATHSIG); elsewhere a
    pytest that gets SIGKILL leaves it behind. Nothing of it is kept, so it is killed, not asked.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # A ^C is for pytest, which then ends us in the right order.
            start_new_session=True,
            preexec_fn=die_with_parent(),
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=30)


def until(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float = 60.0
) -> None:
    """Poll until ``ready``; RuntimeError with the end of the log when it does not come."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            words = log.read_text(errors="replace")[-3000:]
            raise RuntimeError(f"{process.args!r} did not become ready:\n{words}")
        time.sleep(0.02)


def die_with_parent() -> Callable[[], object] | None:
    """What a new child calls so that Linux kills it when its parent ends; None elsewhere."""
    if sys.platform != "linux":
        return None
    # Loaded here, not in the child: between fork and exec nothing may be imported.
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
