"""One round of ``--for``: a survey, and what changed since as far as somebody looked."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection

from statusbot.cluster.clock import Deadline
from statusbot.decide import Decision, decide
from statusbot.errors import StatusbotError, Stopped
from statusbot.follow.changes import Changes
from statusbot.follow.couriers import Batch, Couriers, Delivered
from statusbot.follow.held import Held
from statusbot.gather import Gathered, add_aggregates
from statusbot.plan import News, Plan, plan
from statusbot.poll import Poll, owe, settle
from statusbot.posting.outcome import STOPPED, Did, Outcome
from statusbot.posting.post import Post
from statusbot.report.report import Report
from statusbot.results.observation import Observation
from statusbot.survey import Survey, survey

log = logging.getLogger(__name__)


class Looked:
    """A survey, and those of its objects of which something went out before, and is not back."""

    def __init__(self, poll: Poll, couriers: Couriers) -> None:
        """Read the whole cluster. Raises StatusbotError where nothing can be read."""
        self._out = couriers.objects
        self.seen: dict[str, Observation] = {}  # by ObjectRef.key
        self.began = time.monotonic()
        self.found: Survey = survey(poll.cluster, poll.store.ledger, poll.settings, self._heed)

    def _heed(self, decision: Decision) -> None:
        seen = decision.observation
        if seen.object.key in self._out:
            self.seen[seen.object.key] = seen


class Round:
    """All of it happens in one thread; only the couriers are out with the news."""

    def __init__(
        self, poll: Poll, looked: Looked, couriers: Couriers, budget: Callable[[], float]
    ) -> None:
        """Note what is owed; ``budget`` gives the seconds that a courier has who leaves then.

        Raises UsageError where the ledger cannot be written.
        """
        self._poll = poll
        self._found = looked.found
        self._looked = looked.seen
        self._couriers = couriers
        self._began = looked.began
        self._accesses = poll.accesses(self._found)
        self._held = Held()
        self._speakers: dict[str, str] = {}  # by CommitStatus.key; ObjectRef.path
        self._outcomes: dict[str, Outcome] = {}
        self._kept: list[News] = []  # what a signal kept from going out
        self._calls = [0, 0]
        self.budget = budget
        self.crash: BaseException | None = None
        self._note_speakers(self._found.planned)
        poll.remember_what_is_owed(self._found)

    def begin(self) -> None:
        """Send out what is news. Raises Stopped."""
        self._send(self._found.planned, self._found.gathered.objects, self._looked)

    def step(self, changes: Changes) -> None:
        """Send out what the changes bring."""
        changed = changes.take()
        for ref, source in changed.sources.items():
            self._found.world.sources.note(ref, source)
        for seen in changed.strangers:
            self._found.gathered.pass_by(seen, self._found.world)
        if changed.objects:
            self._decide(changed.objects, changes)

    def land(self, changes: Changes | None = None) -> None:
        """Note what is back from the forges; who waited for it is among the changes again."""
        delivered = self._couriers.take()
        for one in delivered:
            self._note(one)
            for item in one.news:
                for seen in self._held.free(item):
                    if changes is not None:
                        changes.put_back(seen)
        if delivered and not self._poll.settings.dry_run:
            self._poll.save()

    def report(self) -> Report:
        """What became of everything since the last one; of a status that went out twice the last."""
        stopped = self._poll.interrupt.came.is_set()
        for item in [*self._kept, *self._couriers.out] if stopped else ():
            left = Outcome(item.status, Did.DEFERRED, STOPPED, settled=False)
            self._outcomes[item.status.key] = left
        report = self._poll.report(self._found, list(self._outcomes.values()))
        report.reads, report.writes = self._calls
        report.stopped = stopped
        report.seconds = time.monotonic() - self._began
        self._outcomes, self._calls = {}, [0, 0]
        return report

    def _decide(self, objects: list[Observation], changes: Changes) -> None:
        found, settings = self._found, self._poll.settings
        self._held.see(objects)
        gathered = Gathered(
            namesakes=found.gathered.namesakes, aggregates=found.gathered.aggregates
        )
        for seen in objects:
            try:
                gathered.take(decide(seen, found.world))
            except StatusbotError as error:
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
        if (planned.news or gathered.unrouted) and not settings.dry_run:
            owe(found.world.ledger, gathered, planned, now)
            self._poll.save()
        # What several objects share is for who sees all of them to say.
        self._note_speakers(planned)
        shared = found.planned.shared
        planned.news = [item for item in planned.news if item.status.key not in shared]
        self._send(planned, gathered.objects, {seen.object.key: seen for seen in objects})

    def _note_speakers(self, planned: Plan) -> None:
        """Find out what is shared since the survey: of a new commit it could not tell."""
        for status in planned.statuses:
            if status.destination.names_contexts:
                path = status.result.object.path
                if self._speakers.setdefault(status.key, path) != path:
                    self._found.planned.shared.add(status.key)

    def _send(self, planned: Plan, objects: Collection[str], seen: dict[str, Observation]) -> None:
        """``objects`` were looked at; those among them that may have to wait are in ``seen``."""
        budget = self.budget

        def post() -> Post:
            return self._poll.post(self._found, self._accesses, Deadline(budget()))

        news = [item for item in planned.news if not self._is_tried(item)]
        told = {status.key for status in planned.statuses}
        try:
            with self._poll.interrupt.aloud():
                held = self._couriers.hand(Batch(news, objects, told), self._accesses, post)
        except Stopped:
            self._kept = news
            raise
        for item in held:
            self._held.hold(item, seen)

    def _is_tried(self, news: News) -> bool:
        """Whether this round knows already what becomes of it: the next one tries again."""
        last = self._outcomes.get(news.status.key)
        if last is None or (last.settled and not self._poll.settings.dry_run):
            return False
        before, now = last.status.result, news.status.result
        return (before.state, before.reason) == (now.state, now.reason)

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
