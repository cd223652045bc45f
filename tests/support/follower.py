"""``run --for`` in a thread of the test process, and a way to know what it has looked at.

A barrier is a mark: the label of a Kustomization that gives no status. Once its change was decided,
the follower waits for changes again and nobody is on the way to a forge, all that was written to
Kustomizations before it has had its effect.
"""

from __future__ import annotations

import functools
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

from statusbot.cluster.clock import Deadline, ServerClock
from statusbot.cluster.setup import Where, open_cluster
from statusbot.decide import Decision, World, decide
from statusbot.follow import round as round_module
from statusbot.follow.changes import Changed, Changes
from statusbot.follow.follow import Follow
from statusbot.follow.round import Looked
from statusbot.follow.times import Times
from statusbot.interrupt import Interrupt
from statusbot.ledger.store import open_store
from statusbot.poll import Poll
from statusbot.report.report import Report
from statusbot.results.observation import Observation
from statusbot.settings import Settings
from statusbot.transport import Transport
from tests.support.objects import Object, kustomization

MARK = "statusbot-mark"
# Guards against what never comes, no measurements.
LONG = 60.0
# No pauses but those that there must be, so that tests take no time.
QUICK = Times(together=0.0, look=0.02, first_pause=0.01, longest_pause=0.1, stop=5.0)


@dataclass
class Follower:
    """``put`` writes an object to the cluster. ``namespace`` is where the mark is."""

    kubeconfig: Path
    put: Callable[[Object], None]
    ledger: str = "none"
    settings: Settings = field(default_factory=Settings)
    times: Times = QUICK
    seconds: float = math.inf
    budget: float = LONG
    namespace: str = "flux-system"
    alerts_from: tuple[str, ...] = ()
    clock: Callable[[], datetime] | None = None  # of the cluster, and of the rounds; None: real
    reports: list[Report] = field(default_factory=list)
    rounds: int = 0
    decided: list[Observation] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)  # the names of those that a watch told of
    error: BaseException | None = None

    def __post_init__(self) -> None:
        self.interrupt = Interrupt()
        self._bell = threading.Condition()
        self._marks = count(1)
        self._seen: set[str] = set()
        self._looked_at: set[str] = set()
        self._follow: Follow | None = None
        self._quiet: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="follower")

    def __enter__(self) -> Follower:
        self._hooks = ExitStack()
        for hook in self._patches():
            self._hooks.enter_context(hook)
        self._thread.start()
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            self.stop()
        finally:
            self._hooks.close()
        if self.error is not None and error is None:
            raise self.error

    def stop(self) -> list[Report]:
        """End it as a signal does; all its reports."""
        self.interrupt.came.set()
        return self.ended()

    def ended(self) -> list[Report]:
        """Wait for its end."""
        self._thread.join(LONG)
        assert not self._thread.is_alive(), "it still follows"
        return self.reports

    def settled(self) -> None:
        """All that was written to Kustomizations up to now has had its effect."""
        mark = self._mark()
        self.until(lambda: mark in self._quiet)

    def looked(self) -> None:
        """All that was written to Kustomizations up to now was decided; it may be on its way."""
        mark = self._mark()
        self.until(lambda: mark in self._looked_at)

    def _mark(self) -> str:
        mark = str(next(self._marks))
        self.put(marker(mark, self.namespace))
        return mark

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; it is looked at whenever the follower did something."""
        end = time.monotonic() + LONG
        with self._bell:
            while not holds():
                assert self._thread.is_alive(), f"it ended: {self.error!r}"
                assert time.monotonic() < end, "it never came"
                self._bell.wait(1.0)

    def another_round(self, since: int) -> None:
        """Wait until more than so many surveys were made, and what they found is settled."""
        self.until(lambda: self.rounds > since)
        self.settled()

    @property
    def idle(self) -> bool:
        """Whether nobody is on the way to a forge."""
        return self._follow is not None and self._follow._couriers.idle

    @property
    def pause(self) -> float:
        """How long the cluster will be left alone when it cuts us off next; 0 before the start."""
        return self._follow._patience.pause if self._follow else 0.0

    def _run(self) -> None:
        deadline = Deadline(self.budget)
        where = Where(kubeconfig=str(self.kubeconfig), alerts_from=self.alerts_from)
        try:
            with (
                open_store(self.ledger) as store,
                open_cluster(where, deadline) as cluster,
                Transport() as transport,
            ):
                poll = Poll(cluster, store, transport, deadline, self.settings, self.interrupt)
                until = self._now() + self.seconds
                self._follow = Follow(poll, until, self.budget, self.times, self._now, self._bell)
                self.reports.extend(self._follow())
        except BaseException as error:
            self.error = error
        finally:
            self._ring()

    def _now(self) -> float:
        return time.monotonic() if self.clock is None else self.clock().timestamp()

    def _ring(self) -> None:
        with self._bell:
            self._bell.notify_all()

    # -- what it does is looked at from inside

    def _patches(self) -> Iterator[Any]:
        if self.clock is not None:
            # A watch brings no Date; the server's clock goes on by ours.
            yield mock.patch.object(ServerClock, "now", lambda _: self.clock())
        yield mock.patch.object(round_module, "decide", self._decide)
        yield _wrapped(Looked, "_heed", self._heeded)
        yield _wrapped(Looked, "__init__", self._looked)
        yield _wrapped(Changes, "take", self._took)
        something = Follow._something

        def waits(follow: Follow, changes: Changes) -> bool:
            with self._bell:
                self._looked_at |= self._seen
                if follow._couriers.idle and not changes.any and not changes.over:
                    self._quiet |= self._seen
                self._bell.notify_all()
            return something(follow, changes)

        yield mock.patch.object(Follow, "_something", waits)

    def _decide(self, seen: Observation, world: World) -> Decision:
        self._saw(seen)
        return decide(seen, world)

    def _heeded(self, result: None, looked: Looked, decision: Decision) -> None:
        self._saw(decision.observation)

    def _saw(self, seen: Observation) -> None:
        self.decided.append(seen)
        self._seen.add(seen.labels.get(MARK, ""))

    def _looked(self, result: None, *_: Any) -> None:
        self.rounds += 1
        self._ring()

    def _took(self, changed: Changed, changes: Changes) -> None:
        self.sources += [ref.name for ref in changed.sources]


def marker(mark: str, namespace: str = "flux-system") -> Object:
    """A Kustomization that Flux does nothing with."""
    made = kustomization({}, name=MARK, namespace=namespace, labels={MARK: mark}, suspend=True)
    made["spec"] |= {"interval": "1m", "prune": True}
    return made


@contextmanager
def _wrapped(of: type, name: str, then: Callable[..., None]) -> Iterator[None]:
    """``then`` is told what a method gave, and of whom, whenever that was called."""
    original = getattr(of, name)

    @functools.wraps(original)
    def wrapper(*args: Any, **options: Any) -> Any:
        result = original(*args, **options)
        then(result, *args, **options)
        return result

    with mock.patch.object(of, name, wrapper):
        yield
