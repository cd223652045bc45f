"""One poll, from the Kubernetes API to the forges.

cluster -> results -> routing -> ledger -> forges -> report: reading and posting are two phases, so
that no forge can slow the cluster's stream down, and the plan is made when all is read.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from math import floor

from statusbot.cluster.base import Cluster
from statusbot.cluster.clock import Deadline
from statusbot.cluster.kinds import KUSTOMIZATION
from statusbot.decide import World, decide
from statusbot.gather import Gathered, gather
from statusbot.interrupt import Interrupt
from statusbot.ledger.memory import Ledger, Owed
from statusbot.ledger.store import Store
from statusbot.notifications import Problem, Single, context_id, read_router, single_router
from statusbot.plan import News, Plan, plan, said_by
from statusbot.posting.access import Accesses
from statusbot.posting.lane import Limits
from statusbot.posting.outcome import Did, Outcome
from statusbot.posting.post import Post
from statusbot.report.report import Line, Report, line_of_unsent
from statusbot.results.observation import observe
from statusbot.routing.routed import routed
from statusbot.routing.router import Router
from statusbot.routing.status import CommitStatus, Routed
from statusbot.secret import Secrets
from statusbot.sources import Sources
from statusbot.transport import Transport

# Seconds of the past that are told again at each poll, since Flux's clock may be behind that of the
# API server. The ledger knows what of it was told; that costs no call of a forge.
TOLD_AGAIN = 300.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``run`` was told. Durations are in seconds."""

    namespaces: tuple[str, ...] = ()
    single: Single | None = None
    api_url: str | None = None
    cluster_name: str = ""
    since: float = 3600.0
    recheck: float = 86400.0
    failure_age: float = 300.0
    dry_run: bool = False
    write_limits: Limits | None = None  # None: as each forge publishes them
    list_all: bool = False


@dataclass(slots=True)
class Poll:
    """Everything that one poll works with."""

    cluster: Cluster
    store: Store
    transport: Transport
    deadline: Deadline
    settings: Settings
    interrupt: Interrupt = field(default_factory=Interrupt)

    def __call__(self) -> Report:
        """Read, decide, compare, post, remember. Raises StatusbotError where nothing can be read."""
        began = time.monotonic()
        settings, ledger = self.settings, self.store.ledger
        secrets = Secrets(self.cluster)
        router, problems = self._router(secrets)
        sources = Sources(self.cluster)
        sources.read(settings.namespaces)
        started = self.cluster.now().timestamp()
        since = _history_since(ledger, self._scope(), started, settings.since)
        world = World(sources, router, ledger, since, settings.failure_age)
        gathered = gather(self.cluster, world, settings.namespaces)
        planned = plan(
            gathered.statuses,
            gathered.namesakes,
            ledger,
            now=started,
            recheck=settings.recheck,
        )
        post = self._post(world, secrets)
        self._remember_what_is_owed(gathered, planned, started)
        outcomes = post(planned.news)
        self._remember_what_was_settled(outcomes, post.unfinished)
        if post.crash is not None:
            raise post.crash
        report = self._report(started, gathered, planned, problems, outcomes)
        report.reads, report.writes = post.reads, post.writes
        report.stopped = self.interrupt.came.is_set()
        report.seconds = time.monotonic() - began
        return report

    def _router(self, secrets: Secrets) -> tuple[Router, list[Problem]]:
        settings = self.settings
        id_ = settings.cluster_name
        if settings.single is not None:
            live_id = context_id(self.cluster.name) if self.cluster.live else ""
            return single_router(settings.single, id_ or live_id), []
        return read_router(self.cluster, settings.namespaces, id_, settings.api_url, secrets)

    def _post(self, world: World, secrets: Secrets) -> Post:
        single = self.settings.single
        return Post(
            transport=self.transport,
            access_of=Accesses(secrets, single.token if single else None, self.transport.prepare),
            ledger=world.ledger,
            deadline=self.deadline,
            now=lambda: self.cluster.now().timestamp(),
            refresh=_refresher(self.cluster, world),
            dry_run=self.settings.dry_run,
            write_limits=self.settings.write_limits,
            stopping=self.interrupt.came,
            noted_only=self.interrupt.noted_only,
        )

    def _scope(self) -> str:
        """What this poll reads: only a poll of the same has told the past before."""
        settings = self.settings
        address = settings.single.address if settings.single else ""
        parts = "\n".join((self.cluster.name, address, *sorted(settings.namespaces)))
        return blake2b(parts.encode(), digest_size=8).hexdigest()

    def _remember_what_is_owed(self, gathered: Gathered, planned: Plan, started: float) -> None:
        """Save the ledger before the first write: what is read now may be gone tomorrow."""
        if self.settings.dry_run:
            return
        ledger = self.store.ledger
        owed = _owed(gathered, planned)
        for key, object_ in gathered.objects.items():
            lost = ledger.owe(object_, owed.pop(key, []), started)
            if lost:
                planned.warnings.append(
                    f"{object_.path}: {len(lost)} results that could not be posted are too many "
                    f"to be remembered"
                )
        if gathered.whole:
            ledger.polls[self._scope()] = float(floor(started))
        ledger.forget_old(started)
        self.store.save()

    def _remember_what_was_settled(
        self, outcomes: Sequence[Outcome], unfinished: Collection[str]
    ) -> None:
        if self.settings.dry_run:
            return
        ledger = self.store.ledger
        for outcome in outcomes:
            result, alert = outcome.status.result, outcome.status.routed.way.alert
            if outcome.settled:
                ledger.settle(result.object, result.commit, alert)
            elif outcome.status.key not in unfinished:
                ledger.not_written(result.object, result.commit, alert)
        self.store.save()

    def _report(
        self,
        started: float,
        gathered: Gathered,
        planned: Plan,
        problems: list[Problem],
        outcomes: list[Outcome],
    ) -> Report:
        settings = self.settings
        report = Report(self.cluster.name, started, settings.list_all, dry_run=settings.dry_run)
        report.objects, report.results = len(gathered.objects), gathered.results
        report.warnings = [*planned.warnings, *_empty(settings.namespaces, gathered)]
        for broken in self.cluster.problems:
            report.add(Line(Did.ERROR, str(broken)))
        for problem in problems:
            alert, provider = problem.alert or None, problem.provider or None
            report.add(Line(Did.ERROR, problem.why, alert=alert, provider=provider))
        # By name, however the forges' answers came in.
        for outcome in sorted(outcomes, key=lambda outcome: outcome.status.result.object.path):
            report.add(outcome)
        for known in planned.known:
            did = Did.ALREADY if known.posted else Did.SKIPPED
            report.add(Outcome(known.status, did, known.why))
        for result, no_way in gathered.unsent:
            report.add(line_of_unsent(result, no_way))
        for skipped in gathered.skipped:
            line = Line(Did.SKIPPED, skipped.why, object=skipped.object, commit=skipped.commit)
            report.add(line)
        return report


