"""Flux's event of a result: whose metadata wins, whose commit it is, and what an expression sees.

The notification-controller's ``internal/server/event_handlers.go:649-732`` of v1.9.3, and fluxcd/pkg
``apis/event/v1beta1/event.go:97-108``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from statusbot.manifests.alert import Alert
from statusbot.manifests.alert import parse as parse_alert
from statusbot.manifests.provider import Provider
from statusbot.manifests.provider import parse as parse_provider
from statusbot.results.observation import observe
from statusbot.results.result import Event, ObjectRef, Result
from statusbot.results.state import State
from statusbot.routing.destinations import destination
from statusbot.routing.events import event, metadata
from statusbot.routing.routed import routed
from statusbot.routing.status import NoWay, Routed, Way
from tests.support.objects import (
    C1,
    C2,
    C3,
    C4,
    DIGEST,
    EARLIER,
    NAMESPACE,
    NOW,
    alert,
    git,
    kustomization,
    provider,
)

OTHER = "its source is another repository than github.com/acme/fleet"
GREEN = Result(
    ObjectRef("Kustomization", NAMESPACE, "apps", "1-2"),
    C1,
    State.SUCCESS,
    "ReconciliationSucceeded",
    "Applied revision: x",
    NOW,
    EARLIER,
    current=True,
    event=Event(git(C1)),
)


def way(event_metadata: Mapping[str, str] | None = None, summary: str = "", **fields: Any) -> Way:
    there = destination(
        Provider("", NAMESPACE, "forge", "1", "github", "https://github.com/acme/fleet"), ""
    )
    return Way(
        there,
        f"{NAMESPACE}/all",
        event_metadata=event_metadata or {},
        alert_summary=summary,
        **fields,
    )


def with_event(**fields: Any) -> Result:
    return replace(GREEN, event=replace(GREEN.event, **fields))


class TestMetadata:
    """From the least to the most: annotations, eventMetadata, summary, the controller."""

    @pytest.mark.parametrize(
        ("annotations", "of_alert", "summary", "key", "expected"),
        [
            ({"team": "a"}, {}, "", "team", "a"),
            ({"team": "a"}, {"team": "b"}, "", "team", "b"),
            ({}, {"team": "b"}, "", "team", "b"),
            ({"summary": "a"}, {}, "", "summary", "a"),
            ({"summary": "a"}, {"summary": "b"}, "", "summary", "b"),
            ({"summary": "a"}, {"summary": "b"}, "c", "summary", "c"),
            ({"revision": "a"}, {"revision": "b"}, "", "revision", git(C1)),
            ({"commit_status": "a"}, {"commit_status": "b"}, "", "commit_status", "update"),
        ],
    )
    def test_the_higher_wins(
        self,
        annotations: dict[str, str],
        of_alert: dict[str, str],
        summary: str,
        key: str,
        expected: str,
    ) -> None:
        found = metadata(with_event(metadata=annotations), way(of_alert, summary))
        assert found[key] == expected

    def test_the_controller_wins_with_the_origin_revision_too(self) -> None:
        result = with_event(origin=git(C1), metadata={"originRevision": "a"})
        assert metadata(result, way({"originRevision": "b"}))["originRevision"] == git(C1)

    def test_what_it_did_not_write_is_not_there(self) -> None:
        assert metadata(GREEN, way()) == {"revision": git(C1), "commit_status": "update"}

    def test_a_failure_is_no_update_of_a_commit_status(self) -> None:
        assert "commit_status" not in metadata(replace(GREEN, state=State.FAILURE), way())

    def test_of_the_annotations_flux_hands_on_those_of_its_group(self) -> None:
        obj = kustomization()
        obj["metadata"]["annotations"] = {
            "event.toolkit.fluxcd.io/team": "a",
            "kustomize.toolkit.fluxcd.io/prune": "disabled",
            "event.toolkit.fluxcd.io.evil/x": "b",
            "team": "c",
        }
        assert observe(obj, NOW).metadata == {"team": "a"}


class TestCommit:
    """``commit``, then ``originRevision``, then ``revision``; the last are the controller's first."""

    @pytest.mark.parametrize(
        ("annotations", "of_alert", "origin", "expected"),
        [
            ({}, {}, "", C1),
            ({"commit": C2}, {}, "", C2),
            ({}, {"commit": C3}, "", C3),
            ({"commit": C2}, {"commit": C3}, "", C3),
            ({"commit": C2, "originRevision": C4}, {}, "", C2),
            ({"originRevision": git(C2)}, {}, "", C2),
            ({"originRevision": git(C2)}, {"originRevision": git(C3)}, "", C3),
            ({"originRevision": git(C2)}, {"originRevision": git(C3)}, git(C1), C1),
            ({"originRevision": git(C2)}, {"commit": C3}, git(C1), C3),
            ({"revision": git(C2)}, {"revision": git(C3)}, "", C1),
            ({"commit": ""}, {"commit": ""}, "", C1),
        ],
    )
    def test_it_is_that_which_wins(
        self, annotations: dict[str, str], of_alert: dict[str, str], origin: str, expected: str
    ) -> None:
        found = routed(with_event(metadata=annotations, origin=origin), way(of_alert))
        assert isinstance(found, Routed)
        assert found.result.commit == expected

    @pytest.mark.parametrize(
        "form",
        ["{}", "sha1:{}", "main@sha1:{}", "refs/pull/420/head@sha1:{}", "main/{}", "HEAD/{}"],
    )
    def test_it_may_be_written_in_all_forms_of_a_revision(self, form: str) -> None:
        found = routed(GREEN, way({"commit": form.format(C2)}))
        assert isinstance(found, Routed)
        assert found.result.commit == C2

    @pytest.mark.parametrize("named", ["main", "6.5.4", f"sha256:{DIGEST}x", "g" * 40, C2[:-1]])
    def test_what_is_none_is_an_error_and_the_result_is_not_posted_to_another(
        self, named: str
    ) -> None:
        found = routed(GREEN, way({"commit": named}))
        assert isinstance(found, NoWay)
        assert found.error
        assert found.why.startswith("spec.eventMetadata.commit of the Alert names no commit")

    def test_an_alerts_is_told_with_the_alert(self) -> None:
        found = routed(GREEN, way({"commit": "main"}))
        assert isinstance(found, NoWay)
        assert not found.alone

    @pytest.mark.parametrize("key", ["commit", "originRevision"])
    def test_an_objects_is_told_with_each_of_its_results(self, key: str) -> None:
        found = routed(with_event(metadata={key: "main"}), way())
        assert isinstance(found, NoWay)
        assert (found.error, found.alone) == (False, True)
        assert f"the annotation event.toolkit.fluxcd.io/{key} of the object" in found.why

    def test_an_alerts_origin_revision_matters_to_some_objects_only_so_each_tells(self) -> None:
        found = routed(GREEN, way({"originRevision": "main"}))
        assert isinstance(found, NoWay)
        assert (found.error, found.alone) == (True, True)

    def test_nothing_but_the_commit_is_another(self) -> None:
        found = routed(GREEN, way({"commit": C2}))
        assert isinstance(found, Routed)
        assert replace(found.result, commit=C1) == GREEN

    def test_once_more_on_its_way_it_is_the_same(self) -> None:
        """What is owed was told of the named commit before."""
        once = routed(GREEN, way({"commit": C2}))
        assert isinstance(once, Routed)
        again = routed(once.result, way({"commit": C2}))
        assert isinstance(again, Routed)
        assert again.result == once.result

    @pytest.mark.parametrize("revision", [f"latest@sha256:{DIGEST}", f"sha256:{DIGEST}"])
    def test_an_origin_that_only_the_source_knew_is_not_overridden(self, revision: str) -> None:
        result = with_event(revision=revision)
        found = routed(result, way({"originRevision": git(C3)}))
        assert isinstance(found, Routed)
        assert found.result.commit == C1
        assert metadata(result, way())["originRevision"] == f"sha1:{C1}"


