"""Work for a few threads, the most urgent first, with work that makes more work."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from itertools import count

Task = Callable[[], None]
Urgency = tuple[float, int]


class Queue:
    """Tasks by urgency, the smallest first. It is over when nothing waits and nothing runs.

    A task of the urgency ``(n, 0)`` finds out what is to be done, and adds tasks of ``(n, 1)``.
    ``strict``: while one runs, no task of the second kind is begun that is less urgent than what it
    may add.
    """

    def __init__(self) -> None:
        """Empty, open."""
        self.strict = False
        self._changed = threading.Condition()
        self._waiting: list[tuple[Urgency, int, Task]] = []
        self._running: list[Urgency] = []
        self._number = count()

    def put(self, urgency: Urgency, task: Task) -> None:
        """Add a task; a running task may add others."""
        with self._changed:
            heapq.heappush(self._waiting, (urgency, next(self._number), task))
            self._changed.notify()

    def work(self) -> None:
        """Run tasks until it is over. A task handles its own errors."""
        while (taken := self._take()) is not None:
            urgency, _, task = taken
            try:
                task()
            finally:
                with self._changed:
                    self._running.remove(urgency)
                    self._changed.notify_all()

    def _take(self) -> tuple[Urgency, int, Task] | None:
        with self._changed:
            while not self._waiting or self._is_early(self._waiting[0][0]):
                if not self._waiting and not self._running:
                    return None
                self._changed.wait()
            taken = heapq.heappop(self._waiting)
            self._running.append(taken[0])
            return taken

    def _is_early(self, urgency: Urgency) -> bool:
        """Whether what is running may add something more urgent."""
        after = urgency[1] > 0
        return self.strict and after and any(one < urgency for one in self._running if not one[1])
