"""What is pending of all Kustomizations of a commit comes to an end, and to no false one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from statusbot.results.state import State
from statusbot.settings import Settings
from tests.support.app import App
from tests.support.ends import APPLY, BUILD, DEPENDENCY, OK, STALLED
from tests.support.model import AGGREGATE, Days
from tests.support.objects import C1, C2, C3, alert, condition, git, stamp
from tests.support.witness import Pace, Witness, witness


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Witness]:
    with witness(tmp_path, Pace(20, 3.0)) as made:
        made.arguments = ("--pending", "--aggregate", "of/all/1")
        made.flux.route()
        made.flux.push(C1)
        yield made


def begun(seen: Witness, *names: str) -> list[App]:
    """These are green at the first commit, and the second one has come."""
    apps = [seen.flux.app(name) for name in names]
    for app in apps:
        app.reconcile()
    seen.flux.wait(61)
    seen.flux.push(C2)
    return apps


def at_work(app: App, commit: str, seconds: float = 61) -> None:
    """Health checks take long."""
    text = f"Running health checks for revision {git(commit)} with a timeout of 30m"
    conditions = [
        condition("Ready", "Unknown", "Progressing"),
        condition("Reconciling", "True", "Progressing", text),
    ]
    app.patch(lastAttemptedRevision=git(commit), conditions=conditions)
    app.flux.wait(seconds)


def ask(seen: Witness, **spec: Any) -> None:
    seen.flux.kube.apply(alert("to-forge", providerRef={"name": "forge"}, **spec))


def test_one_that_is_left_and_green_makes_it_green(seen: Witness) -> None:
    apps, web = begun(seen, "apps", "web")
    web.reconcile()
    apps.reconcile(DEPENDENCY)
    seen.flux.wait(61)
    apps.delete()
    seen.flux.wait(61)
    assert seen.shown(C2, "all") == ["pending", "success"]


def test_one_that_is_left_and_waits_is_waited_for(seen: Witness) -> None:
    apps, web = begun(seen, "apps", "web")
    for app in (web, apps):
        app.reconcile(DEPENDENCY)
    seen.flux.wait(61)
    apps.delete()
    seen.flux.wait(61)
    assert seen.shown(C2, "all") == ["pending"]
    web.reconcile()
    seen.flux.wait(61)
    assert seen.shown(C2, "all") == ["pending", "success"]


def test_one_that_is_left_and_at_work_is_waited_for_though_its_source_moved_on(
    seen: Witness,
) -> None:
    apps, web = begun(seen, "apps", "web")
    apps.reconcile(DEPENDENCY)
    at_work(web, C2)
    seen.flux.push(C3)
    apps.delete()
    at_work(web, C2)
    assert seen.shown(C2) == ["pending", "error"]
    assert seen.shown(C2, "all") == ["pending"]


def test_one_that_is_left_and_has_not_begun_is_waited_for(seen: Witness) -> None:
    apps, web = begun(seen, "apps", "web")
    web.edit(suspend=True)
    apps.reconcile(DEPENDENCY)
    seen.flux.wait(61)
    web.edit(suspend=False)
    apps.delete()
    seen.flux.wait(61)
    assert (seen.shown(C2), seen.shown(C2, "all")) == (["pending", "error"], ["pending"])
    web.reconcile()
    seen.flux.wait(61)
    assert seen.shown(C2, "all") == ["pending", "success"]


def test_one_that_is_left_and_tells_of_it_decides_though_its_source_moved_on(
    seen: Witness,
) -> None:
    apps, web = begun(seen, "apps", "web")
    web.reconcile()
    at_work(apps, C2)
    seen.flux.push(C3)
    apps.delete()
    seen.flux.wait(61)
    assert seen.shown(C2, "all") == ["pending", "success"]


def test_it_ends_when_the_last_one_that_tells_of_it_has_gone_on(seen: Witness) -> None:
    apps, web, late = begun(seen, "apps", "web", "late")
    late.edit(suspend=True)
    web.reconcile()
    apps.reconcile(DEPENDENCY)
    late.edit(suspend=False)
    seen.flux.wait(61)
    seen.flux.push(C3)
    apps.delete()
    seen.flux.wait(61)
    assert (seen.shown(C2), seen.shown(C2, "all")) == (["pending", "error"], ["pending"])
    for app in (web, late):
        app.reconcile()
    seen.flux.wait(400)
    assert seen.shown(C2, "all") == ["pending", "error"]


def test_one_that_is_left_and_suspended_may_come_to_it(seen: Witness) -> None:
    apps, web = begun(seen, "apps", "web")
    for app in (web, apps):
        app.reconcile(DEPENDENCY)
    seen.flux.wait(61)
    web.edit(suspend=True)
    apps.delete()
    seen.flux.wait(61)
    assert (seen.shown(C2), seen.shown(C2, "all")) == (["pending", "error"], ["pending"])


def test_those_that_went_on_before_it_was_given_up_do_not_make_it_green(seen: Witness) -> None:
    """Nobody knows whether they were all that it needed."""
    apps, web = begun(seen, "apps", "web")
    web.reconcile()
    at_work(apps, C2)
    seen.flux.push(C3)
    web.reconcile()
    seen.flux.wait(400)  # what web was is told no more
    assert seen.shown(C2, "all") == ["pending"]
    apps.delete()
    seen.flux.wait(61)
    assert (seen.shown(C2), seen.shown(C2, "all")) == (["pending", "error"], ["pending", "error"])
    assert seen.shown(C3, "all")[-1] == "success"


def test_one_that_is_being_deleted_is_not_waited_for(seen: Witness) -> None:
    (apps,) = begun(seen, "apps")
    apps.reconcile(DEPENDENCY)
    seen.flux.wait(61)
    apps.object["metadata"]["deletionTimestamp"] = stamp(seen.flux.now)
    apps.patch()
    seen.flux.wait(61)
    assert seen.shown(C2, "all") == ["pending", "error"]


def test_one_that_is_suspended_may_come_to_it_until_its_source_moves_on(seen: Witness) -> None:
    (apps,) = begun(seen, "apps")
    apps.reconcile(DEPENDENCY)
    seen.flux.wait(61)
    apps.edit(suspend=True)
    seen.flux.wait(61)
    assert seen.shown(C2, "all") == ["pending"]
    seen.flux.push(C3)
    seen.flux.wait(61)
    assert (seen.shown(C2), seen.shown(C2, "all")) == (["pending", "error"], ["pending", "error"])


def test_what_ended_well_while_the_alert_was_suspended_is_given_no_error(seen: Witness) -> None:
    (apps,) = begun(seen, "apps")
    apps.reconcile(DEPENDENCY)
    seen.flux.wait(61)
    ask(seen, suspend=True)
    apps.reconcile()
    seen.flux.wait(61)
    seen.flux.push(C3)
    apps.reconcile()
    seen.flux.wait(61)
    assert seen.shown(C2)[-1] == "success"
    assert "error" not in seen.shown(C2, "all")


def test_what_was_given_up_is_green_when_the_branch_goes_back_to_it(seen: Witness) -> None:
    (apps,) = begun(seen, "apps")
    apps.reconcile(DEPENDENCY)
    seen.flux.wait(61)
    apps.delete()
    seen.flux.wait(61)
    seen.flux.app("web").reconcile()
    seen.flux.wait(61)
    assert seen.shown(C2, "all") == ["pending", "error", "success"]


def test_another_context_of_all_is_left_to_who_asks_for_it(seen: Witness) -> None:
    (apps,) = begun(seen, "apps")
    apps.reconcile(DEPENDENCY)
    seen.flux.wait(61)
    seen.arguments = ("--pending", "--aggregate", "of/others/1")
    apps.delete()
    seen.flux.wait(61)
    assert seen.shown(C2, "all") == ["pending"]


def test_through_an_alert_for_errors_nothing_is_pending_of_all(seen: Witness) -> None:
    ask(seen, eventSeverity="error")
    apps, web = begun(seen, "apps", "web")
    web.reconcile()
    apps.reconcile(DEPENDENCY)
    seen.flux.wait(61)
    assert seen.shown(C2, "all") == []


def test_it_is_finished_though_the_alert_asks_for_errors_only_by_then(seen: Witness) -> None:
    (apps,) = begun(seen, "apps")
    apps.reconcile(DEPENDENCY)
    seen.flux.wait(61)
    ask(seen, eventSeverity="error")
    apps.reconcile()
    seen.flux.wait(61)
    assert seen.shown(C2, "all") == ["pending", "success"]


def of_all(days: Days, number: int = 0) -> list[str]:
    """What a commit's status of all ever was."""
    commit = days.commit("fleet", number)
    rows = [row for row in days.forge.rows if row.context == AGGREGATE]
    return [row.state for row in rows if row.commit.endswith(commit)]


