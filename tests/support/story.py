"""A model of Flux, a forge and a ledger through days, polled by the production code.

The model knows what is true of each commit; whether the forge may show what it shows is asked of it
at every write. Time moves only when it is told to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType

from statusbot.cluster.clock import Deadline
from statusbot.cluster.kinds import Kind
from statusbot.forges.base import Answer, Request
from statusbot.ledger.codec import Unreadable, decode, encode
from statusbot.ledger.memory import Ledger
from statusbot.poll import Poll
from statusbot.report.report import Report
from statusbot.results.state import State
from statusbot.settings import Settings
from tests.support.chaos import Act, FakeForge, Kept, work
from tests.support.objects import (
    NOW,
    FakeCluster,
    Object,
    alert,
    condition,
    entry,
    git,
    git_repository,
    kustomization,
    provider,
    stamp,
)

COMMITS = [f"{number:040x}" for number in range(1, 7)]
GREEN = "ReconciliationSucceeded"
FAILURE_AGE = 300.0
FRESH_FOR = 30.0
RECHECK = 86400.0
API = "https://forge.example"


class Killed(BaseException):
    """The process is gone in this instant."""


@dataclass(frozen=True)
class Truth:
    """What one commit came to: what Flux wrote last about it."""

    state: str
    reason: str


class StoryCluster(FakeCluster):
    """Shows the story as it is when it is read."""

    def __init__(self, story: Story) -> None:
        super().__init__()
        self._story = story

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._story.now, UTC)

    def list(self, kind: Kind, namespaces: Sequence[str] = ()) -> Iterator[Object]:
        self.objects = self._story.objects()
        return super().list(kind, namespaces)

    def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        self.objects = self._story.objects()
        return super().get(kind, namespace, name)

    def secret(self, namespace: str, name: str) -> Mapping[str, bytes] | None:
        return {"token": b"forge-token"}


@dataclass
class StoryForge(FakeForge):
    """Has every row of the bot judged in the moment in which it is stored."""

    story: Story | None = None

    def put(
        self, commit: str, context: str, state: str, description: str = "", *, ours: bool = False
    ) -> Kept:
        before = self.shown(commit, context)
        row = super().put(commit, context, state, description, ours=ours)
        if ours and self.story is not None:
            self.story.check_write(before, row)
        return row


@dataclass
class StoryStore:
    """A ledger in bytes. ``dies_at`` is the save that a kill comes before, counted from 1."""

    ledger: Ledger
    saved: bytes = b""
    saves: int = 0
    dies_at: int = 0
    dead: bool = False

    def __enter__(self) -> StoryStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def save(self) -> None:
        self.saves += 1
        if self.dead or self.saves == self.dies_at:
            raise Killed
        if self.ledger.kept:
            self.saved = b"".join(encode(self.ledger))


@dataclass
class Story:
    """One Kustomization, one repository, one or two Alerts with a Provider each."""

    forge_type: str = "gitea"
    keeps: bool = True
    now: float = NOW
    commit: str = COMMITS[0]
    ready: tuple[str, str, str] = ("Unknown", "Progressing", "")
    since: float = NOW  # when the Ready condition came to be as it is
    arrived: float = NOW
    history: list[Object] = field(default_factory=list)
    truths: dict[str, Truth] = field(default_factory=dict)
    alerts: int = 1
    saved: bytes = b""
    copies: list[bytes] = field(default_factory=list)
    applied: str = ""
    late: set[str] = field(default_factory=set)  # commits that may be red for want of an artifact
    wrong: list[str] = field(default_factory=list)
    observed: dict[str, Truth] = field(default_factory=dict)
    lost_count: bool = False
    polled: float = 0.0
    waits: bool = False  # --pending
    superseded: State | None = None

    def __post_init__(self) -> None:
        self.forge = StoryForge(lambda: self.now, story=self)

    # -- Flux ---------------------------------------------------------------------------------

    def reconciled(self, reason: str, message: str) -> None:
        """Flux comes to a final result for the current commit."""
        green = reason == GREEN
        self._ready("True" if green else "False", reason, message)
        self.truths[self.commit] = Truth("success" if green else "failure", reason)
        self.applied = git(self.commit) if green else self.applied
        self._remember()

    def pushed(self, commit: str) -> None:
        """Another commit arrives, and Flux begins."""
        self._remember()
        if commit != self.commit:
            self.commit, self.arrived = commit, self.now
        self.progressing()

    def progressing(self) -> None:
        """Flux passes through Unknown."""
        self._ready("Unknown", "Progressing", "Reconciliation in progress")

    def stuck(self) -> None:
        """Flux cannot fetch the artifact, and tries again and again."""
        if self.ready[1] != "ArtifactFailed":
            self._ready("False", "ArtifactFailed", "artifact not found")

    def passed(self, seconds: float) -> None:
        """Time goes by; Flux reconciles at its interval."""
        self.now += seconds
        self._remember()

    def _ready(self, status: str, reason: str, message: str) -> None:
        self.ready, self.since = (status, reason, message), self.now

    def _remember(self) -> None:
        """Write ``status.history`` as Flux does: the newest first, five entries."""
        if not self.final():
            return
        mine = (git(self.commit), self.ready[1])
        others = [
            one
            for one in self.history
            if (one["metadata"]["revision"], one["lastReconciledStatus"]) != mine
        ]
        self.history = [entry(*mine, self.now), *others][:5]

    def final(self) -> bool:
        """Whether Flux has come to a result for the current commit."""
        return self.ready[0] != "Unknown" and self.ready[1] != "ArtifactFailed"

    def object(self) -> Object:
        """The Kustomization as it is now."""
        status, reason, message = self.ready
        attempted = git(self.commit)
        return kustomization(
            {
                "conditions": [condition("Ready", status, reason, message)],
                "lastAttemptedRevision": attempted,
                "lastAppliedRevision": self.applied,
                "observedGeneration": 1,
                "history": list(self.history),
            }
        )

    def objects(self) -> list[Object]:
        """All that the cluster holds."""
        source = git_repository(self.commit, url=f"{API}/acme/fleet")
        source["status"]["artifact"]["lastUpdateTime"] = stamp(self.arrived)
        made = [self.object(), source]
        for number in range(self.alerts):
            name = f"forge-{number}"
            there = provider(name, type=self.forge_type, address=f"{API}/acme/fleet")
            there["metadata"]["uid"] = f"uid{number}-0"
            made += [there, alert(f"alert-{number}", providerRef={"name": name})]
        return made

    # -- the bot ------------------------------------------------------------------------------

    def poll(self, faults: Mapping[int, Act] | None = None, dies_at_save: int = 0) -> Report | None:
        """One run; None where it was killed. ``faults`` are by the number of the call."""
        self._observe()
        self.polled = self.now
        store = StoryStore(self._ledger(), self.saved, dies_at=dies_at_save)
        left, first = dict(faults or {}), len(self.forge.calls)

        def act(call: object) -> Act | None:
            if store.dead:
                raise Killed
            chosen = left.pop(len(self.forge.calls) - first, None)
            return dying(chosen, store) if chosen else None

        self.forge.act = act
        cluster = StoryCluster(self)
        settings = Settings(
            recheck=RECHECK,
            failure_age=FAILURE_AGE,
            pending=self.waits,
            superseded=self.superseded,
        )
        try:
            report = Poll(cluster, store, self.forge, Deadline(600.0), settings)()
        except Killed:
            report = None
        if self.keeps:
            self.saved = store.saved
            self.copies.append(store.saved)
        return report

    def _ledger(self) -> Ledger:
        if not self.keeps:
            return Ledger(kept=False)
        try:
            return decode(self.saved.splitlines(keepends=True)) if self.saved else Ledger()
        except Unreadable:
            return Ledger()

    def _observe(self) -> None:
        """What whoever reads the cluster now can know of each commit."""
        visible = {one["metadata"]["revision"] for one in self.history}
        for revision in visible:
            commit = revision.rpartition(":")[2]
            self.observed[commit] = self.truths[commit]
            self.late.discard(commit)
        here = git(self.commit)
        in_vain = self.ready[1] == "ArtifactFailed" and self.now - self.arrived > FAILURE_AGE
        if in_vain and here not in visible | {self.applied}:
            self.late.add(self.commit)

    # -- the forge ----------------------------------------------------------------------------

    def contexts(self) -> list[str]:
        """The contexts of the Alerts that are there now."""
        return [f"kustomization/apps/uid{number}" for number in range(self.alerts)]

    def newest(self, commit: str, context: str) -> Kept | None:
        """What the forge shows."""
        rows = self.forge.shown(commit, context)
        return rows[-1] if rows else None

    def check_write(self, before: list[Kept], row: Kept) -> None:
        """Note what is wrong with a row that the bot just wrote over ``before``."""
        if is_weak(row):
            return self._check_weak(before, row)
        known = [self.observed.get(row.commit), self.truths.get(row.commit)]
        if row.commit == self.commit and self.final() and self.now - self.polled > FRESH_FOR:
            known = known[1:]
        may = {truth.state for truth in known if truth}
        may |= {"failure"} if row.commit in self.late else set()
        if row.state not in may:
            self.wrong.append(f"{row} is none of {may}")
        last = before[-1] if before else None
        if last is None or is_weak(last):
            return
        if last.ours and (last.state, last.description) == (row.state, row.description):
            self.wrong.append(f"{row} doubles {last}")
        if last.state == row.state and ": " not in last.description:
            if row.description.startswith(last.description):
                self.wrong.append(f"{row} rewrites Flux's own words")
        if _only_text(last, row) and int(row.at) - int(last.at) < 3599:
            self.wrong.append(f"{row} rewrites {last} within an hour")
        ends = [one for one in before if not is_weak(one)]
        rewrites = sum(map(_only_text, ends, [*ends[1:], row]))
        if rewrites > 20 and not self.lost_count:
            self.wrong.append(f"{row} is rewrite {rewrites}")

    def _check_weak(self, before: list[Kept], row: Kept) -> None:
        """What says nothing of an end: it covers none, and comes once."""
        if before and before[-1].state != "pending":
            self.wrong.append(f"{row} covers {before[-1]}")
        same = before and before[-1].ours and before[-1].state == row.state
        if same and int(row.at) - int(before[-1].at) < 3599:
            self.wrong.append(f"{row} rewrites {before[-1]} within an hour")
        if row.state == "pending" and row.commit != self.commit and self.now - self.polled < 30:
            self.wrong.append(f"{row} is not what waits")

    def left_pending(self) -> list[Kept]:
        """Of our rows those that say that a commit waits, for which nobody waits any more."""
        places = {(row.commit, row.context) for row in self.forge.rows}
        newest = [row for place in places if (row := self.newest(*place))]
        return [
            row
            for row in newest
            if row.ours and row.state == "pending" and (row.commit != self.commit or self.final())
        ]


def is_weak(row: Kept) -> bool:
    """Whether it says of its commit that it waits, or that another took its place."""
    return row.state == "pending" or (row.ours and row.description.startswith("superseded"))


def _only_text(one: Kept, other: Kept) -> bool:
    reasons = {row.description.partition(":")[0] for row in (one, other)}
    ours = one.ours and other.ours and one.state == other.state
    return ours and len(reasons) == 1 and one.description != other.description


def dying(act: Act, store: StoryStore) -> Act:
    """``act``, which takes the rest of the process with it if it kills."""

    def dying(forge: FakeForge, request: Request) -> Answer:
        try:
            return act(forge, request)
        except Killed:
            store.dead = True
            raise

    return dying


def killed(*, stored: bool) -> Act:
    """The process dies at this call, before or after the forge did its work."""

    def act(forge: FakeForge, request: Request) -> Answer:
        if stored:
            work(forge, request)
        raise Killed

    return act
