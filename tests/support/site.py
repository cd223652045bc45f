"""A cluster and a forge on loopback, and the command line between them, as processes that can die."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from statusbot.demo.forge import EmbeddedForge, Ending, Fault
from statusbot.demo.kube import EmbeddedKubernetes
from statusbot.ledger.codec import decode
from tests.support.cli import Ran, cli
from tests.support.forge import TOKEN, Clock
from tests.support.objects import (
    C1,
    C2,
    NAMESPACE,
    NOW,
    Object,
    alert,
    entry,
    git,
    git_repository,
    green,
    kustomization,
    not_ready,
    provider,
)

ROOT = Path(__file__).parents[2]
REPOSITORY = "acme/fleet"
APPS, INFRA = "kustomization/apps/0c9c2e41", "kustomization/infra/0c9c2e41"
# What the forge must show in the end, and how often anything was written: once.
TRUTH = {(C1, APPS): ["failure"], (C2, APPS): ["success"], (C2, INFRA): ["failure"]}
READS, WRITES = 2, 3
_OURS = ("STATUSBOT_", "KUBE", "GITHUB_", "INPUT_", "HTTP_PROXY", "HTTPS_PROXY", "COVERAGE_")


@dataclass
class Site:
    """``ledger`` is the option's value. ``pid`` is of the process that was started last."""

    folder: Path
    type: str = "github"
    ledger: str = "none"

    def __enter__(self) -> Self:
        self.clock = Clock()
        self._known = threading.Event()
        with ExitStack() as stack:
            self.kube = stack.enter_context(EmbeddedKubernetes(clock=self.clock, token="admin"))
            self.forge = stack.enter_context(EmbeddedForge(clock=self.clock, token=TOKEN))
            self._running = stack.enter_context(ExitStack())
            self.forge.add_repository(REPOSITORY, {C1, C2})
            self.kube.apply_all(self.objects())
            self.kubeconfig = self.kube.kubeconfig(self.folder / "kubeconfig")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def address(self) -> str:
        """Where the Provider sends statuses."""
        return f"{self.forge.url}/{REPOSITORY}"

    def objects(self) -> list[Object]:
        """Two Kustomizations at one commit, one of which was red at the commit before."""
        red = green(conditions=[not_ready("BuildFailed")], lastAttemptedRevision=git(C2))
        before = [entry(git(C1), "BuildFailed", NOW - 300)]
        return [
            git_repository(C2, url=self.address),
            kustomization(green(git(C2), history=before), name="apps"),
            kustomization(red, name="infra"),
            provider(type=self.type, address=self.address),
            alert(),
            secret("token", TOKEN),
        ]

    def arguments(self, *more: str) -> list[str]:
        """Of one run."""
        where = ["--kubeconfig", str(self.kubeconfig), "--ledger", self.ledger]
        return ["run", "-o", "json", *where, *more]

    def run(self, *more: str) -> tuple[Ran, dict[str, Any]]:
        """One run in this process, and its report."""
        ran = cli(*self.arguments(*more))
        return ran, json.loads(ran.out or "{}")

    def start(
        self, *more: str, verb: tuple[str, ...] = (), stdout: int = subprocess.PIPE
    ) -> subprocess.Popen[str]:
        """One run as a process of its own, which ends with the site at the latest.

        ``verb`` takes the place of ``run``, with its arguments.
        """
        environment = {k: v for k, v in os.environ.items() if not k.upper().startswith(_OURS)}
        arguments = [*verb, "--kubeconfig", str(self.kubeconfig), *more] if verb else []
        self._known.clear()
        process = subprocess.Popen(
            [sys.executable, "-m", "statusbot", *(arguments or self.arguments(*more))],
            cwd=ROOT,
            env=environment,
            text=True,
            stdout=stdout,
            stderr=subprocess.PIPE,
        )
        self._running.callback(_end, process)
        self.pid = process.pid
        self._known.set()
        return process

    def kill(self, *, stored: bool, sig: signal.Signals = signal.SIGKILL) -> Fault:
        """Signals the process at this call, before or after the row is stored; no answer."""

        def send() -> None:
            assert self._known.wait(20)
            os.kill(self.pid, sig)

        before, after = (None, send) if stored else (send, None)
        return Fault(stored=stored, ending=Ending.RESET, before=before, after=after)

    def shown(self) -> dict[tuple[str, str], list[str]]:
        """The states of every row, by commit and context, oldest first."""
        found: dict[tuple[str, str], list[str]] = {}
        for stored in self.forge.stored:
            found.setdefault((stored.commit, stored.row.context), []).append(stored.row.state)
        return found

    def remembered(self) -> int:
        """How many statuses the ledger in the file holds."""
        with Path(self.ledger.removeprefix("file:")).open("rb") as lines:
            return sum(len(memory.posted) for memory in decode(lines).objects.values())


def secret(name: str, token: str) -> Object:
    """A Secret with a token."""
    data = {"token": base64.b64encode(token.encode()).decode()}
    metadata = {"namespace": NAMESPACE, "name": name}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}


def ended(process: subprocess.Popen[str], within: float = 60.0) -> Ran:
    """What a process left behind; ``within`` is only there for one that does not end."""
    out, err = process.communicate(timeout=within)
    return Ran(process.returncode, out, err)


def holding(until: Callable[[], bool], seen: threading.Event, **options: Any) -> Fault:
    """A call that is answered when ``until`` says so; ``seen`` is set when it arrives."""

    def before() -> None:
        seen.set()
        assert until()

    return Fault(before=before, **options)


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()
