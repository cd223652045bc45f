"""From objects to destinations: every Alert that asks for the object, each with its Provider."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from statusbot.forges.address import Relation, relation
from statusbot.manifests.alert import Alert
from statusbot.results.result import ObjectRef, Result
from statusbot.results.source import Source
from statusbot.results.state import State
from statusbot.routing.destinations import Destinations, Unusable
from statusbot.routing.match import Index, match, not_yet
from statusbot.routing.status import Destination, NoWay, Routed, Way


class Router(Protocol):
    """What the poll asks of routing."""

    def ways(
        self, object_: ObjectRef, labels: Mapping[str, str], source: Source | None
    ) -> list[Way | NoWay]:
        """Where the results of an object go; never empty: a NoWay says why there is none."""

    def way_of(self, alert: str, source: Source | None) -> Way | NoWay:
        """Where a result goes that this Alert took before, and that is still owed."""


class AlertRouter:
    """Routes through the Alerts and Providers of the cluster."""

    def __init__(self, alerts: Iterable[Alert], destinations: Destinations) -> None:
        """Index the Alerts, which are fewer than the objects by far."""
        self._alerts = {alert.ref: alert for alert in alerts}
        self._index = Index(self._alerts.values())
        self._destinations = destinations

    def ways(
        self, object_: ObjectRef, labels: Mapping[str, str], source: Source | None
    ) -> list[Way | NoWay]:
        """One for each Alert that takes the object."""
        taking = (
            alert for alert in self._index.asked(object_) if match(alert, object_, labels).holds
        )
        return [self._way(alert, source) for alert in taking] or [NoWay("no Alert asks for it")]

    def way_of(self, alert: str, source: Source | None) -> Way | NoWay:
        """The way of one Alert, whatever objects it names now."""
        found = self._alerts.get(alert)
        return self._way(found, source) if found else NoWay("its Alert is gone", alert)

    def _way(self, alert: Alert, source: Source | None) -> Way | NoWay:
        def no_way(why: str, *, error: bool = False) -> NoWay:
            return NoWay(why, alert.ref, alert.provider_ref, error)

        try:
            destination = self._destinations.find(alert.provider_ref)
        except Unusable as unusable:
            return no_way(str(unusable), error=unusable.error)
        unsupported = not_yet(alert)
        if unsupported:
            return no_way(f"{unsupported} of the Alert is not supported yet", error=True)
        related = related_to(destination, source)
        if related is Relation.OTHER_PATH:
            return no_way(f"its source is another repository than {destination.repository.key}")
        return Way(
            destination,
            alert.ref,
            errors_only=alert.severity == "error",
            same_repository=related is Relation.SAME,
            # Flux: the field wins over the key of the same name (server/event_handlers.go:649-719).
            summary=alert.summary or alert.event_metadata.get("summary", ""),
        )


class SingleRouter:
    """One repository and no Alerts: every object whose source it is."""

    def __init__(self, destination: Destination) -> None:
        """``destination`` is what ``--provider-type`` and ``--address`` name."""
        self._destination = destination

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


def routed(result: Result, way: Way) -> Routed:
    """A result on its way; the severity of a success is ``info``, of all else ``error``."""
    return Routed(result, way, way.errors_only and result.state is State.SUCCESS)


def related_to(destination: Destination, source: Source | None) -> Relation:
    """Whether a source is the destination's repository; only a GitRepository's URL can tell."""
    if source is None or not _has_url(source):
        return Relation.ELSEWHERE
    return relation(destination.repository, source.url, destination.forge.canonical)


def _has_url(source: Source | None) -> bool:
    return source is not None and source.kind == "GitRepository" and bool(source.url)
