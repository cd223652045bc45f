"""The verdict on one object: now, its past, and what it is owed."""

from __future__ import annotations

from typing import Any

from statusbot.decide import Decision, World, decide
from statusbot.ledger.memory import Ledger, Owed
from statusbot.ledger.posted import Posted
from statusbot.notifications import read_router
from statusbot.results.observation import observe
from statusbot.results.result import Event, ObjectRef, Result
from statusbot.results.state import State
from statusbot.routing.status import Way
from statusbot.sources import Sources
from tests.support.objects import (
    C1,
    C2,
    C3,
    EARLIER,
    NAMESPACE,
    NOW,
    URL,
    FakeCluster,
    Object,
    alert,
    entry,
    git,
    git_repository,
    green,
    kustomization,
    not_ready,
    progressing,
    provider,
    source_object,
)

APPS = ObjectRef("Kustomization", NAMESPACE, "apps", "uid-of-flux-system-apps")
ALERT = f"{NAMESPACE}/all"
MINUTES = 60.0
POSTED = Posted(State.SUCCESS, "ReconciliationSucceeded", "", EARLIER, EARLIER, EARLIER)


class Bench:
    """A cluster, a ledger, and decisions at any time."""

    def __init__(self, *objects: Object, kept: bool = True, since: float = 0.0) -> None:
        self.cluster = FakeCluster(list(objects) or [git_repository(C2), alert(), provider()])
        self.ledger = Ledger(kept=kept)
        self.since = since

    def decide(self, obj: Object, now: float = NOW) -> Decision:
        self.cluster.at = now
        sources = Sources(self.cluster)
        sources.read()
        router, _ = read_router(self.cluster, (), "id", None)
        world = World(sources, router, self.ledger, self.since, 5 * MINUTES)
        return decide(observe(obj, now), world)

    def replace(self, obj: Object) -> None:
        """Put an object in the place of the one of its kind."""
        kept = [other for other in self.cluster.objects if other["kind"] != obj["kind"]]
        self.cluster.objects = [*kept, obj]

    def owe(self, result: Result, alert: str = ALERT) -> None:
        self.ledger.owe(result.object, [Owed(result, alert)], NOW)

    def know(self, source: str = URL) -> None:
        """Let the ledger know the object and the URL of its source."""
        self.ledger.record(APPS, "key", POSTED, EARLIER)
        self.ledger.objects[APPS.key].source = source


def failed(reason: str = "ArtifactFailed", message: str = "404", **status: Any) -> Object:
    """Green at C1 before, and not ready now."""
    return kustomization(green(conditions=[not_ready(reason, message)], **status))


def old(commit: str = C3, state: State = State.FAILURE) -> Result:
    return Result(APPS, commit, state, "BuildFailed", "x", EARLIER, EARLIER, current=True)


def short(decision: Decision) -> list[tuple[str, State]]:
    return [(result.commit, result.state) for result in decision.results]


def why(decision: Decision) -> str:
    (only,) = decision.skipped
    return only.why


class TestResults:
    def test_what_the_object_shows_is_said_on_its_way(self) -> None:
        decision = Bench().decide(kustomization())
        (status,) = decision.statuses()
        assert (status.result.commit, status.result.state) == (C1, State.SUCCESS)
        assert status.way.destination.repository.key == "github.com/acme/fleet"

    def test_it_is_said_on_every_way(self) -> None:
        bench = Bench(git_repository(C1), alert("one"), alert("two"), provider())
        statuses = list(bench.decide(kustomization()).statuses())
        assert [status.way.alert for status in statuses] == ["flux-system/one", "flux-system/two"]

    def test_the_past_is_said_beside_it(self) -> None:
        obj = kustomization(green(git(C2), history=[entry(git(C2)), entry(git(C1))]))
        assert short(Bench().decide(obj)) == [(C2, State.SUCCESS), (C1, State.SUCCESS)]

    def test_the_past_is_said_also_where_there_is_no_claim(self) -> None:
        obj = kustomization(green(conditions=[progressing()], history=[entry(git(C1))]))
        decision = Bench().decide(obj)
        assert short(decision) == [(C1, State.SUCCESS)]
        assert "at work" in why(decision)

    def test_a_skip_is_a_value_with_its_reason(self) -> None:
        decision = Bench().decide(failed("DependencyNotReady", "x"))
        assert short(decision) == []
        assert why(decision) == "it waits for a dependency: x"

    def test_labels_route(self) -> None:
        sources = [{"kind": "Kustomization", "name": "*", "matchLabels": {"team": "a"}}]
        bench = Bench(git_repository(C1), alert(eventSources=sources), provider())
        assert list(bench.decide(kustomization(labels={"team": "a"})).statuses())
        assert not list(bench.decide(kustomization(labels={"team": "b"})).statuses())

    def test_an_alert_for_errors_takes_a_success_only_over_red(self) -> None:
        bench = Bench(git_repository(C1), alert(eventSeverity="error"), provider())
        (status,) = bench.decide(kustomization()).statuses()
        assert status.only_over_red is True


