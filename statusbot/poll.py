"""One poll, from the Kubernetes API to the forges.

cluster -> results -> routing -> ledger -> forges -> report: reading and posting are two phases, so
that no forge can slow the cluster's stream down, and the plan is made when all is read.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from math import floor

from statusbot.aggregate import KIND as AGGREGATE
from statusbot.cluster.base import Cluster
from statusbot.cluster.clock import Deadline
from statusbot.errors import StatusbotError
from statusbot.gather import Gathered
from statusbot.interrupt import Interrupt
from statusbot.ledger.memory import Ledger, Owed
from statusbot.ledger.store import Store
from statusbot.lent import lender
from statusbot.plan import News, Plan
from statusbot.posting.access import Accesses
from statusbot.posting.outcome import Did, Outcome
from statusbot.posting.post import Post
from statusbot.refresh import refresher
from statusbot.report.metrics import Metrics
from statusbot.report.report import Line, Report, line_of_unsent
from statusbot.selection import Selection
from statusbot.settings import Settings
from statusbot.survey import Survey, scope, survey
from statusbot.transport import Transport


@dataclass(slots=True)
class Poll:
    """Everything that one poll works with."""

    cluster: Cluster
    store: Store
    transport: Transport
    deadline: Deadline
    settings: Settings
    interrupt: Interrupt = field(default_factory=Interrupt)
    guard: threading.Lock = field(
        default_factory=threading.Lock
    )  # of the ledger, while it is saved

    metrics: Metrics | None = None
    lend: Callable[[News], News] = field(init=False)
    # Seconds since the last whole poll of the same, if the ledger knows of one.
    ledger_age: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Who lends words says once that they are kept from us."""
        self.lend = lender(self.cluster)

    def __call__(self) -> Report:
        """Read, decide, compare, post, remember. Raises StatusbotError where nothing can be read."""
        began = time.monotonic()
        found = survey(self.cluster, self.store.ledger, self.settings)
        with self.interrupt.noted_only():
            self.remember_what_is_owed(found)
            post = self.post(found, self.accesses(found), self.deadline, self.interrupt.aloud)
            outcomes = post(found.planned.news)
            unsaved = self._try_to_remember(outcomes, post.unfinished)
        if post.crash is not None:
            raise post.crash
        report = self.report(found, outcomes)
        report.unsaved = unsaved
        report.reads, report.writes = post.reads, post.writes
        report.stopped = self.interrupt.came.is_set()
        report.seconds = time.monotonic() - began
        return report

    def accesses(self, found: Survey) -> Accesses:
        """The logins of a survey's Providers."""
        single = self.settings.single
        token = single.token if single else None
        return Accesses(found.secrets, token, self.transport.prepare)

    def post(
        self,
        found: Survey,
        accesses: Accesses,
        deadline: Deadline,
        aloud: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> Post:
        """What makes the forges show the news of a survey."""
        return Post(
            transport=self.transport,
            access_of=accesses,
            ledger=found.world.ledger,
            deadline=deadline,
            now=lambda: self.cluster.now().timestamp(),
            refresh=refresher(self.cluster, found.world),
            lend=self.lend,
            dry_run=self.settings.dry_run,
            write_limits=self.settings.write_limits,
            stopping=self.interrupt.came,
            aloud=aloud,
            guard=self.guard,
            meter=self.metrics,
        )

    def remember_what_is_owed(self, found: Survey) -> None:
        """Save the ledger before the first write: what is read now may be gone tomorrow."""
        ledger, of_this = self.store.ledger, scope(self.cluster, self.settings)
        if of_this in ledger.polls and ledger.kept:
            self.ledger_age = max(found.started - ledger.polls[of_this], 0.0)
        ledger.keep_sources_of(found.gathered.objects)
        if self.settings.dry_run:
            return
        owe(ledger, found.gathered, found.planned, found.started)
        if found.gathered.whole:
            ledger.polls[of_this] = float(floor(found.started))
        ledger.forget_old(found.started)
        self.save()

    def remember_what_was_settled(
        self, outcomes: Sequence[Outcome], unfinished: Collection[str]
    ) -> None:
        """Save what became of it."""
        if self.settings.dry_run:
            return
        settle(self.store.ledger, outcomes, unfinished)
        self.save()

    def _try_to_remember(
        self, outcomes: Sequence[Outcome], unfinished: Collection[str]
    ) -> StatusbotError | None:
        """What kept it from being saved: what was posted is to be told all the same."""
        try:
            self.remember_what_was_settled(outcomes, unfinished)
        except StatusbotError as error:
            return error
        return None

    def save(self) -> None:
        """Keep the ledger as it is now."""
        with self.guard, self.interrupt.saving():
            self.store.save()

    def report(self, found: Survey, outcomes: Sequence[Outcome]) -> Report:
        """What a survey and the forges' answers come to."""
        settings, gathered = self.settings, found.gathered
        report = Report(
            self.cluster.name, found.started, settings.list_all, dry_run=settings.dry_run
        )
        report.note = self.metrics.note if self.metrics else None
        report.ledger_age = self.ledger_age
        report.objects, report.results = len(gathered.objects), gathered.results
        report.blame.know(found.world.router.tenants)
        report.warnings = [*found.planned.warnings, *_empty(settings.selection, gathered)]
        for broken in self.cluster.problems:
            report.add(Line(Did.ERROR, str(broken)))
        for problem in found.problems:
            alert, provider = problem.alert or None, problem.provider or None
            did = Did.ERROR if problem.error else Did.SKIPPED
            report.add(Line(did, problem.why, alert=alert, provider=provider))
        for outcome in outcomes:
            report.add(outcome)
        for known in found.planned.known:
            did = Did.ALREADY if known.posted else Did.SKIPPED
            report.add(Outcome(known.status, did, known.why))
        for result, no_way in gathered.unsent:
            report.add(line_of_unsent(result, no_way))
        for skipped in gathered.skipped:
            line = Line(Did.SKIPPED, skipped.why, object=skipped.object, commit=skipped.commit)
            report.add(line)
        return report


def owe(ledger: Ledger, gathered: Gathered, planned: Plan, now: float) -> None:
    """Note what every object is owed until it is posted; what is too much to note is a warning."""
    owed = _owed(gathered, planned)
    for key, object_ in gathered.objects.items():
        lost = ledger.owe(object_, owed.pop(key, []), now)
        if lost:
            planned.warnings.append(
                f"{object_.path}: {len(lost)} results that could not be posted are too many "
                f"to be remembered"
            )


def settle(ledger: Ledger, outcomes: Sequence[Outcome], unfinished: Collection[str]) -> None:
    """Note what is owed no more, and what was surely not written so far."""
    for outcome in outcomes:
        result, alert = outcome.status.result, outcome.status.routed.way.alert
        if outcome.settled:
            ledger.settle(result, alert)
        elif outcome.status.key not in unfinished:
            ledger.not_written(result.object, result.commit, alert)


def _empty(selection: Selection, gathered: Gathered) -> Iterator[str]:
    """What was asked for and selects nothing may be a slip of the pen."""
    if selection.selector is not None:
        if not gathered.objects and selection.shard is None:
            yield f"no Kustomization is selected by {selection}"
        return
    found = {object_.namespace for object_ in gathered.objects.values()}
    for namespace in dict.fromkeys(selection.namespaces) if selection.shard is None else ():
        if namespace not in found:
            yield f"there is no Kustomization in the namespace {namespace}"


def _owed(gathered: Gathered, planned: Plan) -> dict[str, list[Owed]]:
    """By object: what could not be routed, and what is going out now."""
    owed: dict[str, list[Owed]] = defaultdict(list)
    for key, unrouted in gathered.unrouted.items():
        owed[key] += unrouted
    for news in planned.news:
        result = news.status.result
        if result.object.kind == AGGREGATE:
            continue  # it is made anew of what its Kustomizations are owed
        # Should the run be killed, nobody knows how far it came.
        alert = news.status.routed.way.alert
        owed[result.object.key].append(Owed(result, alert, unfinished=True, perhaps=news.perhaps))
    return owed
