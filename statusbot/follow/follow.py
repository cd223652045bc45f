"""``run --for``: a poll, and until the next one every change as it comes.

A round is a survey of the whole cluster and the watches that it began. A watch that ends, breaks
off or expires, an Alert or a Provider that changed, and the end of a minute begin the next round: a
survey misses nothing, whatever happened meanwhile, and makes due what only time makes due.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from statusbot.cluster.kinds import Kind
from statusbot.errors import StatusbotError, Stopped
from statusbot.follow.changes import Changes
from statusbot.follow.couriers import Couriers
from statusbot.follow.round import Looked, Round
from statusbot.follow.times import Patience, Times
from statusbot.follow.watched import Watched
from statusbot.poll import Poll
from statusbot.report.report import Report

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Follow:
    """``until`` is by ``clock``, and may be infinite; ``budget`` is each poll's, in seconds."""

    poll: Poll
    until: float
    budget: float
    times: Times = field(default_factory=Times)
    clock: Callable[[], float] = time.monotonic
    _bell: threading.Condition = field(default_factory=threading.Condition)
    _couriers: Couriers = field(init=False)
    _patience: Patience = field(init=False)
    _round: Round | None = None
    _polled_only: set[Kind] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Nothing is read yet."""
        self._couriers = Couriers(self._bell)
        self._patience = Patience(self.times)

    def __call__(self) -> Iterator[Report]:
        """A report for each round. Raises StatusbotError where the cluster cannot be read.

        After the first round that is tried again until the time is over.
        """
        try:
            yield from self._reports()
        finally:
            self._land()

    def _reports(self) -> Iterator[Report]:
        try:
            while self._round is None or not self._over:
                if self._goes_round():
                    yield self._report()
        except Stopped:
            # It came while the cluster was read again, or a login.
            if self._round is None:
                raise
        else:
            # Else it came while the last report was read.
            if self._couriers.idle:
                return
        self._bring_home()
        yield self._report()

    @property
    def _left(self) -> float:
        return max(self.until - self.clock(), 0.0)

    @property
    def _stopped(self) -> bool:
        return self.poll.interrupt.came.is_set()

    @property
    def _over(self) -> bool:
        return self._stopped or not self._left

    def _report(self) -> Report:
        """What came of the last round. Raises what a bug in a courier's thread raised."""
        assert self._round is not None
        if self._round.crash is not None:
            raise self._round.crash
        return self._round.report()

    def _goes_round(self) -> bool:
        """One whole round; False where the cluster could not be read, and a pause is over."""
        self.poll.deadline.restart(self.budget)
        cluster = Watched(self.poll.cluster, self.times.round + self.times.grace)
        try:
            poll = replace(self.poll, cluster=cluster)
            poll.lend = self.poll.lend  # it says once what keeps it from lending
            looked = self._look(poll)
            if looked is None:
                return False
            # A poll has all its time, however little of it the rest may have.
            budget = self._little if self._round else self._much
            self._round = Round(poll, looked, self._couriers, budget)
            self._round.begin()
            self._round.budget = self._little
            with self.poll.interrupt.noted_only():
                self._follow(self._round, cluster)
        finally:
            cluster.close()
        return True

    def _look(self, poll: Poll) -> Looked | None:
        try:
            return Looked(poll, self._couriers)
        except StatusbotError as error:
            if self._round is None or self._left <= self._patience.pause:
                raise
            log.warning("%s: trying again", error)
            self._rest()
            return None

    def _much(self) -> float:
        return self.budget

    def _little(self) -> float:
        return min(self.budget, self._left + self.times.grace)

    def _follow(self, round_: Round, cluster: Watched) -> None:
        began = self.clock()

        def now() -> float:
            return cluster.now().timestamp()

        changes = Changes(cluster.feeds, now, self._bell, self.poll.settings.selection)
        try:
            while not (self._over or changes.over or self.clock() > began + self.times.round):
                if self._something(changes):
                    self._step(round_, changes)
                self._tell_of_forbidden(changes)
        finally:
            changes.close()
        if changes.over:
            log.info("%s", changes.over)
        self._patience.lasted(self.clock() - began)
        if self._over:
            self._bring_home()
        elif changes.broken:
            self._rest()

    def _something(self, changes: Changes) -> bool:
        """Wait a moment, but no longer than until something came from the cluster or the forges."""
        with self._bell:
            if not (self._couriers.back or changes.over or changes.any):
                self._bell.wait(self.times.look)
            changed = changes.any
        if changed:
            self.poll.interrupt.came.wait(self.times.together)
        return changed or self._couriers.back

    def _step(self, round_: Round, changes: Changes) -> None:
        """Look at what came. Who waits for the API server meanwhile hears a signal."""
        self.poll.deadline.restart(self.budget)
        round_.land(changes)
        try:
            with self.poll.interrupt.aloud():
                round_.step(changes)
        except Stopped:
            log.info("stopped while the cluster was asked")

    def _tell_of_forbidden(self, changes: Changes) -> None:
        for kind in changes.forbidden.keys() - self._polled_only:
            self._polled_only.add(kind)
            log.warning("%s are only polled: %s", kind.plural, changes.forbidden[kind])

    def _rest(self) -> None:
        """Leave the cluster alone for a while, for longer each time."""
        end = time.monotonic() + min(self._patience.lose(), self._left)
        with self.poll.interrupt.noted_only():
            while not self._stopped and (left := end - time.monotonic()) > 0:
                self._wait_for_couriers(left)

    def _bring_home(self) -> None:
        """Wait for the couriers: as long as they may take, after a signal only a moment."""
        end = None
        with self.poll.interrupt.noted_only():
            while not self._couriers.idle and (end is None or time.monotonic() < end):
                if end is None and self._stopped:
                    end = time.monotonic() + self.times.stop
                self._wait_for_couriers(self.times.look)

    def _wait_for_couriers(self, seconds: float) -> None:
        with self._bell:
            if not self._couriers.back:
                self._bell.wait(min(seconds, self.times.look))
        self._land()

    def _land(self) -> None:
        if self._round is not None:
            self._round.land()
