"""Alerts, Providers, Secrets, forges and bots that come, go and come back: nothing is lost or false."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from statusbot.demo.forge import faults
from tests.support.ends import APPLY, BUILD, HEALTH
from tests.support.objects import C1, C2, C3, C4, NAMESPACE, alert
from tests.support.witness import Pace, Witness, witness
from tests.support.world import REPOSITORY, secret

C5, C6, C7 = (digit * 40 for digit in "567")
PACES = (Pace(20, 3.0), Pace(60, 10.0), Pace(60, 10.0, ledger=False))


@pytest.fixture(params=PACES, ids=str)
def seen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Witness]:
    with witness(tmp_path, request.param) as made:
        yield made


def run(seen: Witness) -> None:
    seen.flux.wait(seen.pace.interval + 1)


@pytest.fixture(params=[pace for pace in PACES if pace.ledger], ids=str)
def remembering(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Witness]:
    with witness(tmp_path, request.param) as made:
        yield made


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Witness]:
    with witness(tmp_path, Pace(20, 3.0)) as made:
        yield made


def test_an_alert_that_comes_late_tells_what_is_so_now(seen: Witness) -> None:
    flux = seen.flux
    flux.provide()
    flux.push(C1)
    apps = flux.app()
    apps.reconcile()
    flux.wait(90)
    flux.push(C2)
    apps.reconcile(BUILD)
    flux.wait(90)
    seen.due.clear()
    flux.route()
    run(seen)
    assert seen.shown(C2) == ["failure"]
    assert seen.wrong == [w for w in seen.wrong if "shows nothing" in w]


def test_what_stood_while_the_provider_was_missing_is_posted_when_it_comes(kept: Witness) -> None:
    flux = kept.flux
    kept.down = True
    flux.kube.apply(alert("to-forge"))
    flux.push(C1)
    apps = flux.app()
    apps.reconcile()
    flux.wait(90)
    for commit, outcome in ((C2, BUILD), (C3, APPLY), (C4, "ReconciliationSucceeded")):
        flux.push(commit)
        apps.reconcile(outcome)
        flux.wait(90)
    kept.down = False
    flux.provide()
    run(kept)
    assert kept.wrong == []


@pytest.mark.parametrize("token", ["", "wrong"])
def test_what_stood_while_the_token_was_missing_or_wrong_is_posted_when_it_is_right(
    tmp_path: Path, token: str
) -> None:
    with witness(tmp_path, Pace(20, 3.0), secrets=False) as seen:
        flux = seen.flux
        seen.down = True
        flux.route()
        if token:
            flux.kube.apply(secret(token=token))
        flux.push(C1)
        apps = flux.app()
        apps.reconcile()
        flux.wait(90)
        for commit, outcome in ((C2, BUILD), (C3, APPLY), (C4, "ReconciliationSucceeded")):
            flux.push(commit)
            apps.reconcile(outcome)
            flux.wait(90)
        seen.down = False
        flux.kube.apply(secret())
        run(seen)
        assert seen.wrong == []


def test_a_provider_that_was_made_again_shows_the_commit_under_its_own_context(
    seen: Witness,
) -> None:
    flux = seen.flux
    flux.route()
    flux.push(C1)
    apps = flux.app()
    apps.reconcile()
    flux.wait(90)
    flux.push(C2)
    apps.reconcile(BUILD)
    flux.wait(90)
    flux.kube.delete("Provider", NAMESPACE, "forge")
    flux.wait(90)
    flux.provide(uid="aaaaaaaa")
    flux.wait(90)
    contexts = set(seen.forge.latest(REPOSITORY, C2))
    assert contexts == {"kustomization/apps/0c9c2e41", "kustomization/apps/aaaaaaaa"}
    apps.reconcile()
    flux.wait(90)
    new = seen.forge.latest(REPOSITORY, C2)["kustomization/apps/aaaaaaaa"]
    assert new.state == "success"


def test_what_a_dead_forge_missed_is_posted_when_it_lives(kept: Witness) -> None:
    flux = kept.flux
    flux.route()
    flux.push(C1)
    apps = flux.app()
    apps.reconcile()
    flux.wait(61)
    kept.down = True
    kept.forge.faults.always(fault=faults.answer(500, "maintenance"))
    for commit, outcome in (
        (C2, BUILD),
        (C3, APPLY),
        (C4, HEALTH),
        (C5, "ReconciliationSucceeded"),
    ):
        flux.push(commit)
        apps.reconcile(outcome)
        flux.wait(61)
    flux.push(C2)
    apps.reconcile()
    flux.wait(61)
    flux.push(C6)
    apps.reconcile(BUILD)
    flux.wait(61)
    kept.forge.faults.clear()
    kept.down = False
    run(kept)
    run(kept)
    assert kept.wrong == []


def test_what_a_dead_forge_missed_is_the_last_that_was_so_of_each_commit(kept: Witness) -> None:
    flux = kept.flux
    flux.route()
    flux.push(C1)
    apps = flux.app()
    kept.down = True
    kept.forge.faults.always(fault=faults.answer(500, "maintenance"))
    apps.reconcile(HEALTH, digest="d")
    flux.wait(1)
    apps.reconcile(digest="d")
    flux.wait(61)
    flux.push(C2)
    apps.reconcile(digest="d")
    flux.wait(61)
    kept.forge.faults.clear()
    kept.down = False
    run(kept)
    assert kept.wrong == []


def test_what_a_dead_forge_missed_outlives_the_object(kept: Witness) -> None:
    flux = kept.flux
    flux.route()
    flux.push(C1)
    apps = flux.app()
    kept.down = True
    kept.forge.faults.always(fault=faults.answer(500, "maintenance"))
    apps.reconcile(BUILD)
    flux.wait(61)
    flux.push(C2)
    apps.reconcile()
    flux.wait(61)
    apps.delete()
    flux.wait(61)
    kept.forge.faults.clear()
    kept.down = False
    run(kept)
    assert kept.wrong == []


def test_what_a_dead_forge_missed_outlives_an_object_that_was_made_again(kept: Witness) -> None:
    flux = kept.flux
    flux.route()
    flux.push(C1)
    apps = flux.app()
    kept.down = True
    kept.forge.faults.always(fault=faults.answer(500, "maintenance"))
    apps.reconcile(BUILD)
    flux.wait(61)
    apps.delete()
    flux.wait(1)
    apps = flux.app(uid="again")
    apps.reconcile()
    flux.wait(61)
    flux.push(C2)
    apps.reconcile()
    flux.wait(61)
    kept.forge.faults.clear()
    kept.down = False
    run(kept)
    assert kept.wrong == []


@pytest.mark.parametrize("first", ["us", "nc"])
def test_beside_the_notification_controller_nothing_is_false_or_said_again(
    seen: Witness, first: str
) -> None:
    flux = seen.flux
    flux.route()
    flux.push(C1)
    apps = flux.app()
    words = {
        "ReconciliationSucceeded": ("success", "reconciliation succeeded"),
        BUILD: ("failure", "build failed"),
        APPLY: ("failure", "reconciliation failed"),
        HEALTH: ("failure", "health check failed"),
    }
    for commit, outcome in (
        (C1, "ReconciliationSucceeded"),
        (C2, BUILD),
        (C2, "ReconciliationSucceeded"),
        (C3, HEALTH),
        (C3, "ReconciliationSucceeded"),
        (C3, HEALTH),
    ):
        flux.push(commit)
        apps.reconcile(outcome)
        if first == "us":
            flux.wait(61)
        seen.stranger(commit, *words[outcome])
        flux.wait(61)
        apps.reconcile(outcome)
        latest = seen.forge.latest(REPOSITORY, commit)["kustomization/apps/0c9c2e41"]
        if latest.description != words[outcome][1]:
            seen.stranger(commit, *words[outcome])
        flux.wait(61)
    run(seen)
    assert seen.wrong == []


def test_what_a_stranger_wrote_over_it_is_corrected_once(seen: Witness) -> None:
    flux = seen.flux
    seen.arguments = ("--recheck", "60s")
    flux.route()
    flux.push(C1)
    apps = flux.app()
    apps.reconcile(BUILD)
    flux.wait(61)
    seen.stranger(C1, "success", "all is well")
    flux.wait(121)
    assert seen.shown(C1) == ["failure", "success", "failure"]


def test_an_alert_for_errors_posts_reds_and_turns_them_green_again(seen: Witness) -> None:
    flux = seen.flux
    flux.provide()
    flux.kube.apply(alert("to-forge", eventSeverity="error"))
    flux.push(C1)
    apps = flux.app()
    apps.reconcile()
    flux.wait(61)
    flux.push(C2)
    apps.reconcile(BUILD)
    flux.wait(61)
    flux.push(C3)
    apps.reconcile(HEALTH)
    flux.wait(61)
    apps.reconcile()
    flux.wait(61)
    flux.push(C2)
    apps.reconcile()
    flux.wait(61)
    flux.push(C4)
    apps.reconcile()
    flux.wait(61)
    run(seen)
    assert [seen.shown(c) for c in (C1, C2, C3, C4)] == [
        [],
        ["failure", "success"],
        ["failure", "success"],
        [],
    ]


def test_under_another_url_no_commit_of_the_old_repository_is_posted(remembering: Witness) -> None:
    seen = remembering
    flux = seen.flux
    seen.forge.add_repository("acme/old", {C1, C2})
    flux.sources.clear()
    old = flux.url.replace(REPOSITORY, "acme/old")
    flux.source(url=old)
    flux.provide("forge", address=old)
    flux.route("forge2", "bbbbbbbb")
    flux.kube.apply(alert("to-forge", providerRef={"name": "forge"}))
    flux.push(C1)
    apps = flux.app()
    apps.reconcile(HEALTH)
    flux.wait(61)
    flux.push(C2)
    apps.reconcile(APPLY)
    # moves to the new repository
    art = flux.sources["fleet"]["status"]
    flux.source(url=flux.url)
    flux.sources["fleet"]["status"] = art
    flux.kube.apply(flux.sources["fleet"])
    flux.wait(61)
    flux.push(C3)
    apps.reconcile()
    flux.wait(61)
    # history of C1 never on acme/fleet; on the new repository only C3
    assert not [s for s in seen.forge.stored if s.repository == "acme/fleet" and s.commit == C1]
    assert not [s for s in seen.forge.stored if s.repository == "acme/old" and s.commit == C3]


def test_with_another_source_no_commit_of_the_old_one_is_posted(remembering: Witness) -> None:
    seen = remembering
    flux = seen.flux
    seen.forge.add_repository("acme/other", None)
    flux.route()
    flux.provide("second", "bbbbbbbb", address=flux.url.replace(REPOSITORY, "acme/other"))
    flux.kube.apply(alert("to-second", providerRef={"name": "second"}))
    flux.push(C1)
    flux.source("other", url=flux.url.replace(REPOSITORY, "acme/other"))
    flux.push(C2, "other")
    apps = flux.app()
    apps.reconcile()
    flux.wait(61)
    apps.edit(sourceRef={"kind": "GitRepository", "name": "other"})
    flux.wait(61)
    apps.reconcile(BUILD)
    flux.wait(61)
    apps.reconcile()
    flux.wait(61)
    places = {(s.repository, s.commit, s.row.state) for s in seen.forge.stored}
    assert places <= {
        ("acme/fleet", C1, "success"),
        ("acme/other", C2, "failure"),
        ("acme/other", C2, "success"),
    }, places


def test_with_another_source_a_red_object_says_nothing_until_flux_comes_to_it(
    remembering: Witness,
) -> None:
    seen = remembering
    flux = seen.flux
    seen.forge.add_repository("acme/other", None)
    flux.provide("forge", "0c9c2e41")
    flux.provide("second", "bbbbbbbb", address=flux.url.replace(REPOSITORY, "acme/other"))
    flux.push(C1)
    flux.source("other", url=flux.url.replace(REPOSITORY, "acme/other"))
    flux.push(C2, "other")
    flux.kube.apply(alert("to-second", providerRef={"name": "second"}))
    flux.kube.apply(alert("to-forge", providerRef={"name": "forge"}))
    apps = flux.app()
    apps.reconcile(HEALTH)
    flux.wait(61)
    apps.edit(sourceRef={"kind": "GitRepository", "name": "other"})
    flux.wait(61)
    apps.reconcile()
    flux.wait(61)
    places = {(s.repository, s.commit, s.row.state) for s in seen.forge.stored}
    assert places <= {("acme/fleet", C1, "failure"), ("acme/other", C2, "success")}, places


def test_a_provider_that_was_suspended_shows_what_is_so_now(seen: Witness) -> None:
    flux = seen.flux
    flux.route()
    flux.push(C1)
    apps = flux.app()
    apps.reconcile()
    flux.wait(61)
    seen.down = True
    flux.provide(suspend=True)
    flux.push(C2)
    apps.reconcile(BUILD)
    flux.wait(61)
    flux.push(C3)
    apps.reconcile(APPLY)
    flux.wait(61)
    seen.due.clear()
    seen.down = False
    flux.provide()
    run(seen)
    assert seen.shown(C3) == ["failure"]
    assert seen.wrong == []


def test_an_old_copy_of_the_ledger_makes_nothing_false_or_double(kept: Witness) -> None:
    flux = kept.flux
    flux.route()
    flux.push(C1)
    apps = flux.app()
    apps.reconcile()
    flux.wait(61)
    kept.keep()
    for commit, outcome in (
        (C2, HEALTH),
        (C2, "ReconciliationSucceeded"),
        (C3, APPLY),
        (C4, HEALTH),
        (C4, BUILD),
    ):
        flux.push(commit)
        apps.reconcile(outcome, digest="d")
        flux.wait(61)
        kept.put_back()
        flux.wait(61)
    assert kept.wrong == []


def test_sixty_objects_on_one_commit(seen: Witness) -> None:
    flux = seen.flux
    flux.route()
    flux.push(C1)
    all_ = [flux.app(f"app-{n}") for n in range(60)]
    for n, one in enumerate(all_):
        one.reconcile(BUILD if n % 7 == 0 else "ReconciliationSucceeded", took=0)
    flux.wait(61)
    for n, one in enumerate(all_):
        one.reconcile(APPLY if n % 11 == 0 else "ReconciliationSucceeded", took=0)
    flux.wait(61)
    run(seen)
    assert seen.wrong == []


def test_a_namesake_that_comes_later_leaves_no_red_behind(remembering: Witness) -> None:
    seen = remembering
    flux = seen.flux
    flux.route()
    flux.kube.apply(
        alert(
            "to-forge",
            eventSources=[
                {"kind": "Kustomization", "name": "*"},
                {"kind": "Kustomization", "name": "*", "namespace": "team"},
            ],
            providerRef={"name": "forge"},
        )
    )
    flux.push(C1)
    apps = flux.app()
    apps.reconcile(BUILD)
    flux.wait(61)
    twin = flux.app(namespace="team")
    twin.object["spec"]["sourceRef"]["namespace"] = NAMESPACE
    twin.reconcile()
    flux.wait(61)
    apps.reconcile()
    flux.wait(61)
    twin.reconcile(BUILD)
    flux.wait(61)
    latest = {c: r.state for c, r in seen.forge.latest(REPOSITORY, C1).items()}
    assert latest["kustomization/team/apps/0c9c2e41"] == "failure"
    # what is left of the time before
    assert latest["kustomization/apps/0c9c2e41"] == "success", "stale red context stays for ever"


def test_what_ended_while_the_bot_was_away_is_told_by_the_history(seen: Witness) -> None:
    flux = seen.flux
    flux.route()
    flux.push(C1)
    apps = flux.app()
    apps.reconcile()
    flux.wait(61)
    seen.away = True
    for commit, outcome in (
        (C2, HEALTH),
        (C3, APPLY),
        (C4, "ReconciliationSucceeded"),
        (C5, HEALTH),
    ):
        flux.push(commit)
        apps.reconcile(outcome)
        flux.wait(600)
    seen.away = False
    flux.wait(61)
    assert seen.wrong == []
