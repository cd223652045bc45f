"""The nouns that this stage hands on: Result, Skipped and Waiting.

All instants are seconds since the epoch, in UTC, by the cluster's clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from statusbot.results.state import State, Weight, weight


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """The Kubernetes object that a result is about; ``uid`` is empty in a manifest file."""

    kind: str
    namespace: str
    name: str
    uid: str

    @property
    def path(self) -> str:
        """``namespace/name``, as kubectl and flux write it."""
        return f"{self.namespace}/{self.name}"

    @property
    def key(self) -> str:
        """What tells this object from a later one of the same name."""
        return self.uid or f"{self.kind}/{self.path}"


@dataclass(frozen=True, slots=True)
class Dependency:
    """One of ``spec.dependsOn``; ``expression``: its ``readyExpr`` says when it is ready."""

    namespace: str
    name: str
    expression: bool = False

    def __str__(self) -> str:
        """As Flux writes it."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class Event:
    """What Flux's event of a result carries beside the words: Alerts filter and name by it.

    ``revision`` and ``origin`` are as Flux wrote them, ``took`` and ``interval`` durations as Go
    prints them; ``metadata`` are the object's annotations below ``event.toolkit.fluxcd.io/``,
    without that. Whatever is not known is empty.
    """

    revision: str = ""
    origin: str = ""
    took: str = ""
    interval: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict, hash=False)


UNTOLD = Event()


@dataclass(frozen=True, slots=True)
class Result:
    """What happened to one commit in one object."""

    object: ObjectRef
    commit: str
    state: State
    reason: str  # Flux's: ReconciliationSucceeded, BuildFailed, …
    message: str  # Flux's, "" where only the history knows of it
    when: float  # when it was so: the poll's now, or the history's lastReconciled
    arrived: float  # when the commit came to the cluster, as far as it can be told
    current: bool  # the object shows it now; otherwise it comes from its past
    event: Event = UNTOLD
    # The lastReconciled that tells of it, or the newest that the object had then; Flux's clock.
    reconciled: float = 0.0
    lasting: bool = False  # a wait that lasted too long: Flux did nothing with the commit
    # When the history tells last that the commit came to another end; Flux's clock, 0 for never.
    otherwise: float = 0.0

    @property
    def weight(self) -> Weight:
        """How much it says: a pending and a superseded commit have no result of Flux yet."""
        return weight(self.state, self.reason)

    def is_later(self, than: Result) -> bool:
        """Whether it came after another result of the same commit.

        When an object was read tells less than Flux's own clock, by which the history is dated:
        the API server's may be ahead of that, and what a watch brings comes late.
        """
        if self.reconciled and than.reconciled and self.reconciled != than.reconciled:
            return self.reconciled > than.reconciled
        return self.when > than.when

    def outdoes(self, other: Result) -> bool:
        """Whether it says more of the same commit, or as much and later."""
        if self.weight is not other.weight:
            return self.weight > other.weight
        return self.is_later(other)

    @property
    def event_message(self) -> str:
        """The message of Flux's event, which is not that of the condition where all went well.

        kustomize-controller's ``internal/controller/kustomization_controller.go:158-160``.
        """
        if self.state is not State.SUCCESS or self.weight is not Weight.RESULT:
            return self.message
        took, interval = self.event.took or "1s", self.event.interval or "10m0s"
        return f"Reconciliation finished in {took}, next run in {interval}"


@dataclass(frozen=True, slots=True)
class Skipped:
    """This one gives no status, and why."""

    object: ObjectRef
    why: str
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Flux has not come to a result for ``commit``: it is pending.

    ``why`` is the sentence where that is not shown. ``ages``: it becomes a failure when it stays so
    for too long, with ``dependencies`` only if one of them will never be ready. ``shown`` is false
    where the object tells of a result that the commit had before.
    """

    object: ObjectRef
    commit: str
    reason: str
    message: str
    arrived: float
    why: str = ""
    revision: str = ""
    ages: bool = True
    dependencies: tuple[Dependency, ...] = ()
    shown: bool = True


Claim = Result | Skipped | Waiting
