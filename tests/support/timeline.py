"""A small Flux with a story: it writes what the real one writes, patch after patch, and time passes.

A story says what happens to a cluster (`flux.push(…)`, `apps.reconcile()`, `flux.wait(60)`). Whoever
watches (`flux.watcher`) is asked before each moment that passes, so polls can fall anywhere, also
between the two patches of a success. What Flux writes when is kustomize-controller's v1.9.4
``internal/controller/kustomization_controller.go``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from statusbot.demo.kube import EmbeddedKubernetes
from tests.support.objects import (
    NAMESPACE,
    NOW,
    Object,
    alert,
    condition,
    git,
    kustomization,
    provider,
    source_object,
    stamp,
)

ORIGIN = "org.opencontainers.image.revision"
# The moment between the two patches of a success, and between the stages before.
BETWEEN, STAGE = 0.005, 0.2
OK = "ReconciliationSucceeded"
BUILD, APPLY, PRUNE = "BuildFailed", "ReconciliationFailed", "PruneFailed"
HEALTH, PATH, DEPENDENCY = "HealthCheckFailed", "path not found", "DependencyNotReady"


@dataclass
class Flux:
    """The controllers, and the one clock of all."""

    kube: EmbeddedKubernetes
    url: str = ""  # of the repository, as the GitRepository and the Provider have it
    now: float = NOW
    watcher: Callable[[float], None] = lambda until: None
    sources: dict[str, Object] = field(default_factory=dict)
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


@dataclass
class App:
    """One Kustomization and what the kustomize-controller does to it."""

    flux: Flux
    object: Object

    @property
    def status(self) -> Object:
        status: Object = self.object["status"]
        return status

    @property
    def uid(self) -> str:
        return str(self.object["metadata"]["uid"])

    def patch(self, **status: Any) -> None:
        """One PATCH: it is there at once."""
        self.status.update(status)
        self.flux.kube.apply(copy.deepcopy(self.object))

    def edit(self, **spec: Any) -> None:
        """Somebody changes the spec; Flux writes nothing by itself, but for what it then does."""
        self.object["spec"].update(spec)
        self.object["metadata"]["generation"] += 1
        self.patch()
        self.flux.wait(STAGE)
        if self.object["spec"].get("suspend") and self._is_ready():
            # Any early return with Ready=True says so, though nothing was reconciled.
            self.patch(observedGeneration=self.object["metadata"]["generation"])

    def delete(self) -> None:
        """It is deleted, with a finalizer for a moment."""
        self.object["metadata"]["deletionTimestamp"] = stamp(self.flux.now)
        self.patch()
        self.flux.wait(STAGE)
        metadata = self.object["metadata"]
        self.flux.kube.delete("Kustomization", metadata["namespace"], metadata["name"])

    def reconcile(
        self, outcome: str = OK, *, digest: str = "", took: float = 1.0, crash: bool = False
    ) -> None:
        """From the start to an end. ``digest`` of the manifests; by default the revision's own.

        ``crash``: the controller dies between the two patches of the end.
        """
        if self.object["spec"].get("suspend"):
            return
        artifact = self._artifact()
        if artifact is None:
            # "Source artifact not found" comes before any Reconciling condition.
            return self._end("ArtifactFailed", "Source artifact not found, retrying in 5s", [])
        if outcome == DEPENDENCY:
            return self._end(
                DEPENDENCY, "dependency 'flux-system/base' revision is not up to date", []
            )
        revision = artifact["revision"]
        self._stage(f"Fetching manifests for revision {revision} with a timeout of 9m59s")
        if outcome in (PATH, "ArtifactFailed"):
            return self._end("ArtifactFailed", self._text(outcome), self._retrying())
        self.patch(lastAttemptedRevision=revision)
        self._stage(f"Building manifests for revision {revision} with a timeout of 9m59s")
        if outcome == BUILD:
            return self._end(BUILD, self._text(BUILD), self._retrying())
        if outcome in (OK, HEALTH):
            self._stage(
                f"Running health checks for revision {revision} with a timeout of 30s", took
            )
        done = condition("Ready", "True", OK, f"Applied revision: {revision}")
        if outcome == OK:
            self._conditions([done])
        else:
            self._end(outcome, self._text(outcome), self._retrying())
        self.flux.wait(BETWEEN)
        if not crash:
            self._remember(outcome, digest or f"sha256:{revision}", artifact)

    def at_work(self, seconds: float) -> None:
        """It fetches for long."""
        revision = self.status["lastAttemptedRevision"]
        self._stage(f"Fetching manifests for revision {revision} with a timeout of 9m59s", seconds)

    def _remember(self, outcome: str, digest: str, artifact: Object) -> None:
        """The second patch."""
        revision, origin = artifact["revision"], (artifact.get("metadata") or {}).get(ORIGIN, "")
        more: Object = {"history": self._history(outcome, digest, revision, origin)}
        if outcome == OK:
            more["lastAppliedRevision"] = revision
            more["observedGeneration"] = self.object["metadata"]["generation"]
            self.status.pop("lastAppliedOriginRevision", None)
            if origin:
                more["lastAppliedOriginRevision"] = origin
        self.patch(**more)

    def _history(self, outcome: str, digest: str, revision: str, origin: str) -> list[Object]:
        """One entry for each digest and status, the newest first, at most five of them."""
        old: list[Object] = self.status.get("history", [])
        same = [e for e in old if (e["digest"], e["lastReconciledStatus"]) == (digest, outcome)]
        first = same[0]["firstReconciled"] if same else stamp(self.flux.now)
        mine = {
            "digest": digest,
            "firstReconciled": first,
            "lastReconciled": stamp(self.flux.now),
            "lastReconciledStatus": outcome,
            "totalReconciliations": (same[0]["totalReconciliations"] if same else 0) + 1,
            "metadata": {"revision": revision} | ({"originRevision": origin} if origin else {}),
        }
        return [mine, *(entry for entry in old if entry not in same)][:5]

    def _stage(self, message: str, took: float = STAGE) -> None:
        at_work = condition("Ready", "Unknown", "Progressing", "Reconciliation in progress")
        self._conditions([at_work, condition("Reconciling", "True", "Progressing", message)])
        self.flux.wait(took)

    def _end(self, reason: str, message: str, others: list[Object]) -> None:
        self._conditions([condition("Ready", "False", reason, message), *others])

    def _retrying(self) -> list[Object]:
        kept = [c for c in self.status.get("conditions", []) if c["type"] == "Reconciling"]
        return [{**c, "reason": "ProgressingWithRetry"} for c in kept]

    def _conditions(self, conditions: list[Object]) -> None:
        for one in conditions:
            one["lastTransitionTime"] = stamp(self.flux.now)
        self.patch(conditions=conditions)

    def _text(self, outcome: str) -> str:
        """Texts hold a folder that is another one at each try."""
        self.flux.tries += 1
        folder = f"/tmp/kustomization-{1234567 + self.flux.tries}"
        texts = {
            BUILD: f"kustomize build failed: accumulating resources: stat {folder}/apps: no file",
            PATH: f"kustomization path not found: stat {folder}/apps: no such file or directory",
            HEALTH: f"health check failed after 30.{self.flux.tries:06}s: timeout waiting for: "
            "[Deployment/apps/web status: 'InProgress']",
        }
        return texts.get(outcome, f"{outcome}: Deployment/apps/web is invalid: field is immutable")

    def _artifact(self) -> Object | None:
        source = self.flux.sources.get(self.object["spec"]["sourceRef"]["name"])
        artifact: Object | None = source["status"].get("artifact") if source else None
        return artifact

    def _is_ready(self) -> bool:
        conditions = self.status.get("conditions", [])
        return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
