"""Plays recordings through the production `run`, poll after poll, and keeps what each poll said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from statusbot.demo.forge import EmbeddedForge
from statusbot.demo.kube import EmbeddedKubernetes
from statusbot.demo.player import TOKEN, Player, polls
from statusbot.demo.recording import Recording, Truth
from tests.support.cli import cli

ROOT = Path(__file__).parents[2]
# What is only said of reading the cluster, for which the recordings of slow forges leave little time.
_LATE, _PATIENT = "raise --timeout", "60s"
FOLDERS = (ROOT / "statusbot" / "demo" / "recordings", ROOT / "tests" / "recordings" / "data")


def recordings() -> dict[str, Path]:
    """All of them by name."""
    found = (path for folder in FOLDERS for path in folder.glob("*.truth.json"))
    return {
        path.name.removesuffix(".truth.json"): path.with_name(
            path.name.replace(".truth.json", ".jsonl")
        )
        for path in sorted(found)
    }


@dataclass
class Replay:
    """One recording at one interval, with its servers."""

    recording: Recording
    interval: timedelta
    folder: Path
    ledger: bool
    timeout: str = "2s"
    reports: list[dict[str, Any]] = field(default_factory=list)
    shown_wrongly: list[str] = field(default_factory=list)
    polled: list[datetime] = field(default_factory=list)

    def __enter__(self) -> Replay:
        self.player = Player(self.recording)
        with ExitStack() as stack:
            clock = self.player.clock
            self.kube = stack.enter_context(EmbeddedKubernetes(clock=clock, token="admin"))
            self.forge = stack.enter_context(EmbeddedForge(clock=clock, token=TOKEN))
            self.player.connect(self.kube, self.forge)
            self.kubeconfig = self.kube.kubeconfig(self.folder / "kubeconfig")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def poll(self) -> dict[str, Any]:
        """One run, as a CronJob makes it."""
        ledger = f"file:{self.folder / 'ledger'}" if self.ledger else "none"
        report = self.run("--kubeconfig", str(self.kubeconfig), "--ledger", ledger)
        self.reports.append(report)
        return report

    def run(self, *arguments: str) -> dict[str, Any]:
        """What one run said. Where a busy machine had no time to read the cluster it runs again."""
        for timeout in (self.timeout, _PATIENT):
            ran = cli("run", "-o", "json", "--timeout", timeout, *arguments)
            if _LATE not in ran.out + ran.err:
                break
        assert ran.out, ran.err
        report: dict[str, Any] = json.loads(ran.out)
        return report

    def play(self) -> None:
        """To the end and past it; at every step what may never be shown is looked for."""
        for time in polls(self.recording, self.interval):
            self.player.to(time)
            if not self.player.bot_away:
                self.polled.append(time)
                self.poll()
            self.shown_wrongly += self._wrong(time.isoformat())

    def _wrong(self, when: str) -> Iterator[str]:
        for truth in self.recording.truths:
            states = {state for state, _ in self.shown(truth)}
            for state in sorted(states & truth.never):
                yield f"{when}: {truth.label} {truth.namespace}/{truth.name} was {state}"

    def shown(self, truth: Truth) -> list[tuple[str, str]]:
        """(state, description) of every row that was ever written for a truth's object."""
        contexts = self._contexts(truth)
        rows = self.forge.rows(truth.repository, truth.commit)
        return [(row.state, row.description) for row in rows if row.context in contexts]

    def final(self, truth: Truth) -> str:
        """The state that the commit shows in the end."""
        contexts = self._contexts(truth)
        latest = self.forge.latest(truth.repository, truth.commit)
        states = {row.state for context, row in latest.items() if context in contexts}
        return states.pop() if len(states) == 1 else "none" if not states else str(sorted(states))

    def _contexts(self, truth: Truth) -> set[str]:
        return {
            status["context"]
            for report in self.reports
            for status in report["statuses"]
            if status["object"] == _object(truth)
        }


def _object(truth: Truth) -> dict[str, str]:
    return {"kind": "Kustomization", "namespace": truth.namespace, "name": truth.name}
