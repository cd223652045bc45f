"""Calls that know no limit of time: the package waits for an exec plugin as long as it runs."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from statusbot.cluster.clock import Deadline

Result = TypeVar("Result")


def in_time(call: Callable[[], Result], deadline: Deadline) -> Result:
    """What ``call`` gives or raises; ``TimeoutError`` where the deadline is over before it ends.

    Its thread is then left alone: nothing that is waited for depends on it, and it is a daemon, so
    that the process can end. ``TimedOut`` where the deadline was over before it began.
    """
    left = deadline.bound(math.inf)
    if left == math.inf:
        return call()
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        # Whatever it is, it is raised again where the answer is waited for.
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name="login", daemon=True).start()
    return future.result(left)
