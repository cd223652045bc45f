"""Days of a small Flux, two repositories, a bot that polls and a ledger, all in memory.

Flux writes to a tape; how much of it a poll finds, and what comes while it polls, is chosen by who
tells the story. What is true is told by the judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from statusbot.cluster.clock import Deadline
from statusbot.forges.base import Answer, Credential, Request
from statusbot.ledger.codec import decode
from statusbot.ledger.memory import Ledger
from statusbot.poll import Poll
from statusbot.report.report import Report
from statusbot.settings import Settings
from statusbot.transport import DIRECT, Way
from tests.support.app import App
from tests.support.chaos import Act, Call, FakeForge, Kept, says
from tests.support.ends import STALLED
from tests.support.judge import Copy, Judge
from tests.support.leave import FAILURE_AGE
from tests.support.objects import NAMESPACE, alert, git
from tests.support.story import Killed, StoryStore, dying
from tests.support.tape import Tape
from tests.support.timeline import Flux

FLEET, OTHER = "https://forge.example/acme/fleet", "https://forge.example/acme/other"
# What each repository has: two commits are in both, as after a move or in a fork.
COMMITS = {
    FLEET: [digit * 40 for digit in "123478"],
    OTHER: [digit * 40 for digit in "5678"],
}
IDS = {"0c9c2e41": FLEET, "bbbbbbbb": OTHER}
TEAM = "team"
RECHECK = 86400.0
_PATH = re.compile(r"/repos/acme/(?P<name>\w+)/(?P<what>statuses|commits)/(?P<sha>\w{40})")


@dataclass
class TwoRepositories(FakeForge):
    """A forge that knows which commits a repository has, and has each row judged at once."""

    judge: Judge | None = None

    def send(
        self, request: Request, credential: Credential, *, timeout: float, way: Way = DIRECT
    ) -> Answer:
        match = _PATH.search(request.url)
        assert match is not None, request.url
        if match["sha"] not in COMMITS[f"https://forge.example/acme/{match['name']}"]:
            words = f"No commit found for SHA: {match['sha']}"
            if "/v1/" in request.url:
                words = "object does not exist"
                return says(404, {"message": words})(self, request)
            return says(422, {"message": words})(self, request)
        # Rows are kept by repository and commit.
        url = request.url.replace(match["sha"], f"{match['name']}_{match['sha']}")
        return super().send(replace(request, url=url), credential, timeout=timeout, way=way)

    def put(
        self, commit: str, context: str, state: str, description: str = "", *, ours: bool = False
    ) -> Kept:
        row = super().put(commit, context, state, description, ours=ours)
        if self.judge is not None:
            name, sha = commit.split("_")
            self.judge.put(f"https://forge.example/acme/{name}", replace(row, commit=sha))
        return row


@dataclass
class Days:
    """``keeps``: with a ledger. ``settings`` are those of the run, but for its two ages."""

    forge_type: str = "gitea"
    keeps: bool = True
    settings: Settings = field(default_factory=Settings)
    down: Act | None = None
    saved: bytes = b""
    copies: list[tuple[bytes, Copy]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tape = Tape()
        self.flux = Flux(self.tape, FLEET)
        self.tape.ahead = lambda: self.flux.now
        self.flux.patched = self.tape.patched
        self.judge = Judge(self.tape, self.flux.ends, IDS, self.keeps)
        self.tape.on_read = self.judge.look
        self.forge = TwoRepositories(lambda: self.tape.at, judge=self.judge)
        self.apps: list[App] = []
        self.urls = {"fleet": FLEET, "second": OTHER}
        for number, (id_, url) in enumerate(IDS.items()):
            self.flux.provide(f"forge-{number}", id_, type=self.forge_type, address=url)
            sources = [
                {"kind": "Kustomization", "name": "*", "namespace": namespace}
                for namespace in (NAMESPACE, TEAM)
            ]
            there = {"name": f"forge-{number}"}
            self.tape.apply(alert(f"to-{number}", eventSources=sources, providerRef=there))

    # -- the story ----------------------------------------------------------------------------

    def make(self, namespace: str, name: str, source: str = "fleet") -> App:
        """A Kustomization, whose uid nobody had before."""
        uid = f"uid-{len(self.flux.ends)}-{self.flux.tries}-{len(self.tape.changes)}-{name}"
        app = self.flux.app(name, source=source, namespace=namespace, uid=f"{uid}-{namespace}")
        app.object["spec"]["sourceRef"]["namespace"] = NAMESPACE
        app.patch()
        return app

    def commit(self, source: str, number: int) -> str:
        """One of the commits of a source's repository."""
        commits = COMMITS[self.urls[source]]
        return commits[number % len(commits)]

    def push(self, source: str, number: int) -> None:
        """A commit comes to the cluster, if it is not there."""
        commit = self.commit(source, number)
        if source not in self.flux.sources:
            self.flux.source(source, url=self.urls[source])
        status = self.flux.sources[source]["status"]
        if status.get("artifact", {}).get("revision") == git(commit):
            return
        self.flux.push(commit, source)
        for app in self.apps:
            self._still_stalled(app, source)

    def reconcile(self, app: App, outcome: str, **how: Any) -> None:
        """Flux comes to an end, and not to two in a second: it writes whole seconds.

        Of two ends in one second nobody could tell which came first.
        """
        self.flux.wait(1.0)
        if app.stalled and outcome != STALLED:
            app.edit(healthCheckExprs=[])
        app.reconcile(outcome, **how)

    def of(self, source: str) -> list[App]:
        """The objects of a source."""
        return [app for app in self.apps if app.object["spec"]["sourceRef"]["name"] == source]

    def move(self, source: str, number: int) -> None:
        """The URL changes; then comes what is there."""
        self.urls[source] = OTHER if self.urls[source] == FLEET else FLEET
        if source in self.flux.sources:
            self.flux.sources[source]["spec"]["url"] = self.urls[source]
            self.tape.apply(self.flux.sources[source])
        self.push(source, number)

    # -- the bot ------------------------------------------------------------------------------

    def poll(
        self,
        *,
        lag: int = 0,
        torn: str = "",
        faults: Mapping[int, Act] | None = None,
        dies_at_save: int = 0,
    ) -> Report | None:
        """One run; None where it was killed.

        ``lag``: so many changes are yet to come. ``torn`` is where all of them come: before the
        "Kustomization" list, or while the first call of the forge is under way ("call", or "slow"
        where that takes more than half a minute). ``faults`` are by the number of the call.
        """
        self.tape.play(len(self.tape.changes) - lag)
        store = StoryStore(self._ledger(), self.saved, dies_at=dies_at_save)
        began, first = self.tape.at, len(self.forge.calls)
        self._tear(torn)
        self.forge.act = self._acts(store, dict(faults or {}), first, torn)
        settings = replace(self.settings, recheck=RECHECK, failure_age=FAILURE_AGE)
        try:
            report = Poll(self.tape, store, self.forge, Deadline(600.0), settings)()
        except Killed:
            report = None
        well = report is not None and not faults and self.down is None
        saved = store.saves > 1 or (store.saves == 1 and dies_at_save != 1)
        self.judge.settle(began, complete=well, saved=saved)
        if self.keeps:
            self.saved = store.saved
            self.copies.append((store.saved, self.judge.remembered()))
        return report

    def _ledger(self) -> Ledger:
        if not self.keeps:
            return Ledger(kept=False)
        return decode(self.saved.splitlines(keepends=True)) if self.saved else Ledger()

    def _tear(self, torn: str) -> None:
        def before(what: str) -> None:
            if what == torn:
                self.tape.play(len(self.tape.changes))

        self.tape.before = before

    def _acts(
        self, store: StoryStore, faults: dict[int, Act], first: int, torn: str
    ) -> Callable[[Call], Act | None]:
        def act(call: Call) -> Act | None:
            if store.dead:
                raise Killed
            number = len(self.forge.calls) - first
            if number == 1 and torn == "slow":
                self.tape.pass_by(40.0)
                self.flux.now = max(self.flux.now, self.tape.at)
            if number == 1 and torn in ("call", "slow"):
                self.tape.play(len(self.tape.changes))
            chosen = faults.pop(number, None) or self.down
            return dying(chosen, store) if chosen else None

        return act

    def lose_ledger(self) -> None:
        """It is not there any more."""
        self.saved = b""
        self.judge.forget()

    def put_ledger_back(self, which: int) -> None:
        """An old copy is there again."""
        self.saved, copy = self.copies[which % len(self.copies)]
        self.judge.remember(copy)

    def _still_stalled(self, app: App, source: str) -> None:
        """Flux tries a stalled object at each new commit, and gives up at once."""
        spec, metadata = app.object["spec"], app.object["metadata"]
        if spec["sourceRef"]["name"] != source or spec.get("suspend"):
            return
        edited = app.status.get("observedGeneration") != metadata["generation"]
        if app.stalled and not edited:
            app.reconcile(STALLED)
