"""Many objects change at random, to two forges that are slow and lose answers, while watches break.

Whatever the threads make of it, in the end every object's last commit shows its last state on both
forges; no commit shows what it never was, and nothing is written twice in a row.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from statusbot.demo.forge import EmbeddedForge, faults
from statusbot.demo.kube import Fault, Request
from tests.support.follower import Follower
from tests.support.objects import C1, C2, C3, Object, alert, git, green, kustomization, not_ready
from tests.support.world import FORGE_TOKEN, REPOSITORY, World

Start = Callable[..., Follower]
OBJECTS, STEPS = 8, 150
COMMITS = (C1, C2, C3)


@dataclass
class Chance:
    """What happens, by a seed; ``was`` has all states of each object and commit, in order."""

    here: World
    seed: int
    was: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    last: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def step(self) -> None:
        """Something changes."""
        if self.random.random() < 0.03:
            name = f"alert-{self.random.randrange(3)}"
            self.here.add(alert(name, eventSources=[]))
            return
        name, commit = f"app-{self.random.randrange(OBJECTS)}", self.random.choice(COMMITS)
        if self.random.random() < 0.5:
            status, state = green(git(commit)), "success"
        else:
            status, state = failed(commit), "failure"
        self.here.add(kustomization(status, name=name))
        self.was[name, commit].append(state)
        self.last[name] = commit

    def cut(self, request: Request) -> Fault | None:
        """Some watches end in the middle of an event."""
        if "watch" in request.query and self.random.random() < 0.3:
            return Fault(cut=self.random.randrange(1, 30))
        return None

    def spoil(self, forge: EmbeddedForge) -> None:
        """Some calls are slow, some answers are lost."""
        for fault, share in (
            (faults.reset(stored=True), 0.05),
            (faults.reset(stored=False), 0.05),
            (faults.slow(0.03), 0.3),
        ):
            forge.faults.when(self._happens(share), fault=fault)

    def _happens(self, share: float) -> Callable[[object], bool]:
        return lambda _: self.random.random() < share


def failed(commit: str) -> Object:
    return green(conditions=[not_ready("BuildFailed")], lastAttemptedRevision=git(commit))


@pytest.mark.parametrize("seed", range(4))
def test_in_the_end_all_is_shown_as_it_is(
    here: World, start: Start, ledger: str, seed: int
) -> None:
    chance = Chance(here, seed)
    with EmbeddedForge(token=FORGE_TOKEN) as other:
        other.add_repository(REPOSITORY, set(COMMITS))
        here.add_way("other", address=f"{other.url}/{REPOSITORY}")
        follower = start(ledger=ledger)
        here.kube.faults.fail = chance.cut
        for forge in (here.forge, other):
            chance.spoil(forge)
        for number in range(STEPS):
            chance.step()
            if number % 10 == 0:
                follower.looked()
        here.kube.faults.fail = lambda request: None
        for forge in (here.forge, other):
            forge.faults.clear()
        # What a forge did not take is tried again in the next round.
        follower.settled()
        rounds = follower.rounds
        here.add(alert("last", eventSources=[]))
        follower.another_round(rounds)
        for forge in (here.forge, other):
            assert wrong(chance, forge) == []
        follower.stop()


def wrong(chance: Chance, forge: EmbeddedForge) -> list[object]:
    found: list[object] = []
    for (name, commit), states in chance.was.items():
        rows = [row for row in forge.rows(REPOSITORY, commit) if row.context.split("/")[1] == name]
        shown = [str(row.state) for row in rows]
        if set(shown) - set(states):
            found.append((name, commit, "was never", shown, states))
        if any(one == other for one, other in pairwise(shown)):
            found.append((name, commit, "doubled", shown))
        if chance.last[name] == commit and shown[-1:] != states[-1:]:
            found.append((name, commit, "is not", shown, states))
    return found