class TestHistory:
    def test_what_an_earlier_poll_told_is_not_told_again(self) -> None:
        history = [entry(git(C2), last=NOW - 10), entry(git(C1), last=NOW - 30)]
        obj = kustomization(green(git(C3), history=history))
        assert short(Bench(since=NOW - 20).decide(obj)) == [
            (C3, State.SUCCESS),
            (C2, State.SUCCESS),
        ]

    def test_under_another_url_the_past_belongs_to_that(self) -> None:
        bench = Bench()
        bench.know(source="https://github.com/acme/old")
        obj = kustomization(green(git(C3), history=[entry(git(C2), last=NOW - 10)]))
        assert short(bench.decide(obj)) == [(C3, State.SUCCESS)]

    def test_and_later_polls_remember_when_it_changed(self) -> None:
        bench = Bench()
        bench.know(source="https://github.com/acme/old")
        bench.decide(kustomization(), NOW)
        history = [entry(git(C2), last=NOW + 10), entry(git(C1), last=NOW - 10)]
        obj = kustomization(green(git(C3), history=history))
        assert short(bench.decide(obj, NOW + 20)) == [(C3, State.SUCCESS), (C2, State.SUCCESS)]

    def test_a_change_of_long_ago_does_not_bring_back_what_was_told(self) -> None:
        bench = Bench(since=NOW - 20)
        bench.know()
        bench.ledger.objects[APPS.key].source_changed_at = NOW - 100
        obj = kustomization(green(git(C3), history=[entry(git(C2), last=NOW - 50)]))
        assert short(bench.decide(obj)) == [(C3, State.SUCCESS)]

    def test_a_source_that_vanished_has_not_changed(self) -> None:
        bench = Bench(alert(), provider())
        bench.know()
        bench.decide(kustomization())
        assert bench.ledger.objects[APPS.key].source == URL


