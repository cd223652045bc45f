"""``run --for``: a poll, and until the next one every change as it comes.

A round is a survey of the whole cluster and the watches that it began. A watch that ends, breaks
off or expires, an Alert or a Provider that changed, and the end of a minute begin the next round: a
survey misses nothing, whatever happened meanwhile, and makes due what only time makes due.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from statusbot.errors import ClusterError
from statusbot.follow.changes import Changes
from statusbot.follow.couriers import Couriers
from statusbot.follow.round import Round
from statusbot.follow.watched import Watched
from statusbot.poll import Poll
from statusbot.report.report import Report

log = logging.getLogger(__name__)

# Seconds of a round: as often as a CronJob would poll.
ROUND = 60.0
# Seconds that what is under way at the end may still take.
GRACE = 5.0
# Seconds before the first and the longest wait for a cluster that does not answer.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
# Seconds in which the writes that Flux makes one after another are taken for one.
TOGETHER = 0.05
# How often a signal and the time are looked for.
LOOK_EVERY = 0.1


@dataclass(slots=True)
class Follow:
    """``until`` is by time.monotonic, and may be infinite; ``budget`` is each poll's, in seconds."""

    poll: Poll
    until: float
    budget: float
    _bell: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self) -> Iterator[Report]:
        """A report for each round. Raises StatusbotError where the cluster cannot be read."""
        couriers = Couriers(self._bell)
        pause, first = FIRST_PAUSE, True
        while first or not self._over:
            try:
                report = self._round(couriers)
            except ClusterError as error:
                if first or self._left <= pause:
                    raise
                log.warning("%s: trying again", error)
                self._wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                pause, first = FIRST_PAUSE, False
                yield report

    @property
    def _left(self) -> float:
        return max(self.until - time.monotonic(), 0.0)

    @property
    def _stopped(self) -> bool:
        return self.poll.interrupt.came.is_set()

    @property
    def _over(self) -> bool:
        return self._stopped or not self._left

    def _round(self, couriers: Couriers) -> Report:
        self.poll.deadline.restart(self.budget)
        cluster = Watched(self.poll.cluster, ROUND + GRACE)
        try:
            poll = replace(self.poll, cluster=cluster)
            round_ = Round(poll, couriers, lambda: min(self.budget, self._left + GRACE))
            with self.poll.interrupt.noted_only():
                self._follow(round_, couriers, cluster)
        finally:
            cluster.close()
        if round_.crash is not None:
            raise round_.crash
        return round_.report()

    def _follow(self, round_: Round, couriers: Couriers, cluster: Watched) -> None:
        changes = Changes(cluster.feeds, lambda: cluster.now().timestamp(), self._bell)
        end = min(self.until, time.monotonic() + ROUND)
        try:
            round_.left_over(changes)
            while not (self._stopped or changes.over) and time.monotonic() < end:
                if self._something(changes, couriers):
                    self.poll.deadline.restart(self.budget)
                    round_.step(changes)
        finally:
            changes.close()
        if changes.over:
            log.info("%s", changes.over)
        while self._over and not couriers.idle:
            self._wait(LOOK_EVERY, couriers)
            round_.land()
        if changes.failed and not self._over:
            self._wait(FIRST_PAUSE)

    def _something(self, changes: Changes, couriers: Couriers) -> bool:
        """Wait a moment, but no longer than until something came from the cluster or the forges."""
        with self._bell:
            if not (couriers.back or changes.over or changes.any(couriers.flying)):
                self._bell.wait(LOOK_EVERY)
            changed = changes.any(couriers.flying)
        if changed:
            self._wait(TOGETHER)
        return changed or couriers.back

    def _wait(self, seconds: float, couriers: Couriers | None = None) -> None:
        """So long, or until a signal; with couriers until one is back."""
        if couriers is None:
            self.poll.interrupt.came.wait(min(seconds, self._left))
            return
        with self._bell:
            if not couriers.back:
                self._bell.wait(seconds)
