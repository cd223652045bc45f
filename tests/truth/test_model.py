"""Whatever comes, in whatever order: no commit shows what it never was, and none misses its end.

What is true is told by the story (tests/support/judge.py), and by none of statusbot's rules.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from statusbot.ledger.compare import CLOCKS_DIFFER
from statusbot.manifests import validation
from statusbot.posting import desk, post
from statusbot.results.state import State
from statusbot.settings import Settings
from tests.support.app import App
from tests.support.chaos import Act, cut, lost, says, unreachable
from tests.support.ends import (
    APPLY,
    BUILD,
    CANCELED,
    DENIED,
    DEPENDENCY,
    FETCH,
    HEALTH,
    OK,
    PATH,
    PRUNE,
    STALLED,
)
from tests.support.model import AGGREGATE, RECHECK, TEAM, Days
from tests.support.objects import NAMESPACE
from tests.support.story import Killed, killed
from tests.support.sums import wrong_sums
from tests.support.two_repositories import FORGES

# In CI always the same days, and they are counted; at home every run looks at others, and at fewer.
IN_CI = os.environ.get("CI") == "true"
EXAMPLES, STEPS, LEAST = (250, 40, 6000) if IN_CI else (40, 40, 0)

OUTCOMES = st.sampled_from(
    [OK, OK, OK, BUILD, APPLY, HEALTH, PRUNE, PATH, FETCH, DEPENDENCY, CANCELED, STALLED, DENIED]
)
# Some commits render to the same manifests: then history forgets the one before.
DIGESTS = st.sampled_from(["", "", "same"])
SOURCES = st.sampled_from(["fleet", "fleet", "second"])
NUMBERS = st.integers(0, 11)
SECONDS = st.sampled_from([0.0, 0.4, 2.0, 61.0])
OBJECTS = st.sampled_from(
    [
        [(NAMESPACE, "apps")],
        [(NAMESPACE, "apps"), (NAMESPACE, "infra")],
        [(NAMESPACE, "apps"), (TEAM, "apps")],
        [(NAMESPACE, "apps"), (NAMESPACE, "infra"), (TEAM, "apps")],
    ]
)
LAGS = st.sampled_from([0, 0, 0, 1, 1, 2, 3, 5, 8])
# The controller dies between the two patches of an end.
CRASHES = st.sampled_from([False, False, False, True])
TORN = st.sampled_from(["", "", "Kustomization", "one GitRepository", "call", "slow"])
FAULTS: dict[str, Act] = {
    "lost": lost,
    "cut": cut,
    "unreachable": unreachable,
    "500": says(500),
    "401": says(401),
    "403": says(403),
    "429": says(429, headers={"Retry-After": "3600"}),
    "killed": killed(stored=False),
    "killed when stored": killed(stored=True),
}
DOWN = ("unreachable", "500", "429", "401")


# Flux goes on by itself, whatever steps a story is made of: after each comes one of these.
GoesOn = list[tuple[str, int, list[str], str, int | None]]
ONCE = st.tuples(
    st.sampled_from(["fleet", "second", ""]),  # "": no commit comes
    NUMBERS,
    st.lists(OUTCOMES, min_size=4, max_size=4),
    DIGESTS,
    st.one_of(st.none(), LAGS),  # None: no poll comes
)
# What a run is asked to add needs a ledger.
ASKED = st.builds(
    Settings,
    pending=st.sampled_from([False, False, True]),
    superseded=st.sampled_from([None, None, State.SUCCESS, State.ERROR]),
    aggregate=st.sampled_from(["", "", AGGREGATE]),
)


class Model(RuleBasedStateMachine):
    """The steps. ``taken`` counts them over all examples, and ``told`` those with a row."""

    taken: ClassVar[int] = 0
    stories: ClassVar[int] = 0
    told: ClassVar[int] = 0

    @initialize(
        forge=st.sampled_from(FORGES),
        keeps=st.sampled_from([True, True, False]),
        asked=ASKED,
        objects=OBJECTS,
        goes_on=st.lists(ONCE, min_size=3, max_size=12),
    )
    def begin(
        self,
        forge: str,
        keeps: bool,
        asked: Settings,
        objects: list[tuple[str, str]],
        goes_on: GoesOn,
    ) -> None:
        self._begin(Days(forge, keeps, asked if keeps else Settings()), objects, goes_on)

    def _begin(self, days: Days, objects: list[tuple[str, str]], goes_on: GoesOn) -> None:
        self.days = days
        self.goes_on = list(reversed(goes_on))
        self.flux = self.days.flux
        self.lost = False  # the ledger, once
        self.paused = (
            False  # one of them, once: it was not counted, and nobody counts again at once
        )
        self.days.push("fleet", 0)
        self.days.push("second", 0)
        for namespace, name in objects:
            self.days.apps.append(self.days.make(namespace, name))

    # -- Flux ---------------------------------------------------------------------------------

    @rule(
        source=SOURCES,
        number=NUMBERS,
        outcomes=st.lists(OUTCOMES, min_size=3, max_size=3),
        digest=DIGESTS,
        crash=CRASHES,
        seconds=SECONDS,
        lag=st.one_of(st.none(), LAGS),
    )
    def a_commit_comes(
        self,
        source: str,
        number: int,
        outcomes: list[str],
        digest: str,
        crash: bool,
        seconds: float,
        lag: int | None,
    ) -> None:
        """With ``lag`` a poll comes, too, before the last patches."""
        self.days.push(source, number)
        for app, outcome in zip(self.days.of(source), outcomes, strict=False):
            self.days.reconcile(app, outcome, digest=digest, crash=crash)
        if lag is not None:
            self._poll(lag=lag)
        self.flux.wait(seconds)

    @rule(source=SOURCES, number=NUMBERS)
    def a_commit_comes_and_flux_does_not_come_to_it(self, source: str, number: int) -> None:
        self.days.push(source, number)

    @rule(
        which=NUMBERS,
        outcome=OUTCOMES,
        digest=DIGESTS,
        crash=CRASHES,
        lag=st.one_of(st.none(), LAGS),
    )
    def flux_reconciles(
        self, which: int, outcome: str, digest: str, crash: bool, lag: int | None
    ) -> None:
        self.days.reconcile(self._app(which), outcome, digest=digest, crash=crash)
        if lag is not None:
            self._poll(lag=lag)

    @rule(which=NUMBERS, outcome=OUTCOMES, number=NUMBERS)
    def a_commit_comes_while_flux_reconciles(self, which: int, outcome: str, number: int) -> None:
        app = self._app(which)
        source = app.object["spec"]["sourceRef"]["name"]
        self.days.reconcile(app, outcome, meanwhile=lambda: self.days.push(source, number))

    @rule(which=NUMBERS)
    def the_spec_changes(self, which: int) -> None:
        app = self._app(which)
        app.edit(path=f"./{app.object['metadata']['generation']}")

    @rule(which=NUMBERS)
    def it_is_suspended_or_resumed(self, which: int) -> None:
        app, self.paused = self._app(which), True
        app.edit(suspend=not app.object["spec"].get("suspend", False))

    @rule(which=NUMBERS)
    def it_gets_the_other_source(self, which: int) -> None:
        app = self._app(which)
        now = app.object["spec"]["sourceRef"]["name"]
        name = "second" if now == "fleet" else "fleet"
        app.edit(sourceRef={"kind": "GitRepository", "name": name, "namespace": NAMESPACE})

    @rule(source=SOURCES, number=NUMBERS)
    def the_source_gets_another_url(self, source: str, number: int) -> None:
        self.days.move(source, number)

    @rule(source=SOURCES)
    def the_source_is_deleted(self, source: str) -> None:
        if source in self.flux.sources:
            self.flux.drop(source)

    @rule(which=NUMBERS, name=st.sampled_from(["", "", "web"]), seconds=SECONDS)
    def it_is_deleted_and_made_again(self, which: int, name: str, seconds: float) -> None:
        app = self._app(which)
        app.delete()
        self.flux.wait(seconds)
        metadata = app.object["metadata"]
        place = metadata["namespace"], name or metadata["name"]
        taken = {
            (a.object["metadata"]["namespace"], a.object["metadata"]["name"])
            for a in self._others(app)
        }
        if place in taken:
            place = metadata["namespace"], metadata["name"]
        source = app.object["spec"]["sourceRef"]["name"]
        self.days.apps[self.days.apps.index(app)] = self.days.make(*place, source)

    @rule(seconds=st.sampled_from([1, 31, 301, 3500, 4000, 90000]))
    def time_passes(self, seconds: float) -> None:
        self.flux.wait(seconds)

    # -- the forge and the ledger -------------------------------------------------------------

    @rule(how=st.sampled_from(DOWN))
    def the_forge_goes_down(self, how: str) -> None:
        self.days.down = FAULTS[how]

    @precondition(lambda self: self.days.down is not None)
    @rule()
    def the_forge_comes_back(self) -> None:
        self.days.down = None

    @precondition(lambda self: self.days.saved)
    @rule()
    def the_ledger_is_lost(self) -> None:
        self.lost = True
        self.days.lose_ledger()

    @precondition(lambda self: self.days.copies)
    @rule(which=NUMBERS)
    def an_old_copy_of_the_ledger_comes_back(self, which: int) -> None:
        self.lost = True
        self.days.put_ledger_back(which)

    # -- polls --------------------------------------------------------------------------------

    @rule(lag=LAGS, torn=TORN)
    def a_poll(self, lag: int, torn: str) -> None:
        self._poll(lag=lag, torn=torn)

    @rule(fault=st.sampled_from(sorted(FAULTS)), call=st.integers(1, 4), lag=LAGS, torn=TORN)
    def a_poll_goes_wrong(self, fault: str, call: int, lag: int, torn: str) -> None:
        self._poll(lag=lag, torn=torn, faults={call: FAULTS[fault]})

    @rule(save=st.sampled_from([1, 2]), lag=LAGS)
    def a_poll_is_killed_at_a_save(self, save: int, lag: int) -> None:
        self._poll(lag=lag, dies_at_save=save)

    @rule()
    def all_is_well_for_two_polls(self) -> None:
        """What is due is shown, and the second poll has nothing to do."""
        self._two_polls()

    def _two_polls(self) -> None:
        self.days.down = None
        self._poll()
        if self.days.settings != Settings():
            self._polls_until_quiet()
        missing = self.days.judge.missing()
        assert missing == [], missing
        calls, writes = len(self.days.forge.calls), len(self.days.forge.of("POST"))
        self.days.poll()
        assert len(self.days.forge.of("POST")) == writes, "the second poll writes"
        if self.days.keeps and not self.lost:
            assert len(self.days.forge.calls) == calls, "the second poll asks"
            assert self.paused or [*wrong_sums(self.days.judge)] == []
        self._judge()

    def _polls_until_quiet(self) -> None:
        """What an object before it in the same place is owed comes first, and what sums all up last."""
        calls = -1
        for _ in range(9):
            if calls == len(self.days.forge.calls):
                return
            calls = len(self.days.forge.calls)
            self._poll()

    def _poll(self, **how: Any) -> None:
        # A copy of the ledger is older than what came later, whatever clocks are said to differ.
        self.flux.wait(CLOCKS_DIFFER + 1)
        rows = len(self.days.forge.rows)
        self.days.poll(**how)
        for view in self.days.judge.read:
            note(f"  it read {view.path}: {view.standing}; past {[str(e) for e in view.past]}")
        for row in self.days.forge.rows[rows:]:
            note(f"  it wrote {row.state} on {row.commit[:10]} as {row.context}")

    # -- what must hold -----------------------------------------------------------------------

    @invariant()
    def nothing_is_false_or_doubled(self) -> None:
        type(self).taken += 1
        self._goes_on()
        self._judge()

    def _goes_on(self) -> None:
        if not self.goes_on:
            return
        source, number, outcomes, digest, lag = self.goes_on.pop()
        if source:
            self.days.push(source, number)
        for app, outcome in zip(self.days.apps, outcomes, strict=False):
            self.days.reconcile(app, outcome, digest=digest)
        if lag is not None:
            self._poll(lag=lag)

    def _judge(self) -> None:
        wrong = self.days.judge.wrong
        assert wrong == [], wrong

    def teardown(self) -> None:
        if not hasattr(self, "days"):
            return
        self._two_polls()
        self.flux.wait(RECHECK + 60)
        self.days.judge.compared()
        self._two_polls()
        type(self).stories += 1
        type(self).told += bool(self.days.forge.rows)

    def _app(self, which: int) -> App:
        return self.days.apps[which % len(self.days.apps)]

    def _others(self, app: App) -> list[App]:
        return [other for other in self.days.apps if other is not app]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One connection, so that a story can be told twice; no pauses; a kill leaves no trace.

    The Alerts and Providers are always the same valid ones.
    """
    monkeypatch.setattr(validation, "find_faults", lambda obj, kind: [])
    monkeypatch.setattr(post, "CONNECTIONS", 1)
    monkeypatch.setattr(desk, "BACK_OFF", 0.0)
    before = threading.excepthook
    monkeypatch.setattr(
        threading,
        "excepthook",
        lambda raised: None if raised.exc_type is Killed else before(raised),
    )
    yield


class Counted:
    """A machine, as a test; in CI it says how far it looked, and fails where that was too little."""

    machine: ClassVar[type[Model]]
    least: ClassVar[int]

    def runTest(self) -> None:
        super().runTest()  # type: ignore[misc]
        told = f"{self.machine.told} of {self.machine.stories} stories have rows"
        print(f"{self.machine.taken} steps; {told}")
        assert self.machine.taken >= self.least

    runTest.is_hypothesis_test = True  # type: ignore[attr-defined]


def so_many(number: int, steps: int) -> settings:
    """Stories, of so many steps at the most; the same each time in CI."""
    return settings(
        max_examples=number,
        stateful_step_count=steps,
        deadline=None,
        derandomize=IN_CI,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


class TestModel(Counted, Model.TestCase):  # type: ignore[misc, valid-type]
    """All of it on one cluster, with one ledger."""

    machine, least = Model, LEAST
    settings = so_many(EXAMPLES, STEPS)
