"""Plays a recording to statusbot and the notification-controller both, and notes who wrote what."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import orjson

from statusbot.demo.player import TOKEN, polls
from statusbot.demo.recording import Event, Object, Recording, Truth
from tests.support.cli import run_json
from tests.support.flux_events import Emitted, conditions, emitted
from tests.support.notification_controller import Did, NotificationController
from tests.support.replay import Replay
from tests.support.written import COLOURS, By, Written, written

BY_KEY = ("bitbucket", "bitbucketserver")
# How a Provider and a source name the repository of a recording, where it is not owner/repo.
_ADDRESSES = {"bitbucketserver": "scm/{}/{}", "azuredevops": "org/{}/_git/{}"}


class Order(StrEnum):
    """Who comes first to what happened."""

    FLUX = "flux-first"  # a poll follows each event that Flux sends
    OURS = "ours-first"  # and here it goes before
    INTERVAL = "interval"  # polls come at their own interval


def speaking(recording: Recording, type_: str) -> Recording:
    """The same with a Provider of another type, and addresses as that has them."""
    if type_ == "github" or recording.name == f"{type_}-chain":
        return recording
    events = tuple(
        Event(e.time, e.type, _said(e.object, recording, type_)) for e in recording.events
    )
    return replace(recording, events=events)


def _said(object_: Object, recording: Recording, type_: str) -> Object:
    data, root = orjson.dumps(object_), recording.forge
    for repository in recording.repositories:
        there = _ADDRESSES.get(type_, "{}/{}").format(*repository.split("/"))
        for end in ('.git"', '"'):
            data = data.replace(f"{root}/{repository}{end}".encode(), f'{root}/{there}"'.encode())
    said: Object = orjson.loads(data)
    if said["kind"] == "Provider":
        said["spec"]["type"] = type_
    return said


@dataclass
class Beside(Replay):
    """One recording with both at work.

    ``lag``: how long events are on their way to the notification-controller. ``lost``: of these it
    never hears. ``options`` go to `statusbot run`. ``written`` are all rows in their order,
    ``later`` those of each round after the end, ``ends`` what each commit showed there.
    """

    order: Order = Order.INTERVAL
    lag: timedelta = timedelta(0)
    lost: Callable[[Emitted], bool] = lambda event: False
    options: tuple[str, ...] = ()
    heard: list[tuple[Emitted, Did]] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    later: list[list[Written]] = field(default_factory=list)
    ends: dict[Truth, str] = field(default_factory=dict)

    def __enter__(self) -> Beside:
        super().__enter__()
        providers = (e.object for e in self.recording.events if e.object["kind"] == "Provider")
        provider = deepcopy(next(providers))
        root = provider["spec"]["address"].partition(self.recording.forge)[2]
        provider["spec"]["address"] = self.forge.url + root
        self.flux = NotificationController(provider, TOKEN)
        self.type = provider["spec"]["type"]
        self._number = itertools.count(1)
        return self

    def poll(self) -> dict[str, Any]:
        """One run of statusbot."""
        ledger = f"file:{self.folder / 'ledger'}" if self.ledger else "none"
        with self._noting(By.OURS):
            report = run_json(
                "--kubeconfig", str(self.kubeconfig), "--ledger", ledger,
                "--timeout", self.timeout, *self.options,
            )  # fmt: skip
        self.reports.append(report)
        return report

    def hear(self, event: Emitted) -> None:
        """One event of Flux, unless the notification-controller is away."""
        if self.player.bot_away or self.lost(event):
            return
        with self._noting(By.FLUX):
            self.heard.append((event, self.flux.take(event)))

    def play(self) -> None:
        """To the end, with a last poll; at every step what may never be shown is looked for."""
        for time, event in self._turns():
            self.player.to(time)
            if event is None:
                self.polled.append(time)
                self.poll()
            else:
                self.hear(event)
            self.shown_wrongly += self._wrong(time.isoformat())
        self.ends = {truth: self.final(truth) for truth in self.recording.truths}

    def _turns(self) -> list[tuple[datetime, Emitted | None]]:
        events = emitted(self.recording)
        if self.order is Order.INTERVAL:
            times = polls(self.recording, self.interval)
        else:
            times = [*dict.fromkeys(event.time for event in events), self.recording.ended]
        turns: list[tuple[datetime, Emitted | None]] = [
            (event.time + self.lag, replace(event, time=event.time + self.lag)) for event in events
        ]
        turns += [(time, None) for time in times]
        ours_first = self.order is Order.OURS
        return sorted(turns, key=lambda turn: (turn[0], (turn[1] is None) != ours_first))

    def go_on(self, *minutes: float) -> None:
        """More intervals of Flux after the end, in each of which both say what there is to say."""
        for pause in minutes:
            before = len(self.written)
            self.player.now += timedelta(minutes=pause)
            events = [self._again(event, obj) for event, obj in self._last()]
            if self.order is Order.OURS:
                self.poll()
            for event in events:
                self.hear(event)
            if self.order is not Order.OURS:
                self.poll()
            self.later.append(self.written[before:])
            del self.written[before:]

    def _last(self) -> Iterator[tuple[Emitted, Object]]:
        """What Flux said last of each object that is still as it said, and the object."""
        objects: dict[tuple[str, str], Object] = {}
        for event in self.recording.events:
            if event.object["kind"] == "Kustomization":
                metadata = event.object["metadata"]
                key = (metadata["namespace"], metadata["name"])
                objects[key] = {} if event.type == "DELETED" else event.object
        last = {(said.namespace, said.name): said for said in emitted(self.recording)}
        for key, said in last.items():
            if conditions(objects[key]).get("Ready", {}).get("reason") == said.reason:
                yield said, deepcopy(objects[key])

    def _again(self, said: Emitted, obj: Object) -> Emitted:
        """Flux reconciles an object with the same result; what it says of a failure is new."""
        now, number = self.player.now, next(self._number)
        for one in obj["status"]["conditions"]:
            one["lastTransitionTime"] = _stamp(now)
            if one["type"] == "Ready" and said.severity == "error":
                one["message"] = f"{number} times: {one['message']}"
        for entry in obj["status"].get("history", [])[:1]:
            if entry["lastReconciledStatus"] == said.reason:
                entry["lastReconciled"] = _stamp(now)
        self.kube.apply(obj)
        return replace(said, time=now, message=f"{number} times: {said.message}")

    @contextmanager
    def _noting(self, by: By) -> Iterator[None]:
        before = len(self.forge.stored)
        yield
        self.written += [written(by, stored) for stored in self.forge.stored[before:]]

    def shown(self, truth: Truth) -> list[tuple[str, str]]:
        """(state, description) of every row that stands in a truth's contexts."""
        rows = self.forge.rows(truth.repository, truth.commit)
        contexts = self.contexts(truth)
        return [(COLOURS[row.state], row.description) for row in rows if row.context in contexts]

    def final(self, truth: Truth) -> str:
        """The state that the commit shows in the end."""
        newest = self.forge.latest(truth.repository, truth.commit)
        contexts = self.contexts(truth)
        states = {COLOURS[row.state] for name, row in newest.items() if name in contexts}
        return states.pop() if len(states) == 1 else "none" if not states else str(sorted(states))

    def contexts(self, truth: Truth) -> set[str]:
        """As the forge shows them: statusbot's, and Flux's where that is one object's alone."""
        contexts = self._contexts(truth)
        if not self.namesakes(truth.name):
            contexts.add(self.flux.context(truth.name))
        return {_key(context) for context in contexts} if self.type in BY_KEY else contexts

    def namesakes(self, name: str) -> bool:
        """Whether several namespaces have an object of that name, which Flux mixes up."""
        return len({t.namespace for t in self.recording.truths if t.name == name}) > 1


def _stamp(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _key(context: str) -> str:
    return hashlib.sha1(context.encode(), usedforsecurity=False).hexdigest()
