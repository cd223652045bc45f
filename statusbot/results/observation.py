"""What one read of a Kustomization showed, and nothing that no rule asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from sys import intern
from types import MappingProxyType
from typing import Any

from statusbot.duration import as_go
from statusbot.results.instant import epoch
from statusbot.results.loose import mapping, mappings, number, text
from statusbot.results.result import Dependency, Event, ObjectRef, Result
from statusbot.results.source import SourceRef
from statusbot.results.state import State

# A message is shown in one line of at most 255 characters; a megabyte of it is never needed.
MESSAGE_KEPT = 1024
# Annotations of an object that go into all of its events (fluxcd/pkg apis/event/v1beta1/event.go).
EVENT_GROUP = "event.toolkit.fluxcd.io/"
_NONE: Mapping[str, str] = MappingProxyType({})  # one for the many objects that have none


@dataclass(frozen=True, slots=True)
class Condition:
    """One of ``status.conditions``."""

    status: str
    reason: str
    message: str
    changed: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One of ``status.history`` (fluxcd/pkg ``apis/meta/history.go:27-103``)."""

    status: str
    revision: str
    origin: str
    first: float
    last: float
    took: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """A Kustomization as it was at one moment (``now``)."""

    object: ObjectRef
    now: float
    labels: Mapping[str, str]
    created: float
    generation: int
    observed_generation: int
    deleting: bool
    suspended: bool
    source: SourceRef
    conditions: Mapping[str, Condition]
    attempted: str
    applied: str
    applied_origin: str
    history: tuple[Entry, ...]
    interval: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)  # annotations for Flux's events
    depends_on: tuple[Dependency, ...] = ()

    @property
    def reconciled(self) -> float:
        """The newest ``lastReconciled``, by Flux's clock; 0 without a history."""
        return max((entry.last for entry in self.history), default=0.0)

    @property
    def at_least(self) -> float:
        """The newest of its own times: it was as it is here then, or later."""
        changed = max((one.changed for one in self.conditions.values()), default=0.0)
        return max(self.created, changed, self.reconciled)

    def result(
        self, commit: str, state: State, reason: str, message: str, arrived: float, event: Event
    ) -> Result:
        """What the object shows now of a commit, which came at ``arrived``."""
        return Result(
            self.object,
            commit,
            state,
            reason,
            message,
            self.now,
            arrived,
            current=True,
            event=event,
            reconciled=self.reconciled,
            otherwise=0.0 if state is State.PENDING else self._otherwise(event.revision, reason),
        )

    def _otherwise(self, revision: str, reason: str) -> float:
        """When the history tells last of another end; of a build that failed it tells nothing."""
        known = (e for e in self.history if e.revision == revision and e.status != reason)
        return max((entry.last for entry in known), default=0.0)

    def event(self, revision: str, took: str = "") -> Event:
        """What Flux's event of this revision carries."""
        origin = self.origin_of(revision)
        if self.metadata:
            return Event(revision, origin, took, self.interval, self.metadata)
        return _plain_event(revision, origin, took, self.interval)

    def origin_of(self, revision: str) -> str:
        """The origin revision that this object itself knows for ``revision``, or ``""``."""
        if self.applied_origin and revision == self.applied:
            return self.applied_origin
        return next((e.origin for e in self.history if e.revision == revision and e.origin), "")


@lru_cache(maxsize=1024)
def _plain_event(revision: str, origin: str, took: str, interval: str) -> Event:
    """Objects that follow one source mostly have the same, and there are thousands of them."""
    return Event(revision, origin, took, interval, _NONE)


def observe(obj: Mapping[str, Any], now: float) -> Observation:
    """Any dict as an observation at ``now``: what is malformed counts as not there."""
    metadata, spec, status = (mapping(obj.get(key)) for key in ("metadata", "spec", "status"))
    # Thousands of objects share these; one copy of each is kept.
    namespace = intern(text(metadata.get("namespace")))
    reference = mapping(spec.get("sourceRef"))
    return Observation(
        object=ObjectRef(
            "Kustomization", namespace, text(metadata.get("name")), text(metadata.get("uid"))
        ),
        now=now,
        labels={k: v for k, v in mapping(metadata.get("labels")).items() if isinstance(v, str)},
        created=epoch(metadata.get("creationTimestamp")) or 0.0,
        generation=number(metadata.get("generation")),
        observed_generation=number(status.get("observedGeneration")),
        deleting=bool(metadata.get("deletionTimestamp")),
        suspended=spec.get("suspend") is True,
        source=SourceRef(
            text(reference.get("kind")),
            text(reference.get("namespace")) or namespace,
            text(reference.get("name")),
        ),
        conditions=dict(_conditions(status)),
        attempted=intern(text(status.get("lastAttemptedRevision"))),
        applied=intern(text(status.get("lastAppliedRevision"))),
        applied_origin=intern(text(status.get("lastAppliedOriginRevision"))),
        history=tuple(_entries(status)),
        interval=intern(as_go(text(spec.get("interval")))),
        metadata=_event_metadata(metadata),
        depends_on=tuple(_dependencies(spec, namespace)),
    )


def _dependencies(spec: Mapping[str, Any], namespace: str) -> Iterator[Dependency]:
    for item in mappings(spec.get("dependsOn")):
        there = intern(text(item.get("namespace")) or namespace)
        yield Dependency(there, text(item.get("name")), bool(item.get("readyExpr")))


def _event_metadata(metadata: Mapping[str, Any]) -> Mapping[str, str]:
    """fluxcd/pkg ``runtime/events/recorder.go:173-184``."""
    found = {
        key.removeprefix(EVENT_GROUP): value
        for key, value in mapping(metadata.get("annotations")).items()
        if key.startswith(EVENT_GROUP) and isinstance(value, str)
    }
    return found or _NONE


def _conditions(status: Mapping[str, Any]) -> Iterator[tuple[str, Condition]]:
    for item in mappings(status.get("conditions")):
        yield (
            text(item.get("type")),
            Condition(
                text(item.get("status")),
                intern(text(item.get("reason"))),
                intern(text(item.get("message"))[:MESSAGE_KEPT]),
                epoch(item.get("lastTransitionTime")) or 0.0,
            ),
        )


def _entries(status: Mapping[str, Any]) -> Iterator[Entry]:
    for item in mappings(status.get("history")):
        last = epoch(item.get("lastReconciled"))
        if last is None:
            continue
        metadata = mapping(item.get("metadata"))
        yield Entry(
            status=text(item.get("lastReconciledStatus")),
            revision=intern(text(metadata.get("revision"))),
            origin=intern(text(metadata.get("originRevision"))),
            first=epoch(item.get("firstReconciled")) or last,
            last=last,
            took=text(item.get("lastReconciledDuration")),
        )
