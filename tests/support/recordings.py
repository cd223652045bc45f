"""Small recordings of nothing real, for what plays or reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from statusbot.demo.recording import Event, Recording, Step, Truth

START = datetime(2026, 1, 1, tzinfo=UTC)
C1, C2, C3 = "1" * 40, "2" * 40, "3" * 40
FORGE = "127.0.0.1:1234"
REPOSITORY = "rig/small"


def at(second: float) -> datetime:
    """An instant of a small recording."""
    return START + timedelta(seconds=second)


def step(second: float, text: str, commit: str = "") -> Step:
    """What was done."""
    return Step(at(second), text, commit)


def event(second: float, object_: dict[str, Any], type_: str = "MODIFIED") -> Event:
    """What the watch told."""
    return Event(at(second), type_, object_)


def provider() -> dict[str, Any]:
    """The Provider that leads to the recorded forge."""
    return {
        "apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
        "kind": "Provider",
        "metadata": {"namespace": "small", "name": "forge"},
        "spec": {"type": "github", "address": f"http://{FORGE}/{REPOSITORY}"},
    }


def source(commit: str) -> dict[str, Any]:
    """A GitRepository whose artifact is of ``commit``."""
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": {"namespace": "small", "name": "repo"},
        "status": {"artifact": {"revision": f"main@sha1:{commit}"}},
    }


def kustomization(commit: str, status: str = "True", reason: str = "Done") -> dict[str, Any]:
    """A Kustomization that tries ``commit``."""
    ready = {"type": "Ready", "status": status, "reason": reason}
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"namespace": "small", "name": "apps"},
        "status": {"conditions": [ready], "lastAttemptedRevision": f"main@sha1:{commit}"},
    }


def truth(commit: str, *accept: str, never: frozenset[str] = frozenset()) -> Truth:
    """What is right of a commit in small/apps."""
    accepted = frozenset(accept or {"success"})
    return Truth(REPOSITORY, commit, f"c{commit[0]}", "small", "apps", accepted, never)


def recording(*happened: Event | Step, truths: tuple[Truth, ...] = ()) -> Recording:
    """A recording of 20 seconds."""
    return Recording(
        name="small",
        story="",
        started=START,
        ended=at(20),
        events=(event(0, provider(), "ADDED"), *(e for e in happened if isinstance(e, Event))),
        steps=tuple(s for s in happened if isinstance(s, Step)),
        truths=truths or (truth(C1), truth(C2), truth(C3)),
    )
