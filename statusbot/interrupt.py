"""SIGTERM and SIGINT: once, and never lost.

A signal raises ``Stopped`` in the main thread, whatever that waits for. While worker threads are at
work it is only noted: an exception that comes out of ``Thread.join`` may be swallowed there, and the
thread be taken for ended (CPython's bpo-45274).
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from statusbot.errors import Stopped


class Interrupt:
    """What a signal does; ``came`` tells whether one did. The second one is not heard."""

    def __init__(self) -> None:
        """None came yet."""
        self.came = threading.Event()
        self._noted_only = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """The handler."""
        if self.came.is_set():
            return
        self.came.set()
        if not self._noted_only:
            raise Stopped

    @contextmanager
    def noted_only(self) -> Iterator[None]:
        """For as long as somebody looks at ``came`` now and then, a signal raises nothing."""
        before, self._noted_only = self._noted_only, True
        try:
            yield
        finally:
            self._noted_only = before

    @contextmanager
    def aloud(self) -> Iterator[None]:
        """Inside of ``noted_only``: nobody looks for a while, so a signal raises ``Stopped``.

        One that came already does so too.
        """
        before, self._noted_only = self._noted_only, False
        try:
            if self.came.is_set():
                raise Stopped
            yield
        finally:
            self._noted_only = before


@contextmanager
def signals() -> Iterator[Interrupt]:
    """Hear both signals for as long as the context lasts."""
    interrupt = Interrupt()
    heard = (signal.SIGTERM, signal.SIGINT)
    before = [(number, signal.signal(number, interrupt)) for number in heard]
    try:
        yield interrupt
    finally:
        for number, handler in before:
            signal.signal(number, handler)
