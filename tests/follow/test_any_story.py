"""Whatever comes in whatever order, step by step: what a forge shows in the end is true, and told once.

What is true is told by the story, and by none of statusbot's rules. Each story is one of a number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

import pytest

from statusbot.ledger.codec import decode
from statusbot.ledger.memory import Ledger
from statusbot.posting import calls, desk, post
from statusbot.settings import Settings
from tests.support.app import App
from tests.support.chaos import Kept, says, unreachable
from tests.support.ends import APPLY, BUILD, HEALTH, OK, PRUNE, End
from tests.support.objects import NAMESPACE, alert, git
from tests.support.stepped import GatedForge, Steps, Watched
from tests.support.story import StoryStore
from tests.support.tape import View
from tests.support.timeline import Flux

STORIES, STEPS, RUNS = 30, 20, 2
ADDRESS, TEAM = "https://forge.example/acme/fleet", "team"
COMMITS = [digit * 40 for digit in "1234"]
IDS = ("0c9c2e41", "bbbbbbbb")
OUTCOMES = (OK, OK, BUILD, APPLY, HEALTH, PRUNE)
FAULTS = (says(500), says(401), says(429, headers={"Retry-After": "3600"}), unreachable)
Step = Callable[[], None]


@dataclass
class Story:
    """Some Kustomizations, one repository that two logins post to, and who follows, with breaks."""

    number: int
    told: dict[tuple[str, str], End] = field(default_factory=dict)  # the newest by path and commit
    calm: bool = False  # nothing goes wrong any more
    missed: list[str] = field(default_factory=list)  # what was not shown before the next round
    late: int = 0  # calls of the forge when all had been told

    def __post_init__(self) -> None:
        self.random = Random(self.number)
        self.tape = Watched()
        self.flux = Flux(self.tape, ADDRESS)
        self.tape.ahead = lambda: self.flux.now
        self.flux.patched = self.tape.patched
        self.forge = GatedForge(lambda: self.tape.at)
        self.keeps = self.number % 4 > 0
        sources = [
            {"kind": "Kustomization", "name": "*", "namespace": space}
            for space in (NAMESPACE, TEAM)
        ]
        for id_ in IDS:
            self.provide(id_)
            self.tape.apply(
                alert(f"to-{id_}", eventSources=sources, providerRef={"name": f"forge-{id_}"})
            )
        self.flux.push(COMMITS[0])
        self.apps = [self.flux.app("apps"), self.flux.app("infra")]
        self.tape.play(len(self.tape.changes))

    def provide(self, id_: str, address: str = ADDRESS) -> None:
        """One of the Providers, each with a login of its own."""
        secret = {"name": f"login-{id_}"}
        self.flux.provide(f"forge-{id_}", id_, type="gitea", address=address, secretRef=secret)

    def play(self) -> None:
        """To its end; a new process takes the place of the one before where there is a ledger."""
        saved = b""
        for run in reversed(range(RUNS if self.keeps else 1)):
            ledger = Ledger(kept=self.keeps)
            if saved:
                ledger = decode(saved.splitlines(keepends=True))
            store = StoryStore(ledger, saved)
            steps = self.anything() if run else self.to_the_end()
            self.run = Steps(self.tape, self.forge, store, Settings(), steps, self.saw)
            self.run.run()
            saved = store.saved

    def saw(self, view: View) -> None:
        """Whoever reads this can know of these ends."""
        ends = [*view.past, *([view.standing] if view.standing else [])]
        for end in ends:
            known = self.told.setdefault((end.path, end.commit), end)
            if known.number < end.number:
                self.told[end.path, end.commit] = end

    # -- its steps

    def anything(self) -> Iterator[Step]:
        for _ in range(STEPS):
            yield self.any_step

    def to_the_end(self) -> Iterator[Step]:
        yield from self.anything()
        for id_ in IDS:
            self.provide(id_)
        yield from self.all_of_it()
        yield from self.minutes(2)
        self.calm = True
        yield from self.anything()
        yield from self.all_of_it()
        self.missed = list(self.wrong())
        yield from self.minutes(2)

    def minutes(self, count: int) -> Iterator[Step]:
        for _ in range(count):
            self.late = len(self.forge.calls)
            yield self.a_minute_passes
            yield from self.all_of_it()

    def any_step(self) -> None:
        choose = self.random
        self.run.watch(len(self.tape.log))  # a watch is not behind for longer than this
        steps: list[Step] = [self.flux_goes_on, self.cut, self.a_minute_passes, self.mend]
        choose.choices(steps, [16, 0, 0, 0] if self.calm else [16, 1, 1, 1])[0]()
        self.tape.play(len(self.tape.changes) - choose.choice([0, 0, 1, 2, 4]))
        for _ in range(choose.choice([0, 0, 1, 2, 5])):
            if gates := self.forge.standing():
                fails = choose.random() < 0.15 and not self.calm
                fault = choose.choice(FAULTS) if fails else None
                self.forge.let_through(choose.choice(gates), fault)
                self.run.rest(self.run.follow)
        if choose.random() < 0.8:
            kinds = choose.choice([(), (), ("Kustomization",)])
            self.run.watch(choose.choice([1, 3, 100]), *kinds)

    def flux_goes_on(self) -> None:
        choose = self.random
        what = choose.random()
        if what < 0.3:
            commit = choose.choice(COMMITS)
            if git(commit) != self.flux.sources["fleet"]["status"]["artifact"]["revision"]:
                self.flux.push(commit)
        elif what < 0.35 and len(self.apps) < 3:
            self.apps.append(self.namesake())
        elif what < 0.4:
            app = choose.choice(self.apps)
            app.edit(suspend=not app.object["spec"].get("suspend", False))
        for app in choose.sample(self.apps, choose.choice([1, 1, len(self.apps)])):
            self.flux.wait(1.0)  # Flux writes whole seconds
            app.reconcile(choose.choice(OUTCOMES))

    def namesake(self) -> App:
        app = self.flux.app("apps", namespace=TEAM)
        app.object["spec"]["sourceRef"]["namespace"] = NAMESPACE
        app.patch()
        return app

    def cut(self) -> None:
        self.run.changes.give_up("the watch was cut")

    def a_minute_passes(self) -> None:
        self.flux.wait(61.0)
        self.tape.play(len(self.tape.changes))

    def mend(self) -> None:
        """A Provider, or spoil it."""
        id_ = self.random.choice(IDS)
        self.provide(id_, self.random.choice([ADDRESS, "https://forge.example/nobody"]))

    def all_of_it(self) -> Iterator[Step]:
        """Until nothing happens any more; nothing goes wrong."""
        for _ in range(40):
            yield self.goes_well
            if self.run.all_came:
                return
        raise AssertionError("it never came to rest")

    def goes_well(self) -> None:
        self.tape.play(len(self.tape.changes))
        self.run.watch(len(self.tape.log))
        while gates := self.forge.standing():
            self.forge.let_through(gates[0])
            self.run.rest(self.run.follow)

    # -- what it shows

    def rows(self, path: str, commit: str, id_: str) -> list[str]:
        """The states that were written of a commit, the oldest first."""
        namespace, name = path.split("/")
        contexts = {f"kustomization/{path}/{id_}"}
        if namespace == NAMESPACE:  # it was there before its namesake
            contexts.add(f"kustomization/{name}/{id_}")
        mine = [r for r in self.forge.rows if r.commit == commit and r.context in contexts]
        return [row.state for row in mine]

    def ends(self, path: str, commit: str) -> list[str]:
        """What the commit came to, in order."""
        return [e.state for e in self.flux.ends if (e.path, e.commit) == (path, commit)]

    def wrong(self) -> Iterator[str]:
        """The ends that could be known and are not what is shown."""
        for (path, commit), end in self.told.items():
            for id_ in IDS:
                shown = self.rows(path, commit, id_)
                if shown[-1:] != [end.state]:
                    yield f"story {self.number}: {end} under {id_}: {shown}"

    def places(self) -> Iterator[tuple[str, str, str]]:
        for app in self.apps:
            yield from ((app.path, commit, id_) for commit in COMMITS for id_ in IDS)


@pytest.fixture(scope="module")
def stories() -> Iterator[list[Story]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(post, "CONNECTIONS", 1)
        patch.setattr(post, "STOP_WITHIN", 0.0)
        patch.setattr(post, "LOOK_EVERY", 0.005)
        for module in (calls, desk):
            patch.setattr(module, "BACK_OFF", 0.0)
        made = [Story(number) for number in range(STORIES)]
        for story in made:
            story.play()
        yield made


def test_every_end_that_could_be_known_is_shown(stories: list[Story]) -> None:
    assert [wrong for story in stories for wrong in story.wrong()] == []


def test_where_nothing_goes_wrong_it_is_shown_at_once(stories: list[Story]) -> None:
    assert [wrong for story in stories for wrong in story.missed] == []


def test_nothing_is_shown_that_never_was_or_in_another_order(stories: list[Story]) -> None:
    wrong = [
        (story.number, place, story.rows(*place), story.ends(*place[:2]))
        for story in stories
        for place in story.places()
        if not in_order(story.rows(*place), story.ends(*place[:2]))
    ]
    assert wrong == []


def in_order(rows: list[str], ends: list[str]) -> bool:
    """Whether the rows are some of the ends, in their order."""
    left = iter(ends)
    return all(any(row == end for end in left) for row in rows)


def test_nothing_is_written_twice(stories: list[Story]) -> None:
    for story in stories:
        kept: dict[tuple[str, str], list[Kept]] = defaultdict(list)
        for row in story.forge.rows:
            kept[row.commit, row.context].append(row)
        for rows in kept.values():
            said = [(row.state, row.description) for row in rows]
            assert all(one != other for one, other in pairwise(said))


def test_when_all_is_told_no_forge_is_called(stories: list[Story]) -> None:
    asked = {s.number: [c.url for c in s.forge.calls[s.late :]] for s in stories if s.keeps}
    assert {number: urls for number, urls in asked.items() if urls} == {}


def test_when_all_is_told_nothing_is_kept_but_the_ledger(stories: list[Story]) -> None:
    for story in stories:
        couriers, round_ = story.run.follow._couriers, story.run.follow._round
        assert not any(couriers._waiting.values())
        assert not (couriers._place or couriers._flying or couriers._busy or couriers._back)
        assert round_ is not None
        assert not round_._held._waiting
