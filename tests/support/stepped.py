"""``run --for`` step by step: each watch, each call of a forge and each instant when a story says so.

Who follows runs in the thread of the test, and asks the story what happens whenever it would wait.
Couriers have threads of their own; they stand at a gate of the forge until they are let through.
"""

from __future__ import annotations

import copy
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from statusbot.cluster.base import Feed
from statusbot.cluster.clock import Deadline
from statusbot.cluster.kinds import KUSTOMIZATION, Kind
from statusbot.decide import Decision, World, decide
from statusbot.follow import round as round_module
from statusbot.follow.changes import Changes
from statusbot.follow.follow import Follow
from statusbot.follow.round import Looked
from statusbot.follow.times import Times
from statusbot.forges.base import Answer, Credential, Request
from statusbot.ledger.store import Store
from statusbot.poll import Poll
from statusbot.report.report import Report
from statusbot.results.observation import Observation
from statusbot.settings import Settings
from statusbot.transport import DIRECT, Way
from tests.support.chaos import Act, FakeForge, unreachable
from tests.support.objects import Object, stamp
from tests.support.tape import Change, Tape, View

NO_PAUSE = Times(stop=0.0, first_pause=0.0, longest_pause=0.0, together=0.0, look=0.0)
GUARD = 30.0  # seconds; for what never comes


@dataclass
class Watched(Tape):
    """A tape that keeps what it showed, for those who watch; to each Provider its own login."""

    log: list[tuple[Change, Object]] = field(default_factory=list)

    def _show(self, change: Change) -> None:
        there = self.shown.get(change.key)
        super()._show(change)
        if change.object is not None:
            self.log.append((change, change.object))
        elif there is not None:
            metadata = there["metadata"] | {"deletionTimestamp": stamp(change.at)}
            self.log.append((change, there | {"metadata": metadata}))

    def feeds(
        self, kind: Kind, namespaces: Sequence[str] = (), seconds: float = 0.0
    ) -> Sequence[Feed]:
        return [TapeFeed(self, kind)]

    def afresh(self) -> None:
        """Nothing was broken."""

    def secret(self, namespace: str, name: str) -> dict[str, bytes]:
        return {"token": name.encode()}


@dataclass
class TapeFeed:
    """``place`` is how much of the tape came by it."""

    tape: Watched
    kind: Kind
    place: int = 0

    def initial(self) -> Iterator[Object]:
        found = self.tape.list(self.kind)
        self.place = len(self.tape.log)
        return found

    def changes(self) -> Iterator[Object]:
        return iter(())

    def close(self) -> None:
        """Nobody waits."""


@dataclass
class Gate:
    """A call that waits to be let through; then ``act`` happens to it."""

    request: Request
    act: Act | None = None
    open: threading.Event = field(default_factory=threading.Event)


@dataclass
class GatedForge(FakeForge):
    """Every call waits at its gate; once ``closed``, none is let through any more."""

    gates: list[Gate] = field(default_factory=list)
    closed: bool = False
    turn: threading.Lock = field(default_factory=threading.Lock)

    def send(
        self, request: Request, credential: Credential, *, timeout: float, way: Way = DIRECT
    ) -> Answer:
        gate = Gate(request)
        self.gates.append(gate)
        if not self.closed:
            assert gate.open.wait(GUARD)
        with self.turn:
            self.act = lambda call: gate.act
            return super().send(request, credential, timeout=timeout, way=way)

    def standing(self) -> list[Gate]:
        """In an order that does not depend on which thread came first."""
        return sorted(self.gates, key=lambda g: (g.request.url, g.request.method, str(g.request)))

    def let_through(self, gate: Gate, act: Act | None = None) -> None:
        """One call; without ``act`` all is well with it."""
        gate.act = act
        self.gates.remove(gate)
        gate.open.set()


class Stepped(Follow):
    """Asks ``steps`` what happens whenever it would wait."""

    steps: Steps

    def _something(self, changes: Changes) -> bool:
        self.steps.next(self, changes)
        return super()._something(changes)

    def _wait_for_couriers(self, seconds: float) -> None:
        self.steps.rest(self)
        self._land()


