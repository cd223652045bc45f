"""The process that evaluates, as those see it who ask: started when needed, again when it died.

An expression is somebody else's program. One of 300 characters can ask for hours, or for all the
memory there is, and cel-cpp has no limit for either. A process has; what is lost with it is one
answer.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import orjson

from statusbot.errors import StatusbotError
from statusbot.routing.cel.program import MEGABYTES, SECONDS

# For a process that stands still: one that works ends by itself, however busy the machine is.
PATIENCE = 60.0

_START = (
    "import sys; sys.path[:] = sys.argv[1:]; from statusbot.routing.cel.program import main; main()"
)
_PACKAGES = str(Path(__file__).parents[3])
# Nothing of the environment goes with it, which may hold tokens, but what a library needs to load.
_ENVIRONMENT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TZDIR")


class Died(StatusbotError):
    """The process ended over a request. ``again``: it may have been for another reason."""

    def __init__(self, what: str, *, again: bool) -> None:
        """``what`` the expression did."""
        super().__init__(what)
        self.again = again


class Process:
    """Requests to one process at a time, from any thread."""

    def __init__(self, patience: float = PATIENCE) -> None:
        """Nothing is started yet; ``patience`` in seconds."""
        self._patience = patience
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The number of the process; None while there is none."""
        return self._child.pid if self._child else None

    def ask(
        self, request: dict[str, Any], spend: Callable[[float], None] = lambda seconds: None
    ) -> dict[str, str]:
        """The answer of ``program``. Died: there is none; a StatusbotError: it cannot be asked.

        ``spend`` is told how many seconds of the processor's time that took.
        """
        line = _line(request)
        with self._lock:
            child = self._child = self._child or _started()
            answer = b""
            try:
                answer = self._answer(child, line)
            finally:  # after Stopped too: an answer may still be on its way
                if not answer.endswith(b"\n"):
                    self._end()
            if not answer.endswith(b"\n"):
                spend(SECONDS)
                raise _died(child.returncode)
            found = cast("dict[str, str]", orjson.loads(answer))
            spend(float(found.pop("took", 0.0)))
            return found

    def close(self) -> None:
        """End the process; the next request starts another."""
        with self._lock:
            self._end()

    def _answer(self, child: subprocess.Popen[bytes], line: bytes) -> bytes:
        """A line, or what there is of it when the process ended."""
        assert child.stdin is not None and child.stdout is not None
        try:
            child.stdin.write(line)
            child.stdin.flush()
        except BrokenPipeError:
            return _last_words(child)
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            if not selector.select(self._patience):
                what = f"it gives no result within {self._patience:g} seconds"
                raise Died(what, again=False)
        answer = child.stdout.readline()
        return answer if answer.endswith(b"\n") else _last_words(child)

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None and child.stdout is not None
        child.kill()
        child.wait()
        with suppress(BrokenPipeError):
            child.stdin.close()
        child.stdout.close()


def _last_words(child: subprocess.Popen[bytes]) -> bytes:
    """None, but the code with which it ended: it has closed its end, and is on its way."""
    with suppress(subprocess.TimeoutExpired):
        child.wait(5)
    return b""


def _started() -> subprocess.Popen[bytes]:
    paths = [*(path for path in sys.path if path), _PACKAGES]
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    try:
        return subprocess.Popen(
            [sys.executable, "-IB", "-c", _START, *paths],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # a Ctrl-C is for us; we end it
        )
    except OSError as error:
        raise StatusbotError(f"no process can be started for it: {error.strerror}") from error


def _line(request: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(request, default=_plain, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError as error:
        raise StatusbotError(f"it cannot be evaluated with these objects: {error}") from None


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a {type(value).__name__} is no JSON")


def _died(code: int | None) -> Died:
    if sys.platform != "win32" and code == -signal.SIGPROF:
        return Died(f"it takes more than {SECONDS:g} seconds of the processor's time", again=False)
    what = f"it ends the process that evaluates it, which has {MEGABYTES} MB of memory"
    return Died(what, again=True)