class TestAnotherRepository:
    """A commit that somebody named may be anywhere; only the source's own is surely elsewhere."""

    def test_the_sources_own_commit_does_not_go_there(self) -> None:
        found = routed(GREEN, way(same_repository=False, elsewhere=OTHER))
        assert isinstance(found, NoWay)
        assert (found.why, found.error) == (OTHER, False)

    def test_one_that_somebody_named_does_as_in_flux(self) -> None:
        found = routed(GREEN, way({"commit": C2}, same_repository=False, elsewhere=OTHER))
        assert isinstance(found, Routed)
        assert found.result.commit == C2

    def test_a_name_for_none_is_an_error_there_too(self) -> None:
        found = routed(GREEN, way({"commit": "x"}, same_repository=False, elsewhere=OTHER))
        assert isinstance(found, NoWay)
        assert found.error


class TestEvent:
    def known(self, result: Result = GREEN, **fields: Any) -> dict[str, Any]:
        return event(result, metadata(result, way(**fields)))

    def test_it_has_the_keys_of_fluxs_event(self) -> None:
        assert self.known() == {
            "involvedObject": {
                "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
                "kind": "Kustomization",
                "namespace": NAMESPACE,
                "name": "apps",
                "uid": "1-2",
            },
            "severity": "info",
            "timestamp": "2026-11-20T12:00:00Z",
            "message": "Reconciliation finished in 1s, next run in 10m0s",
            "reason": "ReconciliationSucceeded",
            "metadata": {"revision": git(C1), "commit_status": "update"},
            "reportingController": "kustomize-controller",
            "reportingInstance": "",
        }

    def test_a_failure_has_its_message(self) -> None:
        found = self.known(replace(GREEN, state=State.FAILURE, message="no such file"))
        assert (found["severity"], found["message"]) == ("error", "no such file")

    def test_an_object_without_a_uid_has_none(self) -> None:
        found = self.known(replace(GREEN, object=replace(GREEN.object, uid="")))
        assert "uid" not in found["involvedObject"]

    def test_the_metadata_is_that_which_won(self) -> None:
        found = self.known(event_metadata={"team": "a", "revision": "x"}, summary="s")
        assert found["metadata"] == {
            "team": "a",
            "summary": "s",
            "revision": git(C1),
            "commit_status": "update",
        }


class TestManifests:
    """Expressions see Alerts and Providers as the notification-controller reads them."""

    @pytest.mark.parametrize("version", ["v1beta1", "v1beta2", "v1beta3"])
    def test_they_are_of_the_newest_version(self, version: str) -> None:
        for obj, parse in ((alert(), parse_alert), (provider(), parse_provider)):
            obj["apiVersion"] = f"notification.toolkit.fluxcd.io/{version}"
            found = parse(obj)
            assert isinstance(found, Alert | Provider)
            assert found.manifest["apiVersion"] == "notification.toolkit.fluxcd.io/v1beta3"
            assert found.api_version == f"notification.toolkit.fluxcd.io/{version}"

    def test_an_alert_has_the_severity_that_the_schema_gives_it(self) -> None:
        found = parse_alert(alert())
        assert isinstance(found, Alert)
        assert found.manifest["spec"]["eventSeverity"] == "info"

    def test_unless_it_has_its_own(self) -> None:
        found = parse_alert(alert(eventSeverity="error"))
        assert isinstance(found, Alert)
        assert found.manifest["spec"]["eventSeverity"] == "error"
