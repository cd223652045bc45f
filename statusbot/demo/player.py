"""Plays a recording into the embedded Kubernetes API, at its own time."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any

import orjson

from statusbot.demo.forge import EmbeddedForge, Fault, faults
from statusbot.demo.kube import EmbeddedKubernetes
from statusbot.demo.recording import Event, Recording, Step

TOKEN = "demo-token"


class Player:
    """Moves a cluster and a forge through a recording.

    ``now`` is the recorded time; give ``clock`` to both servers. What the recording says of the
    forge (it answers 500, it is slow, …) becomes a fault of the embedded one for as long.
    """

    def __init__(self, recording: Recording) -> None:
        """At the recording's first instant, before any of its events."""
        self.recording = recording
        self.now = recording.started
        self.bot_away = False
        self._events = list(recording.events)
        self._steps = list(recording.steps)
        self._pushed: set[tuple[str, str]] = set()  # a rollback makes no new commit

    def clock(self) -> datetime:
        """The recorded time, for the servers."""
        return self.now

    def connect(self, kube: EmbeddedKubernetes, forge: EmbeddedForge) -> None:
        """Play into these two from now on."""
        self._kube = kube
        self._forge = forge
        there = forge.url.split("://", 1)[1]
        self._addresses = (self.recording.forge.encode(), there.encode())
        for repository in sorted(self.recording.repositories):
            forge.add_repository(repository, self._commits(repository))
        for namespace in sorted({truth.namespace for truth in self.recording.truths}):
            kube.apply(_secret(namespace))

    def _commits(self, repository: str) -> set[str]:
        return {truth.commit for truth in self.recording.truths if truth.repository == repository}

    def to(self, time: datetime) -> list[Step]:
        """Move on to ``time``; gives the steps that were taken on the way."""
        self.now = time
        while self._events and self._events[0].time <= time:
            self._play(self._events.pop(0))
        taken: list[Step] = []
        while self._steps and self._steps[0].time <= time:
            taken.append(self._steps.pop(0))
            self._take(taken[-1])
        return taken

    @property
    def over(self) -> bool:
        """Whether all is played."""
        return not self._events and not self._steps

    def _play(self, event: Event) -> None:
        data = orjson.dumps(event.object).replace(*self._addresses)
        object_: dict[str, Any] = orjson.loads(data)
        if event.type == "DELETED":
            metadata = object_["metadata"]
            self._kube.delete(object_["kind"], metadata.get("namespace", ""), metadata["name"])
        else:
            self._kube.apply(object_)

    def _take(self, step: Step) -> None:
        for repository in self.recording.repositories:
            new = (repository, step.commit) not in self._pushed
            if new and step.commit in self._commits(repository):
                self._pushed.add((repository, step.commit))
                self._forge.push(repository, step.commit)
        faults_of_forge = self._forge.faults
        if step.text == "next POST is stored, then the connection is cut":
            faults_of_forge.first(1, fault=faults.reset(stored=True))
        elif fault := _fault(step.text):
            faults_of_forge.always(fault=fault)
        elif step.text in ("forge answers again", "forge is quick again"):
            faults_of_forge.clear()
        elif step.text in ("bot stopped", "bot started"):
            self.bot_away = step.text == "bot stopped"


def _fault(text: str) -> Fault | None:
    """The fault that a step is about, by the words that the recordings use."""
    if text.startswith("forge answers 500"):
        return faults.answer(500, "maintenance")
    if text.startswith("forge answers 429"):
        return faults.too_many(20)
    if text.startswith("forge takes 20 s per answer"):
        return faults.slow(20)
    return None


def _secret(namespace: str) -> dict[str, Any]:
    token = base64.b64encode(TOKEN.encode()).decode()
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"namespace": namespace, "name": "forge-token"},
        "data": {"token": token},
    }


def polls(recording: Recording, interval: timedelta) -> list[datetime]:
    """The instants of polls from the start to past the end, one interval apart."""
    count = int((recording.ended - recording.started) / interval) + 2
    return [recording.started + interval * number for number in range(count)]
