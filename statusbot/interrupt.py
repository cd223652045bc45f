"""SIGTERM and SIGINT: once, and never lost.

A signal raises ``Stopped`` in the main thread, whatever that waits for. While worker threads are at
work it is only noted: an exception that comes out of ``Thread.join`` may be swallowed there, and the
thread be taken for ended (CPython's bpo-45274).
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from statusbot.errors import Stopped

HEARD = (signal.SIGTERM, signal.SIGINT)
# What comes out of these Python prints and forgets, or up to 3.11 makes a RuntimeError of.
_SEALED = frozenset(("__del__", "__set_name__"))
_AGAIN = 0.005  # seconds


class _Event(threading.Event):
    """One that a handler can set though it came while this very thread set it, or waited for it."""

    def __init__(self) -> None:
        """With a lock that its owner may take again."""
        super().__init__()
        self._cond = threading.Condition(threading.RLock())


class Interrupt:
    """What a signal does; ``came`` tells whether one did. The second one is not heard.

    ``is_saving`` and ``saved``, by ``time.monotonic``, tell whoever would end the process how far
    what must not be lost is.
    """

    def __init__(self) -> None:
        """None came yet."""
        self.came: threading.Event = _Event()
        self._heard = False
        self.is_saving = False
        self.saved = 0.0
        self._noted_only = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """The handler."""
        if self._heard:
            return
        if not self._noted_only and _is_sealed(frame):
            _again(number)
            return
        # At once: the next signal may come before the event is set, and the one after it, too.
        self._heard = True
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
    def saving(self) -> Iterator[None]:
        """What is done now is brought to its end, signal or not."""
        with self.noted_only():
            self.is_saving = True
            try:
                yield
            finally:
                self.is_saving, self.saved = False, time.monotonic()


def _is_sealed(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_name in _SEALED:
            return True
        frame = frame.f_back
    return False


def _again(number: int) -> None:
    main = threading.main_thread().ident or 0
    timer = threading.Timer(_AGAIN, signal.pthread_kill, (main, number))
    timer.daemon = True
    timer.start()


_heard: Interrupt | None = None


def hear() -> Interrupt:
    """Hear both signals from here on, until the process ends."""
    global _heard
    interrupt = _heard = Interrupt()
    for number in HEARD:
        signal.signal(number, interrupt)
    return interrupt


@contextmanager
def signals() -> Iterator[Interrupt]:
    """Hear both signals for as long as the context lasts, or as the process does that hears them."""
    if _heard is not None:
        yield _heard
        return
    interrupt = Interrupt()
    before = [(number, signal.signal(number, interrupt)) for number in HEARD]
    try:
        yield interrupt
    finally:
        for number, handler in before:
            signal.signal(number, handler)
