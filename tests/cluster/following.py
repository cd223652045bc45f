"""A thread that reads the changes of a feed, as the product has one."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, Self

import pytest

from statusbot.cluster.base import Feed
from statusbot.cluster.stream import Grip


class Follower:
    """Reads in a thread while the ``with`` block lasts; ``waits`` is set once it reads the socket."""

    def __init__(self, feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
        self.found: list[dict[str, Any]] = []
        self.error: BaseException | None = None
        self.waits = threading.Event()
        self._feed = feed
        self._thread = threading.Thread(target=self._read)
        self._really = Grip.wait
        monkeypatch.setattr(Grip, "wait", lambda grip, seconds: self._wait(grip, seconds))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._feed.close()
        self.ended()

    def ended(self) -> None:
        """Wait for it; the feeds that are closed under it go on for minutes else."""
        self._thread.join(60)
        assert not self._thread.is_alive(), "it still reads"

    def _wait(self, grip: Grip, seconds: float) -> None:
        self._really(grip, seconds)
        if threading.current_thread() is self._thread:
            self.waits.set()

    def _read(self) -> None:
        try:
            for item in self._feed.changes():
                self.found.append(item)
        except BaseException as error:
            self.error = error
