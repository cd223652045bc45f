"""Which events kustomize-controller sent to the notification-controller, told from a recording.

Told from the objects: a core/v1 Event is a poor witness, since the recorder of Kubernetes puts many
into one, without annotations, or with those of the first. What is sent when is v1.9.4's
``internal/controller/kustomization_controller.go``; what stands in no recording is not told here
(broken expressions, denied sources).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from statusbot.demo.recording import Event, Object, Recording

ORIGIN = "org.opencontainers.image.revision"
_AT_WORK_ON = re.compile(r" for revision (\S+)")


@dataclass(frozen=True, slots=True)
class Emitted:
    """One event. ``update``: it has the annotation ``commit_status: update``, as successes do."""

    time: datetime
    namespace: str
    name: str
    severity: str  # info or error
    reason: str
    message: str
    revision: str
    origin: str = ""
    update: bool = False

    @property
    def commit(self) -> str:
        """What is behind the last colon, the origin's first (``internal/notifier/util.go``)."""
        return (self.origin or self.revision).rpartition(":")[2]

    @property
    def state(self) -> str:
        """What the notification-controller makes of the severity."""
        return "failure" if self.severity == "error" else "success"


def emitted(recording: Recording) -> list[Emitted]:
    """All events of a recording, each at the instant at which its end could be seen."""
    return list(_Listener().all(recording.events))


@dataclass
class _Listener:
    """``at_work`` holds each object as it was while Flux was last at work on it."""

    origins: dict[str, str] = field(default_factory=dict)
    at_work: dict[tuple[str, str], Object] = field(default_factory=dict)

    def all(self, events: tuple[Event, ...]) -> Iterator[Emitted]:
        for event in events:
            artifact = event.object.get("status", {}).get("artifact") or {}
            self.origins[artifact.get("revision", "")] = (artifact.get("metadata") or {}).get(
                ORIGIN, ""
            )
            if event.object["kind"] == "Kustomization":
                yield from self._of(event)

    def _of(self, event: Event) -> Iterator[Emitted]:
        obj = event.object
        key = (obj["metadata"]["namespace"], obj["metadata"]["name"])
        ready = conditions(obj).get("Ready", {})
        if event.type == "DELETED":
            # The deferred function of a deletion still finds it ready, and says so (line 157).
            if ready.get("status") == "True":
                yield self._success(event)
        elif ready.get("status") == "Unknown":
            self.at_work[key] = obj
        elif ready.get("reason") == "DependencyNotReady":
            yield self._one(event, "info", obj["status"].get("lastAttemptedRevision", ""))
        elif key in self.at_work:
            if ready["status"] == "False":
                del self.at_work[key]
                yield from self._failure(event)
            elif _history(obj) != _history(self.at_work[key]):
                # A success comes in two patches, and is told after the second.
                del self.at_work[key]
                yield self._success(event)

    def _success(self, event: Event) -> Emitted:
        status = event.object["status"]
        # It tells how long it took, to the nanosecond: no two are alike.
        return Emitted(
            event.time,
            event.object["metadata"]["namespace"],
            event.object["metadata"]["name"],
            "info",
            conditions(event.object)["Ready"]["reason"],
            f"Reconciliation finished at {event.time.isoformat()}",
            status["lastAppliedRevision"],
            status.get("lastAppliedOriginRevision", ""),
            update=True,
        )

    def _failure(self, event: Event) -> Iterator[Emitted]:
        found = conditions(event.object)
        ready, revision = found["Ready"], event.object["status"].get("lastAttemptedRevision", "")
        if ready["reason"] == "ArtifactFailed":
            if "artifact not found" in ready["message"]:
                return  # it waits for the source, and says nothing
            # Nothing of this revision was attempted yet.
            match = _AT_WORK_ON.search(found["Reconciling"]["message"])
            revision = match[1] if match else ""
        severity = "info" if ready["reason"] == "HealthCheckCanceled" else "error"
        yield self._one(event, severity, revision)

    def _one(self, event: Event, severity: str, revision: str) -> Emitted:
        ready = conditions(event.object)["Ready"]
        metadata = event.object["metadata"]
        return Emitted(
            event.time,
            metadata["namespace"],
            metadata["name"],
            severity,
            ready["reason"],
            ready["message"],
            revision,
            self.origins.get(revision, ""),
        )


def conditions(obj: Object) -> dict[str, Object]:
    """The conditions of an object by type."""
    return {one["type"]: one for one in obj.get("status", {}).get("conditions", [])}


def _history(obj: Object) -> object:
    return obj["status"].get("history")
