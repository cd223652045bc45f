"""Follows each result on each of its ways, to the ledger and the forge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from statusbot.cluster.errors import TimedOut
from statusbot.contexts import status_of
from statusbot.decide import Decision
from statusbot.errors import StatusbotError
from statusbot.explain import ways_out
from statusbot.explain.findings import Finding
from statusbot.explain.forge import Forges
from statusbot.explain.places import forge_step, ledger_step, login_step, place_steps
from statusbot.explain.providers import Providers
from statusbot.explain.step import fault
from statusbot.explain.subjects import Subject
from statusbot.explain.verdicts import collided, looked, of_ledger
from statusbot.plan import Known, News, plan, said_by
from statusbot.results.result import Result
from statusbot.routing.match import Match
from statusbot.routing.routed import routed
from statusbot.routing.status import CommitStatus, NoWay, Routed, Way
from statusbot.settings import Settings
from statusbot.survey import Survey


@dataclass(slots=True)
class Ways:
    """From a result to what the forge shows of it. ``planned`` are a poll's statuses by their key."""

    settings: Settings
    found: Survey
    decision: Decision
    matches: Mapping[str, Match]
    planned: Mapping[str, News | Known]
    providers: Providers
    forges: Forges

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        """One finding for each way; TimedOut where the time is over, no other error."""
        world = self.found.world
        ways = self.decision.ways
        if subject.alert is not None:
            source = world.sources(self.decision.observation, fresh=False)
            ways = [world.router.way_of(subject.alert, source)]
        for way in ways:
            there = routed(subject.result, way) if isinstance(way, Way) else way
            if isinstance(there, NoWay):
                yield self._nowhere(subject, there, way)
            else:
                yield self._somewhere(subject, there)

    def _nowhere(self, subject: Subject, no_way: NoWay, way: Way | NoWay) -> Finding:
        provider = no_way.provider
        return Finding(
            False,
            no_way.why,
            self._way_out(no_way, way, subject.result),
            fault=no_way.error or no_way.alone,
            commit=subject.result.commit,
            origin=subject.origin,
            result=subject.result,
            alert=no_way.alert,
            provider=provider if provider.strip("/") else "",
        )

    def _way_out(self, no_way: NoWay, way: Way | NoWay, result: Result) -> str:
        seen, match = self.decision.observation, self.matches.get(no_way.alert)
        if self.settings.single is not None:
            return "give the repository of its source as --address"
        if isinstance(way, Way):
            return ways_out.of_no_way(no_way, way, result)
        if match is None and not (self.matches or self.providers.cluster.live):
            return ways_out.OF_FILES
        if match is None:
            source = self.found.world.sources(seen, fresh=False)
            provider = self.providers.usable(seen.object, source)
            return ways_out.of_no_alert(seen.object, provider)
        if not match.holds:
            return ways_out.of_match(match, seen.object, seen.labels)
        if no_way.at == "Alert":
            return ways_out.edit("alert", no_way.alert)
        return self.providers.mend(match.alert.provider_ref)

    def _somewhere(self, subject: Subject, there: Routed) -> Finding:
        world, namesakes = self.found.world, self.found.gathered.namesakes
        status = status_of(there, namesakes, world.ledger)
        draft = Finding(
            False,
            "",
            commit=status.result.commit,
            origin=subject.origin,
            result=status.result,
            alert=there.way.alert,
            provider="" if self.settings.single else there.way.destination.provider.ref,
            status=status,
            posted=world.ledger.posted(status.result.object, status.key),
        )
        draft.steps.extend(place_steps(status))
        try:
            access = self.forges.accesses(there.way.destination)
        except TimedOut:
            raise
        except StatusbotError as error:
            draft.steps.append(fault("login", str(error)))
            why = f"{error.where}: {error.what}" if error.where else error.what
            return replace(draft, why=why, todo=error.todo, fault=True)
        draft.steps.append(login_step(access, status, single=self.settings.single is not None))
        return self._compared(subject, draft, self._item(there, status))

    def _item(self, there: Routed, status: CommitStatus) -> News | Known:
        """What a poll's plan says of the status; of one that no poll considers, what it would say."""
        if status.key in self.planned:
            return self.planned[status.key]
        namesakes, ledger = self.found.gathered.namesakes, self.found.world.ledger
        now, recheck = self.found.started, self.settings.recheck
        alone = plan([there], namesakes, ledger, now=now, recheck=recheck)
        return alone.news[0] if alone.news else alone.known[0]

    def _compared(self, subject: Subject, draft: Finding, item: News | Known) -> Finding:
        ledger, status = self.found.world.ledger, item.status
        draft.steps.append(ledger_step(ledger, draft, item, self.found.started, self.settings))
        if status.result.object.path != self.decision.observation.object.path:
            return collided(draft, status)
        if isinstance(item, Known) and (settled := of_ledger(draft, item)):
            return settled
        if isinstance(item, Known):
            # The ledger takes it, or what came later, for posted, which only the forge can say.
            news = News(status, said_by(status), ledger.posted(status.result.object, status.key))
        else:
            news = item
        look = self.forges(news)
        draft.steps.append(forge_step(look))
        since = self.found.world.history_since
        return looked(draft, look, item, subject, since, self.found.started)
