"""The verdict on one object: now, its past, and what it is owed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from statusbot.decide import Decision, World, decide
from statusbot.ledger.memory import Ledger, Owed
from statusbot.ledger.posted import Pledge, Posted
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
    applied,
    entry,
    git,
    git_repository,
    green,
    kustomization,
    not_ready,
    progressing,
    provider,
    reconciling,
    source_object,
    stamp,
)

APPS = ObjectRef("Kustomization", NAMESPACE, "apps", "uid-of-flux-system-apps")
ALERT = f"{NAMESPACE}/all"
MINUTES = 60.0
POSTED = Posted(State.SUCCESS, "ReconciliationSucceeded", "", EARLIER, EARLIER, EARLIER)


class Bench:
    """A cluster, a ledger, and decisions at any time."""

    def __init__(
        self,
        *objects: Object,
        kept: bool = True,
        since: float = 0.0,
        pending: bool = False,
        superseded: State | None = None,
    ) -> None:
        self.cluster = FakeCluster(list(objects) or [git_repository(C2), alert(), provider()])
        self.ledger = Ledger(kept=kept)
        self.since = since
        self.asked = (pending, superseded)

    def world(self) -> World:
        """What the cluster shows now."""
        sources = Sources(self.cluster)
        sources.read()
        router, _ = read_router(self.cluster, (), "id", None)
        return World(sources, router, self.ledger, self.since, 5 * MINUTES, *self.asked)

    def decide(self, obj: Object, now: float = NOW) -> Decision:
        self.cluster.at = now
        return decide(observe(obj, now), self.world())

    def replace(self, obj: Object) -> None:
        """Put an object in the place of the one of its kind."""
        kept = [other for other in self.cluster.objects if other["kind"] != obj["kind"]]
        self.cluster.objects = [*kept, obj]

    def owe(self, result: Result, alert: str = ALERT) -> None:
        self.ledger.owe(result.object, [Owed(result, alert)], NOW)

    def pledge(self, commit: str) -> None:
        """Let the ledger hold that a commit was posted as pending."""
        pledge = Pledge(commit, ALERT, "kustomization/apps/old", "", git(commit))
        shown = replace(POSTED, state=State.PENDING, reason="Progressing", pledge=pledge)
        self.ledger.record(APPS, commit, shown, EARLIER)

    def know(self, source: str = URL) -> None:
        """Let the ledger know the object and the URL of its source."""
        self.ledger.record(APPS, "key", POSTED, EARLIER)
        self.ledger.objects[APPS.key].source = source


def failed(reason: str = "ArtifactFailed", message: str = "404", **status: Any) -> Object:
    """Green at C1 before, and not ready now."""
    return kustomization(green(conditions=[not_ready(reason, message)], **status))


def at_work(commit: str = C2) -> Object:
    """Green at C1 before, and at another commit now."""
    stage = reconciling(f"Building manifests for revision {git(commit)} with a timeout of 30s")
    return kustomization(green(conditions=[progressing(), stage]))


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

    @pytest.mark.parametrize(("when", "told"), [(EARLIER - 1, True), (EARLIER + 1, False)])
    def test_that_a_red_commit_recovered_is_said_however_late(
        self, when: float, told: bool
    ) -> None:
        bench = Bench(git_repository(C2), alert(), provider(), since=NOW)
        obj = kustomization(green(git(C2), history=[entry(git(C2)), entry(git(C1))]))
        red = replace(POSTED, state=State.FAILURE, reason="BuildFailed", red=(C1, git(C1)))
        bench.ledger.record(APPS, "one", replace(red, when=EARLIER - 9), EARLIER)
        bench.ledger.record(APPS, "two", replace(red, when=when), EARLIER)
        past = [(C1, State.SUCCESS)] if told else []
        assert short(bench.decide(obj)) == [(C2, State.SUCCESS), *past]

    def test_what_failed_long_ago_is_not_said_again(self) -> None:
        bench = Bench(git_repository(C2), alert(), provider(), since=NOW)
        obj = kustomization(green(git(C2), history=[entry(git(C1), "HealthCheckFailed")]))
        red = replace(POSTED, state=State.FAILURE, when=EARLIER - 9, red=(C1, git(C1)))
        bench.ledger.record(APPS, "key", red, EARLIER)
        assert short(bench.decide(obj)) == [(C2, State.SUCCESS)]

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
            lasting=True,
        )

    def test_without_a_ledger_an_object_waits_since_it_was_made(self) -> None:
        """Real Flux is not ready for a moment when an object is new, however old its artifact."""
        new = failed(message="Source artifact not found, retrying in 5s")
        new["metadata"]["creationTimestamp"] = stamp(NOW - 1)
        assert short(Bench(kept=False).decide(new)) == []
        later = Bench(kept=False).decide(new, NOW + 5 * MINUTES)
        assert short(later) == [(C2, State.FAILURE)]

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


class TestWaitingInADump:
    """Nobody knows when it was made: its own times tell how long it waited at least."""

    def dump(self, changed: float, now: float) -> Decision:
        bench = Bench(kept=False)
        bench.cluster.live = False
        waiting = not_ready("ArtifactFailed") | {"lastTransitionTime": stamp(changed)}
        return bench.decide(kustomization(green(conditions=[waiting])), now)

    def test_a_week_on_a_disk_is_no_waiting(self) -> None:
        assert short(self.dump(EARLIER + 4 * MINUTES, EARLIER + 7 * 86400)) == []

    def test_what_it_waited_before_its_last_change_counts(self) -> None:
        found = self.dump(EARLIER + 6 * MINUTES, EARLIER + 7 * 86400)
        assert short(found) == [(C2, State.FAILURE)]

    def test_times_that_are_ahead_of_our_clock_do_not(self) -> None:
        assert short(self.dump(EARLIER + 60 * MINUTES, EARLIER + 4 * MINUTES)) == []


class TestUnreadable:
    def bench(self) -> Bench:
        bench = Bench()
        bench.cluster.forbidden = {"GitRepository", "GitRepository fleet"}
        return bench

    def test_it_is_skipped_with_the_reason(self) -> None:
        decision = self.bench().decide(kustomization())
        assert short(decision) == []
        assert "may not get GitRepository fleet" in why(decision)

    def test_so_it_is_where_it_could_be_listed_and_not_be_read_again(self) -> None:
        bench = Bench()
        bench.cluster.forbidden = {"GitRepository fleet"}
        stalled = {"conditions": [not_ready("InvalidCELExpression")], "observedGeneration": 1}
        decision = bench.decide(kustomization(stalled))
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

    def test_which_is_the_later_flux_tells_and_not_when_the_object_was_read(self) -> None:
        """The API server's clock is ahead of Flux's, or a watch brought the object late."""
        bench = Bench()
        late = replace(old(C3, State.SUCCESS), when=NOW, reconciled=EARLIER)
        bench.owe(late)
        failed_since = entry(git(C3), "ReconciliationFailed", EARLIER + 1)
        decision = bench.decide(kustomization(green(history=[failed_since])))
        assert decision.owed == []
        assert (C3, State.FAILURE) in short(decision)

    def test_nor_does_an_older_end_of_the_history_take_its_place(self) -> None:
        bench = Bench()
        early = replace(old(C3), when=EARLIER - 60, reconciled=EARLIER + 1)
        bench.owe(early)
        decision = bench.decide(kustomization(green(history=[entry(git(C3))])))
        assert [owed.result for owed in decision.owed] == [early]

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


class TestPending:
    def test_what_waits_is_shown_where_that_is_asked_for(self) -> None:
        bench = Bench(pending=True)
        (result,) = bench.decide(failed(message="404")).results
        assert (result.commit, result.state, result.current) == (C2, State.PENDING, True)
        assert (result.reason, result.message, result.event) == (
            "ArtifactFailed",
            "404",
            Event(git(C2)),
        )

    def test_it_is_a_failure_past_the_age(self) -> None:
        bench = Bench(pending=True)
        bench.decide(failed(), NOW)
        assert short(bench.decide(failed(), NOW + 6 * MINUTES)) == [(C2, State.FAILURE)]

    def test_what_flux_is_at_never_is(self) -> None:
        bench = Bench(pending=True)
        for minutes in (0, 60):
            assert short(bench.decide(at_work(), NOW + minutes * MINUTES)) == [(C2, State.PENDING)]

    def test_without_a_ledger_nothing_is_pending(self) -> None:
        assert short(Bench(kept=False, pending=True).decide(failed(), EARLIER)) == []

    def test_nothing_is_pending_that_is_suspended(self) -> None:
        obj = failed()
        obj["spec"]["suspend"] = True
        assert short(Bench(pending=True).decide(obj)) == []

    def test_nothing_is_pending_whose_end_the_history_tells(self) -> None:
        history = [entry(git(C2), "HealthCheckFailed", last=NOW - 9)]
        decision = Bench(pending=True).decide(failed(history=history))
        assert short(decision) == [(C2, State.FAILURE)]

    def test_nor_is_it_where_that_was_told_long_ago(self) -> None:
        history = [entry(git(C2), "HealthCheckFailed")]
        assert short(Bench(pending=True, since=NOW).decide(failed(history=history))) == []

    def test_a_source_that_moved_on_since_it_was_read_keeps_nothing_waiting(self) -> None:
        bench = Bench(pending=True)
        world = bench.world()
        bench.replace(git_repository(C3))
        decision = decide(observe(failed(), NOW), world)
        assert short(decision) == []
        assert "moved on" in why(decision)

    def test_what_is_pending_already_is_not_asked_for_again(self) -> None:
        bench = Bench(pending=True)
        bench.pledge(C2)
        gets = len(bench.cluster.gets)
        bench.decide(failed())
        assert len(bench.cluster.gets) == gets

    def test_an_alert_for_errors_is_told_nothing_of_it(self) -> None:
        bench = Bench(git_repository(C2), alert(eventSeverity="error"), provider(), pending=True)
        assert not list(bench.decide(failed()).statuses())

    def test_it_says_the_same_however_often_it_is_asked(self) -> None:
        bench = Bench(pending=True, superseded=State.ERROR)
        first = bench.decide(at_work())
        assert short(bench.decide(at_work())) == short(first) == [(C2, State.PENDING)]


class TestFinishing:
    def finished(self, decision: Decision) -> list[tuple[str, State, str]]:
        return [
            (one.result.commit, one.result.state, one.result.message)
            for one in decision.said
            if one.only_over_pending
        ]

    def test_what_was_pending_is_superseded_by_what_the_source_holds(self) -> None:
        bench = Bench(git_repository(C3), alert(), provider())
        bench.pledge(C2)
        decision = bench.decide(kustomization())
        assert self.finished(decision) == [(C2, State.ERROR, f"superseded by {C3[:8]}")]
        (end,) = [one for one in decision.said if one.only_over_pending]
        assert (end.context, end.way.alert) == ("kustomization/apps/old", ALERT)

    def test_and_becomes_what_was_chosen_for_that(self) -> None:
        bench = Bench(git_repository(C3), alert(), provider(), superseded=State.SUCCESS)
        bench.pledge(C2)
        ends = self.finished(bench.decide(kustomization()))
        assert ends == [(C2, State.SUCCESS, f"superseded by {C3[:8]}")]

    @pytest.mark.parametrize("holds", [C2, C3])
    def test_not_while_flux_is_at_it(self, holds: str) -> None:
        bench = Bench(git_repository(holds), alert(), provider())
        bench.pledge(C2)
        assert self.finished(bench.decide(at_work())) == []

    def test_nor_while_the_source_holds_it(self) -> None:
        bench = Bench()
        bench.pledge(C2)
        assert self.finished(bench.decide(kustomization())) == []

    def test_nor_while_the_source_holds_nothing_yet(self) -> None:
        bench = Bench(source_object("GitRepository", None, url=URL), alert(), provider())
        bench.pledge(C2)
        assert self.finished(bench.decide(kustomization())) == []

    def test_its_result_finishes_it_also_of_long_ago(self) -> None:
        bench = Bench(git_repository(C3), alert(), provider(), since=NOW)
        bench.pledge(C2)
        obj = kustomization(green(git(C1), history=[entry(git(C2), "HealthCheckFailed")]))
        assert self.finished(bench.decide(obj)) == [(C2, State.FAILURE, "")]

    def test_so_does_what_was_applied_where_there_is_no_history(self) -> None:
        bench = Bench(git_repository(C3), alert(), provider())
        bench.pledge(C2)
        obj = kustomization(green(git(C2), conditions=[progressing()], history=[]))
        ends = self.finished(bench.decide(obj))
        assert ends == [(C2, State.SUCCESS, f"Applied revision: {git(C2)}")]

    @pytest.mark.parametrize(
        ("obj", "message"),
        [
            (
                kustomization(metadata={"deletionTimestamp": "2026-11-20T12:00:00Z"}),
                "its Kustomization is being deleted",
            ),
            (failed("AccessDenied"), "Flux may not read its source"),
        ],
        ids=["deleted", "denied"],
    )
    def test_it_is_finished_where_nothing_will_come(self, obj: Object, message: str) -> None:
        bench = Bench()
        bench.pledge(C2)
        assert self.finished(bench.decide(obj)) == [(C2, State.ERROR, message)]

    def test_it_is_finished_where_the_source_is_gone(self) -> None:
        bench = Bench(alert(), provider())
        bench.pledge(C2)
        ends = self.finished(bench.decide(kustomization()))
        assert ends == [(C2, State.ERROR, "its source is gone")]

    def test_it_is_finished_whatever_its_alert_asks_for_now(self) -> None:
        asks = alert(eventSeverity="error", inclusionList=["nothing"])
        bench = Bench(git_repository(C3), asks, provider())
        bench.pledge(C2)
        assert len(self.finished(bench.decide(kustomization()))) == 1

    def test_with_its_alert_its_end_is_gone(self) -> None:
        bench = Bench(git_repository(C3), provider())
        bench.pledge(C2)
        assert self.finished(bench.decide(kustomization())) == []

    def test_what_was_perhaps_posted_is_perhaps_to_be_finished(self) -> None:
        bench = Bench(git_repository(C3), alert(), provider())
        waits = replace(old(C2, State.PENDING), event=Event(git(C2)))
        bench.ledger.owe(APPS, [Owed(waits, ALERT, unfinished=True)], NOW)
        decision = bench.decide(kustomization())
        assert self.finished(decision) == [(C2, State.ERROR, f"superseded by {C3[:8]}")]
        assert decision.owed == []

    def test_while_it_may_come_to_an_end_that_stays_owed(self) -> None:
        bench = Bench()
        item = Owed(replace(old(C2, State.PENDING), event=Event(git(C2))), ALERT, unfinished=True)
        bench.ledger.owe(APPS, [item], NOW)
        decision = bench.decide(kustomization())
        assert (self.finished(decision), decision.unrouted) == ([], [item])

    def test_under_another_url_it_is_finished_and_no_end_of_it_told(self) -> None:
        bench = Bench(git_repository(C3), alert(), provider())
        bench.pledge(C2)
        bench.ledger.objects[APPS.key].source = "https://github.com/acme/old"
        obj = kustomization(green(git(C1), history=[entry(git(C2))]))
        decision = bench.decide(obj)
        assert (C2, State.SUCCESS) not in short(decision)
        assert [commit for commit, _, _ in self.finished(decision)] == [C2]


class TestSuperseded:
    def bench(self, state: State | None = State.ERROR) -> Bench:
        bench = Bench(superseded=state)
        bench.decide(kustomization(), NOW)
        bench.replace(git_repository(C3))
        return bench

    def test_what_was_seen_and_never_came_to_a_result_is_superseded(self) -> None:
        decision = self.bench().decide(kustomization(), NOW + 60)
        over = decision.results[1]
        assert (over.commit, over.state, over.reason) == (C2, State.ERROR, "Superseded")
        assert (over.message, over.event.revision) == (f"superseded by {C3[:8]}", git(C2))
        assert not over.current

    def test_it_becomes_what_was_chosen(self) -> None:
        decision = self.bench(State.SUCCESS).decide(kustomization(), NOW + 60)
        assert (C2, State.SUCCESS) in short(decision)

    def test_off_nothing_is_told_nor_remembered(self) -> None:
        bench = self.bench(None)
        assert short(bench.decide(kustomization(), NOW + 60)) == [(C1, State.SUCCESS)]
        assert bench.ledger.objects == {}

    def test_it_says_the_same_when_it_is_asked_again(self) -> None:
        bench = self.bench()
        first = bench.decide(kustomization(), NOW + 60)
        bench.replace(git_repository("4" * 40))
        again = bench.decide(kustomization(), NOW + 61)
        assert [r.message for r in again.results[1:2]] == [f"superseded by {C3[:8]}"]
        assert short(first)[1] == short(again)[1]

    def test_after_a_while_it_is_told(self) -> None:
        bench = self.bench()
        bench.decide(kustomization(), NOW + 60)
        assert short(bench.decide(kustomization(), NOW + 10 * MINUTES)) == [(C1, State.SUCCESS)]

    @pytest.mark.parametrize("status", ["ReconciliationSucceeded", "HealthCheckFailed"])
    def test_what_the_history_tells_is_not(self, status: str) -> None:
        obj = kustomization(green(history=[entry(git(C2), status, last=NOW + 30)]))
        decision = self.bench().decide(obj, NOW + 60)
        assert [r.reason for r in decision.results if r.commit == C2] == [status]

    def test_what_flux_is_still_at_is_not(self) -> None:
        assert short(self.bench().decide(at_work(), NOW + 60)) == []

    def test_what_came_to_a_result_is_forgotten(self) -> None:
        bench = self.bench()
        bench.decide(failed("BuildFailed", lastAttemptedRevision=git(C2)), NOW + 30)
        assert short(bench.decide(kustomization(), NOW + 60)) == [(C1, State.SUCCESS)]

    def test_nobody_asks_flux_for_the_commits_of_a_suspended_object(self) -> None:
        bench = Bench(superseded=State.ERROR)
        bench.decide(kustomization(suspend=True), NOW)
        bench.replace(git_repository(C3))
        assert short(bench.decide(kustomization(), NOW + 60)) == [(C1, State.SUCCESS)]

    def test_a_commit_that_is_back_is_open_again(self) -> None:
        bench = self.bench()
        bench.decide(kustomization(), NOW + 60)
        bench.replace(git_repository(C2))
        decision = bench.decide(kustomization(), NOW + 120)
        assert [r.commit for r in decision.results if r.reason == "Superseded"] == [C3]

    def test_what_is_owed_of_it_gives_way_to_its_result(self) -> None:
        bench = Bench(git_repository(C3), alert(), provider())
        over = Result(APPS, C2, State.ERROR, "Superseded", "x", NOW + 99, EARLIER, current=False)
        bench.owe(over)
        decision = bench.decide(kustomization(green(history=[entry(git(C2))])))
        assert (decision.owed, (C2, State.SUCCESS) in short(decision)) == ([], True)


class TestDependencies:
    def waits(self, **spec: Any) -> Object:
        obj = failed("DependencyNotReady", "dependency 'flux-system/infra' is not ready")
        obj["spec"]["dependsOn"] = [{"name": "infra", **spec}]
        return obj

    def late(self, *others: Object, obj: Object | None = None, minutes: float = 6) -> Decision:
        bench = Bench(git_repository(C2), alert(), provider(), *others)
        bench.decide(obj or self.waits(), NOW)
        return bench.decide(obj or self.waits(), NOW + minutes * MINUTES)

    def infra(self, *conditions: Object, name: str = "infra", **spec: Any) -> Object:
        return kustomization(green(conditions=list(conditions)), name=name, **spec)

    def test_it_is_a_failure_that_names_the_one_that_failed(self) -> None:
        (result,) = self.late(self.infra(not_ready("BuildFailed"))).results
        assert (result.commit, result.state) == (C2, State.FAILURE)
        assert result.reason == "DependencyNotReady"
        assert result.message == "dependency flux-system/infra has failed: BuildFailed"

    def test_or_the_one_that_is_missing(self) -> None:
        (result,) = self.late().results
        assert result.message == "dependency flux-system/infra is not there"

    def test_in_whatever_namespace(self) -> None:
        other = self.infra(not_ready("BuildFailed"))
        other["metadata"]["namespace"] = "base"
        (result,) = self.late(other, obj=self.waits(namespace="base")).results
        assert result.message == "dependency base/infra has failed: BuildFailed"

    @pytest.mark.parametrize(
        "condition_",
        [applied(git(C1)), progressing(), not_ready("ArtifactFailed", "404")],
        ids=["ready", "at work", "tried again"],
    )
    def test_it_waits_for_one_that_may_be_ready_one_day(self, condition_: Object) -> None:
        assert short(self.late(self.infra(condition_), minutes=600)) == []

    def test_it_is_none_before_the_age(self) -> None:
        assert short(self.late(minutes=5)) == []

    def test_a_chain_fails_from_its_end(self) -> None:
        middle = self.infra(not_ready("DependencyNotReady"), dependsOn=[{"name": "base"}])
        bench = Bench(git_repository(C2), alert(), provider(), middle)
        for at in (NOW, NOW + 6 * MINUTES):
            bench.decide(middle, at)
            decision = bench.decide(self.waits(), at)
        assert [r.message for r in decision.results] == [
            "dependency flux-system/infra waits in vain"
        ]

    def test_of_a_circle_nobody_fails(self) -> None:
        middle = self.infra(not_ready("DependencyNotReady"), dependsOn=[{"name": "apps"}])
        bench = Bench(git_repository(C2), alert(), provider(), middle, self.waits())
        for at in (NOW, NOW + 600 * MINUTES):
            bench.decide(middle, at)
            decision = bench.decide(self.waits(), at)
        assert short(decision) == []

    def test_an_expression_may_hold_whatever_failed(self) -> None:
        obj = self.waits(readyExpr="true")
        assert short(self.late(self.infra(not_ready("BuildFailed")), obj=obj)) == []

    def test_one_that_nobody_may_read_has_not_failed(self) -> None:
        bench = Bench()
        bench.cluster.forbidden = {"Kustomization infra"}
        bench.decide(self.waits(), NOW)
        assert short(bench.decide(self.waits(), NOW + 6 * MINUTES)) == []

    def test_files_do_not_tell_that_one_is_missing(self) -> None:
        bench = Bench()
        bench.cluster.live = False
        bench.decide(self.waits(), NOW)
        assert short(bench.decide(self.waits(), NOW + 6 * MINUTES)) == []

    def test_it_is_read_once_for_all_who_wait_for_it(self) -> None:
        bench = Bench()
        bench.decide(self.waits(), NOW)
        bench.cluster.at = NOW + 6 * MINUTES
        world = bench.world()
        for _ in range(3):
            decide(observe(self.waits(), bench.cluster.at), world)
        assert bench.cluster.gets.count("Kustomization infra") == 1

    def test_what_is_pending_meanwhile_is_shown(self) -> None:
        bench = Bench(pending=True)
        assert short(bench.decide(self.waits())) == [(C2, State.PENDING)]


def test_a_dependency_that_is_not_there_fails_past_the_age() -> None:
    bench = Bench()
    obj = failed("DependencyNotReady", "dependency 'flux-system/infra' not found")
    obj["spec"]["dependsOn"] = [{"name": "infra"}]
    bench.decide(obj, NOW)
    assert short(bench.decide(obj, NOW + 6 * MINUTES)) == [(C2, State.FAILURE)]
