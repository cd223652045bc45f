"""The notification-controller's rules of which Alert takes which event, row by row.

Its ``internal/server/event_handlers.go`` of v1.9.3, ``:150-293`` and ``:578-632``. Each row is one
event: what the Alert says of it, and whether a Provider is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from statusbot.manifests.alert import Alert, parse
from statusbot.manifests.provider import parse as parse_provider
from statusbot.results.result import Event, ObjectRef, Result
from statusbot.results.source import source_of
from statusbot.results.state import State
from statusbot.routing.destinations import Destinations
from statusbot.routing.routed import routed
from statusbot.routing.router import AlertRouter
from statusbot.routing.status import NoWay, Routed, Way
from tests.support.objects import C1, EARLIER, NAMESPACE, NOW, alert, git, git_repository, provider

APPS = ObjectRef("Kustomization", NAMESPACE, "apps", "1")
RED = Result(
    APPS,
    C1,
    State.FAILURE,
    "BuildFailed",
    "accumulating resources: no such file",
    NOW,
    EARLIER,
    current=True,
    event=Event(git(C1), took="1.5s", interval="10m0s"),
)
GREEN = replace(
    RED, state=State.SUCCESS, reason="ReconciliationSucceeded", message="Applied revision: x"
)


def source(name: str = "*", kind: str = "Kustomization", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "name": name, **more}


def router(spec: Mapping[str, Any], *, cross_namespace: bool = True) -> AlertRouter:
    made = parse(alert(**spec))
    assert isinstance(made, Alert), made
    destinations = Destinations([parse_provider(provider())], "id")
    return AlertRouter([made], destinations, cross_namespace=cross_namespace)


def verdict(
    spec: Mapping[str, Any],
    result: Result = GREEN,
    labels: Mapping[str, str] | None = None,
    *,
    cross_namespace: bool = True,
) -> Routed | NoWay:
    """What becomes of a result where this is the only Alert."""
    there = router(spec, cross_namespace=cross_namespace)
    (way,) = there.ways(result.object, labels or {}, source_of(git_repository()))
    return routed(result, way) if isinstance(way, Way) else way


def posts(
    spec: Mapping[str, Any],
    result: Result = GREEN,
    labels: Mapping[str, str] | None = None,
    *,
    cross_namespace: bool = True,
) -> bool:
    """Whether it goes to the forge, as the notification-controller would have it."""
    found = verdict(spec, result, labels, cross_namespace=cross_namespace)
    return isinstance(found, Routed) and not found.only_over_red


def of(**fields: str) -> Result:
    """A success of another object."""
    return replace(GREEN, object=replace(APPS, **fields))


SOURCES: list[tuple[str, dict[str, Any], Result, bool]] = [
    ("a suspended Alert takes nothing", {"suspend": True}, GREEN, False),
    ("a star takes every name", {"eventSources": [source()]}, GREEN, True),
    ("a name takes its object", {"eventSources": [source("apps")]}, GREEN, True),
    ("a name takes no other", {"eventSources": [source("web")]}, GREEN, False),
    ("a name is no pattern", {"eventSources": [source("app*")]}, GREEN, False),
    ("names have a case", {"eventSources": [source("Apps")]}, GREEN, False),
    ("any source is enough", {"eventSources": [source("web"), source("apps")]}, GREEN, True),
    ("none of them is not", {"eventSources": [source("web"), source("db")]}, GREEN, False),
    (
        "another kind takes no Kustomization",
        {"eventSources": [source(kind="HelmRelease")]},
        GREEN,
        False,
    ),
    (
        "the version of the API does not matter",
        {"eventSources": [source(apiVersion="kustomize.toolkit.fluxcd.io/v1beta1")]},
        GREEN,
        True,
    ),
    ("no namespace is the Alert's", {}, of(namespace="team"), False),
    ("another namespace is named", {"eventSources": [source(namespace="team")]}, GREEN, False),
    (
        "and then takes its objects",
        {"eventSources": [source(namespace="team")]},
        of(namespace="team"),
        True,
    ),
    ("a star is no namespace", {"eventSources": [source(namespace="*")]}, GREEN, False),
]


@pytest.mark.parametrize(
    ("spec", "result", "expected"), [row[1:] for row in SOURCES], ids=[row[0] for row in SOURCES]
)
def test_sources(spec: dict[str, Any], result: Result, expected: bool) -> None:
    assert posts(spec, result) is expected


@pytest.mark.parametrize(
    ("severity", "state", "expected"),
    [
        (None, State.SUCCESS, True),
        (None, State.FAILURE, True),
        ("info", State.SUCCESS, True),
        ("info", State.FAILURE, True),
        ("info", State.ERROR, True),
        ("error", State.SUCCESS, False),
        ("error", State.FAILURE, True),
        ("error", State.ERROR, True),
    ],
)
def test_info_asks_for_everything_and_error_for_errors(
    severity: str | None, state: State, expected: bool
) -> None:
    spec = {"eventSeverity": severity} if severity else {}
    assert posts(spec, replace(RED, state=state)) is expected


LABELS: list[tuple[str, dict[str, Any], dict[str, str], bool]] = [
    ("all must be there", source(matchLabels={"a": "1", "b": "2"}), {"a": "1", "b": "2"}, True),
    ("others may be", source(matchLabels={"a": "1"}), {"a": "1", "b": "2"}, True),
    ("one that is missing is none", source(matchLabels={"a": "1", "b": "2"}), {"a": "1"}, False),
    ("another value is none", source(matchLabels={"a": "1"}), {"a": "2"}, False),
    ("values are no patterns", source(matchLabels={"a": "*"}), {"a": "1"}, False),
    ("an empty value is a value", source(matchLabels={"a": ""}), {"a": ""}, True),
    ("and not a missing one", source(matchLabels={"a": ""}), {}, False),
    ("no labels ask for none", source(matchLabels={}), {}, True),
    ("they count beside a name too", source("apps", matchLabels={"a": "1"}), {}, False),
    ("with a name and the labels it is", source("apps", matchLabels={"a": "1"}), {"a": "1"}, True),
]


@pytest.mark.parametrize(
    ("entry", "labels", "expected"), [row[1:] for row in LABELS], ids=[row[0] for row in LABELS]
)
def test_labels(entry: dict[str, Any], labels: dict[str, str], expected: bool) -> None:
    assert posts({"eventSources": [entry]}, GREEN, labels) is expected


def test_labels_are_those_of_now_and_an_object_that_is_gone_keeps_what_it_is_owed() -> None:
    """Flux asks for the object's labels when the event comes, and drops it where it is gone."""
    there = router({"eventSources": [source(matchLabels={"a": "1"})]})
    way = there.way_of(f"{NAMESPACE}/all", None)
    assert isinstance(way, Way)
    assert isinstance(routed(GREEN, way), Routed)


