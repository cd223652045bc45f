"""Days of a small Flux, two repositories, a bot that polls and a ledger, all in memory.

Flux writes to a tape; how much of it a poll finds, and what comes while it polls, is chosen by who
tells the story. What is true is told by the judge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from statusbot.cluster.clock import Deadline
from statusbot.ledger.codec import decode
from statusbot.ledger.memory import Ledger
from statusbot.poll import Poll
from statusbot.report.report import Report
from statusbot.settings import Settings
from tests.support.app import App
from tests.support.chaos import Act, Call
from tests.support.doubles import Copy
from tests.support.ends import STALLED
from tests.support.extras import Extras
from tests.support.judge import Judge
from tests.support.leave import FAILURE_AGE
from tests.support.objects import NAMESPACE, alert, git
from tests.support.story import Killed, StoryStore, dying
from tests.support.tape import Tape
from tests.support.timeline import Flux
from tests.support.two_repositories import BY_KEY, COMMITS, TwoRepositories, address

FLEET = address("gitea", "fleet")
# The repositories by the id of contexts.
IDS = {"0c9c2e41": "fleet", "bbbbbbbb": "other"}
TEAM, CREW = "team", "crew"
NAMES = ("apps", "infra", "web")
AGGREGATE = "flux/all"
RECHECK = 86400.0


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
        fleet, other = (address(self.forge_type, name) for name in IDS.values())
        self.urls = {"fleet": fleet, "second": other}
        self.flux = Flux(self.tape, fleet)
        self.tape.ahead = lambda: self.flux.now
        self.flux.patched = self.tape.patched
        repositories = dict(zip(IDS, self.urls.values(), strict=True))
        self.judge = Judge(self.tape, self.flux.ends, repositories, self.keeps)
        self.judge.extras = Extras.of(self.settings)
        self.judge.doubles.unread = self.keeps and self.forge_type in BY_KEY
        self.tape.on_read = self.judge.look
        self.forge = TwoRepositories(
            lambda: self.tape.at, type=self.forge_type, judge=self.judge, contexts=_contexts()
        )
        self.apps: list[App] = []
        for number, (id_, url) in enumerate(repositories.items()):
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
        commits = COMMITS[self.urls[source].rpartition("/")[2]]
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
        fleet, other = self.judge.repositories.values()
        self.urls[source] = other if self.urls[source] == fleet else fleet
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
        before = dict(self.judge.urls), dict(self.judge.moved)
        known = dict(self.judge.doubles.known)
        self._tear(torn)
        self.forge.act = self._acts(store, dict(faults or {}), first, torn)
        settings = replace(self.settings, recheck=RECHECK, failure_age=FAILURE_AGE)
        try:
            report = Poll(self.tape, store, self.forge, Deadline(600.0), settings)()
        except Killed:
            report, self.judge.doubles.known = None, known
        well = report is not None and not faults and self.down is None
        saved = store.saves > 1 or (store.saves == 1 and dies_at_save != 1)
        self.judge.settle(began, complete=well, saved=saved)
        if not saved:
            self.judge.urls, self.judge.moved = before
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


def _contexts() -> Iterator[str]:
    """All that a status may come under."""
    yield AGGREGATE
    for id_, name in product(IDS, NAMES):
        yield f"kustomization/{name}/{id_}"
        yield from (f"kustomization/{space}/{name}/{id_}" for space in (NAMESPACE, TEAM, CREW))
