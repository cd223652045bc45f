"""From an object to the repositories that show its results."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from statusbot.manifests.alert import Alert
from statusbot.manifests.alert import parse as parse_alert
from statusbot.manifests.provider import parse as parse_provider
from statusbot.results.result import ObjectRef, Result
from statusbot.results.source import Source, source_of
from statusbot.results.state import SUPERSEDED, State
from statusbot.routing.destinations import Destinations
from statusbot.routing.routed import routed
from statusbot.routing.router import AlertRouter, SingleRouter
from statusbot.routing.status import NoWay, Routed, Way
from tests.support.objects import (
    C1,
    DIGEST,
    EARLIER,
    NAMESPACE,
    NOW,
    Object,
    alert,
    git_repository,
    provider,
    source_object,
)

APPS = ObjectRef("Kustomization", NAMESPACE, "apps", "1")
FLEET = source_of(git_repository())
GREEN = Result(APPS, C1, State.SUCCESS, "x", "", NOW, EARLIER, current=True)
BUCKET = source_of(source_object("Bucket", None, url="https://github.com/acme/other"))
OCI = source_of(
    source_object("OCIRepository", {"revision": f"x@sha256:{DIGEST}"}, url="oci://ghcr.io/a/b")
)


def at(url: str) -> Source:
    return source_of(git_repository(url=url))


def router(*objects: Object) -> AlertRouter:
    alerts = [parse_alert(obj) for obj in objects if obj["kind"] == "Alert"]
    providers = [parse_provider(obj) for obj in objects if obj["kind"] == "Provider"]
    assert all(isinstance(item, Alert) for item in alerts)
    return AlertRouter(
        [item for item in alerts if isinstance(item, Alert)], Destinations(providers, "id")
    )


def ways(*objects: Object, source: Source | None = FLEET) -> list[Way | NoWay]:
    return router(*objects).ways(APPS, {}, source)


def way(*objects: Object, source: Source | None = FLEET) -> Way:
    (only,) = ways(*objects, source=source)
    assert isinstance(only, Way), only
    return only


def no_way(*objects: Object, source: Source | None = FLEET) -> NoWay:
    (only,) = ways(*objects, source=source)
    assert isinstance(only, NoWay), only
    return only


class TestAlerts:
    def test_an_object_goes_where_its_alert_leads(self) -> None:
        found = way(alert(), provider())
        assert found.destination.repository.key == "github.com/acme/fleet"
        assert found.alert == f"{NAMESPACE}/all"

    def test_an_object_goes_through_each_alert(self) -> None:
        found = ways(alert("one"), alert("two"), provider())
        assert [item.alert for item in found] == [f"{NAMESPACE}/one", f"{NAMESPACE}/two"]

    def test_without_an_alert_it_goes_nowhere(self) -> None:
        assert no_way(provider()) == NoWay("no Alert asks for it")

    def test_a_suspended_alert_does_not_count(self) -> None:
        assert no_way(alert(suspend=True), provider()).why == "the Alert is suspended"

    def test_labels_count(self) -> None:
        sources = [{"kind": "Kustomization", "name": "*", "matchLabels": {"team": "a"}}]
        found = router(alert(eventSources=sources), provider())
        assert isinstance(found.ways(APPS, {"team": "a"}, FLEET)[0], Way)
        assert isinstance(found.ways(APPS, {"team": "b"}, FLEET)[0], NoWay)

    def test_what_an_alert_for_a_chat_holds_is_no_error(self) -> None:
        found = no_way(alert(exclusionList=["("]), provider(type="slack"))
        assert (found.error, "slack" in found.why) == (False, True)

    def test_the_provider_is_of_the_alerts_namespace(self) -> None:
        assert "no such Provider" in no_way(alert(), provider(namespace="other")).why

    @pytest.mark.parametrize(("severity", "errors_only"), [("info", False), ("error", True)])
    def test_the_severity_of_the_alert_is_kept(self, severity: str, errors_only: bool) -> None:
        assert way(alert(eventSeverity=severity), provider()).errors_only is errors_only

    def test_a_provider_to_be_mended_is_named(self) -> None:
        found = no_way(alert(), provider(address="nowhere"))
        assert (found.provider, found.alert) == (f"{NAMESPACE}/forge", f"{NAMESPACE}/all")
        assert found.error is True

    def test_a_suspended_provider_is_nobodys_fault(self) -> None:
        assert no_way(alert(), provider(suspend=True)).error is False

    def test_an_alert_that_cannot_be_honoured_is_named(self) -> None:
        found = no_way(alert(exclusionList=["("]), provider())
        assert "spec.exclusionList" in found.why
        assert found.error is True


class TestRepositories:
    @pytest.mark.parametrize(
        "url",
        [
            "https://github.com/acme/fleet",
            "https://github.com/acme/fleet.git",
            "https://github.com/acme/fleet/",
            "https://GitHub.com/Acme/Fleet",
            "https://me:pw@github.com/acme/fleet",
            "ssh://git@github.com/acme/fleet.git",
            "ssh://git@ssh.github.com:443/acme/fleet",
        ],
    )
    def test_the_source_may_write_the_same_repository_in_its_way(self, url: str) -> None:
        assert way(alert(), provider(), source=at(url)).same_repository is True

    def test_another_path_on_the_same_host_is_another_repository(self) -> None:
        there = way(alert(), provider(), source=at("https://github.com/acme/other"))
        assert there.elsewhere == "its source is another repository than github.com/acme/fleet"
        found = routed(GREEN, there)
        assert found == NoWay(there.elsewhere, f"{NAMESPACE}/all", f"{NAMESPACE}/forge")

    def test_another_host_may_be_a_mirror(self) -> None:
        found = way(alert(), provider(), source=at("https://mirror.example/acme/other"))
        assert found.same_repository is False

    def test_a_number_cannot_be_compared_so_it_may_be_that(self) -> None:
        there = provider(type="gitlab", address="https://gitlab.com/4711")
        found = way(alert(), there, source=at("https://gitlab.com/acme/fleet"))
        assert (found.elsewhere, found.same_repository) == ("", False)

    @pytest.mark.parametrize("source", [None, OCI, BUCKET, at(""), at("nonsense")])
    def test_a_source_that_names_no_repository_may_be_any(self, source: Source | None) -> None:
        assert way(alert(), provider(), source=source).same_repository is False


class TestOwed:
    def test_what_is_owed_goes_where_its_alert_leads_now(self) -> None:
        found = router(alert(), provider()).way_of(f"{NAMESPACE}/all", FLEET)
        assert isinstance(found, Way)
        assert found.alert == f"{NAMESPACE}/all"

    def test_it_goes_even_if_the_alert_asks_for_other_objects_now(self) -> None:
        sources = [{"kind": "Kustomization", "name": "web"}]
        found = router(alert(eventSources=sources), provider())
        assert isinstance(found.way_of(f"{NAMESPACE}/all", FLEET), Way)

    def test_with_its_alert_the_debt_is_gone(self) -> None:
        found = router(provider()).way_of(f"{NAMESPACE}/all", FLEET)
        assert found == NoWay("its Alert is gone", f"{NAMESPACE}/all")


class TestSingle:
    def single(self) -> SingleRouter:
        parsed = parse_provider(provider())
        return SingleRouter(Destinations([parsed], "id").find(f"{NAMESPACE}/forge"))

    def way(self, source: Source | None) -> Way | NoWay:
        (only,) = self.single().ways(APPS, {}, source)
        return only

    def test_an_object_of_that_repository_goes_there(self) -> None:
        found = self.way(FLEET)
        assert isinstance(found, Way)
        assert (found.alert, found.same_repository, found.errors_only) == ("", True, False)

    @pytest.mark.parametrize(
        "url", ["https://github.com/acme/other", "https://mirror.example/acme/fleet", "nonsense"]
    )
    def test_an_object_of_another_repository_does_not(self, url: str) -> None:
        assert self.way(at(url)) == NoWay(
            "its source is another repository than github.com/acme/fleet"
        )

    @pytest.mark.parametrize("source", [None, OCI, BUCKET, at("")])
    def test_a_source_that_names_no_repository_may_be_that(self, source: Source | None) -> None:
        found = self.way(source)
        assert isinstance(found, Way)
        assert found.same_repository is False

    def test_what_is_owed_goes_there(self) -> None:
        assert isinstance(self.single().way_of("", FLEET), Way)


class TestRouted:
    @pytest.mark.parametrize(
        ("severity", "state", "only_over_red"),
        [
            ("info", State.SUCCESS, False),
            ("error", State.SUCCESS, True),
            ("error", State.FAILURE, False),
            ("error", State.ERROR, False),
        ],
    )
    def test_where_errors_are_asked_for_a_success_only_ends_a_red(
        self, severity: str, state: State, only_over_red: bool
    ) -> None:
        there: Any = way(alert(eventSeverity=severity), provider())
        found = routed(replace(GREEN, state=state), there)
        assert isinstance(found, Routed)
        assert found.only_over_red is only_over_red

    @pytest.mark.parametrize("spec", [{"eventSeverity": "error"}, {"inclusionList": [".*"]}])
    def test_nothing_is_pending_where_its_end_may_be_kept_back(self, spec: dict[str, Any]) -> None:
        there: Any = way(alert(**spec), provider())
        pending = replace(GREEN, state=State.PENDING, reason="Progressing")
        assert isinstance(routed(pending, there), NoWay)

    @pytest.mark.parametrize("state", [State.SUCCESS, State.FAILURE])
    def test_that_a_commit_was_superseded_ends_no_red(self, state: State) -> None:
        there: Any = way(alert(inclusionList=["nothing"]), provider())
        over = replace(GREEN, state=state, reason=SUPERSEDED, message="superseded by 1a2b")
        assert isinstance(routed(over, there), NoWay)
