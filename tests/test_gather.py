"""A poll's material: every object once, and what is owed of those that are gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from statusbot.decide import World
from statusbot.gather import Gathered, gather
from statusbot.ledger.memory import Ledger, Owed
from statusbot.ledger.posted import Pledge, Posted
from statusbot.notifications import read_router
from statusbot.results.result import ObjectRef, Result
from statusbot.results.state import State
from statusbot.selection import Selection
from statusbot.sources import Sources
from tests.support.objects import (
    C1,
    C2,
    C3,
    EARLIER,
    NAMESPACE,
    NOW,
    FakeCluster,
    Object,
    alert,
    entry,
    git,
    git_repository,
    green,
    kustomization,
    progressing,
    provider,
)

GONE = ObjectRef("Kustomization", NAMESPACE, "gone", "uid-of-the-gone")
OLD = Result(GONE, C3, State.FAILURE, "BuildFailed", "x", EARLIER, EARLIER, current=True)
ALERT = f"{NAMESPACE}/all"
FOREIGN = {"kind": "GitRepository", "name": "fleet", "namespace": NAMESPACE}


def gathered(
    *objects: Object,
    ledger: Ledger | None = None,
    namespaces: Sequence[str] = (),
    **cluster_: Any,
) -> Gathered:
    cluster = FakeCluster(list(objects), **cluster_)
    sources = Sources(cluster)
    sources.read()
    router, _ = read_router(cluster, (), "id", None)
    world = World(sources, router, ledger or Ledger(), 0.0, 300.0)
    return gather(cluster, world, Selection(tuple(namespaces)))


def owing(alert: str = ALERT) -> Ledger:
    """A ledger that owes a failure of an object."""
    ledger = Ledger()
    ledger.owe(GONE, [Owed(OLD, alert)], EARLIER)
    return ledger


def everywhere() -> Object:
    """An Alert for the Kustomizations of two namespaces."""
    sources = [{"kind": "Kustomization", "name": "*", "namespace": ns} for ns in ("a", "b")]
    return alert(eventSources=sources)


class TestObjects:
    def test_every_object_is_decided_on(self) -> None:
        found = gathered(
            git_repository(),
            alert(),
            provider(),
            kustomization(),
            kustomization(name="web"),
        )
        assert [status.result.object.name for status in found.statuses] == ["apps", "web"]
        assert sorted(ref.name for ref in found.objects.values()) == ["apps", "web"]

    def test_objects_go_by_their_keys(self) -> None:
        assert list(gathered(kustomization(uid="1-2")).objects) == ["1-2"]

    def test_only_the_wanted_namespaces_are_read(self) -> None:
        found = gathered(
            kustomization(namespace="a"), kustomization(namespace="b"), namespaces=["b"]
        )
        assert [ref.namespace for ref in found.objects.values()] == ["b"]

    def test_an_object_is_as_old_as_when_it_came(self) -> None:
        (status,) = gathered(git_repository(), alert(), provider(), kustomization()).statuses
        assert status.result.when == NOW

    def test_results_are_counted_once_however_many_ways_they_go(self) -> None:
        obj = kustomization(green(git(C1), history=[entry(git(C2))]))
        found = gathered(git_repository(), alert("one"), alert("two"), provider(), obj)
        assert found.results == 2
        assert len(found.statuses) == 4

    def test_what_gives_no_status_is_kept_with_its_reason(self) -> None:
        (skipped,) = gathered(kustomization(green(conditions=[progressing()]))).skipped
        assert skipped.object.name == "apps"
        assert "at work" in skipped.why


class TestNamesakes:
    def test_objects_of_one_name_in_two_namespaces_meet(self) -> None:
        found = gathered(
            git_repository(),
            everywhere(),
            provider(),
            kustomization(namespace="a", source=FOREIGN),
            kustomization(namespace="b", source=FOREIGN),
        )
        assert list(found.namesakes.warnings())

    def test_they_meet_also_while_one_has_nothing_to_say(self) -> None:
        """Else its context would change as soon as it has."""
        silent = kustomization(green(conditions=[progressing()]), namespace="b", source=FOREIGN)
        found = gathered(
            git_repository(),
            everywhere(),
            provider(),
            kustomization(namespace="a", source=FOREIGN),
            silent,
        )
        assert list(found.namesakes.warnings())

    def test_objects_that_go_nowhere_do_not(self) -> None:
        found = gathered(
            git_repository(), provider(), kustomization(namespace="a"), kustomization(namespace="b")
        )
        assert not list(found.namesakes.warnings())


class TestUnroutable:
    def test_a_result_without_an_alert_says_so(self) -> None:
        ((result, no_way),) = gathered(git_repository(), kustomization()).unsent
        assert (no_way.why, result.commit) == ("no Alert asks for it", C1)

    def test_a_result_that_an_alert_cannot_send_names_the_alert(self) -> None:
        found = gathered(git_repository(), alert(), provider(suspend=True), kustomization())
        ((_, no_way),) = found.unsent
        assert (no_way.alert, no_way.why) == (ALERT, "the Provider is suspended")

    def test_an_object_without_a_result_says_only_why_it_has_none(self) -> None:
        found = gathered(git_repository(), kustomization(green(conditions=[progressing()])))
        assert [skipped.commit for skipped in found.skipped] == [None]

    def test_what_has_to_be_mended_is_owed(self) -> None:
        obj = kustomization(uid="1-2")
        found = gathered(git_repository(), alert(), provider(address="nowhere"), obj)
        (owed,) = found.unrouted["1-2"]
        assert (owed.result.commit, owed.alert) == (C1, ALERT)

    def test_an_object_with_nothing_to_mend_is_not_among_them(self) -> None:
        assert gathered(git_repository(), alert(), provider(), kustomization()).unrouted == {}


class TestTheGone:
    def test_what_is_owed_of_an_object_that_is_gone_is_said(self) -> None:
        found = gathered(git_repository(), alert(), provider(), ledger=owing())
        (status,) = found.statuses
        assert status.result == OLD
        assert status.way.alert == ALERT

    def test_it_counts_as_an_object_so_that_it_is_remembered(self) -> None:
        found = gathered(alert(), provider(), ledger=owing())
        assert found.objects == {GONE.key: GONE}

    def test_an_object_that_is_there_says_itself_what_it_is_owed(self) -> None:
        obj = kustomization(name="gone", uid=GONE.uid)
        found = gathered(git_repository(), alert(), provider(), obj, ledger=owing())
        assert [status.result.commit for status in found.statuses] == [C1, C3]

    def test_an_object_of_a_namespace_that_is_not_read_is_not_gone(self) -> None:
        found = gathered(alert(), provider(), ledger=owing(), namespaces=["other"])
        assert (found.statuses, found.objects) == ([], {})

    def test_an_object_of_a_namespace_that_is_read_is_gone(self) -> None:
        found = gathered(alert(), provider(), ledger=owing(), namespaces=["other", NAMESPACE])
        assert len(found.statuses) == 1

    def test_with_its_alert_the_debt_is_gone(self) -> None:
        found = gathered(alert(), provider(), ledger=owing("flux-system/gone"))
        assert (found.statuses, found.unrouted) == ([], {})

    def test_it_stays_owed_while_its_provider_is_to_be_mended(self) -> None:
        found = gathered(alert(), provider(address="nowhere"), ledger=owing())
        assert found.unrouted == {GONE.key: [Owed(OLD, ALERT)]}

    def test_an_object_that_is_owed_nothing_is_not_looked_for(self) -> None:
        ledger = Ledger()
        ledger.memory(GONE, EARLIER)
        assert gathered(alert(), provider(), ledger=ledger).objects == {}


def test_a_poll_that_read_every_source_told_the_whole_past() -> None:
    assert gathered(kustomization(green()), git_repository(C1)).whole


def test_a_poll_that_could_not_read_a_source_did_not() -> None:
    cluster = FakeCluster([kustomization(green())], forbidden={"GitRepository fleet"})
    router, _ = read_router(cluster, (), "id", None)
    world = World(Sources(cluster), router, Ledger(), 0.0, 300.0)
    assert not gather(cluster, world, Selection()).whole


PLEDGE = Pledge(C3, ALERT, "kustomization/gone/id", "", git(C3))
WAITS = replace(OLD, state=State.PENDING, reason="Progressing")


def left_pending(ref: ObjectRef = GONE) -> Ledger:
    """A ledger that holds that an object's commit was posted as pending."""
    ledger = Ledger()
    shown = Posted(State.PENDING, "Progressing", "", EARLIER, EARLIER, EARLIER, pledge=PLEDGE)
    ledger.record(ref, "key", shown, EARLIER)
    return ledger


