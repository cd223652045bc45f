"""The noun that the report is made of: counts, and the entries worth a line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from statusbot.forges.base import Repository
from statusbot.posting.outcome import Did, Outcome
from statusbot.results.result import ObjectRef
from statusbot.routing.status import CommitStatus

# What is listed only on request: it needs nobody's attention.
QUIET = frozenset({Did.ALREADY, Did.SKIPPED})


@dataclass(frozen=True, slots=True)
class Line:
    """One status, or one thing that gave none; what has no value is None."""

    did: Did
    why: str
    object: ObjectRef | None = None
    alert: str | None = None
    provider: str | None = None
    repository: Repository | None = None
    commit: str | None = None
    context: str | None = None
    state: str | None = None
    description: str | None = None


@dataclass(slots=True)
class Report:
    """A run. ``started`` is seconds since the epoch by the cluster's clock."""

    cluster: str
    started: float
    listed_all: bool = False
    seconds: float = 0.0
    objects: int = 0
    results: int = 0
    counts: dict[Did, int] = field(default_factory=lambda: dict.fromkeys(Did, 0))
    reads: int = 0
    writes: int = 0
    lines: list[Line] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    dry_run: bool = False
    stopped: bool = False

    def add(self, line: Line) -> None:
        """Count it, and keep it if it is to be listed."""
        self.counts[line.did] += 1
        if self.listed_all or line.did not in QUIET:
            self.lines.append(line)

    def add_status(self, status: CommitStatus, did: Did, why: str) -> None:
        """The same for a status, whose line is only made if it is kept."""
        self.counts[did] += 1
        if self.listed_all or did not in QUIET:
            self.lines.append(line_of(status, did, why))

    def add_outcomes(self, outcomes: Iterable[Outcome]) -> None:
        """Each outcome of a status."""
        for outcome in outcomes:
            self.add_status(outcome.status, outcome.did, outcome.why)

    @property
    def exit_code(self) -> int:
        """0, or 1 where something could not be posted; what is deferred is no reason."""
        return 1 if self.counts[Did.ERROR] else 0


def line_of(status: CommitStatus, did: Did, why: str) -> Line:
    """The line of a status."""
    result, way = status.result, status.routed.way
    return Line(
        did=did,
        why=why,
        object=result.object,
        alert=way.alert or None,
        provider=way.destination.provider.ref if way.alert else None,
        repository=way.destination.repository,
        commit=result.commit,
        context=status.context,
        state=result.state.value,
        description=status.description,
    )