def _empty(namespaces: Sequence[str], gathered: Gathered) -> Iterator[str]:
    """A namespace that was asked for and holds nothing may be a slip of the pen."""
    found = {object_.namespace for object_ in gathered.objects.values()}
    for namespace in dict.fromkeys(namespaces):
        if namespace not in found:
            yield f"there is no Kustomization in the namespace {namespace}"


def _history_since(ledger: Ledger, scope: str, now: float, since: float) -> float:
    """From when on the past may be news: the last whole poll of the same, else ``since`` ago."""
    if ledger.kept and scope in ledger.polls:
        return ledger.polls[scope] - TOLD_AGAIN
    return now - since


def _owed(gathered: Gathered, planned: Plan) -> dict[str, list[Owed]]:
    """By object: what could not be routed, and what is going out now."""
    owed: dict[str, list[Owed]] = defaultdict(list)
    for key, unrouted in gathered.unrouted.items():
        owed[key] += unrouted
    for news in planned.news:
        result = news.status.result
        # Should the run be killed, nobody knows how far it came.
        owed[result.object.key].append(Owed(result, news.status.routed.way.alert, unfinished=True))
    return owed


def _refresher(cluster: Cluster, world: World) -> Callable[[News], News]:
    """Read an object again: a newer result of the same commit replaces the old one."""

    def refresh(news: News) -> News:
        result = news.status.result
        if not cluster.live:
            return news
        obj = cluster.get(KUSTOMIZATION, result.object.namespace, result.object.name)
        if obj is None:
            return news
        decision = decide(observe(obj, cluster.now().timestamp()), world)
        newer = (r for r in decision.results if r.current or r.when > result.when)
        now = next((r for r in newer if r.commit == result.commit), None)
        if decision.observation.object != result.object or now is None:
            return news
        if (now.state, now.reason) == (result.state, result.reason):
            return news
        fresh = routed(now, news.status.routed.way)
        if not isinstance(fresh, Routed):
            return news
        status = CommitStatus(fresh, news.status.context)
        return replace(news, status=status, said=said_by(status))

    return refresh