@dataclass
class Steps:
    """One run. ``story`` is asked for a step at a time, and is over when that is None.

    ``seen`` has each state of a Kustomization that was decided on, as the tape knows it.
    """

    tape: Watched
    forge: GatedForge
    store: Store
    settings: Settings
    story: Iterator[Callable[[], None]]
    seen: Callable[[View], None]
    reports: list[Report] = field(default_factory=list)
    rounds: int = 0
    _views: dict[int, tuple[Observation, View | None]] = field(default_factory=dict)

    def run(self) -> None:
        """From the first poll to the end, as by a signal."""
        poll = Poll(self.tape, self.store, self.forge, Deadline(600.0), self.settings)
        self.follow = Stepped(poll, math.inf, 600.0, NO_PAUSE, lambda: self.tape.at)
        self.follow.steps = self
        with ExitStack() as stack:
            stack.enter_context(mock.patch.object(Changes, "_read", lambda *_: None))
            stack.enter_context(mock.patch.object(round_module, "decide", self._decide))
            stack.enter_context(mock.patch.object(Looked, "_heed", self._heeded(Looked._heed)))
            self.reports.extend(self.follow())
        self._leave()

    def next(self, follow: Stepped, changes: Changes) -> None:
        """The next step of the story, and all that the couriers can do by themselves."""
        self.changes = changes
        self.rest(follow)
        step = next(self.story, None)
        if step is None:
            follow.poll.interrupt.came.set()
        else:
            step()
        self.rest(follow)

    def rest(self, follow: Stepped) -> None:
        """Until every courier stands at a gate or is back."""
        couriers, end = follow._couriers, time.monotonic() + GUARD
        while True:
            busy = len(couriers._busy)
            at_work = sum(thread.name.startswith("forge-") for thread in threading.enumerate())
            standing = len(self.forge.gates)
            told = follow.poll.interrupt.came.is_set() and not busy
            if told or standing == at_work >= busy:
                return
            assert time.monotonic() < end, f"{standing} at gates, {at_work} at work, {busy} busy"
            time.sleep(0.0002)

    def watch(self, most: int, *kinds: str) -> None:
        """So many changes come, in their order; of these kinds, if any are given."""
        feeds = {kind.kind: (kind, feed) for kind, feed in self.changes._feeds}
        for place, (change, obj) in enumerate(self.tape.log):
            kind, feed = feeds[change.key[0]]
            assert isinstance(feed, TapeFeed)
            if place < feed.place or (kinds and kind.kind not in kinds) or self.changes.over:
                continue
            if not most:
                return
            feed.place, most = place + 1, most - 1
            self.changes._came(kind, obj)
            if kind == KUSTOMIZATION:
                path = "/".join(change.key[1:])
                for seen in self.changes._objects.values():
                    if seen.object.path == path:
                        self._views.setdefault(id(seen), (seen, change.view))

    @property
    def all_came(self) -> bool:
        """Whether there is nothing left to come, to decide or to post."""
        came = all(
            isinstance(feed, TapeFeed)
            and not any(c.key[0] == kind.kind for c, _ in self.tape.log[feed.place :])
            for kind, feed in self.changes._feeds
        )
        idle = self.follow._couriers.idle and not self.changes.any and not self.changes.over
        return came and idle and not self.tape.changes

    def _decide(self, seen: Observation, world: World) -> Decision:
        _, view = self._views.get(id(seen), (seen, None))
        if view is not None and not seen.deleting:
            self.seen(view)
        return decide(seen, world)

    def _heeded(self, heed: Callable[[Looked, Decision], None]) -> Any:
        def heeded(looked: Looked, decision: Decision) -> None:
            seen = decision.observation
            view = self.tape.views.get(seen.object.path)
            if view is not None and not seen.deleting:
                self.seen(copy.copy(view))
            heed(looked, decision)

        return heeded

    def _leave(self) -> None:
        """The process is gone: what it was about to send never arrives."""
        self.forge.closed = True
        for gate in self.forge.standing():
            self.forge.let_through(gate, unreachable)
        end = time.monotonic() + GUARD
        while any(t.name.startswith(("courier", "forge-")) for t in threading.enumerate()):
            assert time.monotonic() < end, "a thread is left"
            time.sleep(0.001)
        self.forge.gates.clear()
        self.forge.closed = False
