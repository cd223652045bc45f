"""One scene on the stage, as frames: a recorded second each, and the polls between them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from statusbot.demo.player import Player
from statusbot.demo.recording import Recording, Truth
from statusbot.demo.show.flux import Flux
from statusbot.demo.show.frame import Frame, Shown
from statusbot.demo.show.scenes import Scene
from statusbot.demo.show.stage import Stage
from statusbot.demo.show.verdict import is_right, rows_of
from statusbot.demo.show.words import not_posted, poll_line, step_lines

# Recorded seconds between two polls.
INTERVAL = 10


class Play:
    """Plays a recording as if it began when the stage's time is ``start``."""

    def __init__(self, stage: Stage, scene: Scene, recording: Recording, start: datetime) -> None:
        """Connect to the stage's servers; nothing happens yet."""
        self.scene = scene
        self.start = start
        # Recordings begin somewhere in a second, and are moved by whole ones.
        self.recording = recording.moved(start - recording.started.replace(microsecond=0))
        self._stage = stage
        self._flux = Flux(self.recording)
        self._player = Player(self.recording)
        self._player.connect(stage.kube, stage.forge)
        self._labels = {truth.commit: truth.label for truth in recording.truths}
        self._polls = 0
        self._trouble = ""
        self._not_posted: dict[str, str] = {}

    def frames(self) -> Iterator[Frame]:
        """From the first second to the last. A poll is made when its frame has been looked at."""
        seconds = length(self.scene, self.recording)
        news: list[str] = []
        for second in range(seconds + 1):
            news += self._move(second)
            due = second % INTERVAL == self.scene.first_poll
            self._polls += due
            yield self._frame(second, seconds, news)
            news = [self._poll(second)] if due else []
        yield self._frame(seconds, seconds, news, over=True)

    def _move(self, second: int) -> list[str]:
        self._stage.now = self.start + timedelta(seconds=second)
        steps = self._player.to(self._stage.now)
        self._flux.to(self._stage.now)
        for step in steps:
            if step.text.startswith("forge answers"):
                self._trouble = "" if step.text.endswith("again") else "is down"
        return step_lines(steps, second)

    def _poll(self, second: int) -> str:
        report = self._stage.poll()
        self._not_posted = not_posted(report)
        return poll_line(report, self._polls, second, self._labels)

    def _frame(self, second: int, seconds: int, news: list[str], *, over: bool = False) -> Frame:
        commits = tuple(self._shown(truth, over) for truth in self.recording.truths)
        told = tuple(news)
        return Frame(self.scene, second, seconds, commits, told, self._polls, self._trouble)

    def _shown(self, truth: Truth, over: bool) -> Shown:
        rows = rows_of(self._stage.forge, truth)
        last = rows[-1] if rows else None
        return Shown(
            label=truth.label,
            commit=truth.commit,
            object=f"{truth.namespace}/{truth.name}",
            flux=self._flux.says(truth),
            state=last.state if last else "",
            description=last.description if last else self._not_posted.get(truth.commit, ""),
            at=int((last.created - self.start).total_seconds()) if last else None,
            right=is_right(truth, rows) if over else None,
        )


def length(scene: Scene, recording: Recording) -> int:
    """Recorded seconds until the first poll after all has happened."""
    seconds = (recording.ended - recording.started) // timedelta(seconds=1) + 2
    return seconds + (scene.first_poll - seconds) % INTERVAL
