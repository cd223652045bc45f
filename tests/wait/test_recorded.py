"""Real Flux, played while gates wait: each ends as its commit did, and none before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from statusbot.cluster.clock import ServerClock
from statusbot.demo.forge import EmbeddedForge
from statusbot.demo.kube import EmbeddedKubernetes
from statusbot.demo.player import TOKEN, Player
from statusbot.demo.recording import Recording, Truth, read
from statusbot.wait.chosen import Chosen
from statusbot.wait.verdict import Standing
from tests.support.follower import MARK, marker
from tests.support.gate import Gate, gate
from tests.support.lineage import Line
from tests.support.replay import recordings

RECORDINGS = recordings()
ENDS = {"success": Standing.GREEN, "failure": Standing.RED}


@dataclass
class Waiter:
    """A gate for one commit of one Kustomization, which stays as it first ended."""

    truth: Truth
    exact: bool
    gate: Gate
    found: Standing = Standing.WAITING

    @property
    def name(self) -> str:
        return f"{self.truth.namespace}/{self.truth.name}"

    def sees(self, mark: str) -> None:
        """Look until all is seen that was written before the mark, or it ended."""
        if self.found is Standing.WAITING:
            self.gate.until(lambda _: self._ended() or self._mark() == mark)

    def _ended(self) -> bool:
        self.found = self.gate.verdicts[self.name].standing
        return self.found is not Standing.WAITING

    def _mark(self) -> str:
        seen = self.gate.looker._seen.get(f"{self.truth.namespace}/{MARK}")
        return seen.labels[MARK] if seen else ""


def waiters(recording: Recording, config: Path, stack: ExitStack) -> Iterator[Waiter]:
    line = Line(tuple(t.commit for t in sorted(recording.truths, key=lambda t: t.label)))
    for truth in recording.truths:
        names = frozenset({f"{truth.namespace}/{truth.name}", f"{truth.namespace}/{MARK}"})
        for exact in (True, False):
            made = stack.enter_context(
                gate(config, Chosen(names), sha=truth.commit, namespaces=(truth.namespace,))
            )
            made.looker.asked.lineage, made.looker.asked.exact = line, exact
            yield Waiter(truth, exact, made)


@pytest.fixture(scope="module", params=RECORDINGS)
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Waiter]]:
    recording = read(RECORDINGS[request.param])
    player = Player(recording)
    with ExitStack() as stack:
        kube = stack.enter_context(EmbeddedKubernetes(clock=player.clock, token="admin"))
        forge = stack.enter_context(EmbeddedForge(clock=player.clock, token=TOKEN))
        player.connect(kube, forge)
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(ServerClock, "now", lambda clock: player.clock())
        config = kube.kubeconfig(tmp_path_factory.mktemp("recorded") / "kubeconfig")
        made = list(waiters(recording, config, stack))
        namespaces = {waiter.truth.namespace for waiter in made}
        for number, time in enumerate(sorted({event.time for event in recording.events})):
            player.to(time)
            for namespace in namespaces:
                kube.apply(marker(str(number), namespace))
            for waiter in made:
                waiter.sees(str(number))
        yield made


def ends(truth: Truth) -> set[Standing]:
    """What is right of one commit alone."""
    return {ENDS.get(state, Standing.WAITING) for state in truth.accept}


def later(waiter: Waiter, all_: list[Waiter]) -> set[Standing]:
    """Of the first commit from it on that came to an end."""
    same = [w.truth for w in all_ if w.exact and w.name == waiter.name]
    found = {Standing.WAITING}
    for truth in sorted(same, key=lambda truth: truth.label):
        if truth.label >= waiter.truth.label and found == {Standing.WAITING}:
            found = ends(truth)
    return found


def test_a_gate_for_the_commit_alone_ends_in_its_truth(played: list[Waiter]) -> None:
    found = {w.truth: w.found for w in played if w.exact}
    assert {t: f for t, f in found.items() if f not in ends(t)} == {}


def test_a_gate_ends_as_the_first_commit_did_that_contains_it(played: list[Waiter]) -> None:
    found = [(w.truth.label, w.name, w.found, later(w, played)) for w in played if not w.exact]
    assert [one for one in found if one[2] not in one[3]] == []
