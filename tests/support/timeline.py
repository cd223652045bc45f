"""A small Flux with a story: it writes what the real one writes, patch after patch, and time passes.

A story says what happens to a cluster (`flux.push(…)`, `apps.reconcile()`, `flux.wait(60)`). Whoever
watches (`flux.watcher`) is asked before each moment that passes, so polls can fall anywhere, also
between the two patches of a success.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.support.app import App
from tests.support.ends import ORIGIN, End
from tests.support.objects import (
    NAMESPACE,
    NOW,
    Object,
    alert,
    git,
    kustomization,
    provider,
    source_object,
    stamp,
)


class Kube(Protocol):
    """A cluster, as a story writes to it."""

    def apply(self, object_: Object) -> object:
        """The object is so from now on."""

    def delete(self, kind: str, namespace: str, name: str) -> object:
        """The object is gone."""


@dataclass
class Flux:
    """The controllers, and the one clock of all. ``patched`` is told of each patch of an object."""

    kube: Kube
    url: str = ""  # of the repository, as the GitRepository and the Provider have it
    now: float = NOW
    watcher: Callable[[float], None] = lambda until: None
    patched: Callable[[App], None] = lambda app: None
    sources: dict[str, Object] = field(default_factory=dict)
    ends: list[End] = field(default_factory=list)
    tries: int = 0

    def wait(self, seconds: float) -> None:
        """Time passes."""
        until = self.now + seconds
        self.watcher(until)
        self.now = until

    def source(self, name: str = "fleet", kind: str = "GitRepository", url: str = "") -> None:
        """A source without an artifact."""
        url = url or (self.url if kind == "GitRepository" else "")
        self.sources[name] = source_object(kind, None, name=name, url=url)
        self.kube.apply(self.sources[name])

    def push(self, revision: str, name: str = "fleet", origin: str = "") -> None:
        """The source-controller stores an artifact; a bare commit is one of the branch main."""
        if name not in self.sources:
            self.source(name)
        artifact = {
            "revision": git(revision) if len(revision) == 40 else revision,
            "lastUpdateTime": stamp(self.now),
        } | ({"metadata": {ORIGIN: origin}} if origin else {})
        self.sources[name]["status"] = {"artifact": artifact}
        self.kube.apply(self.sources[name])

    def drop(self, name: str = "fleet") -> None:
        """The source is deleted."""
        source = self.sources.pop(name)
        self.kube.delete(source["kind"], NAMESPACE, name)

    def app(self, name: str = "apps", *, source: str = "fleet", **more: Any) -> App:
        """A new Kustomization, as it is a moment after it was made."""
        kind = self.sources[source]["kind"] if source in self.sources else "GitRepository"
        made = kustomization(
            {"observedGeneration": -1}, name=name, source={"kind": kind, "name": source}, **more
        )
        made["metadata"]["creationTimestamp"] = stamp(self.now)
        new = App(self, made)
        new.patch()
        return new

    def route(self, name: str = "forge", uid: str = "0c9c2e41", **spec: Any) -> None:
        """A Provider for the repository and an Alert for all of the namespace."""
        self.provide(name, uid, **spec)
        self.kube.apply(alert(f"to-{name}", providerRef={"name": name}))

    def provide(self, name: str = "forge", uid: str = "0c9c2e41", **spec: Any) -> None:
        """The Provider alone."""
        made = provider(name, **{"type": "gitea", "address": self.url, **spec})
        made["metadata"]["uid"] = f"{uid}-d2f9-4f9b-9c41-bebc1984d67a"
        self.kube.apply(made)
