"""What Flux shows of each commit at a recorded instant, in a few words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from statusbot.demo.recording import Object, Recording, Truth
from statusbot.revision import commit_of


@dataclass(slots=True)
class _Seen:
    """One Kustomization: the commit that Flux tries, and the last words on each that it tried."""

    current: str = ""
    says: dict[str, str] = field(default_factory=dict)
    verdicts: dict[str, str] = field(default_factory=dict)


class Flux:
    """Follows a recording's Kustomizations and sources; time only goes forward."""

    def __init__(self, recording: Recording) -> None:
        """Before the first event."""
        self._events = list(reversed(recording.events))
        self._steps = list(reversed(recording.steps))
        self._order = {t.commit: number for number, t in enumerate(recording.truths)}
        self._made: set[str] = set()
        self._fetched: dict[str, int] = {}
        self._seen: dict[tuple[str, str], _Seen] = {}

    def to(self, time: datetime) -> None:
        """Look at all that happened until ``time``."""
        while self._steps and self._steps[-1].time <= time:
            self._made.add(self._steps.pop().commit)
        while self._events and self._events[-1].time <= time:
            object_ = self._events.pop().object
            if object_["kind"] == "Kustomization":
                self._look_at_kustomization(object_)
            elif object_["kind"] == "GitRepository":
                self._look_at_source(object_)

    def says(self, truth: Truth) -> str:
        """What it shows of a commit in its Kustomization: its own words where it has some."""
        seen = self._seen.get((truth.namespace, truth.name), _Seen())
        fetched = self._fetched.get(truth.namespace, -1)
        number = self._order[truth.commit]
        if truth.commit not in self._made:
            return ""
        if truth.commit == seen.current:
            return seen.says[truth.commit]
        if truth.commit in seen.says:
            return f"was {seen.verdicts.get(truth.commit, seen.says[truth.commit])}"
        if number == fetched:
            return "fetched"
        return "never fetched" if number < fetched else "pushed"

    def _look_at_kustomization(self, object_: Object) -> None:
        key = (object_["metadata"]["namespace"], object_["metadata"]["name"])
        seen = self._seen.setdefault(key, _Seen())
        status = object_.get("status", {})
        commit, ready = _commit(status.get("lastAttemptedRevision")), _ready(status)
        if not commit or not ready:
            return
        seen.current = commit
        final = ready["status"] != "Unknown"
        word = "Ready" if ready["status"] == "True" else str(ready["reason"])
        seen.says[commit] = word
        if final:
            seen.verdicts[commit] = word

    def _look_at_source(self, object_: Object) -> None:
        revision = object_.get("status", {}).get("artifact", {}).get("revision")
        if (commit := _commit(revision)) in self._order:
            self._fetched[object_["metadata"]["namespace"]] = self._order[commit]


def _commit(revision: str | None) -> str:
    return (commit_of(revision, from_git=True) if revision else None) or ""


def _ready(status: dict[str, Any]) -> dict[str, str]:
    conditions: list[dict[str, str]] = status.get("conditions", [])
    return next((c for c in conditions if c["type"] == "Ready"), {})
