"""Work for a few threads, the most urgent first, with work that makes more work."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from itertools import count

Task = Callable[[], None]
Urgency = tuple[float, int]


class Queue:
    """Tasks by urgency, the smallest first. It is over when nothing waits and nothing runs."""

    def __init__(self) -> None:
        """Empty, open."""
        self._changed = threading.Condition()
        self._waiting: list[tuple[Urgency, int, Task]] = []
        self._running = 0
        self._number = count()

    def put(self, urgency: Urgency, task: Task) -> None:
        """Add a task; a running task may add others."""
        with self._changed:
            heapq.heappush(self._waiting, (urgency, next(self._number), task))
            self._changed.notify()

    def work(self) -> None:
        """Run tasks until it is over. A task handles its own errors."""
        while (task := self._take()) is not None:
            try:
                task()
            finally:
                with self._changed:
                    self._running -= 1
                    self._changed.notify_all()

    def _take(self) -> Task | None:
        with self._changed:
            while not self._waiting:
                if not self._running:
                    return None
                self._changed.wait()
            self._running += 1
            return heapq.heappop(self._waiting)[2]
