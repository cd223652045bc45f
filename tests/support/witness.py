"""Polls a small Flux through the production `run`, and judges what the forge shows by what was there.

Of each object and commit the witness knows the last end that a poll could read: in the object's
conditions, or in its history. None of statusbot's rules is used for that. The forge must show that
end after each poll that could reach it, must never be given another one, and nothing twice.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from statusbot.demo.forge import EmbeddedForge, Row
from statusbot.demo.kube import EmbeddedKubernetes
from statusbot.results.instant import epoch
from tests.support.cli import run_json
from tests.support.objects import NOW, Object
from tests.support.timeline import Flux
from tests.support.world import FORGE_TOKEN, REPOSITORY, secret

KUBE_TOKEN = "kube-token-of-the-tests"
_FAILED = ("BuildFailed", "ReconciliationFailed", "PruneFailed", "HealthCheckFailed")


@dataclass(frozen=True)
class Pace:
    """When polls are, and what they remember. Skews in seconds, of the servers against Flux."""

    interval: float
    phase: float = 0.0
    ledger: bool = True
    kube_skew: float = 0.0
    forge_skew: float = 0.0

    def __str__(self) -> str:
        skews = "".join(f"{name}{s:+.0f}" for name, s in self._skews() if s)
        kept = "ledger" if self.ledger else "none"
        return f"{self.interval:g}s+{self.phase:g}-{kept}{skews}"

    def _skews(self) -> Iterator[tuple[str, float]]:
        yield "-kube", self.kube_skew
        yield "-forge", self.forge_skew


@dataclass
class Witness:
    """One story at one pace."""

    flux: Flux
    kube: EmbeddedKubernetes
    forge: EmbeddedForge
    folder: Path
    pace: Pace
    next: float = NOW
    away: bool = False  # the bot
    down: bool = False  # the forge, or the way to it
    known: dict[tuple[str, str], tuple[float, str]] = field(default_factory=dict)
    due: set[tuple[str, str]] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    arguments: tuple[str, ...] = ()

    def watch(self, until: float) -> None:
        """All polls before ``until``."""
        while self.next < until:
            self.flux.now = max(self.flux.now, self.next)
            self.next += self.pace.interval
            if not self.away:
                self.poll()

    def poll(self) -> dict[str, Any]:
        """One run, and the verdict on it."""
        self._learn()
        before = len(self.forge.stored)
        ledger = f"file:{self.folder / 'ledger'}" if self.pace.ledger else "none"
        report = run_json(
            "--kubeconfig", str(self.folder / "kubeconfig"), "--ledger", ledger,
            "--timeout", "1s" if self.down else "20s", *self.arguments,
        )  # fmt: skip
        self.reports.append(report)
        for stored in self.forge.stored[before:]:
            if stored.repository == REPOSITORY:
                self._judge(stored.commit, stored.row)
        if not self.down:
            self.wrong += self._missing()
        return report

    def keep(self) -> None:
        """Copy the ledger."""
        if self.pace.ledger and (self.folder / "ledger").exists():
            shutil.copy(self.folder / "ledger", self.folder / "copy")

    def put_back(self) -> None:
        """The last runs were killed before they could save: the copy is what is left."""
        if (self.folder / "copy").exists():
            shutil.copy(self.folder / "copy", self.folder / "ledger")

    def shown(self, commit: str, name: str = "apps") -> list[str]:
        """Every state that a commit was ever given, oldest first."""
        rows = self.forge.rows(REPOSITORY, commit)
        return [str(row.state) for row in rows if row.context.split("/")[-2] == name]

    def stranger(self, commit: str, state: str, description: str, context: str = "") -> None:
        """Somebody else writes a status."""
        repo = self.forge.store.find(REPOSITORY)
        assert repo is not None
        context = context or "kustomization/apps/0c9c2e41"
        self.forge.store.insert(
            repo, commit, context=context, state=state, description=description, url=""
        )

    def _learn(self) -> None:
        for obj in self.kube.objects("Kustomization"):
            for commit, state, when in _ends(obj, self._origins(), self.flux.now):
                key = (obj["metadata"]["name"], commit)
                if when >= self.known.get(key, (0.0, ""))[0]:
                    self.known[key] = (when, state)
                if self.pace.ledger or not self.down:
                    self.due.add(key)

    def _origins(self) -> dict[str, str]:
        return {
            artifact["revision"]: next(iter(artifact["metadata"].values()))
            for source in self.flux.sources.values()
            if (artifact := source["status"].get("artifact") or {}).get("metadata")
        }

    def _judge(self, commit: str, row: Row) -> None:
        if row.state == "pending" or row.description.startswith("superseded"):
            return self._judge_weak(commit, row)
        key = (row.context.split("/")[-2], commit)
        truth = self.known.get(key, (0.0, "nothing"))[1]
        at = self.flux.now - NOW
        if row.state != truth:
            self.wrong.append(f"{at:.3f}: {key} became {row.state}, and is {truth}")
        rows = [one for one in self.forge.rows(REPOSITORY, commit) if one.context == row.context]
        before = rows[rows.index(row) - 1] if rows.index(row) else None
        if before and (before.state, before.description) == (row.state, row.description):
            self.wrong.append(f"{at:.3f}: {key} got {row.state} twice")
        weak = before is not None and before.description.startswith("superseded")
        if before and before.state == row.state and ": " not in before.description and not weak:
            self.wrong.append(f"{at:.3f}: {key} was in Flux's own words already")

    def _judge_weak(self, commit: str, row: Row) -> None:
        """What says nothing of an end: it covers none, and comes once."""
        rows = [one for one in self.forge.rows(REPOSITORY, commit) if one.context == row.context]
        for before in rows[: rows.index(row)]:
            what = f"{self.flux.now - NOW:.3f}: {commit[:7]} became {row.description} ({row.state})"
            if before.state != "pending":
                self.wrong.append(f"{what}, and was {before.state}: {before.description}")
            elif row.state == "pending" and (row.created - before.created).seconds < 3599:
                self.wrong.append(f"{what} for a change of words")

    def _missing(self) -> Iterator[str]:
        for name, commit in sorted(self.due):
            rows = self.forge.latest(REPOSITORY, commit).values()
            states = {str(row.state) for row in rows if row.context.split("/")[-2] == name}
            truth = self.known[name, commit][1]
            if states != {truth}:
                at = self.flux.now - NOW
                yield f"{at:.3f}: {name} {commit[:7]} shows {states or 'nothing'}, and is {truth}"


def _ends(obj: Object, origins: dict[str, str], now: float) -> Iterator[tuple[str, str, float]]:
    """Commit, state and instant of each end that an object tells of."""
    if "deletionTimestamp" in obj["metadata"]:
        return
    status = obj.get("status", {})
    entries = list(reversed(status.get("history", [])))
    entries.sort(key=lambda entry: str(entry["lastReconciled"]))
    for entry in entries:
        state = (
            "success" if entry["lastReconciledStatus"] == "ReconciliationSucceeded" else "failure"
        )
        revision = entry["metadata"].get("originRevision") or entry["metadata"]["revision"]
        yield revision.rsplit(":", 1)[-1], state, epoch(entry["lastReconciled"]) or 0.0
    ready = next((c for c in status.get("conditions", []) if c["type"] == "Ready"), None)
    revision = _revision(obj, ready) if ready else ""
    if ready and revision:
        origin = status.get("lastAppliedOriginRevision", "")
        applied = origin if revision == status.get("lastAppliedRevision") else ""
        named = applied or origins.get(revision, revision)
        state = "success" if ready["status"] == "True" else "failure"
        yield named.rsplit(":", 1)[-1], state, now


def _revision(obj: Object, ready: Object) -> str:
    status = obj["status"]
    if ready["status"] == "True":
        applied = str(status.get("lastAppliedRevision", ""))
        done = status["observedGeneration"] == obj["metadata"]["generation"]
        return applied if done and applied == status.get("lastAttemptedRevision") else ""
    if ready["reason"] in _FAILED:
        return str(status["lastAttemptedRevision"])
    if ready["message"].startswith("kustomization path not found"):
        working = next(c for c in status["conditions"] if c["type"] == "Reconciling")
        return str(working["message"].split("for revision ")[1].split(" ")[0])
    return ""


@contextmanager
def witness(folder: Path, pace: Pace, *, secrets: bool = True) -> Iterator[Witness]:
    """A cluster without Flux's objects, and a forge that has every commit."""

    def now(skew: float) -> datetime:
        return datetime.fromtimestamp(times[0].now + skew if times else NOW, UTC)

    times: list[Flux] = []
    kube = EmbeddedKubernetes(clock=lambda: now(pace.kube_skew), token=KUBE_TOKEN)
    with kube, EmbeddedForge(clock=lambda: now(pace.forge_skew), token=FORGE_TOKEN) as forge:
        forge.add_repository(REPOSITORY)
        flux = Flux(kube, f"{forge.url}/{REPOSITORY}")
        times.append(flux)
        kube.kubeconfig(folder / "kubeconfig")
        if secrets:
            kube.apply(secret())
        made = Witness(flux, kube, forge, folder, pace, next=NOW + pace.phase)
        flux.watcher = made.watch
        yield made
