"""A green commit stays green while Flux waits, and a red one is green when it recovered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.objects import C1, C2, C3, C4, NAMESPACE
from tests.support.timeline import Flux
from tests.support.witness import Pace, Witness, witness

C5, C6, C7 = (digit * 40 for digit in "567")
PACES = (Pace(20, 3.0), Pace(60, 10.0), Pace(60, 10.0, ledger=False))
HEALTH = "HealthCheckFailed"


@pytest.fixture(params=PACES, ids=str)
def seen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Witness]:
    with witness(tmp_path, request.param) as made:
        made.flux.route()
        yield made


def suspend_the_provider(flux: Flux) -> None:
    flux.provide(suspend=True)


def delete_the_alert(flux: Flux) -> None:
    flux.kube.delete("Alert", NAMESPACE, "to-forge")


@pytest.mark.parametrize("reason", ["ArtifactFailed", "DependencyNotReady"])
def test_a_branch_that_goes_back_to_a_green_commit_that_only_waits_leaves_it_green(
    seen: Witness, reason: str
) -> None:
    """The history has forgotten it: five others came since."""
    flux = seen.flux
    flux.push(C1)
    apps = flux.app(dependsOn=[{"name": "gone"}])
    for commit in (C1, C2, C3, C4, C5, C6, C7):
        flux.push(commit)
        apps.reconcile()
        flux.wait(61)
    flux.push(C1)
    for _ in range(14):
        apps.reconcile(reason)
        flux.wait(30)
    assert seen.shown(C1) == ["success"]
    apps.reconcile(HEALTH)
    flux.wait(61)
    assert seen.shown(C1) == ["success", "failure"]
    assert seen.wrong == []


def test_the_status_of_all_stays_green_too(seen: Witness) -> None:
    flux = seen.flux
    seen.arguments = ("--aggregate", "of/all/1")
    flux.push(C1)
    apps = flux.app()
    for commit in (C1, C2, C3, C4, C5, C6, C7):
        flux.push(commit)
        apps.reconcile()
        flux.wait(61)
    flux.push(C1)
    for _ in range(14):
        apps.reconcile("ArtifactFailed")
        flux.wait(30)
    assert seen.shown(C1, "all") == ["success"]


@pytest.mark.parametrize("reason", ["ArtifactFailed", "DependencyNotReady"])
def test_a_new_object_is_not_red_since_its_artifact_is_old(seen: Witness, reason: str) -> None:
    flux = seen.flux
    flux.push(C1)
    flux.wait(900)
    apps = flux.app(dependsOn=[{"name": "later"}])
    apps.reconcile(reason)
    flux.wait(61)
    apps.reconcile()
    flux.wait(61)
    assert seen.shown(C1) == ["success"]


@pytest.mark.parametrize("close", [suspend_the_provider, delete_the_alert])
def test_what_recovered_while_the_way_was_closed_is_green_when_it_opens(
    seen: Witness, close: Callable[[Flux], None]
) -> None:
    flux = seen.flux
    flux.push(C1)
    apps = flux.app()
    apps.reconcile(HEALTH)
    flux.wait(61)
    close(flux)
    apps.reconcile()
    flux.wait(61)
    flux.push(C2)
    apps.reconcile()
    flux.wait(900)
    flux.route()
    flux.wait(61)
    assert (seen.shown(C1), seen.shown(C2)) == (["failure", "success"], ["success"])


def test_what_waits_of_all_is_finished_when_who_it_waited_for_is_deleted(tmp_path: Path) -> None:
    with witness(tmp_path, Pace(20, 3.0)) as seen:
        flux = seen.flux
        seen.arguments = ("--pending", "--aggregate", "of/all/1")
        flux.route()
        flux.push(C1)
        apps = flux.app()
        apps.reconcile()
        flux.wait(61)
        flux.push(C2)
        apps.reconcile("DependencyNotReady")
        flux.wait(61)
        apps.delete()
        flux.wait(61)
        assert seen.shown(C2) == ["pending", "error"]
        assert seen.shown(C2, "all")[-1] != "pending"
