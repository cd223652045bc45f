"""Who waits on a cluster: the Kustomizations that were chosen, judged as their watches bring them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from statusbot.cluster.base import Cluster
from statusbot.cluster.errors import TimedOut, may_pass
from statusbot.cluster.kinds import KUSTOMIZATION
from statusbot.decide import World
from statusbot.errors import ClusterError, Stopped
from statusbot.follow.times import Patience
from statusbot.interrupt import Interrupt
from statusbot.ledger.memory import Ledger
from statusbot.lent import words_for
from statusbot.results.observation import Observation
from statusbot.routing.destinations import Destinations
from statusbot.routing.router import AlertRouter
from statusbot.wait.chosen import Chosen
from statusbot.wait.judge import Asked, judge
from statusbot.wait.once import Once
from statusbot.wait.reading import Reading
from statusbot.wait.standings import Standings
from statusbot.wait.times import Times
from statusbot.wait.verdict import Verdict

log = logging.getLogger(__name__)


@dataclass(slots=True)
class OnCluster:
    """``Looker``. ``namespaces`` are those that are read, ``failure_age`` is in seconds."""

    cluster: Cluster
    chosen: Chosen
    asked: Asked
    interrupt: Interrupt
    namespaces: Sequence[str] = ()
    failure_age: float = 300.0
    times: Times = field(default_factory=Times)
    bell: threading.Condition = field(default_factory=threading.Condition)
    _once: Once = field(default_factory=lambda: Once(log))
    _standings: Standings = field(init=False)
    # Those that stand there, and those that may come to, by namespace/name.
    _seen: dict[str, Observation] = field(default_factory=dict)
    _reading: Reading | None = None
    _patience: Patience = field(init=False)
    _resume: float = 0.0  # when the cluster may be read again, by the monotonic clock
    _judged: float = 0.0  # when all that waits was last judged
    _sources_read: float = 0.0  # when those that no watch tells of were last forgotten
    _routes: AlertRouter | None = None

    def __post_init__(self) -> None:
        """Nothing is read yet."""
        self._standings = Standings(self.chosen, self._once)
        self._patience = Patience(self.times.pauses)

    def look(self, seconds: float) -> Sequence[Verdict]:
        """See ``Looker``. Raises TimedOut when the cluster's deadline is over."""
        try:
            self._wait(seconds)
            if self._reading is not None and self._is_over(self._reading):
                self._leave(self._reading)
            if self._reading is None and time.monotonic() >= self._resume:
                self._read()
            elif self._reading is not None:
                self._step(self._reading)
        except TimedOut as error:
            if not (self._standings.any or self._once.warned):
                # Nothing was ever read: who only hears that the time is over learns no reason.
                self._once.warn(str(error))
            raise
        except ClusterError as error:
            if not (self._standings.any or may_pass(error)):
                raise
            # The API server is away: a gate has time.
            self._once.warn(f"{error}: trying again")
            self._drop(self._patience.lose())
        return self._standings.in_order

    @property
    def complete(self) -> bool:
        """Whether the listing is there; what the watches bring is later."""
        return self._reading is not None

    def close(self) -> None:
        """End the watches."""
        self._drop(0.0)

    # -- reading

    def _wait(self, seconds: float) -> None:
        """Until something came, or so long. A signal is heard at once, but raises afterwards."""
        pauses, end = self.times.pauses, time.monotonic() + seconds
        with self.interrupt.noted_only():
            while not (self.interrupt.came.is_set() or self._is_due()):
                left = end - time.monotonic()
                if left <= 0:
                    break
                with self.bell:
                    if not self._is_due():
                        self.bell.wait(min(left, pauses.look))
            changes = self._reading.changes if self._reading is not None else None
            if changes is not None and changes.any:
                self.interrupt.came.wait(pauses.together)
        if self.interrupt.came.is_set():
            raise Stopped

    def _is_due(self) -> bool:
        if self._reading is None:
            return time.monotonic() >= self._resume
        return self._reading.changes.any or bool(self._reading.changes.over)

    def _is_over(self, reading: Reading) -> bool:
        """Whether all has to be read again."""
        for kind in reading.changes.forbidden.keys():
            self._once.warn(f"{kind.plural} are only polled: {reading.changes.forbidden[kind]}")
        polled = KUSTOMIZATION in reading.changes.forbidden
        late = time.monotonic() > reading.began + self.times.polled
        return bool(reading.changes.over) or (polled and late)

    def _leave(self, reading: Reading) -> None:
        """The watches ended: take what they still brought, and go on from a new listing."""
        log.info("%s", reading.changes.over or "all is read again")
        self._step(reading)
        self._patience.lasted(time.monotonic() - reading.began)
        self._drop(self._patience.lose() if reading.changes.broken else 0.0)

    def _drop(self, pause: float) -> None:
        self._resume = time.monotonic() + pause
        reading, self._reading = self._reading, None
        if reading is not None:
            with self.interrupt.noted_only():
                reading.close()

    def _read(self) -> None:
        """List everything, and judge it. Raises StatusbotError."""
        reading = Reading(
            self.cluster, self.chosen, self.namespaces, self.times.watch, self.bell, self.interrupt
        )
        self._reading = reading
        for gone in self._seen.keys() - reading.objects.keys():
            self._forget(gone)
        self._seen |= reading.objects
        self._judge(reading, reading.objects)
        self._standings.miss(self.chosen.names - self._seen.keys())
        self._standings.check_that_one_may_come(self._seen)

    # -- judging

    def _step(self, reading: Reading) -> None:
        """Judge what changed, and now and then what waits."""
        now, changed = time.monotonic(), reading.changes.take()
        for ref, source in changed.sources.items():
            reading.sources.note(ref, source)
        for seen in changed.objects:
            self._seen[seen.object.path] = seen
        names = {seen.object.path for seen in changed.objects}
        self._read_again(reading, names, now)
        if changed.sources or now >= self._judged + self.times.again:
            self._judged = now
            names |= self._waiting()
        self._judge(reading, names & self._seen.keys())
        self._standings.miss(self.chosen.names - self._seen.keys())

    def _waiting(self) -> set[str]:
        return self._seen.keys() - self._standings.ended

    def _read_again(self, reading: Reading, names: set[str], now: float) -> None:
        """Forget the sources of these, and now and then of all, that no watch tells of."""
        if now >= self._sources_read + self.times.unwatched:
            self._sources_read = now
            names = names | self._waiting()
        refs = {self._seen[name].source for name in names & self._seen.keys()}
        for ref in refs:
            unreadable = reading.sources.unreadable.pop(ref, None) is not None
            if unreadable or not reading.is_watched(ref):
                reading.sources.note(ref, None)

    def _judge(self, reading: Reading, names: Iterable[str]) -> None:
        for name in sorted(names):
            seen = self._seen[name]
            takes = self.chosen.takes(seen, reading.sources(seen, fresh=False))
            # Nobody can say that it is of another repository: without it the gate may open too early.
            if takes is None and seen.source in reading.sources.unreadable:
                takes = True
            if seen.deleting or takes is False:
                self._forget(name)
            elif takes:
                # Waits end by time, too: the object is still as it was.
                now = replace(seen, now=reading.now())
                words = partial(words_for, self.cluster)
                verdict = judge(now, self._world(reading), self.asked, words)
                self._standings.put(seen, verdict)

    def _world(self, reading: Reading) -> World:
        """That of a run which goes nowhere, remembers nothing, and tells all of the past."""
        if self._routes is None:
            self._routes = AlertRouter((), Destinations((), ""))
        return World(reading.sources, self._routes, Ledger(kept=False), 0.0, self.failure_age)

    def _forget(self, name: str) -> None:
        self._seen.pop(name, None)
        self._standings.forget(name)
