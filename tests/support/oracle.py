"""Which commits a poller had a chance to see, told from the recorded objects alone.

"A commit that stood at a poll, or that `status.history` still shows at a later poll, must have its
status; one that did neither may have none." None of statusbot's own rules is used here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from statusbot.demo.recording import Recording, Truth

_FAILED = ("BuildFailed", "ReconciliationFailed", "PruneFailed", "HealthCheckFailed")


def due(recording: Recording, polls: list[datetime]) -> list[Truth]:
    """The truths of which a poll at one of these instants could know the end."""
    seen: set[tuple[str, str, str]] = set()
    for time in polls:
        for obj in _at(recording, time):
            metadata = obj["metadata"]
            for commit in _commits(obj, _sources(recording, time)):
                seen.add((metadata["namespace"], metadata["name"], commit))
    return [t for t in recording.truths if (t.namespace, t.name, t.commit) in seen]


def _at(recording: Recording, time: datetime, kind: str = "Kustomization") -> list[dict[str, Any]]:
    there: dict[tuple[str, str], dict[str, Any]] = {}
    for event in recording.events:
        if event.time > time or event.object["kind"] != kind:
            continue
        key = (event.object["metadata"]["namespace"], event.object["metadata"]["name"])
        if event.type == "DELETED":
            there.pop(key, None)
        else:
            there[key] = event.object
    return list(there.values())


def _sources(recording: Recording, time: datetime) -> dict[str, str]:
    """Artifact revision to origin revision, of every artifact up to now."""
    return {
        artifact["revision"]: artifact["metadata"]["org.opencontainers.image.revision"]
        for event in recording.events
        if event.time <= time and event.object["kind"] == "ExternalArtifact"
        for artifact in [event.object.get("status", {}).get("artifact") or {}]
        if artifact.get("metadata")
    }


def _commits(obj: dict[str, Any], origins: dict[str, str]) -> Iterator[str]:
    if "deletionTimestamp" in obj["metadata"]:
        return
    status = obj.get("status", {})
    revisions = [entry["metadata"]["revision"] for entry in status.get("history", [])]
    ready = next((c for c in status.get("conditions", []) if c["type"] == "Ready"), None)
    if ready and ready["status"] == "True":
        if status.get("lastAppliedRevision") == status.get("lastAttemptedRevision"):
            revisions.append(status.get("lastAppliedRevision", ""))
    elif ready and ready["reason"] in _FAILED:
        revisions.append(status["lastAttemptedRevision"])
    elif ready and ready["message"].startswith("kustomization path not found"):
        working = next(c for c in status["conditions"] if c["type"] == "Reconciling")
        revisions.append(working["message"].split("for revision ")[1].split(" ")[0])
    for revision in revisions:
        yield origins.get(revision, revision).rsplit(":", 1)[-1]
