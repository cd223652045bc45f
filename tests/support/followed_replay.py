"""Plays recordings to ``run --for``, and waits after each stretch until it has looked at everything."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from statusbot.demo.player import polls
from statusbot.demo.recording import Event, Step
from statusbot.report.as_json import as_json
from statusbot.settings import Settings
from tests.support.follower import Follower
from tests.support.objects import Object
from tests.support.replay import Replay

MARKED = "where-the-mark-is"
# Rounds that go on when all is played: what a forge did not take then is tried again in the next.
AFTER = 3
# Than a round lasts.
LONGER = timedelta(seconds=61)


@dataclass
class FollowedReplay(Replay):
    """``interval`` is how much of the recording passes between two barriers; none: each instant
    at which anything was written has its own. ``budget`` in seconds.
    """

    budget: float = 20.0
    namespaces: tuple[str, ...] = ()
    _follower: Follower | None = field(default=None, repr=False)

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        try:
            self.stop()
        finally:
            super().__exit__(*error)

    def play(self) -> None:
        """To the end and past it; the follower is away where the bot was."""
        for time in self._barriers():
            self.player.to(time)
            if self.player.bot_away:
                self.stop()
                continue
            self.settle()
            self.polled.append(time)
        for _ in range(AFTER):
            self.player.now += LONGER
            self.settle()
            self.polled.append(self.player.now)
        self.stop()

    def _barriers(self) -> list[datetime]:
        if self.interval:
            return polls(self.recording, self.interval)
        happening: list[Event | Step] = [*self.recording.events, *self.recording.steps]
        return sorted({self.recording.started, *(one.time for one in happening)})

    def settle(self) -> None:
        """All that was played has had its effect; the follower starts if it has not yet."""
        if self._follower is None:
            self._follower = self._started()
        self._follower.settled()

    def stop(self) -> None:
        """As by a signal; its reports are kept."""
        follower, self._follower = self._follower, None
        if follower is not None:
            follower.__exit__(None, None, None)
            self.reports += [_document(b"".join(as_json(report))) for report in follower.reports]

    def _started(self) -> Follower:
        return Follower(
            self.kubeconfig,
            self._put,
            ledger=f"file:{self.folder / 'ledger'}" if self.ledger else "none",
            settings=Settings(namespaces=self.namespaces),
            budget=self.budget,
            namespace=self.namespaces[0] if self.namespaces else MARKED,
            clock=self.player.clock,
        ).__enter__()

    def _put(self, data: Object) -> None:
        self.kube.apply(data)


def _document(data: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(data)
    return document
