"""What somebody can do about each reason."""

from __future__ import annotations

from typing import Any

import pytest

from statusbot.explain import ways_out
from statusbot.manifests import alert as alerts
from statusbot.manifests import provider as providers
from statusbot.manifests.alert import Alert
from statusbot.manifests.invalid import Invalid
from statusbot.manifests.provider import Provider
from statusbot.results.observation import Observation, observe
from statusbot.results.result import ObjectRef
from statusbot.results.rules import RULES
from statusbot.routing.match import Match
from tests.support.objects import NOW, alert, green, kustomization, provider, stamp

OBJECT = ObjectRef("Kustomization", "flux-system", "apps", "1")


def seen(**fields: Any) -> Observation:
    return observe(kustomization(green(), **fields), NOW)


def parsed(**spec: Any) -> Alert:
    found = alerts.parse(alert(**spec))
    assert isinstance(found, Alert)
    return found


def read(namespace: str = "flux-system", **spec: Any) -> Provider:
    found = providers.parse(provider(namespace=namespace, **spec))
    assert isinstance(found, Provider)
    return found


@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_every_rule_but_those_for_the_deleted_and_the_nameless_has_a_way_out(rule: str) -> None:
    nothing = {
        "being deleted",
        "succeeded",
        "failed at the attempted revision",
        "path not found",
        "stalled",
    }
    assert bool(ways_out.of_claim(rule, seen())) == (rule not in nothing)


def test_what_is_suspended_is_resumed_first() -> None:
    todo = ways_out.of_claim("in progress", seen(suspend=True))
    assert todo == "`flux resume kustomization apps -n flux-system`"


def test_what_is_being_deleted_is_not_resumed() -> None:
    gone = seen(suspend=True, metadata={"deletionTimestamp": stamp(NOW)})
    assert ways_out.of_claim("being deleted", gone) == ""


def test_an_alert_for_an_object_elsewhere_names_its_namespace() -> None:
    todo = ways_out.of_no_alert(OBJECT, read("team-a"))
    assert " -n team-a " in todo
    assert " --event-source Kustomization/apps.flux-system " in todo


def test_a_name_that_a_shell_would_read_is_quoted() -> None:
    strange = ObjectRef("Kustomization", "flux-system", "a;rm -rf /", "")
    assert "'Kustomization/a;rm -rf /'" in ways_out.of_no_alert(strange, None)


def test_an_alert_of_another_namespace_is_made_anew_where_that_is_forbidden() -> None:
    source = {"kind": "Kustomization", "name": "*", "namespace": "flux-system"}
    found = alerts.parse(alert(namespace="team-a", eventSources=[source]))
    assert isinstance(found, Alert)
    todo = ways_out.of_match(Match(found, False, "forbidden"), OBJECT, {})
    assert todo == "make an Alert with a Provider of its own in the namespace flux-system"


def test_only_the_labels_that_are_lacking_are_set() -> None:
    wanted = {"a": "1", "b": "2"}
    sources = [{"kind": "Kustomization", "name": "*", "matchLabels": wanted}]
    todo = ways_out.of_match(Match(parsed(eventSources=sources), False, ""), OBJECT, {"a": "1"})
    assert todo == "`kubectl -n flux-system label kustomization apps b=2`"


def test_a_label_that_has_another_value_is_written_over() -> None:
    sources = [{"kind": "Kustomization", "name": "*", "matchLabels": {"a": "1"}}]
    todo = ways_out.of_match(Match(parsed(eventSources=sources), False, ""), OBJECT, {"a": "2"})
    assert todo == "`kubectl -n flux-system label kustomization apps a=1 --overwrite`"


def test_an_alert_for_other_objects_is_edited() -> None:
    sources = [{"kind": "Kustomization", "name": "other"}]
    todo = ways_out.of_match(Match(parsed(eventSources=sources), False, ""), OBJECT, {})
    assert todo == "`kubectl -n flux-system edit alert all`"


def test_a_suspended_provider_is_patched() -> None:
    old = provider(suspend=True)
    old["apiVersion"] = "notification.toolkit.fluxcd.io/v1beta2"
    found = providers.parse(old)
    assert isinstance(found, Provider)
    todo = ways_out.of_provider("flux-system/forge", found)
    assert todo == (
        "`kubectl -n flux-system patch provider forge --type merge "
        """-p '{"spec":{"suspend":false}}'`"""
    )


def test_a_provider_that_cannot_be_read_is_edited() -> None:
    broken = providers.parse(provider(type="no-such-type"))
    assert isinstance(broken, Invalid)
    todo = ways_out.of_provider("flux-system/forge", broken)
    assert todo == "`kubectl -n flux-system edit provider forge`"