LISTS: list[tuple[str, dict[str, list[str]], Result, bool]] = [
    ("no list lets all through", {}, RED, True),
    ("one inclusion is enough", {"inclusionList": ["x", "no such"]}, RED, True),
    ("none is not", {"inclusionList": ["x", "y"]}, RED, False),
    ("one exclusion keeps it back", {"exclusionList": ["x", "no such"]}, RED, False),
    ("none does not", {"exclusionList": ["x", "y"]}, RED, True),
    (
        "an exclusion counts after an inclusion",
        {"inclusionList": ["no such"], "exclusionList": ["file"]},
        RED,
        False,
    ),
    ("a pattern matches anywhere", {"inclusionList": ["such f"]}, RED, True),
    ("unless it says where", {"inclusionList": ["^no such"]}, RED, False),
    ("letters have a case", {"inclusionList": ["No Such"]}, RED, False),
    ("unless it says otherwise", {"inclusionList": ["(?i)No Such"]}, RED, True),
    ("the reason is not looked at", {"inclusionList": ["BuildFailed"]}, RED, False),
    ("nor is the name", {"inclusionList": ["apps"]}, RED, False),
    (
        "of a success it is the event's",
        {"inclusionList": ["^Reconciliation finished"]},
        GREEN,
        True,
    ),
    ("and not the condition's", {"inclusionList": ["Applied revision"]}, GREEN, False),
    (
        "with how long it took, and when the next is",
        {"inclusionList": [r"in 1\.5s, next run in 10m0s$"]},
        GREEN,
        True,
    ),
    (
        "what Flux's guide excludes is excluded",
        {"exclusionList": ["^accumulating.*no such file$"]},
        RED,
        False,
    ),
]


