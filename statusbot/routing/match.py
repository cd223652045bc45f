"""Whether an Alert asks for an object's results, as Flux v1.9.3 matches events.

The rules are those of notification-controller ``internal/server/event_handlers.go:150-236`` and
``:578-632``. A match is a pure function of one Alert and one object; the index only narrows which
Alerts are asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from statusbot.manifests.alert import Alert, EventSource
from statusbot.results.result import ObjectRef


@dataclass(frozen=True, slots=True)
class Match:
    """Whether one Alert takes an object, and the reason in words."""

    alert: Alert
    holds: bool
    why: str


def match(
    alert: Alert, object_: ObjectRef, labels: Mapping[str, str], *, cross_namespace: bool = True
) -> Match:
    """One Alert against one object; ``cross_namespace``: the object may be in another namespace.

    The order is Flux's (``internal/server/event_handlers.go:150-178``, ``:286-293``).
    """
    if alert.suspend:
        return Match(alert, False, "the Alert is suspended")
    for source in alert.sources:
        if takes(source, object_, labels):
            if object_.namespace != alert.namespace and not cross_namespace:
                why = "the object is in another namespace, which --no-cross-namespace-refs forbids"
                return Match(alert, False, why)
            return Match(alert, True, f"eventSources has {source.kind} {source.name}")
    return Match(alert, False, "no entry of its eventSources takes the object")


def takes(source: EventSource, object_: ObjectRef, labels: Mapping[str, str]) -> bool:
    """One entry of ``eventSources``; labels count also where the name is not ``*``."""
    return (
        source.kind == object_.kind
        and source.namespace == object_.namespace
        and source.name in ("*", object_.name)
        and all(labels.get(key) == value for key, value in source.match_labels.items())
    )


class Index:
    """Alerts by the namespace and name that their sources ask for."""

    def __init__(self, alerts: Iterable[Alert]) -> None:
        """Every Alert under each of its sources, once."""
        self._alerts: dict[tuple[str, str, str], list[Alert]] = defaultdict(list)
        for alert in alerts:
            keys = {(source.kind, source.namespace, source.name) for source in alert.sources}
            for key in keys:
                self._alerts[key].append(alert)

    def asked(self, object_: ObjectRef) -> Iterator[Alert]:
        """The Alerts that may take the object, each once; the others surely do not."""
        seen: set[str] = set()
        for name in (object_.name, "*"):
            for alert in self._alerts.get((object_.kind, object_.namespace, name), ()):
                if alert.ref not in seen:
                    seen.add(alert.ref)
                    yield alert
