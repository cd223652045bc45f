"""Calls that know no limit of time: the package waits for an exec plugin as long as it runs."""

from __future__ import annotations

import math
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from statusbot.cluster.clock import Deadline

Result = TypeVar("Result")

# Seconds for a thread whose program was just ended.
TIDY = 0.5


def in_time(call: Callable[[], Result], deadline: Deadline) -> Result:
    """What ``call`` gives or raises; ``TimeoutError`` where the deadline is over before it ends.

    What it runs is then ended, where the system tells which that is. Its thread, if that still
    goes on, is left alone: nothing that is waited for depends on it, and it is a daemon, so that the
    process can end. ``TimedOut`` where the deadline was over before it began.
    """
    left = deadline.bound(math.inf)
    if left >= threading.TIMEOUT_MAX:  # no thread can be waited for so long
        return call()
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        # Whatever it is, it is raised again where the answer is waited for.
        except BaseException as error:
            future.set_exception(error)

    thread = threading.Thread(target=run, name="login", daemon=True)
    thread.start()
    try:
        return future.result(left)
    finally:
        if not future.done():
            _end_programs_of(thread)
            thread.join(TIDY)


def _end_programs_of(thread: threading.Thread) -> None:
    """Linux lists the processes that a thread started (proc(5)); elsewhere they end by themselves."""
    for pid in _started_by(Path(f"/proc/self/task/{thread.native_id}")):
        with suppress(OSError):
            os.kill(pid, signal.SIGTERM)


def _started_by(task: Path) -> list[int]:
    """With what those started: a command may be a script around another one."""
    try:
        found = [int(pid) for pid in (task / "children").read_text().split()]
        tasks = [each for pid in found for each in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return []
    return [*found, *(pid for each in tasks for pid in _started_by(each))]
