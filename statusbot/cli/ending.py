"""How the process ends: within a second of a signal, and whatever its threads wait for.

What was posted is in the ledger by then; a thread whose call hangs has nothing to tell any more.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import NoReturn

from statusbot.interrupt import HEARD, Interrupt

INTERRUPTED = 130
# Seconds from a signal to the end. The main thread needs less, unless a call into the system does
# not come back: a name that is looked up, a pipe that nobody reads.
WITHIN = 0.9
# The same while the ledger is being saved, to a slow disk or API server, and then for the report.
SAVING = 5.0
REPORT = 0.5
# For what is to be done at the exit: temporary files, and the process that evaluates CEL.
TIDY = 0.3
_LOOK_EVERY = 0.02


class Guard:
    """A thread that ends the process where the main thread does not in time."""

    def __init__(self, interrupt: Interrupt) -> None:
        """Python's own handlers run in the main thread only; this hears of a signal at once."""
        self._interrupt = interrupt
        self._signals, write = os.pipe()
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        self.thread = threading.Thread(target=self._watch, name="guard", daemon=True)
        self.thread.start()

    def _watch(self) -> None:
        while not set(os.read(self._signals, 64)) & set(HEARD):
            pass
        came = time.monotonic()
        while (now := time.monotonic()) < min(self._end(came, now), came + SAVING):
            time.sleep(_LOOK_EVERY)
        _exit(INTERRUPTED, "statusbot: error: interrupted\n")

    def _end(self, came: float, now: float) -> float:
        if self._interrupt.is_saving:
            return now + REPORT
        return max(came + WITHIN, self._interrupt.saved + REPORT)


def leave(code: int, guard: Guard) -> NoReturn:
    """End the process, at once where a thread is left that Python would wait for."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    # From here on there is nothing to interrupt. Not SIG_IGN: Python complains of a signal that came
    # just before. And Python's own end would let them kill us once more.
    for number in HEARD:
        signal.signal(number, lambda number, frame: None)
    if not set(threading.enumerate()) - {threading.current_thread(), guard.thread}:
        atexit._run_exitfuncs()
        os._exit(code)
    _exit(code)


def _exit(code: int, last_words: str = "") -> NoReturn:
    """Without waiting for any thread, nor for a stream that takes nothing."""

    def tidy() -> None:
        with suppress(OSError):
            os.write(2, last_words.encode())
        atexit._run_exitfuncs()

    thread = threading.Thread(target=tidy, name="tidy", daemon=True)
    with suppress(RuntimeError):  # the system has no room for one more
        thread.start()
        thread.join(TIDY)
    os._exit(code)
