"""How the show is seen: lines for a pipe or a log, a table that changes for a terminal."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Protocol, TextIO

from statusbot.demo.show.frame import Frame


class View(Protocol):
    """Takes what the show tells, in its order."""

    def lines(self, lines: Iterable[str]) -> None:
        """Text between the scenes; no line of it may be wrapped."""
        ...

    def frame(self, frame: Frame) -> None:
        """The next frame of a scene; the one that is over ends it."""
        ...

    def close(self) -> None:
        """Give the terminal back, wherever the show has stopped."""
        ...


def view_of(stream: TextIO) -> View:
    """The view that suits ``stream``."""
    if stream.isatty() and os.environ.get("TERM") != "dumb":
        from statusbot.demo.show.live import Live

        return Live(stream)
    from statusbot.demo.show.plain import Plain

    return Plain(stream)