class TestWaiting:
    def test_what_flux_tries_again_is_no_failure_at_first(self) -> None:
        decision = Bench().decide(failed())
        assert short(decision) == []
        assert why(decision) == "Flux tries again: ArtifactFailed"
        assert decision.skipped[0].commit == C2

    def test_it_is_none_at_the_age(self) -> None:
        bench = Bench()
        bench.decide(failed(), NOW)
        assert short(bench.decide(failed(), NOW + 5 * MINUTES)) == []

    def test_past_the_age_it_is_one(self) -> None:
        bench = Bench()
        bench.decide(failed(), NOW)
        (result,) = bench.decide(failed(message="still 404"), NOW + 5 * MINUTES + 1).results
        assert result == Result(
            APPS,
            C2,
            State.FAILURE,
            "ArtifactFailed",
            "still 404",
            NOW + 5 * MINUTES + 1,
            EARLIER,
            current=True,
            event=Event(git(C2)),
        )

    def test_it_stays_one(self) -> None:
        bench = Bench()
        bench.decide(failed(), NOW)
        for minutes in (6, 7, 8):
            assert short(bench.decide(failed(), NOW + minutes * MINUTES)) == [(C2, State.FAILURE)]

    def test_a_try_in_between_does_not_start_the_wait_anew(self) -> None:
        """Ready passes through Unknown at each try, and lastTransitionTime with it."""
        bench = Bench()
        bench.decide(failed(), NOW)
        bench.decide(kustomization(green(conditions=[progressing()])), NOW + 3 * MINUTES)
        assert short(bench.decide(failed(), NOW + 6 * MINUTES)) == [(C2, State.FAILURE)]

    def test_a_newer_commit_starts_the_wait_anew(self) -> None:
        bench = Bench()
        bench.decide(failed(), NOW)
        bench.replace(git_repository(C3))
        bench.decide(failed(), NOW + 4 * MINUTES)
        assert short(bench.decide(failed(), NOW + 6 * MINUTES)) == []

    def test_a_result_ends_the_wait(self) -> None:
        bench = Bench()
        bench.decide(failed(), NOW)
        bench.decide(kustomization(), NOW + 1 * MINUTES)
        bench.decide(failed(), NOW + 2 * MINUTES)
        assert short(bench.decide(failed(), NOW + 6 * MINUTES)) == []

    def test_it_needs_the_source_to_be_there_still(self) -> None:
        bench = Bench()
        bench.decide(failed(), NOW)
        sources = Sources(bench.cluster)
        sources.read()
        router, _ = read_router(bench.cluster, (), "id", None)
        world = World(sources, router, bench.ledger, 0.0, 5 * MINUTES)
        bench.cluster.objects = []
        late = NOW + 6 * MINUTES
        decision = decide(observe(failed(), late), world)
        assert short(decision) == []
        assert "moved on" in why(decision)

    def test_it_needs_the_source_to_be_at_that_commit_still(self) -> None:
        bench = Bench()
        bench.decide(failed(), NOW)
        sources = Sources(bench.cluster)
        sources.read()
        router, _ = read_router(bench.cluster, (), "id", None)
        world = World(sources, router, bench.ledger, 0.0, 5 * MINUTES)
        bench.replace(git_repository(C3))
        decision = decide(observe(failed(), NOW + 6 * MINUTES), world)
        assert short(decision) == []
        assert "moved on" in why(decision)

    def test_a_commit_that_was_green_waits_for_nothing(self) -> None:
        bench = Bench(git_repository(C1), alert(), provider())
        bench.decide(failed(), NOW)
        assert short(bench.decide(failed(), NOW + 60 * MINUTES)) == []


class TestWaitingWithoutALedger:
    def test_the_age_of_the_artifact_counts(self) -> None:
        bench = Bench(kept=False)
        assert short(bench.decide(failed(), EARLIER + 5 * MINUTES)) == []
        assert short(bench.decide(failed(), EARLIER + 5 * MINUTES + 1)) == [(C2, State.FAILURE)]

    def test_an_artifact_without_a_time_is_new(self) -> None:
        timeless = source_object("GitRepository", {"revision": git(C2)}, url=URL)
        assert short(Bench(timeless, kept=False).decide(failed())) == []

    def test_with_a_ledger_the_age_of_the_artifact_does_not_count(self) -> None:
        assert short(Bench().decide(failed(), EARLIER + 60 * MINUTES)) == []

    def test_nothing_is_noted(self) -> None:
        bench = Bench(kept=False)
        bench.decide(failed())
        assert bench.ledger.objects == {}


class TestUnreadable:
    def bench(self) -> Bench:
        bench = Bench()
        bench.cluster.forbidden = {"GitRepository", "GitRepository fleet"}
        return bench

    def test_it_is_skipped_with_the_reason(self) -> None:
        decision = self.bench().decide(kustomization())
        assert short(decision) == []
        assert "may not get GitRepository fleet" in why(decision)

    def test_its_past_is_another_tenants_too(self) -> None:
        obj = kustomization(green(history=[entry(git(C2))]))
        assert not list(self.bench().decide(obj).statuses())

    def test_what_it_is_owed_stays_owed(self) -> None:
        bench = self.bench()
        bench.owe(old())
        assert bench.decide(kustomization()).unrouted == [Owed(old(), ALERT)]


