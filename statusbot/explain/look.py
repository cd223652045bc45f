"""The spine: one survey as a poll makes it, and then a look at the forge instead of a write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from statusbot.cluster.base import Cluster
from statusbot.cluster.clock import Deadline
from statusbot.cluster.errors import Forbidden
from statusbot.decide import Decision
from statusbot.explain.alerts import alerts_step
from statusbot.explain.ending import ending
from statusbot.explain.explanation import Explanation
from statusbot.explain.findings import Finding
from statusbot.explain.forge import Forges, Reading
from statusbot.explain.providers import Providers
from statusbot.explain.question import Question, Search
from statusbot.explain.rules import deciding, rules_step
from statusbot.explain.shown import object_step
from statusbot.explain.step import Step, fault
from statusbot.explain.subjects import subjects
from statusbot.explain.told import findings_steps
from statusbot.explain.unclaimed import unclaimed
from statusbot.explain.ways import Ways
from statusbot.interrupt import Interrupt
from statusbot.ledger.memory import Ledger
from statusbot.plan import Known, News
from statusbot.posting.access import Accesses
from statusbot.routing.match import Match
from statusbot.settings import Settings
from statusbot.survey import Survey, survey


@dataclass(slots=True)
class Explain:
    """Everything that an explanation works with; ``ledger`` is nobody's but ours, and not saved."""

    cluster: Cluster
    ledger: Ledger
    settings: Settings
    transport: Reading
    deadline: Deadline
    interrupt: Interrupt

    def __call__(self, asked: Question) -> Explanation:
        """Why it has its statuses, or none. Raises StatusbotError where nothing can be read."""
        found, decision, notes = self._survey(asked)
        seen, world = decision.observation, found.world
        rules, decided = deciding(decision, world)
        matches = world.router.matches(seen.object, seen.labels)
        findings = self._findings(found, decision, matches, asked)
        findings += unclaimed(decision, world, decided, asked, findings)
        single = self.settings.single is not None
        steps = [
            *notes,
            object_step(seen, world),
            rules_step(decision, rules),
            alerts_step(matches, found.problems, single=single),
            *_warnings(found, decision),
            *findings_steps(findings),
        ]
        name, started = self.cluster.name, found.started
        return Explanation(name, started, asked, steps, findings, ending(findings))

    def _survey(self, asked: Question) -> tuple[Survey, Decision, list[Step]]:
        """Of the whole cluster, or of as much of it as may be read."""
        notes: list[Step] = []
        search = Search(asked)
        try:
            found = survey(self.cluster, self.ledger, self.settings, search)
        except Forbidden as forbidden:
            here = replace(self.settings, namespaces=(asked.namespace,))
            search = Search(asked)
            found = survey(self.cluster, self.ledger, here, search)
            what = f"only the namespace {asked.namespace} can, so namesakes elsewhere are not seen"
            notes.append(fault("what can be read", f"{what}: {forbidden}"))
        if search.decision is None:
            raise search.missing()
        return found, search.decision, notes

    def _findings(
        self, found: Survey, decision: Decision, matches: Sequence[Match], asked: Question
    ) -> list[Finding]:
        planned: list[News | Known] = [*found.planned.news, *found.planned.known]
        follow = Ways(
            self.settings,
            found,
            decision,
            {match.alert.ref: match for match in matches},
            {item.status.key: item for item in planned},
            Providers(self.cluster),
            self._forges(found),
        )
        about = subjects(decision, found.world, found.gathered.namesakes, asked)
        return [finding for subject in about for finding in follow(subject)]

    def _forges(self, found: Survey) -> Forges:
        token = self.settings.single.token if self.settings.single else None
        return Forges(
            self.transport,
            Accesses(found.secrets, token, self.transport.prepare),
            self.ledger,
            self.deadline,
            lambda: self.cluster.now().timestamp(),
            self.interrupt,
        )


def _warnings(found: Survey, decision: Decision) -> Iterator[Step]:
    """What the plan warns of and names the object."""
    object_ = decision.observation.object
    for warning in found.planned.warnings:
        if object_.path in warning or f"{object_.kind} {object_.name} " in warning:
            yield fault("warning", warning)
