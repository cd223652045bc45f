"""One round of ``--for``: a survey, and what changed since as far as somebody looked."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable

from statusbot.cluster.clock import Deadline
from statusbot.decide import Decision, decide
from statusbot.errors import ClusterError
from statusbot.follow.changes import Changed, Changes
from statusbot.follow.couriers import Couriers, Delivered
from statusbot.gather import Gathered, add_aggregates
from statusbot.plan import News, plan
from statusbot.poll import Poll, owe, settle
from statusbot.posting.outcome import Outcome
from statusbot.posting.post import Post
from statusbot.report.report import Report
from statusbot.results.observation import Observation
from statusbot.survey import survey

log = logging.getLogger(__name__)


class Round:
    """All of it happens in one thread; only the couriers are out with the news."""

    def __init__(self, poll: Poll, couriers: Couriers, budget: Callable[[], float]) -> None:
        """Read the whole cluster and send out what is news; ``budget`` gives the seconds
        that a courier has who leaves now.

        Raises StatusbotError where nothing can be read.
        """
        self._poll = poll
        self._couriers = couriers
        self._budget = budget
        self._began = time.monotonic()
        self._again: list[Observation] = []
        self._outcomes: dict[str, Outcome] = {}
        self._calls = [0, 0]
        self.crash: BaseException | None = None
        # What is on its way is decided when it is back, else it would go out twice.
        self._flying = couriers.flying
        self._found = survey(poll.cluster, poll.store.ledger, poll.settings, self._heed)
        self._accesses = poll.accesses(self._found)
        poll.remember_what_is_owed(self._found)
        self._send(
            news
            for news in self._found.planned.news
            if news.status.result.object.key not in self._flying
        )

    def left_over(self, changes: Changes) -> None:
        """Have the objects looked at again that had something on its way when they were read."""
        for seen in self._again:
            changes.put_back(seen)

    def step(self, changes: Changes) -> None:
        """Note what is back from the forges, and send out what the changes bring."""
        self.land()
        changed = changes.take(self._couriers.flying)
        for ref, source in changed.sources.items():
            self._found.world.sources.note(ref, source)
        if changed.objects:
            self._decide(changed, changes)

    def land(self) -> None:
        """Note what is back from the forges."""
        delivered = self._couriers.take()
        for one in delivered:
            self._note(one)
        if delivered and not self._poll.settings.dry_run:
            self._poll.save()

    def report(self) -> Report:
        """What became of everything in this round; of a status that went out twice the last."""
        report = self._poll.report(self._found, list(self._outcomes.values()))
        report.reads, report.writes = self._calls
        report.stopped = self._poll.interrupt.came.is_set()
        report.seconds = time.monotonic() - self._began
        return report

    def _heed(self, decision: Decision) -> None:
        if decision.observation.object.key in self._flying:
            self._again.append(decision.observation)

    def _decide(self, changed: Changed, changes: Changes) -> None:
        found, settings = self._found, self._poll.settings
        gathered = Gathered(
            namesakes=found.gathered.namesakes, aggregates=found.gathered.aggregates
        )
        for seen in changed.objects:
            try:
                gathered.take(decide(seen, found.world))
            except ClusterError as error:
                changes.give_up(str(error))
        add_aggregates(gathered, found.world)
        now = self._poll.cluster.now().timestamp()
        planned = plan(
            gathered.statuses,
            gathered.namesakes,
            found.world.ledger,
            now=now,
            recheck=settings.recheck,
        )
        found.gathered.objects.update(gathered.objects)
        found.gathered.results += len(planned.news)
        if planned.news or gathered.unrouted:
            if not settings.dry_run:
                owe(found.world.ledger, gathered, planned, now)
                self._poll.save()
            self._send(planned.news)

    def _send(self, news: Iterable[News]) -> None:
        def post() -> Post:
            return self._poll.post(self._found, self._accesses, Deadline(self._budget()))

        self._couriers.hand(news, self._accesses, post)

    def _note(self, delivered: Delivered) -> None:
        if not self._poll.settings.dry_run:
            settle(self._poll.store.ledger, delivered.outcomes, delivered.unfinished)
        self._calls[0] += delivered.reads
        self._calls[1] += delivered.writes
        self.crash = self.crash or delivered.crash
        for outcome in delivered.outcomes:
            self._outcomes[outcome.status.key] = outcome
            result = outcome.status.result
            log.info(
                "%s %s %s %s", outcome.did, result.object.path, result.commit[:8], result.state
            )