@pytest.mark.parametrize(
    ("spec", "result", "expected"), [row[1:] for row in LISTS], ids=[row[0] for row in LISTS]
)
def test_lists(spec: dict[str, Any], result: Result, expected: bool) -> None:
    assert posts(spec, result) is expected


@pytest.mark.parametrize("field", ["inclusionList", "exclusionList"])
def test_a_bad_pattern_is_an_error_not_a_pattern_that_never_matches_as_in_flux(field: str) -> None:
    found = verdict({field: ["no such", "("]}, RED)
    assert isinstance(found, NoWay)
    assert found.error
    assert f"spec.{field}" in found.why


class TestSuccessesThatNobodyAsksFor:
    """On purpose unlike Flux: a red of ours is always turned green again."""

    @pytest.mark.parametrize(
        ("spec", "why"),
        [
            ({"eventSeverity": "error"}, "its Alert asks for errors only"),
            ({"inclusionList": ["no such file"]}, "no pattern of inclusionList matches"),
            ({"exclusionList": ["^Reconciliation"]}, 'exclusionList has "^Reconciliation"'),
        ],
    )
    def test_they_end_a_red_and_are_else_left_out_for_that_reason(
        self, spec: dict[str, Any], why: str
    ) -> None:
        found = verdict(spec, GREEN)
        assert isinstance(found, Routed)
        assert (found.only_over_red, found.unasked) == (True, why)

    @pytest.mark.parametrize("spec", [{"inclusionList": ["x"]}, {"exclusionList": ["file"]}])
    def test_a_failure_that_nobody_asks_for_goes_nowhere(self, spec: dict[str, Any]) -> None:
        found = verdict(spec, RED)
        assert isinstance(found, NoWay)
        assert not found.error

    def test_a_suspended_alert_ends_no_red(self) -> None:
        found = verdict({"suspend": True}, GREEN)
        assert isinstance(found, NoWay)


class TestOtherNamespaces:
    def spec(self, namespace: str = "team") -> dict[str, Any]:
        return {"eventSources": [source(namespace=namespace)]}

    def test_they_may_be_asked_for(self) -> None:
        assert posts(self.spec(), of(namespace="team"))

    def test_the_option_forbids_it(self) -> None:
        found = verdict(self.spec(), of(namespace="team"), cross_namespace=False)
        assert isinstance(found, NoWay)
        assert "--no-cross-namespace-refs" in found.why

    def test_its_own_namespace_is_not_forbidden(self) -> None:
        assert posts({}, GREEN, cross_namespace=False)

    def test_nor_where_the_alert_names_it(self) -> None:
        assert posts(self.spec(NAMESPACE), GREEN, cross_namespace=False)


@pytest.mark.parametrize("version", ["v1beta1", "v1beta2", "v1beta3"])
@pytest.mark.parametrize(("severity", "expected"), [("info", True), ("error", False)])
def test_alerts_of_all_versions_route_alike(version: str, severity: str, expected: bool) -> None:
    obj = alert(eventSeverity=severity, eventSources=[source(matchLabels={"a": "1"})])
    obj["apiVersion"] = f"notification.toolkit.fluxcd.io/{version}"
    made = parse(obj)
    assert isinstance(made, Alert)
    there = AlertRouter([made], Destinations([parse_provider(provider())], "id"))
    (way,) = there.ways(APPS, {"a": "1"}, source_of(git_repository()))
    assert isinstance(way, Way)
    found = routed(GREEN, way)
    assert isinstance(found, Routed)
    assert (not found.only_over_red) is expected
