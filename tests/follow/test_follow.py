"""A poll, and then every change at once: on the embedded Kubernetes API, to an embedded forge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from statusbot.demo.forge import Kind, faults
from statusbot.notifications import Single
from statusbot.posting.outcome import Did
from statusbot.settings import Settings
from tests.support.follower import QUICK, Follower
from tests.support.objects import (
    C1,
    C2,
    C3,
    EARLIER,
    NAMESPACE,
    Object,
    alert,
    applied,
    git,
    git_repository,
    green,
    kustomization,
    not_ready,
    progressing,
    provider,
    reconciling,
    source_object,
)
from tests.support.world import FORGE_TOKEN, REPOSITORY, World, secret

Start = Callable[..., Follower]


def failed(commit: str = C2) -> Object:
    return green(conditions=[not_ready("BuildFailed")], lastAttemptedRevision=git(commit))


def change(here: World, status: Object, **options: Any) -> None:
    here.add(kustomization(status, name="healthy", **options))


def dids(follower: Follower) -> list[str]:
    return [line.did for report in follower.stop() for line in report.lines]


# -- what is posted


def test_what_there_is_at_first_is_posted(here: World, start: Start, ledger: str) -> None:
    start(ledger=ledger)
    assert here.shown("healthy") == ["success"]


def test_a_change_is_posted_in_the_same_round(here: World, start: Start, ledger: str) -> None:
    follower = start(ledger=ledger)
    change(here, failed())
    follower.settled()
    assert here.shown("healthy", C2) == ["failure"]
    assert follower.rounds == 1


def test_the_first_of_the_two_writes_of_a_success_claims_nothing(
    here: World, start: Start, ledger: str
) -> None:
    follower = start(ledger=ledger)
    change(here, green(conditions=[applied(git(C2))], lastAttemptedRevision=git(C2)))
    follower.settled()
    assert here.shown("healthy", C2) == []
    change(here, green(git(C2)))
    follower.settled()
    assert here.shown("healthy", C2) == ["success"]


def test_an_interval_in_which_nothing_changes_calls_no_forge(
    here: World, start: Start, ledger: str
) -> None:
    follower = start(ledger=ledger)
    calls = len(here.forge.calls)
    for _ in range(3):
        change(here, green(conditions=[progressing()]))
        follower.settled()
        change(here, green())
        follower.settled()
    assert len(here.forge.calls) == calls


def test_what_was_posted_by_an_earlier_run_is_not_posted_again(
    here: World, start: Start, ledger: str
) -> None:
    here.run("--ledger", ledger)
    start(ledger=ledger)
    assert here.shown("healthy") == ["success"]


def test_what_is_followed_is_in_the_ledger(here: World, start: Start, tmp_path: Path) -> None:
    ledger = f"file:{tmp_path / 'ledger'}"
    follower = start(ledger=ledger)
    change(here, failed())
    follower.settled()
    follower.stop()
    calls = len(here.forge.calls)
    assert here.report("--ledger", ledger)["counts"]["already"] == 1
    assert len(here.forge.calls) == calls


def test_a_red_commit_becomes_green_again(here: World, start: Start, ledger: str) -> None:
    follower = start(ledger=ledger)
    for status in (failed(), green(git(C2))):
        change(here, status)
        follower.settled()
    assert here.shown("healthy", C2) == ["failure", "success"]


def test_commits_that_follow_each_other_all_get_theirs(
    here: World, start: Start, ledger: str
) -> None:
    follower = start(ledger=ledger)
    for status in (failed(C2), green(git(C3))):
        change(here, status)
        follower.settled()
    assert (here.shown("healthy", C2), here.shown("healthy", C3)) == (["failure"], ["success"])


# -- objects that come and go


def test_an_object_that_is_created_is_posted(here: World, start: Start, ledger: str) -> None:
    follower = start(ledger=ledger)
    here.add(kustomization(green(git(C2)), name="new"))
    follower.settled()
    assert here.shown("new", C2) == ["success"]


def test_what_was_posted_of_an_object_that_is_deleted_stays(
    here: World, start: Start, ledger: str
) -> None:
    follower = start(ledger=ledger)
    here.kube.delete("Kustomization", NAMESPACE, "healthy")
    follower.settled()
    assert [seen.deleting for seen in follower.decided if seen.object.name == "healthy"][-1]
    assert here.shown("healthy") == ["success"]


def test_an_object_that_was_made_again_is_followed(here: World, start: Start, ledger: str) -> None:
    follower = start(ledger=ledger)
    here.kube.delete("Kustomization", NAMESPACE, "healthy")
    change(here, failed(), uid="another")
    follower.settled()
    assert here.shown("healthy", C2) == ["failure"]


def test_of_an_object_that_came_and_went_nothing_is_kept(
    here: World, start: Start, tmp_path: Path
) -> None:
    follower = start(ledger=f"file:{tmp_path / 'ledger'}")
    here.add(kustomization({}, name="passing", uid="passing"))
    follower.settled()
    here.kube.delete("Kustomization", NAMESPACE, "passing")
    here.add(alert("another", eventSources=[]))
    follower.another_round(1)
    assert follower._follow is not None
    ledger = follower._follow.poll.store.ledger
    assert "passing" not in {*ledger.sources, *ledger.objects}


def test_a_namesake_that_appears_gets_a_context_of_its_own(
    here: World, start: Start, ledger: str
) -> None:
    here.add(alert(eventSources=[{"kind": "Kustomization", "name": "*", "namespace": "tenant"}]))
    here.add(alert("mine"))
    follower = start(ledger=ledger)
    source = {"kind": "GitRepository", "name": "fleet", "namespace": NAMESPACE}
    here.add(kustomization(name="healthy", namespace="tenant", source=source))
    follower.settled()
    rows = [row.context for row in here.forge.rows(REPOSITORY, C1)]
    id_ = "0c9c2e41"
    assert rows == [f"kustomization/healthy/{id_}", f"kustomization/tenant/healthy/{id_}"]


def test_of_two_that_share_a_context_the_worse_goes_on_to_show(
    here: World, start: Start, ledger: str
) -> None:
    here.add(provider(type="gitea", address=here.url, commitStatusExpr="'kustomization/all'"))
    here.add(kustomization(failed(C1), name="a"), kustomization(failed(C1), name="healthy"))
    follower = start(ledger=ledger)
    change(here, green())
    follower.settled()
    assert here.shown("all") == ["failure"]


def test_of_a_new_commit_the_next_round_says_what_two_share(
    here: World, start: Start, ledger: str
) -> None:
    """Who speaks last would have the word until then, and hide that the other one failed."""
    here.add(provider(type="gitea", address=here.url, commitStatusExpr="'kustomization/all'"))
    here.add(kustomization(name="a"))
    follower = start(ledger=ledger)
    here.add(kustomization(failed(), name="a"))
    follower.settled()
    change(here, green(git(C2)))
    follower.settled()
    assert here.shown("all", C2) == ["failure"]
    here.add(alert("another", eventSources=[]))
    follower.another_round(1)
    assert here.shown("all", C2) == ["failure"]


def test_who_has_a_context_of_its_own_goes_on_to_show_all_it_comes_to(
    here: World, start: Start, ledger: str
) -> None:
    expression = "'kustomization/' + event.involvedObject.name"
    here.add(provider(type="gitea", address=here.url, commitStatusExpr=expression))
    follower = start(ledger=ledger)
    for status in (failed(), green(git(C2))):
        change(here, status)
        follower.settled()
    assert here.shown("healthy", C2) == ["failure", "success"]


def test_and_gives_way_when_it_is_mended(here: World, tmp_path: Path) -> None:
    here.add(provider(type="gitea", address=here.url, commitStatusExpr="'kustomization/all'"))
    ledger = f"file:{tmp_path / 'ledger'}"
    here.run("--ledger", ledger)
    here.add(kustomization(failed(C1), name="a"))
    here.run("--ledger", ledger)
    here.add(kustomization(green(), name="a"))
    here.run("--ledger", ledger)
    here.run("--ledger", ledger)
    assert here.shown("all") == ["success", "failure", "success"]


# -- Alerts, Providers, Secrets


def test_an_alert_that_is_created_routes_what_waits(here: World, start: Start, ledger: str) -> None:
    here.kube.delete("Alert", NAMESPACE, "all")
    follower = start(ledger=ledger)
    assert here.shown("healthy") == []
    here.add(alert())
    follower.another_round(1)
    assert here.shown("healthy") == ["success"]


def test_an_alert_that_is_no_longer_suspended_routes_what_waits(
    here: World, start: Start, ledger: str
) -> None:
    here.add(alert(suspend=True))
    follower = start(ledger=ledger)
    change(here, failed())
    follower.settled()
    assert here.shown("healthy", C2) == []
    here.add(alert())
    follower.another_round(1)
    assert here.shown("healthy", C2) == ["failure"]


def test_an_alert_that_is_changed_routes_otherwise(here: World, start: Start, ledger: str) -> None:
    follower = start(ledger=ledger)
    here.add(alert(eventSources=[{"kind": "Kustomization", "name": "another"}]))
    follower.another_round(1)
    change(here, failed())
    follower.settled()
    assert here.shown("healthy", C2) == []


def test_a_provider_that_is_mended_gets_what_it_missed(
    here: World, start: Start, ledger: str
) -> None:
    here.add_way("other", type="gitea", address=f"{here.forge.url}/nobody")
    follower = start(ledger=ledger)
    here.add_way("other")
    follower.another_round(1)
    assert here.shown("healthy") == ["success", "success"]


def test_a_secret_that_is_mended_counts_from_the_next_round_on(
    here: World, start: Start, ledger: str
) -> None:
    here.add(secret(token="a-token-that-nobody-knows"))
    follower = start(ledger=ledger)
    here.add(secret())
    here.add(alert("another", eventSources=[]))
    follower.another_round(1)
    assert here.shown("healthy") == ["success"]


def test_alerts_of_files_are_read_once_and_the_cluster_is_followed(
    here: World, start: Start, ledger: str
) -> None:
    here.kube.delete("Alert", NAMESPACE, "all")
    path = here.dump(alert(), provider(type="gitea", address=here.url))
    follower = start(ledger=ledger, alerts_from=(path,))
    change(here, failed())
    follower.settled()
    assert (here.shown("healthy"), here.shown("healthy", C2)) == (["success"], ["failure"])
    assert follower.rounds == 1


def test_one_repository_without_alerts_is_followed(here: World, start: Start, ledger: str) -> None:
    here.kube.delete("Alert", NAMESPACE, "all")
    single = Single("gitea", here.url, FORGE_TOKEN)
    follower = start(ledger=ledger, settings=Settings(single=single))
    change(here, failed())
    follower.settled()
    assert (here.shown("healthy"), here.shown("healthy", C2)) == (["success"], ["failure"])


def test_only_the_namespaces_that_are_asked_for_are_followed(
    here: World, start: Start, ledger: str
) -> None:
    settings = Settings(namespaces=(NAMESPACE, "another"))
    sources = [{"kind": "Kustomization", "name": "*", "namespace": n} for n in ("another", "third")]
    here.add(alert("more", eventSources=sources))
    follower = start(ledger=ledger, settings=settings)
    for namespace in ("another", "third"):
        here.add(
            git_repository(url=here.url) | {"metadata": {"name": "fleet", "namespace": namespace}}
        )
        here.add(kustomization(name=f"in-{namespace}", namespace=namespace))
    follower.until(lambda: here.shown("in-another") == ["success"])
    follower.settled()
    assert here.shown("in-third") == []


# -- sources


def test_a_source_that_becomes_another_repository_takes_its_results_away(
    here: World, start: Start, ledger: str
) -> None:
    here.add(kustomization(name="other", source={"kind": "GitRepository", "name": "other"}))
    here.add(git_repository(name="other", url=here.url))
    follower = start(ledger=ledger)
    here.add(git_repository(C2, name="other", url=f"{here.forge.url}/acme/elsewhere"))
    follower.until(lambda: "other" in follower.sources)
    status = green(git(C2))
    source = {"kind": "GitRepository", "name": "other"}
    here.add(kustomization(status, name="other", source=source))
    follower.settled()
    assert (here.shown("other", C1), here.shown("other", C2)) == (["success"], [])


def test_the_commit_of_a_new_artifact_is_told_by_its_source(
    here: World, start: Start, ledger: str
) -> None:
    """Only the source names the origin of a revision that failed."""

    def oci(digit: str, commit: str) -> Object:
        origin = {"org.opencontainers.image.revision": git(commit)}
        revision = f"latest@sha256:{digit * 64}"
        artifact = {"revision": revision, "metadata": origin, "lastUpdateTime": EARLIER}
        made = source_object("OCIRepository", artifact)
        return made

    here.add(oci("a", C1))
    follower = start(ledger=ledger)
    here.add(oci("b", C2))
    status = failed() | {"lastAttemptedRevision": f"latest@sha256:{'b' * 64}"}
    source = {"kind": "OCIRepository", "name": "fleet"}
    here.add(kustomization(status, name="image", source=source))
    follower.settled()
    assert here.shown("image", C2) == ["failure"]


# -- rounds


def test_what_only_time_makes_due_is_posted_in_a_later_round(
    here: World, start: Start, tmp_path: Path
) -> None:
    here.add(git_repository(C2, url=here.url))
    change(here, green(conditions=[not_ready("ArtifactFailed", "cannot fetch it")]))
    follower = start(
        ledger=f"file:{tmp_path / 'ledger'}",
        times=replace(QUICK, round=0.05),
        settings=Settings(failure_age=0.2),
    )
    follower.until(lambda: here.shown("healthy", C2) == ["failure"])
    assert follower.rounds > 1


def test_what_the_forge_refuses_is_left_to_the_next_round(
    here: World, start: Start, ledger: str
) -> None:
    here.forge.faults.always(fault=faults.answer(401, "{}"), on=Kind.WRITE)
    follower = start(ledger=ledger)
    writes = here.forge.writes
    change(here, green(conditions=[progressing()]))
    change(here, green())
    follower.settled()
    assert here.forge.writes == writes
    here.forge.faults.clear()
    here.add(alert("another", eventSources=[]))
    follower.another_round(1)
    assert here.shown("healthy") == ["success"]


def test_another_result_is_tried_though_the_one_before_was_refused(
    here: World, start: Start, ledger: str
) -> None:
    here.forge.faults.first(1, fault=faults.answer(401, "{}"), on=Kind.WRITE)
    follower = start(ledger=ledger)
    change(here, failed(C1))
    follower.settled()
    assert here.shown("healthy") == ["failure"]


def test_a_dry_run_posts_nothing_and_asks_the_forge_once(
    here: World, start: Start, ledger: str
) -> None:
    follower = start(ledger=ledger, settings=Settings(dry_run=True))
    change(here, failed())
    follower.settled()
    calls = len(here.forge.calls)
    change(here, green(conditions=[progressing()], lastAttemptedRevision=git(C2)))
    change(here, failed())
    follower.settled()
    assert here.forge.stored == []
    assert len(here.forge.calls) == calls
    assert dids(follower) == [Did.WOULD_POST, Did.WOULD_POST]


def test_the_status_of_all_follows_each_of_them(here: World, start: Start, ledger: str) -> None:
    here.add(kustomization(name="other"), git_repository(C2, url=here.url))
    follower = start(ledger=ledger, settings=Settings(aggregate="all"))

    def of_all(commit: str) -> list[str]:
        rows = here.forge.rows(REPOSITORY, commit)
        return [str(row.state) for row in rows if row.context == "all"]

    change(here, green(git(C2)))
    follower.settled()
    assert of_all(C2) == []
    here.add(kustomization(green(git(C2)), name="other"))
    follower.settled()
    change(here, failed())
    follower.settled()
    assert (of_all(C1), of_all(C2)) == (["success"], ["success", "failure"])


def at_work(commit: str) -> Object:
    """Flux has begun with a new commit."""
    words = f"Building manifests for revision {git(commit)} with a timeout of 9m59s"
    return green(conditions=[progressing(), reconciling(words)], lastAttemptedRevision=git(commit))


def test_what_is_pending_comes_to_its_end(here: World, start: Start, tmp_path: Path) -> None:
    here.add(git_repository(C2, url=here.url))
    ledger = f"file:{tmp_path / 'ledger'}"
    follower = start(ledger=ledger, settings=Settings(pending=True))
    for status in (at_work(C2), green(git(C2)), green(conditions=[progressing()])):
        change(here, status)
        follower.settled()
    assert here.shown("healthy", C2) == ["pending", "success"]
