"""What is on its way when a run ends badly, and what is owed to objects that changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from statusbot.cluster.clock import Deadline
from statusbot.cluster.kinds import Kind
from statusbot.decide import World, decide
from statusbot.forges.base import Answer, Request
from statusbot.ledger.codec import decode
from statusbot.ledger.memory import Ledger, Owed
from statusbot.poll import Poll
from statusbot.posting import desk
from statusbot.posting import post as posting
from statusbot.results.observation import observe
from statusbot.results.result import Result
from statusbot.results.source import SourceRef
from statusbot.results.state import State
from statusbot.routing.router import AlertRouter
from statusbot.settings import Settings
from statusbot.sources import Sources
from tests.support.chaos import Act, FakeForge, says, work
from tests.support.objects import NAMESPACE, NOW, FakeCluster, Object, kustomization
from tests.support.story import COMMITS, GREEN, Story, StoryCluster, StoryStore, killed

FIRST, SECOND, *_ = COMMITS


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "CONNECTIONS", 1)
    monkeypatch.setattr(desk, "BACK_OFF", 0.0)


@pytest.fixture
def story() -> Story:
    """Green, posted and remembered."""
    story = Story()
    story.reconciled(GREEN, "")
    story.poll()
    story.passed(60)
    return story


def states(story: Story, commit: str = FIRST) -> list[str]:
    return [row.state for row in story.forge.shown(commit, story.contexts()[0])]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_ledger_that_missed_the_last_write_of_a_killed_run_is_not_relied_on(
    story: Story,
) -> None:
    """It still says green; the forge shows red since the run that was killed."""
    story.reconciled("BuildFailed", "no")
    assert story.poll({2: killed(stored=True)}) is None
    story.passed(60)
    story.reconciled(GREEN, "")
    story.poll()
    assert states(story) == ["success", "failure", "success"]


def test_what_flux_posted_between_is_corrected_though_the_forge_was_away_twice(
    story: Story,
) -> None:
    """The ledger says green, and the red that somebody posted is owed no more."""
    for reason in ("BuildFailed", GREEN):
        story.reconciled(reason, "no")
        story.poll({number: says(502) for number in range(1, 9)})
        if reason == "BuildFailed":
            story.forge.put(FIRST, story.contexts()[0], "failure", "build failed")
        story.passed(60)
    story.poll()
    assert states(story) == ["success", "failure", "success"]
    assert story.wrong == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_run_that_learnt_nothing_of_a_killed_ones_write_relies_on_nothing_either(
    story: Story,
) -> None:
    story.reconciled("BuildFailed", "no")
    assert story.poll({2: killed(stored=True)}) is None
    story.passed(60)
    story.poll({number: says(502) for number in range(1, 9)})
    story.passed(60)
    story.reconciled(GREEN, "")
    story.poll()
    assert states(story) == ["success", "failure", "success"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_write_of_a_killed_run_is_not_forgotten_while_its_provider_is_broken(
    story: Story,
) -> None:
    story.reconciled("BuildFailed", "no")
    assert story.poll({2: killed(stored=True)}) is None
    objects = story.objects

    def broken() -> list[Object]:
        made = objects()
        made[-2]["spec"]["commitStatusExpr"] = "not yet"
        return made

    story.objects = broken  # type: ignore[method-assign]
    story.poll()
    story.objects = objects  # type: ignore[method-assign]
    story.passed(60)
    story.reconciled(GREEN, "")
    story.poll()
    assert states(story) == ["success", "failure", "success"]


def a_red_comes_late(story: Story, description: str, tries: int = 1) -> None:
    """Nobody saw an answer to ours, and the green that came meanwhile could not be posted."""
    story.reconciled("BuildFailed", "no")
    assert story.poll({2: killed(stored=False)}) is None
    story.passed(60)
    story.reconciled(GREEN, "")
    for _ in range(tries):
        story.poll({number: says(502) for number in range(1, 9)})
        story.passed(10)
    story.pushed(SECOND)
    story.passed(10)
    story.forge.put(FIRST, story.contexts()[0], "failure", description)
    story.reconciled(GREEN, "")
    story.poll()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("tries", [1, 2])
def test_a_red_that_a_forge_stored_late_is_ended_though_its_commit_is_gone(
    story: Story, tries: int
) -> None:
    a_red_comes_late(story, "build failed: no", tries)
    assert states(story) == ["success", "failure", "success"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_red_that_somebody_else_wrote_of_a_commit_that_is_gone_stays(story: Story) -> None:
    a_red_comes_late(story, "health check failed: web")
    assert states(story) == ["success", "failure"]


def test_what_could_not_be_posted_is_posted_when_the_commit_is_gone(story: Story) -> None:
    story.reconciled("BuildFailed", "no")
    story.poll({number: says(502) for number in range(1, 9)})
    story.history.clear()
    story.pushed(SECOND)
    story.passed(60)
    story.poll()
    assert states(story) == ["success", "failure"]


def test_a_provider_that_is_broken_costs_the_other_no_reads(story: Story) -> None:
    """What is owed through one Alert says nothing of what was posted through another."""
    story.alerts = 2
    objects = story.objects

    def broken() -> list[Object]:
        made = objects()
        made[-2]["spec"]["commitStatusExpr"] = "not yet"
        return made

    story.objects = broken  # type: ignore[method-assign]
    story.poll()
    calls = len(story.forge.calls)
    story.poll()
    assert story.saved.count(b'"alert":"flux-system/alert-1"') == 1
    assert len(story.forge.calls) == calls


class Anew(StoryCluster):
    """The same Kustomization, deleted and made again."""

    def list(self, kind: Kind, namespaces: Sequence[str] = ()) -> Iterator[Object]:
        for obj in super().list(kind, namespaces):
            if kind.kind == "Kustomization":
                obj["metadata"]["uid"] = "another-uid"
            yield obj


def test_an_object_that_was_made_anew_shows_what_it_is_now(story: Story) -> None:
    """Its red is still owed by the uid that is gone; the green is newer."""
    story.reconciled("BuildFailed", "no")
    story.poll({number: says(502) for number in range(1, 9)})
    story.passed(60)
    story.reconciled(GREEN, "")
    ledger = decode(story.saved.splitlines(keepends=True))
    story.forge.act = lambda call: None
    store = StoryStore(ledger)
    report = Poll(Anew(story), store, story.forge, Deadline(60), Settings())()
    assert states(story) == ["success"]
    assert report.warnings == []
    assert list(ledger.owing()) == []


def test_a_source_that_may_not_be_read_for_a_while_costs_nothing_that_is_owed() -> None:
    seen = observe(kustomization(), NOW)
    owed = Owed(Result(seen.object, FIRST, State.FAILURE, "r", "", NOW, NOW, False), "ns/all")
    ledger = Ledger()
    ledger.owe(seen.object, [owed], NOW)
    sources = Sources(FakeCluster(forbidden={"GitRepository fleet"}))
    sources(seen, fresh=False)
    destinations = AlertRouter([], None)  # type: ignore[arg-type]
    decision = decide(seen, World(sources, destinations, ledger, NOW, 300.0))
    assert sources.unreadable.keys() == {SourceRef("GitRepository", NAMESPACE, "fleet")}
    assert decision.unrouted == [owed]


def test_a_bug_in_one_status_is_raised_after_the_others_were_remembered(story: Story) -> None:
    def bug(forge: FakeForge, request: Request) -> Answer:
        raise KeyError("bug")

    story.alerts = 2
    story.reconciled("BuildFailed", "no")
    once: list[Act] = [work, bug]
    story.forge.act = lambda call: once.pop(0) if call.method == "POST" and once else None
    ledger = decode(story.saved.splitlines(keepends=True))
    store = StoryStore(ledger)
    with pytest.raises(KeyError):
        Poll(StoryCluster(story), store, story.forge, Deadline(60), Settings())()
    (memory,) = decode(store.saved.splitlines(keepends=True)).objects.values()
    assert [one.state for one in memory.posted.values()].count(State.FAILURE) == 1
    assert len(memory.owed) == 1


@pytest.mark.parametrize(("red", "written"), [(True, ["success"]), (False, [])])
def test_what_was_read_again_is_routed_again(red: bool, written: list[str]) -> None:
    """A red that turned green meanwhile goes to an Alert for errors only just over a red."""
    story = Story()
    objects = story.objects

    def errors_only() -> list[Object]:
        made = objects()
        made[-1]["spec"]["eventSeverity"] = "error"
        return made

    def slow(forge: FakeForge, request: Request) -> Answer:
        answer = work(forge, request)
        story.now += 60
        story.reconciled(GREEN, "")
        return answer

    if red:
        story.forge.put(FIRST, story.contexts()[0], "failure", "health check failed")
    story.objects = errors_only  # type: ignore[method-assign]
    story.reconciled("BuildFailed", "")
    story.poll({1: slow})
    assert [row.state for row in story.forge.rows if row.ours] == written
