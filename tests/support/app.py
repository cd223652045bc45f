"""One Kustomization of a story: what kustomize-controller writes to it, patch after patch.

What Flux writes when is v1.9.4's ``internal/controller/kustomization_controller.go``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.support.ends import (
    CANCELED,
    DENIED,
    DEPENDENCY,
    FETCH,
    HEALTH,
    OK,
    ORIGIN,
    PATH,
    REMEMBERED,
    STALLED,
    End,
    message,
    state_of,
)
from tests.support.objects import Object, condition, copied, stamp

if TYPE_CHECKING:
    from tests.support.timeline import Flux

# The moment between the two patches of a success, and between the stages before.
BETWEEN, STAGE = 0.005, 0.2


@dataclass
class App:
    """One Kustomization and what the kustomize-controller does to it."""

    flux: Flux
    object: Object
    standing: End | None = None  # what the conditions tell, whoever reads them
    waiting: bool = False  # they tell that Flux has not got what it needs, and tries again
    stalled: bool = False  # they tell that Flux gave up until somebody changes the object
    _last: End | None = None
    _ends: dict[tuple[str, str], End] = field(default_factory=dict)  # of the history

    @property
    def path(self) -> str:
        metadata = self.object["metadata"]
        return f"{metadata['namespace']}/{metadata['name']}"

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
        self.flux.kube.apply(copied(self.object))
        self.flux.patched(self)

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
        self.standing, self.waiting = None, False
        self.patch()
        self.flux.wait(STAGE)
        metadata = self.object["metadata"]
        self.flux.kube.delete("Kustomization", metadata["namespace"], metadata["name"])

    def reconcile(
        self,
        outcome: str = OK,
        *,
        digest: str = "",
        took: float = 1.0,
        crash: bool = False,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        """From the start to an end. ``digest`` of the manifests; by default the revision's own.

        ``crash``: the controller dies between the two patches of the end. ``meanwhile`` happens
        when Flux has its artifact and has not come to an end.
        """
        if self.object["spec"].get("suspend"):
            return
        artifact, self.stalled = self.artifact(), False
        if outcome == STALLED:
            return self._stall(artifact)
        if artifact is None:
            # "Source artifact not found" comes before any Reconciling condition.
            return self._end(FETCH, "Source artifact not found, retrying in 5s", [])
        if outcome == DENIED:
            return self._end(DENIED, self._text(DENIED), [condition("Stalled", "True", DENIED)])
        if outcome == DEPENDENCY:
            return self._end(DEPENDENCY, self._text(DEPENDENCY), [])
        crash = crash and outcome in REMEMBERED
        self._go(outcome, artifact, took, meanwhile, crash)
        self.flux.wait(BETWEEN)
        if outcome in REMEMBERED and not crash:
            self._remember(outcome, digest or f"sha256:{artifact['revision']}", artifact)

    def _go(
        self,
        outcome: str,
        artifact: Object,
        took: float,
        meanwhile: Callable[[], None],
        crash: bool,
    ) -> None:
        """All stages, and the first patch of the end."""
        revision = artifact["revision"]
        self._stage(f"Fetching manifests for revision {revision} with a timeout of 9m59s")
        if outcome not in (PATH, FETCH):
            self.patch(lastAttemptedRevision=revision)
            self._stage(f"Building manifests for revision {revision} with a timeout of 9m59s")
        meanwhile()
        if outcome in (OK, HEALTH, CANCELED):
            self._stage(f"Detecting drift for revision {revision} with a timeout of 30s")
            self._stage(
                f"Running health checks for revision {revision} with a timeout of 30s", took
            )
        self._last = self._ended(outcome, artifact, whole=not crash)
        if outcome == OK:
            # It tells of its commit when the second patch has come.
            done = condition("Ready", "True", OK, message(OK, 0, revision))
            self.standing, self.waiting = None, False
            return self._conditions([done])
        reason = FETCH if outcome == PATH else outcome
        self._end(reason, self._text(outcome), self._retrying(), self._last)

    def _stall(self, artifact: Object | None) -> None:
        """The spec cannot be: Flux gives up before it looks at the source."""
        end = self._ended(STALLED, artifact) if artifact else None
        self.status["observedGeneration"] = self.object["metadata"]["generation"]
        self.stalled = True
        self._end(STALLED, self._text(STALLED), [condition("Stalled", "True", STALLED)], end)

    def at_work(self, seconds: float) -> None:
        """It fetches for long."""
        revision = self.status["lastAttemptedRevision"]
        self._stage(f"Fetching manifests for revision {revision} with a timeout of 9m59s", seconds)

    def _ended(self, outcome: str, artifact: Object, *, whole: bool = True) -> End | None:
        """What is true of the artifact's commit from now on."""
        state = state_of(outcome)
        if not state:
            return None
        revision = (artifact.get("metadata") or {}).get(ORIGIN) or artifact["revision"]
        url = self.flux.sources[self.object["spec"]["sourceRef"]["name"]]["spec"].get("url", "")
        number, commit = len(self.flux.ends) + 1, revision.rsplit(":", 1)[-1]
        end = End(number, self.path, self.uid, commit, state, outcome, url, self.flux.now, whole)
        self.flux.ends.append(end)
        return end

    def _remember(self, outcome: str, digest: str, artifact: Object) -> None:
        """The second patch."""
        revision, origin = artifact["revision"], (artifact.get("metadata") or {}).get(ORIGIN, "")
        more: Object = {"history": self._history(outcome, digest, revision, origin)}
        self.standing = self._last
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
        assert self._last is not None
        self._ends[digest, outcome] = self._last
        return [mine, *(entry for entry in old if entry not in same)][:5]

    def past(self) -> tuple[End, ...]:
        """What ``status.history`` tells."""
        entries: list[Object] = self.status.get("history", [])
        return tuple(self._ends[e["digest"], e["lastReconciledStatus"]] for e in entries)

    def _stage(self, text: str, took: float = STAGE) -> None:
        self.standing, self.waiting = None, False
        at_work = condition("Ready", "Unknown", "Progressing", "Reconciliation in progress")
        self._conditions([at_work, condition("Reconciling", "True", "Progressing", text)])
        self.flux.wait(took)

    def _end(
        self, reason: str, text: str, others: list[Object], standing: End | None = None
    ) -> None:
        self.standing, self.waiting = standing, reason in (FETCH, CANCELED) and standing is None
        self._conditions([condition("Ready", "False", reason, text), *others])

    def _retrying(self) -> list[Object]:
        kept = [c for c in self.status.get("conditions", []) if c["type"] == "Reconciling"]
        return [{**c, "reason": "ProgressingWithRetry"} for c in kept]

    def _conditions(self, conditions: list[Object]) -> None:
        for one in conditions:
            one["lastTransitionTime"] = stamp(self.flux.now)
        self.patch(conditions=conditions)

    def _text(self, outcome: str) -> str:
        self.flux.tries += 1
        return message(outcome, self.flux.tries, "")

    def artifact(self) -> Object | None:
        """What its source holds."""
        source = self.flux.sources.get(self.object["spec"]["sourceRef"]["name"])
        artifact: Object | None = source["status"].get("artifact") if source else None
        return artifact

    def _is_ready(self) -> bool:
        conditions = self.status.get("conditions", [])
        return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
