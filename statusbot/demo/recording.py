"""A recorded timeline of real Flux: what the cluster showed when, and what is true of each commit.

``NAME.jsonl`` holds watch events in order of arrival, ``NAME.truth.json`` the steps that were taken
and, for each commit and Kustomization, the states that are right at the end (``accept``) and those
that are wrong at any moment (``never``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

Object = dict[str, Any]

FOLDER = Path(__file__).parent / "recordings"

# As Kubernetes writes instants; what is behind the second is kept as it is.
_INSTANT = re.compile(rb'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)((?:\.\d+)?Z")')


@dataclass(frozen=True, slots=True)
class Event:
    """What the watch told at ``time``."""

    time: datetime
    type: str
    object: Object


@dataclass(frozen=True, slots=True)
class Step:
    """What was done at ``time``, in words; ``commit`` is the full name of a commit that it made."""

    time: datetime
    text: str
    commit: str


@dataclass(frozen=True, slots=True)
class Truth:
    """What is right, and what is never right, of one commit in one Kustomization."""

    repository: str
    commit: str
    label: str
    namespace: str
    name: str
    accept: frozenset[str]
    never: frozenset[str]


@dataclass(frozen=True, slots=True)
class Recording:
    """One scenario."""

    name: str
    story: str
    started: datetime
    ended: datetime
    events: tuple[Event, ...]
    steps: tuple[Step, ...]
    truths: tuple[Truth, ...]

    @property
    def repositories(self) -> set[str]:
        """``owner/repo`` of all that is true here."""
        return {truth.repository for truth in self.truths}

    @property
    def forge(self) -> str:
        """``host:port`` at which the recorded objects look for the forge."""
        providers = (e.object for e in self.events if e.object["kind"] == "Provider")
        return urlsplit(str(next(providers)["spec"]["address"])).netloc

    def moved(self, by: timedelta) -> Recording:
        """The same at another time, within the objects too; ``by`` is cut to whole seconds."""
        by = timedelta(seconds=by // timedelta(seconds=1))
        return replace(
            self,
            started=self.started + by,
            ended=self.ended + by,
            events=tuple(Event(e.time + by, e.type, _moved(e.object, by)) for e in self.events),
            steps=tuple(replace(step, time=step.time + by) for step in self.steps),
        )


def read(path: Path) -> Recording:
    """The recording at ``path``, a ``.jsonl`` with its ``.truth.json`` beside it."""
    truth = orjson.loads(path.with_suffix(".truth.json").read_bytes())
    return Recording(
        name=truth["scenario"],
        story=truth["doc"],
        started=datetime.fromisoformat(truth["started"]),
        ended=datetime.fromisoformat(truth["ended"]),
        events=tuple(_events(path)),
        steps=tuple(
            Step(datetime.fromisoformat(step["t"]), step["step"], step.get("sha", ""))
            for step in truth["steps"]
        ),
        truths=tuple(_truth(item) for item in truth["truths"]),
    )


def _events(path: Path) -> Iterator[Event]:
    with path.open("rb") as lines:
        for line in lines:
            event = orjson.loads(line)
            yield Event(datetime.fromisoformat(event["t"]), event["type"], event["object"])


def _moved(object_: Object, by: timedelta) -> Object:
    def later(instant: re.Match[bytes]) -> bytes:
        moved = datetime.fromisoformat(instant[1].decode()) + by
        return b'"%s%s' % (moved.isoformat().encode(), instant[2])

    moved: Object = orjson.loads(_INSTANT.sub(later, orjson.dumps(object_)))
    return moved


def _truth(item: dict[str, Any]) -> Truth:
    return Truth(
        item["repo"],
        item["sha"],
        item["label"],
        item["namespace"],
        item["name"],
        frozenset(item["accept"]),
        frozenset(item["never"]),
    )
