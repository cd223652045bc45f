"""The stage: one Kubernetes API and one forge, on which the scenes are played one after another."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from statusbot.demo.forge import EmbeddedForge
from statusbot.demo.kube import EmbeddedKubernetes
from statusbot.demo.player import TOKEN

# One poll of the cluster that a kubeconfig names: (kubeconfig, ledger or None) -> the report of
# ``run -o json``.
RunPoll = Callable[[Path, Path | None], dict[str, Any]]


class Stage:
    """Use it with ``with``: it ends the servers and takes its temporary folder away.

    ``now`` is the time of both servers while scenes are played; whoever plays moves it.
    """

    def __init__(self, run_poll: RunPoll, now: datetime) -> None:
        """``now`` is the instant at which the first scene begins."""
        self.now = now
        self._run_poll = run_poll
        self._live = False

    def __enter__(self) -> Self:
        """Start both servers; ``kubeconfig`` leads to the cluster."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="statusbot-demo-")))
            # No token here: kubectl would send none over plain HTTP.
            self.kube = stack.enter_context(EmbeddedKubernetes(clock=self.clock))
            self.forge = stack.enter_context(EmbeddedForge(clock=self.clock, token=TOKEN))
            self.kubeconfig = self.kube.kubeconfig(folder / "kubeconfig")
            self.ledger = folder / "ledger"
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End both servers."""
        self._stack.close()

    def clock(self) -> datetime:
        """Recorded time, and real time once all is played; it never goes back."""
        return max(self.now, datetime.now(UTC)) if self._live else self.now

    def go_live(self) -> None:
        """Nothing more is played: time goes by as anywhere else."""
        self._live = True

    def poll(self, *, remembering: bool = True) -> dict[str, Any]:
        """The report of one poll, with the ledger of the polls before it or without one."""
        return self._run_poll(self.kubeconfig, self.ledger if remembering else None)
