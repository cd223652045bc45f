"""From a dict that may hold anything to an observation."""

from __future__ import annotations

from typing import Any

import pytest

from statusbot.results.observation import MESSAGE_KEPT, Condition, Entry, observe
from statusbot.results.result import ObjectRef
from statusbot.results.source import SourceRef
from tests.support.objects import (
    C1,
    C2,
    EARLIER,
    NOW,
    Object,
    applied,
    condition,
    entry,
    git,
    green,
    kustomization,
    stamp,
)


def test_the_object_is_named() -> None:
    seen = observe(kustomization(name="web", namespace="a", uid="1-2"), NOW)
    assert seen.object == ObjectRef("Kustomization", "a", "web", "1-2")


def test_the_moment_is_kept() -> None:
    assert observe(kustomization(), NOW).now == NOW


def test_the_source_lives_beside_the_object_where_it_names_no_namespace() -> None:
    seen = observe(kustomization(namespace="a", source={"kind": "Bucket", "name": "b"}), NOW)
    assert seen.source == SourceRef("Bucket", "a", "b")


def test_the_source_may_live_in_another_namespace() -> None:
    source = {"kind": "GitRepository", "name": "b", "namespace": "c"}
    assert observe(kustomization(namespace="a", source=source), NOW).source.namespace == "c"


def test_the_conditions_go_by_their_types() -> None:
    seen = observe(kustomization(green(conditions=[applied("r"), condition("X", "y", "z")])), NOW)
    assert seen.conditions == {
        "Ready": Condition("True", "ReconciliationSucceeded", "Applied revision: r", NOW),
        "X": Condition("y", "z", "", NOW),
    }


def test_a_message_of_a_megabyte_is_cut() -> None:
    long = condition("Ready", "False", "BuildFailed", "x" * 1_000_000)
    seen = observe(kustomization(green(conditions=[long])), NOW)
    assert seen.conditions["Ready"].message == "x" * MESSAGE_KEPT


def test_the_revisions_are_kept_as_they_are() -> None:
    status = green(
        git(C1), lastAttemptedRevision=git(C2), lastAppliedOriginRevision="main@sha1:origin"
    )
    seen = observe(kustomization(status), NOW)
    assert (seen.applied, seen.attempted) == (git(C1), git(C2))
    assert seen.applied_origin == "main@sha1:origin"


def test_the_generations_are_kept() -> None:
    obj = kustomization(green(observedGeneration=6), metadata={"generation": 7})
    seen = observe(obj, NOW)
    assert (seen.generation, seen.observed_generation) == (7, 6)


def test_an_entry_of_the_history_is_kept() -> None:
    item = entry("r", "BuildFailed", NOW - 5, first=NOW - 9, origin="o")
    seen = observe(kustomization(green(history=[item])), NOW)
    assert seen.history == (Entry("BuildFailed", "r", "o", NOW - 9, NOW - 5),)


def test_an_entry_without_its_time_is_none() -> None:
    broken = entry("r") | {"lastReconciled": "yesterday"}
    assert observe(kustomization(green(history=[broken, entry("s")])), NOW).history == (
        Entry("ReconciliationSucceeded", "s", "", EARLIER, EARLIER),
    )


def test_an_entry_without_its_first_time_begins_at_its_last() -> None:
    item = entry("r")
    del item["firstReconciled"]
    (kept,) = observe(kustomization(green(history=[item])), NOW).history
    assert kept.first == EARLIER


def test_labels_are_kept() -> None:
    assert observe(kustomization(labels={"team": "a"}), NOW).labels == {"team": "a"}


def test_a_label_that_is_no_string_is_not_there() -> None:
    obj = kustomization(metadata={"labels": {"team": "a", "n": 5}})
    assert observe(obj, NOW).labels == {"team": "a"}


def test_when_it_was_made_is_kept() -> None:
    assert observe(kustomization(), NOW).created == EARLIER


@pytest.mark.parametrize(("suspend", "suspended"), [(True, True), (False, False), ("yes", False)])
def test_only_true_suspends(suspend: object, suspended: bool) -> None:
    assert observe(kustomization(suspend=suspend), NOW).suspended is suspended


@pytest.mark.parametrize(("stamped", "deleting"), [(stamp(NOW), True), (None, False), ("", False)])
def test_a_deletion_timestamp_says_that_it_is_being_deleted(
    stamped: str | None, deleting: bool
) -> None:
    obj = kustomization(metadata={"deletionTimestamp": stamped})
    assert observe(obj, NOW).deleting is deleting


class TestOrigin:
    def seen(self, **status: Any) -> Any:
        return observe(kustomization(green("r1", **status)), NOW)

    def test_of_what_is_applied_the_object_knows_it(self) -> None:
        assert self.seen(lastAppliedOriginRevision="o1").origin_of("r1") == "o1"

    def test_of_another_revision_that_says_nothing(self) -> None:
        assert self.seen(lastAppliedOriginRevision="o1").origin_of("r2") == ""

    def test_of_another_revision_the_history_may_know_it(self) -> None:
        history = [entry("r3", origin="o3"), entry("r2"), entry("r2", origin="o2")]
        assert self.seen(history=history).origin_of("r2") == "o2"

    def test_also_of_what_is_applied(self) -> None:
        assert self.seen(history=[entry("r1", origin="o1")]).origin_of("r1") == "o1"

    def test_a_revision_without_origin_has_none(self) -> None:
        assert self.seen(history=[entry("r2")]).origin_of("r2") == ""


@pytest.mark.parametrize(
    "obj",
    [
        {},
        {"metadata": None, "spec": [], "status": "x"},
        {"status": {"conditions": {"type": "Ready"}, "history": 5}},
        {"status": {"conditions": ["Ready", None], "history": [None, "x"]}},
    ],
)
def test_what_is_malformed_is_not_there(obj: Object) -> None:
    seen = observe(obj, NOW)
    assert (seen.object.path, seen.conditions, seen.history) == ("/", {}, ())
    assert (seen.applied, seen.attempted, seen.created, seen.generation) == ("", "", 0.0, 0)
