"""A commit that comes to the same end again, after another that no poll saw."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.objects import C1, C2, alert
from tests.support.witness import Pace, witness


@pytest.mark.parametrize("reason", ["BuildFailed", "path not found"])
def test_a_red_that_was_green_between_two_polls_stays_red_when_another_commit_comes(
    tmp_path: Path, reason: str
) -> None:
    """Of a build that fails `status.history` says nothing, of the green before it does."""
    with witness(tmp_path, Pace(60, 10.0)) as seen:
        flux = seen.flux
        flux.route()
        flux.push(C1)
        apps = flux.app()
        apps.reconcile(reason)
        flux.wait(61)
        apps.reconcile()
        apps.reconcile(reason)
        flux.wait(61)
        flux.push(C2)
        apps.reconcile()
        flux.wait(61)
        assert (seen.shown(C1), seen.shown(C2)) == (["failure"], ["success"])
        assert seen.wrong == []


@pytest.mark.parametrize(("severity", "shown"), [("info", ["success"]), ("error", [])])
def test_a_green_that_was_red_between_two_polls_stays_green_when_another_commit_is_the_same(
    tmp_path: Path, severity: str, shown: list[str]
) -> None:
    """What renders the same has one entry in `status.history`, and the last commit has it."""
    with witness(tmp_path, Pace(60, 10.0)) as seen:
        flux = seen.flux
        flux.provide()
        flux.kube.apply(alert("all", providerRef={"name": "forge"}, eventSeverity=severity))
        flux.push(C1)
        apps = flux.app()
        apps.reconcile(digest="one")
        flux.wait(61)
        apps.reconcile("HealthCheckFailed", digest="two")
        apps.reconcile(digest="two")
        flux.wait(61)
        flux.push(C2)
        apps.reconcile(digest="two")
        flux.wait(61)
        assert seen.shown(C1) == shown