class TestOwed:
    def test_what_is_owed_is_said_through_its_alert(self) -> None:
        bench = Bench()
        bench.owe(old())
        decision = bench.decide(kustomization())
        (owed,) = decision.owed
        assert owed.result == old()
        assert owed.way.alert == ALERT
        assert owed in list(decision.statuses())

    def test_what_is_said_now_of_the_commit_comes_in_its_place(self) -> None:
        bench = Bench()
        bench.owe(old(C1))
        decision = bench.decide(kustomization())
        assert decision.owed == []
        assert short(decision) == [(C1, State.SUCCESS)]

    def test_so_does_what_the_history_says_of_it(self) -> None:
        bench = Bench()
        bench.owe(old(C3))
        decision = bench.decide(kustomization(green(history=[entry(git(C3))])))
        assert decision.owed == []

    def test_it_is_said_also_where_there_is_no_claim(self) -> None:
        bench = Bench()
        bench.owe(old())
        decision = bench.decide(kustomization(green(conditions=[progressing()])))
        assert [owed.result for owed in decision.owed] == [old()]

    def test_with_its_alert_it_is_gone(self) -> None:
        bench = Bench()
        bench.owe(old(), "flux-system/gone")
        decision = bench.decide(kustomization())
        assert (decision.owed, decision.unrouted) == ([], [])

    def test_it_stays_owed_while_its_provider_is_to_be_mended(self) -> None:
        bench = Bench(git_repository(C2), alert(), provider(address="nowhere"))
        bench.owe(old())
        decision = bench.decide(kustomization(green(conditions=[progressing()])))
        assert decision.owed == []
        assert decision.unrouted == [Owed(old(), ALERT)]

    def test_under_another_url_it_is_owed_no_more(self) -> None:
        bench = Bench()
        bench.know(source="https://github.com/acme/old")
        bench.owe(old())
        assert bench.decide(kustomization()).owed == []

    def test_a_success_that_is_owed_to_an_alert_for_errors_is_only_over_red(self) -> None:
        bench = Bench(git_repository(C2), alert(eventSeverity="error"), provider())
        bench.owe(old(state=State.SUCCESS))
        (owed,) = bench.decide(kustomization()).owed
        assert owed.only_over_red is True


class TestUnrouted:
    def test_what_needs_mending_makes_its_results_owed(self) -> None:
        bench = Bench(git_repository(C1), alert(), provider(address="nowhere"))
        decision = bench.decide(kustomization())
        assert decision.unrouted == [Owed(decision.results[0], ALERT)]
        assert not list(decision.statuses())

    def test_what_does_not_need_mending_does_not(self) -> None:
        bench = Bench(git_repository(C1), alert(), provider(suspend=True))
        assert bench.decide(kustomization()).unrouted == []

    def test_a_good_way_beside_it_is_taken(self) -> None:
        bench = Bench(
            git_repository(C1),
            alert("bad", providerRef={"name": "bad"}),
            alert(),
            provider("bad", address="nowhere"),
            provider(),
        )
        decision = bench.decide(kustomization())
        assert [owed.alert for owed in decision.unrouted] == ["flux-system/bad"]
        assert [status.way.alert for status in decision.statuses()] == [ALERT]

    def test_without_a_result_nothing_is_owed(self) -> None:
        bench = Bench(git_repository(C1), alert(), provider(address="nowhere"))
        obj = kustomization(green(conditions=[progressing()]))
        assert bench.decide(obj).unrouted == []


def test_the_ways_of_an_object_are_kept_for_the_report() -> None:
    (way,) = Bench().decide(kustomization()).ways
    assert isinstance(way, Way)


def test_a_dependency_that_is_not_there_fails_past_the_age() -> None:
    bench = Bench()
    obj = failed("DependencyNotReady", "dependency 'flux-system/infra' not found")
    obj["spec"]["dependsOn"] = [{"name": "infra"}]
    bench.decide(obj, NOW)
    assert short(bench.decide(obj, NOW + 6 * MINUTES)) == [(C2, State.FAILURE)]
