"""The show as lines, for pipes and logs: no control codes, nothing is drawn again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from statusbot.demo.show.frame import Frame, Shown
from statusbot.demo.show.words import status_of


class Plain:
    """Writes each line once, as it becomes known."""

    def __init__(self, stream: TextIO) -> None:
        """Onto ``stream``, which need not know every character."""
        self._stream = stream
        self._scene = ""

    def lines(self, lines: Iterable[str]) -> None:
        """As they are."""
        for line in lines:
            self._write(line)

    def frame(self, frame: Frame) -> None:
        """Its news; the scene's title before the first, its commits after the last."""
        if frame.scene.name != self._scene:
            self._scene = frame.scene.name
            self.lines(("", f"== {frame.scene.title} ({frame.scene.name})", frame.scene.story))
        self.lines(frame.news)
        if frame.over:
            self.lines(_judged(shown) for shown in frame.commits)

    def close(self) -> None:
        """Nothing is left open."""

    def _write(self, line: str) -> None:
        known = self._stream.encoding or "utf-8"
        print(line.encode(known, "replace").decode(known), file=self._stream, flush=True)


def _judged(shown: Shown) -> str:
    verdict = "right" if shown.right else "WRONG"
    name = f"{shown.label} {shown.commit[:8]} {shown.object}"
    said = ": ".join(filter(None, (shown.state, status_of(shown))))
    return f"{verdict}: {name}: {said or 'no status'}"
