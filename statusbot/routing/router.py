"""From objects to destinations: every Alert that asks for the object, each with its Provider."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from statusbot.errors import StatusbotError
from statusbot.forges.address import Relation, relation
from statusbot.manifests.alert import Alert
from statusbot.results.result import ObjectRef
from statusbot.results.source import Source
from statusbot.routing.allowance import Allowances
from statusbot.routing.destinations import Destinations, Unusable
from statusbot.routing.match import Index, Match, match
from statusbot.routing.patterns import Patterns
from statusbot.routing.status import Destination, NoWay, Way


class Router(Protocol):
    """What the poll asks of routing."""

    @property
    def tenants(self) -> Collection[str]:
        """The namespaces that have Alerts of their own."""

    def ways(
        self, object_: ObjectRef, labels: Mapping[str, str], source: Source | None
    ) -> list[Way | NoWay]:
        """Where the results of an object go; never empty: a NoWay says why there is none."""

    def way_of(self, alert: str, source: Source | None) -> Way | NoWay:
        """Where a result goes that this Alert took before, and that is still owed."""

    def matches(self, object_: ObjectRef, labels: Mapping[str, str]) -> list[Match]:
        """Every Alert with its verdict on an object, and the reason: for who wants to know."""


class AlertRouter:
    """Routes through the Alerts and Providers of the cluster."""

    def __init__(
        self,
        alerts: Iterable[Alert],
        destinations: Destinations,
        *,
        cross_namespace: bool = True,
        allowances: Allowances | None = None,
    ) -> None:
        """Index the Alerts, which are fewer than the objects by far.

        ``cross_namespace``: an Alert may ask for objects of other namespaces than its own.
        """
        self._alerts = {alert.ref: alert for alert in alerts}
        self._index = Index(self._alerts.values())
        self._destinations = destinations
        self._cross_namespace = cross_namespace
        self._patterns: dict[str, Patterns | StatusbotError] = {}
        self._ways: dict[tuple[str, Relation], Way] = {}
        self._allowances = allowances or Allowances()

    @property
    def tenants(self) -> Collection[str]:
        """Those whose Alerts are awake."""
        return {alert.namespace for alert in self._alerts.values() if not alert.suspend}

    def ways(
        self, object_: ObjectRef, labels: Mapping[str, str], source: Source | None
    ) -> list[Way | NoWay]:
        """One for each Alert that takes the object; where none does, why those that name it do not."""
        asked = [self._match(alert, object_, labels) for alert in self._index.asked(object_)]
        taking = [self._way(verdict.alert, source) for verdict in asked if verdict.holds]
        if taking:
            return taking
        almost = [NoWay(verdict.why, verdict.alert.ref) for verdict in asked]
        return [*almost] or [NoWay("no Alert asks for it")]

    def way_of(self, alert: str, source: Source | None) -> Way | NoWay:
        """The way of one Alert, whatever objects it names now."""
        found = self._alerts.get(alert)
        return self._way(found, source) if found else NoWay("its Alert is gone", alert)

    def matches(self, object_: ObjectRef, labels: Mapping[str, str]) -> list[Match]:
        """All Alerts, by name."""
        alerts = sorted(self._alerts.values(), key=lambda alert: alert.ref)
        return [self._match(alert, object_, labels) for alert in alerts]

    def patterns(self, alert: Alert) -> Patterns | None:
        """What the Alert's lists let through; raises StatusbotError for a pattern that is none."""
        if not (alert.inclusion or alert.exclusion):
            return None
        if alert.ref not in self._patterns:
            try:
                allowance = self._allowances(alert.namespace)
                made = Patterns(alert.inclusion, alert.exclusion, allowance)
                made.check()
                self._patterns[alert.ref] = made
            except StatusbotError as error:
                self._patterns[alert.ref] = error
        found = self._patterns[alert.ref]
        if isinstance(found, StatusbotError):
            raise found
        return found

    def _match(self, alert: Alert, object_: ObjectRef, labels: Mapping[str, str]) -> Match:
        return match(alert, object_, labels, cross_namespace=self._cross_namespace)

    def _way(self, alert: Alert, source: Source | None) -> Way | NoWay:
        def no_way(why: str, *, error: bool = False, at: str = "Provider") -> NoWay:
            return NoWay(why, alert.ref, alert.provider_ref, error, at=at)

        try:
            destination = self._destinations.find(alert.provider_ref)
            patterns = self.patterns(alert)
        except Unusable as unusable:
            return no_way(str(unusable), error=unusable.error)
        except StatusbotError as error:
            return no_way(str(error), error=True, at="Alert")
        related = related_to(destination, source)
        key = (alert.ref, related)
        if key not in self._ways:  # one for the thousands of objects that an Alert may take
            self._ways[key] = _made(alert, destination, related, patterns)
        return self._ways[key]


def _made(
    alert: Alert, destination: Destination, related: Relation, patterns: Patterns | None
) -> Way:
    other = f"its source is another repository than {destination.repository.key}"
    return Way(
        destination,
        alert.ref,
        errors_only=alert.severity == "error",
        same_repository=related is Relation.SAME,
        elsewhere=other if related is Relation.OTHER_PATH else "",
        alert_summary=alert.summary,
        event_metadata=alert.event_metadata,
        patterns=patterns,
        manifest=alert.manifest,
    )


class SingleRouter:
    """One repository and no Alerts: every object whose source it is."""

    def __init__(self, destination: Destination) -> None:
        """``destination`` is what ``--provider-type`` and ``--address`` name."""
        self._destination = destination

    @property
    def tenants(self) -> Collection[str]:
        """Nobody but who runs it."""
        return ()

    def ways(
        self, object_: ObjectRef, labels: Mapping[str, str], source: Source | None
    ) -> list[Way | NoWay]:
        """The one destination, unless the source is known to be another repository."""
        return [self.way_of("", source)]

    def way_of(self, alert: str, source: Source | None) -> Way | NoWay:
        """An owed result goes where it would have gone."""
        related = related_to(self._destination, source)
        if related not in (Relation.SAME, Relation.UNTOLD) and _has_url(source):
            there = self._destination.repository.key
            return NoWay(f"its source is another repository than {there}")
        return Way(self._destination, same_repository=related is Relation.SAME)

    def matches(self, object_: ObjectRef, labels: Mapping[str, str]) -> list[Match]:
        """There are no Alerts."""
        return []


def related_to(destination: Destination, source: Source | None) -> Relation:
    """Whether a source is the destination's repository; only a GitRepository's URL can tell."""
    if source is None or not _has_url(source):
        return Relation.ELSEWHERE
    return relation(destination.repository, source.url, destination.forge.canonical)


def _has_url(source: Source | None) -> bool:
    return source is not None and source.kind == "GitRepository" and bool(source.url)
