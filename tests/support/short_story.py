"""Recordings of what no recording has: Kustomizations that end as they are told, at a commit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from statusbot.demo.recording import Event, Object, Recording, Truth
from tests.support.objects import (
    NAMESPACE,
    NOW,
    alert,
    applied,
    condition,
    entry,
    git,
    git_repository,
    kustomization,
    progressing,
    provider,
    reconciling,
)

REPOSITORY = "rig/story"
GREEN, HEALTH = "ReconciliationSucceeded", "HealthCheckFailed"
_FORGE = "http://127.0.0.1:1/"
_START = datetime.fromtimestamp(NOW, UTC)


def story(
    *ends: tuple[float, str, str],
    names: Sequence[str] = ("apps",),
    type_: str = "github",
    **spec: Any,
) -> Recording:
    """Each object comes to each of ``ends``: (second, commit, reason). ``spec`` is the Alert's."""
    address = f"{_FORGE}{REPOSITORY}"
    secret = {"name": "forge-token"}
    there = [
        provider(type=type_, address=address, secretRef=secret),
        alert(**spec),
        *(kustomization({"observedGeneration": -1}, name=name) for name in names),
    ]
    events = [Event(_START, "ADDED", one) for one in there]
    histories: dict[str, list[Object]] = {name: [] for name in names}
    for second, commit, reason in ends:
        events.append(Event(_at(second - 2), "MODIFIED", git_repository(commit, url=address)))
        for name in names:
            events += _patches(name, second, commit, reason, histories[name])
    return Recording(
        name="story",
        story="",
        started=_START,
        ended=_at(ends[-1][0] + 5),
        events=tuple(events),
        steps=(),
        truths=tuple(_truths(ends, names)),
    )


def _patches(
    name: str, second: float, commit: str, reason: str, history: list[Object]
) -> Iterator[Event]:
    """It works, and comes to an end."""
    revision = git(commit)
    before = {"history": list(history), "lastAttemptedRevision": revision}
    work = reconciling(f"Building manifests for revision {revision} with a timeout of 30s")
    yield _patch(name, second - 1, {**before, "conditions": [progressing(), work]})
    mine = entry(revision, reason, last=NOW + second)
    history[:] = [mine, *(one for one in history if not _is_same(one, mine))][:5]
    after: Object = {**before, "history": list(history)}
    if reason == GREEN:
        done = {"lastAppliedRevision": revision, "observedGeneration": 1}
        yield _patch(name, second, {**after, **done, "conditions": [applied(revision)]})
    else:
        message = f"{name} is not well since second {second}"
        failed = condition("Ready", "False", reason, message)
        yield _patch(name, second, {**after, "conditions": [failed, work]})


def _is_same(one: Object, other: Object) -> bool:
    keys = ("lastReconciledStatus", "metadata")
    return all(one[key] == other[key] for key in keys)


def _patch(name: str, second: float, status: Object) -> Event:
    return Event(_at(second), "MODIFIED", kustomization(status, name=name))


def _truths(ends: Sequence[tuple[float, str, str]], names: Sequence[str]) -> Iterator[Truth]:
    last = {commit: "success" if reason == GREEN else "failure" for _, commit, reason in ends}
    for commit, state in last.items():
        for name in names:
            accept = frozenset({state})
            yield Truth(REPOSITORY, commit, commit[:2], NAMESPACE, name, accept, frozenset())


def _at(second: float) -> datetime:
    return _START + timedelta(seconds=second)
