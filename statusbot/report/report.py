"""The noun that the report is made of: counts, and the entries worth a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from statusbot.aggregate import KIND as AGGREGATE
from statusbot.errors import StatusbotError
from statusbot.forges.base import Repository
from statusbot.posting.outcome import Did, Outcome
from statusbot.report.blame import Blame
from statusbot.results.result import ObjectRef, Result
from statusbot.routing.status import NoWay

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
    when: float = field(
        default=0.0, compare=False
    )  # seconds since the epoch; 0 where it is unknown

    @property
    def aggregate(self) -> bool:
        """Whether it is said of all Kustomizations together, and so about none of them."""
        return self.object is not None and self.object.kind == AGGREGATE


@dataclass(slots=True)
class Report:
    """A run. ``started`` is seconds since the epoch by the cluster's clock.

    ``ledger_age`` is seconds since the last whole poll, where the ledger knows of one; ``note`` is
    told of every entry, listed or not.
    """

    cluster: str
    started: float
    listed_all: bool = False
    seconds: float = 0.0
    objects: int = 0
    results: int = 0
    counts: dict[Did, int] = field(default_factory=lambda: dict.fromkeys(Did, 0))
    reads: int = 0
    writes: int = 0
    warnings: list[str] = field(default_factory=list)
    dry_run: bool = False
    stopped: bool = False
    unsaved: StatusbotError | None = None  # why the ledger does not hold what was posted
    blame: Blame = field(default_factory=Blame)
    ledger_age: float | None = None
    note: Callable[[Line | Outcome], None] | None = None
    _listed: list[Line | Outcome] = field(default_factory=list)

    def add(self, entry: Line | Outcome) -> None:
        """Count it, and keep it if it is to be listed."""
        self.counts[entry.did] += 1
        if self.note is not None:
            self.note(entry)
        if isinstance(entry, Outcome):
            self.blame.hear(entry)
        if self.listed_all or entry.did not in QUIET:
            self._listed.append(entry)

    @property
    def lines(self) -> Iterator[Line]:
        """What is listed, by object, the newest first.

        Several forges answer as they like: the same run is to read the same each time. A status
        becomes a line when it is printed: there may be thousands.
        """
        for entry in sorted(self._listed, key=_place):
            yield entry if isinstance(entry, Line) else line_of(entry)

    @property
    def several_repositories(self) -> bool:
        """Whether what is listed is about more than one repository."""
        first = None
        for entry in self._listed:
            there = entry.status.destination if isinstance(entry, Outcome) else entry
            if there.repository is not None:
                first = first or there.repository.key
                if there.repository.key != first:
                    return True
        return False

    def exit_code(self, fail_on: str = "any") -> int:
        """0, or 1 where something could not be posted; what is deferred is no reason.

        ``infra``: only what is not one tenant's fault counts; ``none``: nothing does.
        """
        if fail_on == "infra":
            return 1 if self.blame.is_shared else 0
        return 1 if self.counts[Did.ERROR] and fail_on == "any" else 0


def _place(entry: Line | Outcome) -> tuple[str, str, float, str, str]:
    """Where it is listed; what is about no object comes first, in the order of its coming."""
    if isinstance(entry, Line):
        path = entry.object.path if entry.object else ""
        there = entry.repository.key if entry.repository else ""
        return (path, there, -entry.when, entry.commit or "", entry.context or "")
    result, destination = entry.status.result, entry.status.destination
    there = destination.repository.key
    return (result.object.path, there, -result.when, result.commit, entry.status.context)


def line_of(outcome: Outcome) -> Line:
    """The line of a status."""
    status = outcome.status
    result, way = status.result, status.routed.way
    return Line(
        did=outcome.did,
        why=outcome.why,
        object=result.object,
        alert=way.alert or None,
        provider=way.destination.provider.ref if way.alert else None,
        repository=way.destination.repository,
        commit=result.commit,
        context=status.context,
        state=result.state.value,
        description=status.description,
        when=result.when,
    )


def line_of_unsent(result: Result, no_way: NoWay) -> Line:
    """The line of a result that goes nowhere; an error where no other line tells of it."""
    return Line(
        did=Did.ERROR if no_way.alone else Did.SKIPPED,
        why=no_way.why,
        object=result.object,
        alert=no_way.alert or None,
        provider=no_way.provider or None,
        commit=result.commit,
        state=result.state.value,
        when=result.when,
    )
