"""The show: every scene through production code, then what a poll costs that has nothing to do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from statusbot.demo.recording import Truth
from statusbot.demo.show.pace import Pace
from statusbot.demo.show.play import INTERVAL, Play, length
from statusbot.demo.show.scenes import Scene
from statusbot.demo.show.serve import to_try
from statusbot.demo.show.stage import RunPoll, Stage
from statusbot.demo.show.verdict import Verdict
from statusbot.demo.show.view import View
from statusbot.demo.show.words import cost
from statusbot.errors import Stopped


@dataclass(slots=True)
class Show:
    """``speed`` is recorded seconds in a real one; ``statusbot`` how a shell calls it."""

    run_poll: RunPoll
    view: View
    scenes: tuple[Scene, ...]
    speed: float
    serve: bool = False
    statusbot: str = "statusbot"

    def __call__(self) -> bool:
        """Play all; whether everything was right, and polls that have nothing to do wrote nothing."""
        began = time.monotonic()
        recordings = [(scene, scene.recording) for scene in self.scenes]
        seconds = sum(length(scene, recording) for scene, recording in recordings)
        # The last scene ends now: for the cluster and the forge, all of it has just happened.
        start = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=seconds)
        verdict, truths = Verdict(), list[Truth]()
        with Stage(self.run_poll, start) as stage:
            try:
                self.view.lines(_opening(stage))
                for scene, recording in recordings:
                    self._play(Play(stage, scene, recording, stage.now))
                    verdict.judge(stage.forge, recording.truths)
                    truths += recording.truths
                idle = self._closing(stage, verdict, began)
                if self.serve:
                    self._stay(stage, truths)
            finally:
                self.view.close()
        return verdict.holds and idle

    def _play(self, play: Play) -> None:
        pace = Pace(self.speed)
        for frame in play.frames():
            self.view.frame(frame)
            pace.second()

    def _closing(self, stage: Stage, verdict: Verdict, began: float) -> bool:
        """Polls that find nothing to do; whether they wrote nothing."""
        again, forgetful = stage.poll(), stage.poll(remembering=False)
        self.view.lines(
            (
                "",
                f"A second poll of all this:       {cost(again)}",
                f"The same, with its ledger lost:  {cost(forgetful)}",
                *verdict.lines(),
                f"The show took {time.monotonic() - began:.0f} s.",
                "",
            )
        )
        return all(report["forge_calls"]["write"] == 0 for report in (again, forgetful))

    def _stay(self, stage: Stage, truths: list[Truth]) -> None:
        """Until Ctrl-C or SIGTERM; that is how it is meant to end."""
        stage.go_live()
        try:
            self.view.lines(to_try(stage, truths, self.statusbot))
            while True:  # A signal that comes just before an endless wait would not end it.
                time.sleep(0.2)
        except Stopped:
            self.view.lines(("", "Both servers are down."))


def _opening(stage: Stage) -> Iterator[str]:
    yield from (
        "Recordings of real Flux are played into a Kubernetes API on this machine;",
        f"`statusbot run` polls it every {INTERVAL} recorded seconds, and posts to a forge at",
        f"{stage.forge.url}/",
    )