def with_apps(settings: Settings, *names: str) -> Days:
    """These are made when the first commit is there."""
    days = Days(settings=settings)
    days.push("fleet", 0)
    days.apps += [days.make("flux-system", name) for name in names]
    return days


def test_a_commit_that_the_others_went_by_unseen_does_not_stay_pending() -> None:
    days = with_apps(Settings(pending=True, aggregate=AGGREGATE), "apps", "web")
    days.reconcile(days.apps[0], OK)
    days.push("fleet", 1)
    days.reconcile(days.apps[0], OK)
    days.poll()
    assert of_all(days) == ["pending"]
    days.flux.wait(400)  # what the first one was is told no more
    days.poll()
    days.poll()
    assert of_all(days) == ["pending", "error"]


def test_what_counts_as_superseded_later_makes_no_red_green() -> None:
    days = with_apps(Settings(superseded=State.SUCCESS, aggregate=AGGREGATE), "apps")
    days.reconcile(days.apps[0], STALLED)
    days.poll()
    days.apps[0].edit(path="./other")
    days.poll()  # now nobody can tell how this commit ended
    days.push("fleet", 1)
    days.poll()
    assert of_all(days) == ["error"]


def test_what_the_history_tells_of_before_a_red_makes_it_no_green() -> None:
    days = with_apps(Settings(aggregate=AGGREGATE), "apps", "web")
    for outcomes in ((APPLY, OK), (OK, BUILD)):
        for app, outcome in zip(days.apps, outcomes, strict=True):
            days.reconcile(app, outcome)
        days.poll()
    days.push("fleet", 1)
    for app in days.apps:
        days.reconcile(app, OK)
    days.poll()
    assert of_all(days) == ["failure"]
