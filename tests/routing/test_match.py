"""Flux's rules of which Alert asks for which object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusbot.manifests.alert import Alert, EventSource, parse
from statusbot.results.result import ObjectRef
from statusbot.routing.match import Index, match
from tests.support.objects import NAMESPACE, alert

APPS = ObjectRef("Kustomization", NAMESPACE, "apps", "1")


def parsed(name: str = "all", **spec: Any) -> Alert:
    found = parse(alert(name, **spec))
    assert isinstance(found, Alert), str(found)
    return found


def source(name: str = "*", kind: str = "Kustomization", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "name": name, **more}


def takes(
    *sources: dict[str, Any],
    object_: ObjectRef = APPS,
    labels: Mapping[str, str] | None = None,
    **spec: Any,
) -> bool:
    return match(parsed(eventSources=list(sources), **spec), object_, labels or {}).holds


class TestSources:
    def test_a_star_takes_every_name(self) -> None:
        assert takes(source("*"))

    def test_a_name_takes_its_object(self) -> None:
        assert takes(source("apps"))

    @pytest.mark.parametrize("name", ["app", "apps2", "apps*", "APPS"])
    def test_a_name_takes_nothing_else(self, name: str) -> None:
        assert not takes(source(name))

    def test_an_object_of_another_namespace_is_not_taken(self) -> None:
        other = ObjectRef("Kustomization", "other", "apps", "1")
        assert not takes(source("*"), object_=other)
        assert not takes(source("apps"), object_=other)

    def test_a_source_may_name_another_namespace(self) -> None:
        other = ObjectRef("Kustomization", "other", "apps", "1")
        assert takes(source("*", namespace="other"), object_=other)

    def test_then_it_takes_nothing_of_the_alerts_own(self) -> None:
        assert not takes(source("*", namespace="other"))

    def test_another_kind_is_not_taken(self) -> None:
        assert not takes(source("apps", kind="HelmRelease"))

    def test_one_of_several_is_enough(self) -> None:
        assert takes(source("web"), source("apps", kind="GitRepository"), source("apps"))

    def test_none_of_several_is_not(self) -> None:
        assert not takes(source("web"), source("apps", kind="GitRepository"))


class TestLabels:
    def test_all_of_them_must_be_there(self) -> None:
        wanted = source(matchLabels={"team": "a", "tier": "web"})
        assert takes(wanted, labels={"team": "a", "tier": "web", "more": "x"})
        assert not takes(wanted, labels={"team": "a"})

    def test_their_values_must_be_equal(self) -> None:
        assert not takes(source(matchLabels={"team": "a"}), labels={"team": "b"})

    def test_they_count_also_beside_a_name(self) -> None:
        wanted = source("apps", matchLabels={"team": "a"})
        assert takes(wanted, labels={"team": "a"})
        assert not takes(wanted, labels={})

    def test_an_object_without_labels_matches_where_none_are_wanted(self) -> None:
        assert takes(source(matchLabels={}), labels={})


class TestAlert:
    def test_a_suspended_one_takes_nothing(self) -> None:
        assert not takes(source("*"), suspend=True)

    def test_the_severity_does_not_decide_which_object_is_taken(self) -> None:
        """It decides on each result: a success must still end a red that we posted."""
        assert takes(source("*"), eventSeverity="error")

    def test_the_reason_names_the_source_that_took_it(self) -> None:
        found = match(parsed(eventSources=[source("web"), source("apps")]), APPS, {})
        assert found.why == "eventSources has Kustomization apps"

    def test_the_reason_names_the_suspension(self) -> None:
        assert "suspended" in match(parsed(suspend=True), APPS, {}).why

    def test_the_reason_says_that_no_source_took_it(self) -> None:
        found = match(parsed(eventSources=[source("web")]), APPS, {})
        assert found.why == "no entry of its eventSources takes the object"
        assert found.alert.ref == f"{NAMESPACE}/all"


_NAMES = st.sampled_from(["a", "b", "*"])
_KINDS = st.sampled_from(["Kustomization", "HelmRelease"])
_LABELS = st.dictionaries(st.sampled_from(["k", "l"]), st.sampled_from(["1", "2"]), max_size=2)
_SOURCES = st.builds(EventSource, _KINDS, _NAMES, _NAMES, _LABELS)
_ALERTS = st.lists(
    st.tuples(st.lists(_SOURCES, max_size=3), st.booleans()), min_size=1, max_size=5
).map(
    lambda drawn: [
        Alert("v1", "a", f"alert-{n}", "", "forge", sources=tuple(sources), suspend=suspend)
        for n, (sources, suspend) in enumerate(drawn)
    ]
)
_OBJECTS = st.builds(ObjectRef, _KINDS, st.sampled_from(["a", "b"]), _NAMES, st.just("1"))


class TestIndex:
    @given(_ALERTS, _OBJECTS, _LABELS)
    @settings(max_examples=300, deadline=None)
    def test_it_never_drops_a_match(
        self, alerts: list[Alert], object_: ObjectRef, labels: dict[str, str]
    ) -> None:
        asked = {found.ref for found in Index(alerts).asked(object_)}
        holding = {one.ref for one in alerts if match(one, object_, labels).holds}
        assert holding <= asked

    @settings(deadline=None)
    @given(_ALERTS, _OBJECTS)
    def test_it_asks_each_alert_once(self, alerts: list[Alert], object_: ObjectRef) -> None:
        asked = [found.ref for found in Index(alerts).asked(object_)]
        assert len(asked) == len(set(asked))

    def test_it_does_not_ask_an_alert_for_other_objects(self) -> None:
        alerts = [
            parsed("one", eventSources=[source("web")]),
            parsed("two", eventSources=[source("*", namespace="other")]),
            parsed("three", eventSources=[source("*", kind="HelmRelease")]),
        ]
        assert list(Index(alerts).asked(APPS)) == []
