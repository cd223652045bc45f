"""A commit status, and when two are one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusbot.manifests.provider import Provider
from statusbot.results.result import ObjectRef, Result
from statusbot.results.state import State
from statusbot.routing.destinations import destination
from statusbot.routing.status import CommitStatus, Destination, NoWay, Routed, Way
from tests.support.objects import C1, C2, EARLIER, NOW

RESULT = Result(
    ObjectRef("Kustomization", "a", "apps", "1"),
    C1,
    State.FAILURE,
    "BuildFailed",
    "x " * 200,
    NOW,
    EARLIER,
    current=True,
)


def there(type_: str = "github", address: str = "https://forge.example/acme/fleet") -> Destination:
    return destination(Provider("", "a", "forge", "id-1", type_, address), "")


def status(
    result: Result = RESULT, to: Destination | None = None, context: str = "kustomization/apps/id"
) -> CommitStatus:
    return CommitStatus(Routed(result, Way(to or there())), context)


def test_it_shows_its_result() -> None:
    assert status().result is RESULT


def test_it_goes_to_its_destination() -> None:
    to = there()
    assert status(to=to).destination is to


@pytest.mark.parametrize("type_", ["github", "gitea"])
def test_its_description_fits_its_forge(type_: str) -> None:
    shown = status(to=there(type_))
    limit = shown.destination.forge.description_limit
    assert limit - 2 <= len(shown.description) <= limit


def test_a_repository_that_is_written_in_another_way_is_the_same_place() -> None:
    assert status().key == status(to=there(address="git@forge.example:Acme/Fleet.git")).key


def test_a_context_in_another_case_is_the_same_place_on_github() -> None:
    assert status(context="A").key == status(context="a").key


def test_another_state_is_the_same_place() -> None:
    assert status().key == status(replace(RESULT, state=State.SUCCESS)).key


@pytest.mark.parametrize(
    "other",
    [
        status(replace(RESULT, commit=C2)),
        status(context="kustomization/web/id"),
        status(to=there(address="https://forge.example/acme/other")),
        status(to=there(address="https://other.example/acme/fleet")),
    ],
)
def test_another_commit_context_or_repository_is_another_place(other: CommitStatus) -> None:
    assert other.key != status().key


@settings(deadline=None)
@given(st.text())
def test_any_context_has_a_key(context: str) -> None:
    assert len(status(context=context).key) == 24


def test_a_provider_is_in_no_repr() -> None:
    to = destination(Provider("", "", "", "u", "github", "https://me:s3cret@x.example/a/b"), "")
    shown = repr(status(to=to))
    assert "s3cret" not in shown
    assert "Provider" not in shown


def test_a_way_without_an_alert_takes_everything_of_its_own_repository() -> None:
    way = Way(there())
    assert (way.alert, way.errors_only, way.same_repository) == ("", False, True)


def test_a_way_that_is_closed_is_nobodys_fault_unless_it_says_so() -> None:
    assert NoWay("x") == NoWay("x", "", "", False)


def test_a_result_on_its_way_is_news_in_any_case_unless_it_says_otherwise() -> None:
    assert Routed(RESULT, Way(there())).only_over_red is False


def test_a_provider_of_another_namespace_leads_to_the_same_place() -> None:
    other = destination(replace(there().provider, namespace="b"), "")
    assert status(to=other).place == status().place


def test_what_it_shows_is_known_by_itself() -> None:
    other = destination(replace(there().provider, namespace="b"), "")
    assert status(to=other).key != status().key


def test_who_names_a_context_himself_goes_last() -> None:
    named = CommitStatus(Routed(RESULT, Way(there()), context="x"), "x")
    assert status().precedence < named.precedence


def test_the_older_provider_goes_first() -> None:
    def made(at: str, name: str) -> CommitStatus:
        manifest = {"metadata": {"creationTimestamp": at}}
        found = replace(there().provider, name=name, manifest=manifest)
        return status(to=destination(found, ""))

    assert (
        made("2026-01-01T00:00:00Z", "b").precedence < made("2026-01-02T00:00:00Z", "a").precedence
    )
