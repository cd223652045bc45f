"""Commits that wait or are passed over: what they show meanwhile is finished, and hides no end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from statusbot.settings import Settings
from tests.support.ends import APPLY, BUILD, CANCELED, DEPENDENCY, FETCH, HEALTH, PATH
from tests.support.model import Days
from tests.support.objects import C1, C2, C3, C4
from tests.support.timeline import Flux
from tests.support.witness import Pace, Witness, witness
from tests.support.world import REPOSITORY
from tests.truth.test_stories import STORIES, start

PENDING = ("--pending",)
BOTH = ("--pending", "--superseded", "error")
GREEN = ("--superseded", "success")


def health_checks_take_long(flux: Flux) -> None:
    apps = start(flux)
    flux.push(C2)
    apps.reconcile(took=200)
    flux.push(C3)
    apps.reconcile(HEALTH, took=200)
    flux.wait(61)
    apps.reconcile(HEALTH, took=200)
    flux.wait(61)


def a_newer_commit_cancels_the_checks(flux: Flux) -> None:
    apps = start(flux)
    flux.push(C2)
    apps.reconcile(CANCELED, took=100)
    flux.push(C3)
    flux.wait(61)
    apps.reconcile(CANCELED, took=100)
    flux.push(C4)
    flux.wait(61)
    apps.reconcile(took=100)


def a_dependency_takes_long_and_commits_pass(flux: Flux) -> None:
    apps = start(flux)
    for commit in (C2, C3, C4):
        flux.push(commit)
        for _ in range(6):
            apps.reconcile(DEPENDENCY)
            flux.wait(30)
    apps.reconcile()
    flux.wait(61)


def the_branch_goes_back(flux: Flux) -> None:
    apps = start(flux)
    flux.push(C2)
    apps.reconcile(DEPENDENCY)
    flux.wait(61)
    flux.push(C1)
    apps.reconcile()
    flux.wait(61)
    flux.push(C2)
    apps.reconcile(took=40)
    flux.wait(61)


def artifacts_cannot_be_fetched(flux: Flux) -> None:
    apps = start(flux)
    for commit in (C2, C3):
        flux.push(commit)
        for _ in range(4):
            apps.reconcile(FETCH)
            flux.wait(30)
    apps.reconcile(APPLY)
    flux.wait(61)


def suspended_at_work(flux: Flux) -> None:
    apps = start(flux)
    flux.push(C2)
    apps.reconcile(DEPENDENCY)
    flux.wait(61)
    apps.edit(suspend=True)
    flux.wait(61)
    flux.push(C3)
    flux.wait(61)
    flux.push(C4)
    flux.wait(61)
    apps.edit(suspend=False)
    apps.reconcile(took=40)


def deleted_at_work(flux: Flux) -> None:
    apps = start(flux)
    flux.push(C2)
    apps.reconcile(DEPENDENCY)
    flux.wait(61)
    apps.delete()
    flux.wait(61)


def a_new_object_waits_for_flux(flux: Flux) -> None:
    flux.route()
    flux.push(C1)
    apps = flux.app()
    flux.wait(61)
    flux.push(C2)
    flux.wait(61)
    apps.reconcile(BUILD)
    flux.wait(61)
    flux.push(C3)
    apps.reconcile(PATH)


def the_source_is_taken_away(flux: Flux) -> None:
    apps = start(flux)
    flux.push(C2)
    apps.reconcile(DEPENDENCY)
    flux.wait(61)
    flux.drop()
    apps.reconcile()
    flux.wait(61)


OWN: tuple[Callable[[Flux], None], ...] = (
    health_checks_take_long, a_newer_commit_cancels_the_checks,
    a_dependency_takes_long_and_commits_pass, the_branch_goes_back, artifacts_cannot_be_fetched,
    suspended_at_work, deleted_at_work, a_new_object_waits_for_flux, the_source_is_taken_away,
)  # fmt: skip


@pytest.mark.parametrize("story", [*STORIES, *OWN], ids=lambda story: story.__name__)
def test_what_waits_hides_no_end_and_is_finished(
    story: Callable[[Flux], None], tmp_path: Path
) -> None:
    with played(story, tmp_path, BOTH) as seen:
        assert seen.wrong == []
        assert pending(seen) <= standing(seen)


@pytest.mark.parametrize("arguments", [PENDING, GREEN], ids=" ".join)
@pytest.mark.parametrize("story", OWN, ids=lambda story: story.__name__)
def test_so_it_is_whichever_is_asked_for(
    story: Callable[[Flux], None], arguments: tuple[str, ...], tmp_path: Path
) -> None:
    with played(story, tmp_path, arguments) as seen:
        assert seen.wrong == []
        assert pending(seen) <= standing(seen)


@contextmanager
def played(
    story: Callable[[Flux], None], folder: Path, arguments: tuple[str, ...]
) -> Iterator[Witness]:
    with witness(folder, Pace(31, 2.0)) as seen:
        seen.arguments = arguments
        story(seen.flux)
        seen.flux.wait(seen.pace.interval + 1)
        yield seen


def pending(seen: Witness) -> set[str]:
    """The commits that show something pending."""
    commits = {stored.commit for stored in seen.forge.stored if stored.repository == REPOSITORY}
    return {
        commit
        for commit in commits
        for row in seen.forge.latest(REPOSITORY, commit).values()
        if row.state == "pending"
    }


def standing(seen: Witness) -> set[str]:
    """The commits that sources hold now, for Kustomizations that are there."""
    if not list(seen.kube.objects("Kustomization")):
        return set()
    artifacts = [source["status"].get("artifact") for source in seen.flux.sources.values()]
    return {artifact["revision"].rsplit(":", 1)[-1] for artifact in artifacts if artifact}


def test_what_a_killed_run_made_pending_is_finished_though_the_source_is_another_repository() -> (
    None
):
    days = Days(settings=Settings(pending=True))
    days.push("fleet", 0)
    days.make("flux-system", "apps")
    before = days.commit("fleet", 0)
    days.poll(dies_at_save=2)
    days.move("fleet", 0)
    days.poll()
    states = [row.state for row in days.forge.rows if row.commit.endswith(before)]
    assert states == ["pending", "error"]
