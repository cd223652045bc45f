"""Flux's objects and a cluster that holds them, as small as a test of one rule wants them.

Everything is as on an ordinary day: ``kustomization()`` is green at ``C1``, ``git_repository()``
holds ``C1``, ``alert()`` asks for every Kustomization and leads to ``provider()``, the repository
of ``git_repository()``. A test changes what it is about.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from statusbot.cluster.errors import Forbidden
from statusbot.cluster.kinds import Kind
from statusbot.errors import ClusterError
from statusbot.manifests.invalid import Invalid
from statusbot.results.observation import Observation
from statusbot.results.source import Source

Object = dict[str, Any]

NAMESPACE = "flux-system"
URL = "https://github.com/acme/fleet"
C1, C2, C3, C4 = (digit * 40 for digit in "1234")
DIGEST = "a" * 64
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()
EARLIER = NOW - 600.0  # when the commit came


def copied(object_: Object) -> Object:
    """As it is now, whatever becomes of it; a long story takes a fifth more with ``deepcopy``."""
    copy: Object = pickle.loads(pickle.dumps(object_))
    return copy


def stamp(seconds: float) -> str:
    """As Kubernetes writes an instant."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def git(commit: str, branch: str = "main") -> str:
    """The revision that a GitRepository gives a commit."""
    return f"{branch}@sha1:{commit}"


def condition(type_: str, status: str, reason: str, message: str = "") -> Object:
    """One of ``status.conditions``."""
    return {
        "type": type_,
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": stamp(NOW),
    }


def not_ready(reason: str, message: str = "it does not work") -> Object:
    """Ready=False."""
    return condition("Ready", "False", reason, message)


def applied(revision: str) -> Object:
    """Ready=True."""
    return condition("Ready", "True", "ReconciliationSucceeded", f"Applied revision: {revision}")


def progressing() -> Object:
    """Ready=Unknown, as at each interval."""
    return condition("Ready", "Unknown", "Progressing", "Reconciliation in progress")


def reconciling(message: str) -> Object:
    """What Flux is at."""
    return condition("Reconciling", "True", "Progressing", message)


def entry(
    revision: str,
    status: str = "ReconciliationSucceeded",
    last: float = EARLIER,
    *,
    first: float | None = None,
    origin: str = "",
) -> Object:
    """One of ``status.history``."""
    metadata = {"revision": revision} | ({"originRevision": origin} if origin else {})
    return {
        "digest": "sha256:" + "0" * 64,
        "firstReconciled": stamp(last if first is None else first),
        "lastReconciled": stamp(last),
        "lastReconciledStatus": status,
        "metadata": metadata,
    }


def green(revision: str = git(C1), **fields: Any) -> Object:
    """The status after a success."""
    return {
        "conditions": [applied(revision)],
        "lastAppliedRevision": revision,
        "lastAttemptedRevision": revision,
        "observedGeneration": 1,
        **fields,
    }


def kustomization(
    status: Object | None = None,
    *,
    name: str = "apps",
    namespace: str = NAMESPACE,
    uid: str | None = None,
    labels: Mapping[str, str] | None = None,
    source: Object | None = None,
    metadata: Object | None = None,
    **spec: Any,
) -> Object:
    """A Kustomization of generation 1; the keywords are fields of its spec."""
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "uid": f"uid-of-{namespace}-{name}" if uid is None else uid,
            "generation": 1,
            "labels": dict(labels or {}),
            "creationTimestamp": stamp(EARLIER),
            **(metadata or {}),
        },
        "spec": {"sourceRef": source or {"kind": "GitRepository", "name": "fleet"}, **spec},
        "status": green() if status is None else status,
    }


def source_object(
    kind: str, artifact: Object | None, *, name: str = "fleet", url: str = ""
) -> Object:
    """A source of any kind."""
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"url": url} if url else {},
        "status": {"artifact": artifact} if artifact is not None else {},
    }


def git_repository(commit: str = C1, *, name: str = "fleet", url: str = URL) -> Object:
    """A GitRepository that holds ``commit`` since ``EARLIER``."""
    return source_object(
        "GitRepository",
        {"revision": git(commit), "lastUpdateTime": stamp(EARLIER)},
        name=name,
        url=url,
    )


def alert(name: str = "all", *, namespace: str = NAMESPACE, **spec: Any) -> Object:
    """An Alert for every Kustomization of its namespace."""
    return {
        "apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
        "kind": "Alert",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "providerRef": {"name": "forge"},
            "eventSources": [{"kind": "Kustomization", "name": "*"}],
            **spec,
        },
    }


def provider(name: str = "forge", *, namespace: str = NAMESPACE, **spec: Any) -> Object:
    """A Provider for the repository of ``git_repository()``."""
    return {
        "apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
        "kind": "Provider",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "uid": "0c9c2e41-d2f9-4f9b-9c41-bebc1984d67a",
        },
        "spec": {"type": "github", "address": URL, "secretRef": {"name": "token"}, **spec},
    }


@dataclass
class Look:
    """A rule's way to its source: what it was when first read, and what it is when read again."""

    first: Source | None
    again: Source | None
    asked: list[bool] = field(default_factory=list)

    def __call__(self, observation: Observation, *, fresh: bool) -> Source | None:
        self.asked.append(fresh)
        return self.again if fresh else self.first


@dataclass
class FakeCluster:
    """A cluster in memory. ``gets`` holds what was read by name; ``forbidden`` what may not be.

    A kind alone (``GitRepository``) forbids its lists, ``GitRepository fleet`` one object, and
    ``Alert everywhere`` a list of all namespaces.
    """

    objects: list[Object] = field(default_factory=list)
    live: bool = True
    at: float = NOW
    forbidden: set[str] = field(default_factory=set)
    unserved: set[str] = field(default_factory=set)
    failing: dict[str, ClusterError] = field(default_factory=dict)  # by "GitRepository fleet"
    gets: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    problems: Sequence[Invalid] = ()
    name: str = "https://cluster.example:6443"

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    def serves(self, kind: Kind) -> bool:
        return kind.kind not in self.unserved

    def list(self, kind: Kind, namespaces: Sequence[str] = ()) -> Iterator[Object]:
        self.lists.append(kind.kind)
        if kind.kind in self.forbidden:
            raise Forbidden(f"may not list {kind.kind}")
        if not namespaces and f"{kind.kind} everywhere" in self.forbidden:
            raise Forbidden(f"may not list {kind.kind} everywhere")
        for obj in self.objects:
            within = not namespaces or obj["metadata"]["namespace"] in namespaces
            if obj["kind"] == kind.kind and within:
                yield obj

    def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        self.gets.append(f"{kind.kind} {name}")
        if self.gets[-1] in self.forbidden:
            raise Forbidden(f"may not get {kind.kind} {name}")
        if self.gets[-1] in self.failing:
            raise self.failing[self.gets[-1]]
        wanted = (kind.kind, namespace, name)
        for obj in self.objects:
            metadata = obj["metadata"]
            if (obj["kind"], metadata["namespace"], metadata["name"]) == wanted:
                return obj
        return None

    def secret(self, namespace: str, name: str) -> Mapping[str, bytes] | None:
        raise AssertionError("nothing here reads a Secret")

    def events(self, namespace: str, uid: str) -> Sequence[Object]:
        self.lists.append("Event")
        if "Event" in self.forbidden:
            raise Forbidden("may not list Event")
        return [obj for obj in self.objects if (obj.get("involvedObject") or {}).get("uid") == uid]