def finished(found: Gathered) -> list[tuple[str, State, str]]:
    return [
        (one.result.commit, one.result.state, one.result.message)
        for one in found.statuses
        if one.only_over_pending
    ]


def test_what_an_object_left_pending_is_finished_when_it_is_gone() -> None:
    found = gathered(alert(), provider(), ledger=left_pending())
    assert finished(found) == [(C3, State.ERROR, "its Kustomization is gone")]
    assert found.statuses[0].context == "kustomization/gone/id"
    assert GONE.key in found.objects


def test_so_it_is_when_another_of_its_name_has_come() -> None:
    found = gathered(alert(), provider(), kustomization(name="gone"), ledger=left_pending())
    assert len(finished(found)) == 1


def test_what_was_perhaps_left_pending_is_too_and_is_not_said_again() -> None:
    ledger = Ledger()
    ledger.owe(GONE, [Owed(WAITS, ALERT, unfinished=True)], EARLIER)
    found = gathered(alert(), provider(), ledger=ledger)
    assert finished(found) == [(C3, State.ERROR, "its Kustomization is gone")]
    assert len(found.statuses) == 1


def test_an_object_that_is_only_not_listed_is_not_gone() -> None:
    there = replace(GONE, namespace="b")
    obj = kustomization(name="gone", namespace="b", uid=GONE.uid)
    found = gathered(alert(), provider(), obj, ledger=left_pending(there), namespaces=("a",))
    assert finished(found) == []


@pytest.mark.parametrize("cluster", [{"live": False}, {"forbidden": {"Kustomization gone"}}])
def test_who_cannot_tell_that_it_is_gone_finishes_nothing(cluster: dict[str, Any]) -> None:
    found = gathered(alert(), provider(), ledger=left_pending(), **cluster)
    assert finished(found) == []


def test_what_is_no_kustomization_is_not_asked_for() -> None:
    sum_ = ObjectRef("Aggregate", "", "forge.example/acme/fleet", "")
    assert finished(gathered(alert(), provider(), ledger=left_pending(sum_))) == []
