"""Flux's Alert: which objects' results go to which Provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from statusbot.manifests.invalid import Invalid
from statusbot.manifests.validation import as_flux_reads, checked


@dataclass(frozen=True, slots=True)
class EventSource:
    """One entry of ``spec.eventSources``; ``name`` may be ``*``.

    ``match_labels`` narrows further and is empty when there are none.
    """

    kind: str
    namespace: str
    name: str
    match_labels: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Alert:
    """An Alert of any served version, with Flux's defaults filled in.

    ``provider`` is the name of a Provider in the Alert's own namespace; ``severity`` is ``info``
    (everything) or ``error``; ``inclusion`` and ``exclusion`` are RE2 patterns. ``uid`` is empty
    when it comes from a file. ``manifest`` is the whole object as Flux reads it, for expressions.
    """

    api_version: str
    namespace: str
    name: str
    uid: str
    provider: str
    severity: str = "info"
    sources: tuple[EventSource, ...] = ()
    inclusion: tuple[str, ...] = ()
    exclusion: tuple[str, ...] = ()
    event_metadata: Mapping[str, str] = field(default_factory=dict, hash=False)
    summary: str = ""
    suspend: bool = False
    manifest: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def ref(self) -> str:
        """``namespace/name``."""
        return f"{self.namespace}/{self.name}"

    @property
    def provider_ref(self) -> str:
        """``namespace/name`` of the Provider."""
        return f"{self.namespace}/{self.provider}"


def parse(obj: Mapping[str, Any], default_namespace: str = "", source: str = "") -> Alert | Invalid:
    """``obj`` as an Alert, or the first thing that is wrong with it."""
    admitted = checked(obj, "Alert", default_namespace, source)
    if isinstance(admitted, Invalid):
        return admitted
    metadata, spec = admitted["metadata"], admitted["spec"]
    namespace = metadata.get("namespace") or default_namespace
    return Alert(
        api_version=admitted["apiVersion"],
        namespace=namespace,
        name=metadata["name"],
        uid=metadata.get("uid", ""),
        provider=spec["providerRef"]["name"],
        severity=spec.get("eventSeverity", "info"),
        sources=tuple(_event_source(entry, namespace) for entry in spec["eventSources"]),
        inclusion=tuple(spec.get("inclusionList", ())),
        exclusion=tuple(spec.get("exclusionList", ())),
        event_metadata=spec.get("eventMetadata", {}),
        summary=spec.get("summary", ""),
        suspend=spec.get("suspend", False),
        manifest=as_flux_reads(admitted, eventSeverity="info"),
    )


def _event_source(entry: Mapping[str, Any], namespace: str) -> EventSource:
    # Flux takes the Alert's namespace where the source names none, not "every namespace".
    return EventSource(
        kind=entry["kind"],
        namespace=entry.get("namespace", namespace),
        name=entry["name"],
        match_labels=entry.get("matchLabels", {}),
    )
