"""Whatever a cluster goes through, each commit shows how it ended, at every pace of polls."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.support.app import App
from tests.support.ends import (
    APPLY,
    BUILD,
    CANCELED,
    DENIED,
    DEPENDENCY,
    FETCH,
    HEALTH,
    OK,
    PATH,
    PRUNE,
)
from tests.support.objects import C1, C2, C3, C4, condition, git
from tests.support.timeline import Flux
from tests.support.witness import Pace, witness

C5, C6, C7 = (digit * 40 for digit in "567")
LONG = "8" * 64


def start(flux: Flux, commit: str = C1) -> App:
    """A green object, and the way to the forge."""
    flux.route()
    flux.push(commit)
    apps = flux.app()
    flux.wait(1)
    apps.reconcile()
    flux.wait(61)
    return apps


def suspended(flux: Flux) -> None:
    apps = start(flux)
    apps.edit(suspend=True)
    flux.wait(61)
    flux.push(C2)
    apps.reconcile()
    flux.wait(400)
    apps.edit(suspend=False)
    flux.wait(3)
    apps.reconcile()


def suspended_while_red(flux: Flux) -> None:
    apps = start(flux)
    flux.push(C2)
    apps.reconcile(APPLY)
    apps.edit(suspend=True)
    flux.wait(61)
    flux.push(C3)
    flux.wait(400)
    apps.edit(suspend=False)
    apps.reconcile(BUILD)
    flux.wait(61)
    apps.reconcile()


def suspended_on_a_missing_path(flux: Flux) -> None:
    apps = start(flux)
    flux.push(C2)
    apps.reconcile(PATH)
    apps.edit(suspend=True)
    flux.wait(61)
    flux.push(C3)
    flux.wait(400)


def suspended_while_at_work(flux: Flux) -> None:
    apps = start(flux)
    flux.push(C2)
    apps.reconcile(OK, crash=True)
    apps.edit(suspend=True)
    flux.wait(400)
    apps.edit(suspend=False)
    apps.reconcile()


def spec_fails_and_is_mended(flux: Flux) -> None:
    apps = start(flux)
    apps.edit(path="./wrong")
    apps.reconcile(PATH)
    flux.wait(61)
    apps.reconcile(PATH)
    flux.wait(61)
    apps.edit(path="./right")
    apps.reconcile()
    flux.wait(61)
    apps.edit(wait=True)
    apps.reconcile(HEALTH, took=30)
    flux.wait(61)
    apps.edit(wait=False)
    apps.reconcile()


def health_flaps(flux: Flux) -> None:
    apps = start(flux)
    for _ in range(3):
        apps.reconcile(HEALTH, took=30)
        flux.wait(20)
        apps.reconcile(took=10)
        flux.wait(20)


def health_flaps_and_a_commit_with_the_same_manifests_comes(flux: Flux) -> None:
    apps = start(flux)
    flux.push(C2)
    apps.reconcile(HEALTH, digest="d", took=30)
    flux.wait(61)
    apps.reconcile(digest="d")
    flux.wait(61)
    flux.push(C3)
    apps.reconcile(digest="d")
    flux.wait(61)
    apps.reconcile(digest="d")


def build_fails_on_a_green_commit(flux: Flux) -> None:
    apps = start(flux)
    for _ in range(4):
        apps.reconcile(BUILD)
        flux.wait(30)
    apps.reconcile()
    flux.wait(61)
    apps.reconcile(BUILD)
    flux.wait(61)
    flux.push(C2)
    apps.reconcile()


def build_fails_on_a_green_commit_and_is_tried_for_long(flux: Flux) -> None:
    apps = start(flux)
    for _ in range(3):
        apps.reconcile(BUILD, took=30)
        apps.at_work(50)
    flux.push(C2)
    apps.reconcile()


def prune_fails(flux: Flux) -> None:
    apps = start(flux)
    flux.push(C2)
    apps.reconcile(PRUNE)
    flux.wait(61)
    apps.reconcile()


def same_manifests(flux: Flux) -> None:
    apps = start(flux)
    for commit in (C2, C3, C4):
        flux.push(commit)
        apps.reconcile(digest="same")
        flux.wait(61)
        apps.reconcile(digest="same")
        flux.wait(61)


def reverts(flux: Flux) -> None:
    apps = start(flux)
    flux.push(C2)
    apps.reconcile(APPLY)
    flux.wait(61)
    flux.push(C1)
    apps.reconcile()
    flux.wait(61)
    flux.push(C2)
    apps.reconcile()
    flux.wait(61)
    flux.push(C1)
    apps.reconcile(HEALTH, took=30)


def many_at_once(flux: Flux) -> None:
    apps = start(flux)
    for commit in (C2, C3, C4, C5, C6, C7):
        flux.push(commit)
        apps.reconcile(APPLY if commit in (C3, C5) else OK)
        flux.wait(2)


def restarts(flux: Flux) -> None:
    apps = start(flux)
    flux.push(C2)
    apps.reconcile(crash=True)
    flux.wait(61)
    apps.reconcile()
    flux.wait(61)
    flux.push(C3)
    apps.reconcile(APPLY, crash=True)
    flux.wait(61)
    flux.push(C4)
    apps.reconcile(crash=True)
    flux.push(C5)
    apps.reconcile(BUILD)


def source_is_deleted(flux: Flux) -> None:
    apps = start(flux)
    flux.drop()
    for _ in range(20):
        apps.reconcile()
        flux.wait(30)
    flux.push(C2)
    apps.reconcile()


def source_is_deleted_while_red(flux: Flux) -> None:
    apps = start(flux)
    flux.push(C2)
    apps.reconcile(BUILD)
    flux.wait(61)
    flux.drop()
    for _ in range(20):
        apps.reconcile()
        flux.wait(30)


def waits_for_another(flux: Flux) -> None:
    apps = start(flux)
    for commit in (C2, C3):
        flux.push(commit)
        apps.reconcile(DEPENDENCY)
        flux.wait(30)
        apps.reconcile()
        flux.wait(61)


def made_again(flux: Flux) -> None:
    apps = start(flux)
    flux.push(C2)
    apps.reconcile(APPLY)
    flux.wait(61)
    apps.delete()
    flux.wait(61)
    again = flux.app(uid="another")
    again.reconcile()
    flux.wait(61)
    again.reconcile(BUILD)


def revisions_of_all_forms(flux: Flux) -> None:
    apps = start(flux)
    for revision in (
        git(C2, "v1.2.3"), f"refs/pull/420/head@sha1:{C3}", f"sha1:{C4}", f"main@sha256:{LONG}",
        git(C5, "feature/a@b"), git(C6, "release:1"),
    ):  # fmt: skip
        flux.push(revision)
        apps.reconcile(BUILD if C4 in revision else OK)
        flux.wait(61)


def artifacts_of_oci(flux: Flux) -> None:
    flux.route()
    flux.source(kind="OCIRepository", url="oci://registry.example/apps")
    apps = None
    outcomes = (OK, BUILD, APPLY, PATH, OK, HEALTH)
    for digit, (commit, outcome) in enumerate(zip((C1, C2, C3, C4, C5, C6), outcomes, strict=True)):
        flux.push(f"latest@sha256:{str(digit) * 64}", origin=git(commit))
        apps = apps or flux.app()
        apps.reconcile(outcome)
        flux.wait(61)
        apps.reconcile(outcome)
        flux.wait(61)


def two_objects_two_branches(flux: Flux) -> None:
    flux.route()
    flux.push(C1, "main")
    flux.push(git(C2, "dev"), "dev")
    one, two = flux.app("one", source="main"), flux.app("two", source="dev")
    one.reconcile()
    two.reconcile(APPLY)
    flux.wait(61)
    flux.push(C2, "main")
    flux.push(git(C1, "dev"), "dev")
    two.reconcile()
    one.reconcile(BUILD)


def canceled_by_a_newer_commit(flux: Flux) -> None:
    apps = start(flux)
    flux.push(C2)
    apps.reconcile(CANCELED, meanwhile=lambda: flux.push(C3))
    flux.wait(3)
    apps.reconcile()
    flux.wait(61)
    flux.push(C4)
    apps.reconcile(CANCELED, meanwhile=lambda: flux.push(C2))
    apps.reconcile(HEALTH, took=30)


def a_commit_comes_while_flux_is_at_another(flux: Flux) -> None:
    apps = start(flux)
    for commit, newer, outcome in ((C2, C3, BUILD), (C3, C4, PATH), (C4, C5, OK), (C5, C6, APPLY)):
        flux.push(commit)
        apps.reconcile(outcome, took=70, meanwhile=partial(flux.push, newer))
        flux.wait(61)
    apps.reconcile()


def made_before_its_source(flux: Flux) -> None:
    flux.route()
    apps = flux.app()
    for _ in range(3):
        apps.reconcile()
        flux.wait(30)
    flux.source()
    apps.reconcile()
    flux.wait(400)
    flux.push(C1)
    flux.wait(31)
    apps.reconcile()


def first_reconciliation_fails(flux: Flux) -> None:
    flux.route()
    flux.push(C1)
    apps = flux.app()
    apps.reconcile(HEALTH, took=30)
    flux.wait(61)
    flux.push(C2)
    apps.reconcile()


def artifact_is_gone_for_a_while(flux: Flux) -> None:
    apps = start(flux)
    for _ in range(12):
        apps.reconcile(FETCH)
        flux.wait(30)
    apps.reconcile()
    flux.wait(61)
    flux.push(C2)
    apps.reconcile(FETCH)
    flux.wait(61)
    apps.reconcile(BUILD)


def access_is_denied_for_a_while(flux: Flux) -> None:
    apps = start(flux)
    flux.push(C2)
    apps.reconcile(DENIED)
    flux.wait(400)
    apps.reconcile()


def another_branch_with_the_same_commit(flux: Flux) -> None:
    apps = start(flux)
    flux.push(git(C1, "release"))
    apps.reconcile(HEALTH, took=30)
    flux.wait(61)
    flux.push(git(C2, "release"))
    apps.reconcile()
    flux.wait(61)
    flux.push(C1)
    apps.reconcile()


def a_tag_that_is_moved_and_moved_back(flux: Flux) -> None:
    apps = start(flux, git(C1, "v1.0.0"))
    flux.push(git(C2, "v1.0.0"))
    apps.reconcile(APPLY)
    flux.wait(61)
    flux.push(git(C1, "v1.0.1"))
    apps.reconcile()
    flux.wait(61)
    flux.push(git(C2, "v1.0.2"))
    apps.reconcile()


def two_commits_with_one_digest_fail_and_recover(flux: Flux) -> None:
    apps = start(flux)
    for commit, outcome in ((C2, HEALTH), (C3, HEALTH), (C2, OK), (C3, OK), (C2, HEALTH)):
        flux.push(commit)
        apps.reconcile(outcome, digest="d")
        flux.wait(61)


def flux_is_upgraded(flux: Flux) -> None:
    """A newer version writes fields and conditions that nobody knows yet."""
    apps = start(flux)
    apps.object["spec"]["buildMetadata"] = ["originAnnotations"]
    apps.patch(inventory={"v2": []}, lastAttemptedConfigDigest="sha256:00", observedBy=["v9"])
    flux.push(C2)
    apps.reconcile(APPLY)
    conditions = apps.status["conditions"]
    apps.patch(conditions=[condition("Drifted", "Unknown", "Checking"), *conditions])
    flux.wait(61)
    for one in apps.status["history"]:
        one["metadata"]["verified"] = "yes"
    apps.reconcile()


STORIES: tuple[Callable[[Flux], None], ...] = (
    suspended, suspended_while_red, suspended_on_a_missing_path, suspended_while_at_work,
    spec_fails_and_is_mended, health_flaps,
    health_flaps_and_a_commit_with_the_same_manifests_comes, build_fails_on_a_green_commit,
    build_fails_on_a_green_commit_and_is_tried_for_long,
    prune_fails, same_manifests, reverts, many_at_once, restarts, source_is_deleted,
    source_is_deleted_while_red, waits_for_another, made_again, revisions_of_all_forms,
    artifacts_of_oci, two_objects_two_branches, canceled_by_a_newer_commit,
    a_commit_comes_while_flux_is_at_another, made_before_its_source, first_reconciliation_fails,
    artifact_is_gone_for_a_while, access_is_denied_for_a_while,
    another_branch_with_the_same_commit, a_tag_that_is_moved_and_moved_back,
    two_commits_with_one_digest_fail_and_recover, flux_is_upgraded,
)  # fmt: skip
PACES = (Pace(31, 2.0), Pace(31, 2.0, ledger=False), Pace(60, 1.9), Pace(60, 17, ledger=False))
# Clocks that differ by minutes: of the API server, and of the forge.
SKEWED = [
    (many_at_once, Pace(60, 2.1, kube_skew=180)),
    (build_fails_on_a_green_commit_and_is_tried_for_long, Pace(31, 2.1, kube_skew=-180)),
    (build_fails_on_a_green_commit_and_is_tried_for_long, Pace(31, 2.1, False, kube_skew=-180)),
    (build_fails_on_a_green_commit, Pace(31, 2.1, False, forge_skew=-180)),
    (health_flaps, Pace(31, 2.1, forge_skew=180)),
    (health_flaps, Pace(31, 2.1, False, forge_skew=180)),
    (
        health_flaps_and_a_commit_with_the_same_manifests_comes,
        Pace(31, 2.1, False, forge_skew=-180),
    ),
    (reverts, Pace(31, 2.1, False, forge_skew=180)),
    (health_flaps, Pace(60, 2.1, kube_skew=180)),
]


@pytest.mark.parametrize("pace", PACES, ids=str)
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_each_commit_shows_how_it_ended(
    story: Callable[[Flux], None], pace: Pace, tmp_path: Path
) -> None:
    assert _wrong(story, pace, tmp_path) == []


@pytest.mark.parametrize(("story", "pace"), SKEWED)
def test_no_clock_makes_a_commit_show_something_else(
    story: Callable[[Flux], None], pace: Pace, tmp_path: Path
) -> None:
    assert _wrong(story, pace, tmp_path) == []


def _wrong(story: Callable[[Flux], None], pace: Pace, folder: Path) -> list[str]:
    with witness(folder, pace) as seen:
        story(seen.flux)
        seen.flux.wait(pace.interval + 1)
    return seen.wrong
