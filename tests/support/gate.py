"""A cluster that a gate looks at, and the gate, moved on by the test itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from statusbot.cluster.clock import Deadline
from statusbot.cluster.setup import Where, open_cluster
from statusbot.follow.times import Times as Pauses
from statusbot.interrupt import Interrupt
from statusbot.wait.chosen import Chosen
from statusbot.wait.judge import Asked
from statusbot.wait.on_cluster import OnCluster
from statusbot.wait.times import Times
from statusbot.wait.verdict import Standing, Verdict
from tests.support.lineage import Line
from tests.support.objects import C1, C2, C3, URL

# A guard against what never comes, no measurement.
LONG = 60.0
QUICK = Times(
    again=0.0,
    unwatched=0.0,
    polled=0.1,
    pauses=Pauses(together=0.0, look=0.02, first_pause=0.01, longest_pause=0.1),
)


@dataclass
class Gate:
    """``looker`` is looked at until something holds."""

    looker: OnCluster

    def __post_init__(self) -> None:
        self.verdicts: dict[str, Verdict] = {}

    def look(self) -> dict[str, Verdict]:
        """Once, by namespace/name."""
        self.verdicts = {verdict.name: verdict for verdict in self.looker.look(0.02)}
        return self.verdicts

    def until(self, holds: Callable[[dict[str, Verdict]], bool]) -> dict[str, Verdict]:
        """Until it holds of what is seen."""
        end = time.monotonic() + LONG
        while not holds(self.look()):
            assert time.monotonic() < end, f"it never came: {self.verdicts}"
        return self.verdicts

    def until_it_is(self, standing: Standing, name: str = "flux-system/apps") -> Verdict:
        """Until one stands so."""
        found = self.until(lambda all_: name in all_ and all_[name].standing is standing)
        return found[name]


@contextmanager
def gate(
    kubeconfig: Path,
    chosen: Chosen | None = None,
    *,
    sha: str = C2,
    timeout: float = LONG,
    times: Times = QUICK,
    **of: Any,
) -> Iterator[Gate]:
    """One that waits for ``sha`` of the repository of ``git_repository()``."""
    asked = Asked(sha, Line((C1, C2, C3)))
    with open_cluster(Where(kubeconfig=str(kubeconfig)), Deadline(timeout)) as cluster:
        looker = OnCluster(
            cluster, chosen or Chosen(address=URL), asked, Interrupt(), times=times, **of
        )
        try:
            yield Gate(looker)
        finally:
            looker.close()
