"""A gate on a cluster: what the watches bring is judged, and nothing is missed between them."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from statusbot.cluster import connection
from statusbot.cluster.clock import ServerClock
from statusbot.cluster.errors import Forbidden, TimedOut
from statusbot.cluster.selector import Selector
from statusbot.demo.kube import Answer, EmbeddedKubernetes, Fault, Request, failing, garbled
from statusbot.errors import ClusterError, Stopped, UsageError
from statusbot.wait.chosen import Chosen
from statusbot.wait.verdict import Standing
from tests.support.gate import LONG, Gate, gate
from tests.support.objects import (
    C1,
    C2,
    C3,
    EARLIER,
    NOW,
    Object,
    entry,
    git,
    git_repository,
    green,
    kustomization,
    not_ready,
    progressing,
    stamp,
)

Open = Callable[..., Gate]
GREEN, RED, WAITING = Standing.GREEN, Standing.RED, Standing.WAITING
APPS = Chosen(frozenset({"flux-system/apps"}))


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call is tried a second time at once, and no third time."""
    monkeypatch.setattr(connection, "PAUSES", (0.0,))


def failed(commit: str = C2, reason: str = "BuildFailed") -> Object:
    return green(conditions=[not_ready(reason)], lastAttemptedRevision=git(commit))


def is_watch(request: Request, plural: str = "kustomizations") -> bool:
    return request.path.endswith(f"/{plural}") and "watch" in request.query


# -- what changes


def test_what_there_is_is_told_first(open_gate: Open) -> None:
    (found,) = open_gate().look().values()
    assert (found.name, found.standing, found.commit) == ("flux-system/apps", WAITING, C1)


@pytest.mark.parametrize(("commit", "standing"), [(C2, GREEN), (C3, GREEN)])
def test_a_success_is_seen_as_it_comes(
    kube: EmbeddedKubernetes, open_gate: Open, commit: str, standing: Standing
) -> None:
    open_ = open_gate()
    open_.look()
    kube.apply(kustomization(green(git(commit))))
    assert open_.until_it_is(standing).commit == commit


def test_a_failure_is_seen_as_it_comes(kube: EmbeddedKubernetes, open_gate: Open) -> None:
    open_ = open_gate()
    open_.look()
    kube.apply(kustomization(failed()))
    assert open_.until_it_is(RED).reason == "BuildFailed"


def test_the_first_of_the_two_writes_of_a_success_says_nothing(
    kube: EmbeddedKubernetes, open_gate: Open
) -> None:
    open_ = open_gate()
    open_.look()
    kube.apply(kustomization(green(git(C2), lastAppliedRevision=git(C1))))
    kube.apply(kustomization(name="mark"))
    open_.until(lambda all_: "flux-system/mark" in all_)
    assert open_.verdicts["flux-system/apps"].standing is WAITING


def test_a_look_waits_until_something_comes(kube: EmbeddedKubernetes, open_gate: Open) -> None:
    open_ = open_gate()
    open_.look()
    kube.apply(kustomization(green(git(C2))))
    (found,) = open_.looker.look(LONG)
    assert found.standing is GREEN


def test_what_appears_is_waited_for(kube: EmbeddedKubernetes, open_gate: Open) -> None:
    open_ = open_gate()
    open_.look()
    kube.apply(kustomization(name="late"))
    open_.until(lambda all_: "flux-system/late" in all_)


def test_what_is_deleted_is_not(kube: EmbeddedKubernetes, open_gate: Open) -> None:
    kube.apply(kustomization(name="old"))
    open_ = open_gate()
    open_.look()
    kube.delete("Kustomization", "flux-system", "old")
    open_.until(lambda all_: list(all_) == ["flux-system/apps"])


def test_what_is_deleted_while_nobody_watched_is_not_either(
    kube: EmbeddedKubernetes, open_gate: Open
) -> None:
    kube.apply(kustomization(name="old"))
    open_ = open_gate()
    open_.look()
    open_.looker.close()
    kube.delete("Kustomization", "flux-system", "old")
    open_.until(lambda all_: list(all_) == ["flux-system/apps"])


# -- which ones


def test_another_repository_s_are_left_out(kube: EmbeddedKubernetes, open_gate: Open) -> None:
    kube.apply(git_repository(name="other", url="https://github.com/acme/other"))
    kube.apply(kustomization(name="theirs", source={"kind": "GitRepository", "name": "other"}))
    assert list(open_gate().look()) == ["flux-system/apps"]


def test_every_source_of_the_repository_counts(kube: EmbeddedKubernetes, open_gate: Open) -> None:
    kube.apply(git_repository(name="again", url="git@github.com:acme/fleet.git"))
    kube.apply(kustomization(name="web", source={"kind": "GitRepository", "name": "again"}))
    assert list(open_gate().look()) == ["flux-system/apps", "flux-system/web"]


def test_one_whose_source_comes_later_is_waited_for_then(
    kube: EmbeddedKubernetes, open_gate: Open
) -> None:
    kube.apply(kustomization(name="web", source={"kind": "GitRepository", "name": "again"}))
    open_ = open_gate()
    assert list(open_.look()) == ["flux-system/apps"]
    kube.apply(git_repository(name="again"))
    open_.until(lambda all_: "flux-system/web" in all_)


@pytest.mark.parametrize("status", [403, 503])
def test_one_whose_source_cannot_be_read_is_waited_for(
    kube: EmbeddedKubernetes, open_gate: Open, status: int
) -> None:
    """It may be of the repository."""
    there = {"kind": "GitRepository", "name": "theirs", "namespace": "elsewhere"}
    kube.apply_all([kustomization(green(git(C2))), kustomization(name="web", source=there)])
    get = "/namespaces/elsewhere/gitrepositories/theirs"
    kube.faults.fail = lambda r: (
        failing(status if r.path.endswith(get) else 403) if "elsewhere" in r.path else None
    )
    found = open_gate(namespaces=("flux-system",)).look()
    assert found["flux-system/web"].standing is WAITING
    assert "its source may not be read" in found["flux-system/web"].message


def test_one_whose_source_was_not_readable_is_left_out_once_it_is_another_s(
    kube: EmbeddedKubernetes, open_gate: Open
) -> None:
    there = {"kind": "GitRepository", "name": "theirs", "namespace": "elsewhere"}
    source = git_repository(name="theirs", url="https://github.com/acme/other")
    source["metadata"]["namespace"] = "elsewhere"
    kube.apply_all([source, kustomization(name="web", source=there)])
    kube.faults.fail = lambda r: failing(403) if "elsewhere" in r.path else None
    open_ = open_gate(namespaces=("flux-system",))
    assert "flux-system/web" in open_.look()
    kube.faults.fail = lambda r: None
    open_.until(lambda all_: list(all_) == ["flux-system/apps"])


def test_labels_choose(kube: EmbeddedKubernetes, open_gate: Open) -> None:
    kube.apply(kustomization(name="web", labels={"tier": "web"}))
    assert list(open_gate(Chosen(selector=Selector.parse("tier=web"))).look()) == [
        "flux-system/web"
    ]


def test_namespaces_bound_what_is_read(kube: EmbeddedKubernetes, open_gate: Open) -> None:
    there = {"kind": "GitRepository", "name": "fleet", "namespace": "flux-system"}
    kube.apply(kustomization(green(git(C2)), namespace="team-a", source=there))
    assert list(open_gate(namespaces=("team-a",)).look()) == ["team-a/apps"]


def test_none_at_all_is_a_mistake(open_gate: Open) -> None:
    with pytest.raises(UsageError, match="no Kustomization's source is the repository"):
        open_gate(Chosen(address="https://github.com/acme/other")).look()


def test_no_labels_at_all_are_a_mistake(open_gate: Open) -> None:
    with pytest.raises(UsageError, match="no Kustomization has the labels tier=web"):
        open_gate(Chosen(selector=Selector.parse("tier=web"))).look()


def test_where_only_the_sources_are_missing_it_waits(
    kube: EmbeddedKubernetes, open_gate: Open
) -> None:
    kube.delete("GitRepository", "flux-system", "fleet")
    open_ = open_gate()
    assert open_.look() == {}
    kube.apply(git_repository())
    open_.until(lambda all_: "flux-system/apps" in all_)


def test_none_left_is_no_mistake_and_not_green(kube: EmbeddedKubernetes, open_gate: Open) -> None:
    open_ = open_gate()
    open_.look()
    kube.delete("Kustomization", "flux-system", "apps")
    open_.until(lambda all_: not all_)
    open_.looker.close()
    assert open_.look() == {}


# -- named ones


def test_a_named_one_that_is_not_there_may_appear(
    kube: EmbeddedKubernetes, open_gate: Open
) -> None:
    open_ = open_gate(Chosen(frozenset({"flux-system/late"})))
    assert open_.look()["flux-system/late"].reason == "Missing"
    kube.apply(kustomization(green(git(C2)), name="late"))
    open_.until_it_is(GREEN, "flux-system/late")


def test_a_named_one_that_is_deleted_is_missing(kube: EmbeddedKubernetes, open_gate: Open) -> None:
    kube.apply(kustomization(green(git(C2))))
    open_ = open_gate(APPS)
    open_.until_it_is(GREEN)
    kube.delete("Kustomization", "flux-system", "apps")
    assert open_.until_it_is(WAITING).reason == "Missing"


# -- suspended ones


def test_a_suspended_one_is_left_out_with_a_word(
    kube: EmbeddedKubernetes, open_gate: Open, caplog: pytest.LogCaptureFixture
) -> None:
    kube.apply(kustomization(name="asleep", suspend=True))
    open_ = open_gate()
    assert list(open_.look()) == list(open_.look()) == ["flux-system/apps"]
    assert [r.message for r in caplog.records] == [
        "Kustomization flux-system/asleep is suspended: it is left out"
    ]


def test_a_suspended_one_that_was_named_is_red(kube: EmbeddedKubernetes, open_gate: Open) -> None:
    kube.apply(kustomization(suspend=True))
    found = open_gate(APPS).look()["flux-system/apps"]
    assert (found.standing, found.reason) == (RED, "Suspended")
    assert "flux resume kustomization apps -n flux-system" in found.message


def test_a_suspended_one_that_was_named_may_be_green(
    kube: EmbeddedKubernetes, open_gate: Open
) -> None:
    kube.apply(kustomization(green(git(C2)), suspend=True))
    assert open_gate(APPS).look()["flux-system/apps"].standing is GREEN


def test_where_all_are_suspended_there_is_nothing_to_wait_for(
    kube: EmbeddedKubernetes, open_gate: Open
) -> None:
    kube.apply(kustomization(suspend=True))
    with pytest.raises(UsageError, match=r"suspended: flux-system/apps: resume one"):
        open_gate().look()


def test_one_that_is_resumed_is_waited_for(kube: EmbeddedKubernetes, open_gate: Open) -> None:
    kube.apply(kustomization(name="asleep", suspend=True))
    open_ = open_gate()
    open_.look()
    kube.apply(kustomization(name="asleep"))
    open_.until(lambda all_: "flux-system/asleep" in all_)


# -- time


def test_a_wait_that_lasts_is_red_though_nothing_happens(
    kube: EmbeddedKubernetes, open_gate: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the clock of the API server goes on."""
    now = datetime.fromtimestamp(NOW, UTC)
    monkeypatch.setattr(ServerClock, "now", lambda clock: now)
    held = {"revision": git(C2), "lastUpdateTime": stamp(NOW)}
    kube.apply(git_repository() | {"status": {"artifact": held}})
    kube.apply(kustomization(failed(C1, "ArtifactFailed")))
    open_ = open_gate()
    assert open_.look()["flux-system/apps"].standing is WAITING
    now += timedelta(seconds=301)
    found = open_.look()["flux-system/apps"]
    assert (found.standing, found.commit, found.reason) == (RED, C2, "ArtifactFailed")


def test_a_source_in_another_namespace_is_read_again(
    kube: EmbeddedKubernetes, open_gate: Open
) -> None:
    """A red that ages is of what the source holds by then."""
    there = {"kind": "GitRepository", "name": "fleet", "namespace": "elsewhere"}
    kube.apply(kustomization(failed(C1, "ArtifactFailed"), source=there))
    source = git_repository(C1)
    source["metadata"]["namespace"] = "elsewhere"
    kube.apply(source)
    open_ = open_gate(APPS, namespaces=("flux-system",))
    assert open_.look()["flux-system/apps"].standing is WAITING
    held = {"revision": git(C2), "lastUpdateTime": stamp(EARLIER)}
    kube.apply(source | {"status": {"artifact": held}})
    assert open_.until_it_is(RED).commit == C2


def test_sources_in_other_namespaces_are_watched_where_that_is_allowed(
    kube: EmbeddedKubernetes, open_gate: Open
) -> None:
    asked: list[str] = []
    kube.faults.fail = lambda r: asked.append(r.path)
    there = {"kind": "GitRepository", "name": "fleet", "namespace": "elsewhere"}
    source = git_repository()
    source["metadata"]["namespace"] = "elsewhere"
    kube.apply_all([kustomization(source=there), source])
    open_gate(APPS, namespaces=("flux-system",)).look()
    listed = [path for path in asked if path.endswith("/namespaces/elsewhere/gitrepositories")]
    assert len(listed) == 1
    assert not [path for path in asked if path.endswith("/gitrepositories/fleet")]


def test_a_source_that_may_only_be_got_is_read_again(tmp_path: Path) -> None:
    def authorize(user: str, verb: str, resource: str, namespace: str) -> bool:
        return verb == "get" or resource.startswith("kustomizations")

    with EmbeddedKubernetes(token="admin", authorize=authorize) as kube:
        kube.apply_all([git_repository(C1), kustomization(failed(C1, "ArtifactFailed"))])
        with gate(kube.kubeconfig(tmp_path / "config"), APPS) as open_:
            assert open_.look()["flux-system/apps"].standing is WAITING
            kube.apply(git_repository(C2))
            assert open_.until_it_is(RED).commit == C2


# -- what goes wrong


def test_a_watch_that_ends_is_begun_again(kube: EmbeddedKubernetes, open_gate: Open) -> None:
    kube.faults.fail = lambda r: Fault(cut=3) if is_watch(r) else None
    open_ = open_gate()
    open_.look()
    kube.apply(kustomization(failed(C1)))
    kube.apply(kustomization(green(git(C2))))
    open_.until_it_is(GREEN)


@pytest.mark.parametrize("fault", [Fault(reset=True), failing(503)], ids=["reset", "503"])
def test_a_server_that_is_away_is_asked_again(
    kube: EmbeddedKubernetes,
    open_gate: Open,
    fault: Fault,
    caplog: pytest.LogCaptureFixture,
) -> None:
    kube.faults.fail = lambda r: fault
    open_ = open_gate()
    assert [open_.look(), open_.look()] == [{}, {}]
    assert len({r.message for r in caplog.records}) == len(caplog.records) >= 1
    kube.faults.fail = lambda r: None
    open_.until_it_is(WAITING)


PAGE = garbled(b"<html>Sign in</html>", 200, "text/html")
ELSEWHERE = Fault(answer=Answer(302, b"", headers={"Location": "https://elsewhere.example/"}))


@pytest.mark.parametrize("fault", [PAGE, ELSEWHERE], ids=["page", "redirect"])
def test_what_no_time_mends_ends_it_at_the_start(
    kube: EmbeddedKubernetes, open_gate: Open, fault: Fault
) -> None:
    kube.faults.fail = lambda r: fault
    with pytest.raises(ClusterError):
        open_gate().look()


def test_a_page_in_between_does_not_end_what_has_begun(
    kube: EmbeddedKubernetes, open_gate: Open
) -> None:
    open_ = open_gate()
    before = open_.look()
    kube.faults.fail = lambda r: PAGE
    open_.looker.close()
    assert open_.look() == before


@pytest.mark.parametrize("fault", [Fault(reset=True), failing(503)], ids=["reset", "503"])
def test_what_is_known_stays_known_while_the_server_is_away(
    kube: EmbeddedKubernetes, open_gate: Open, fault: Fault
) -> None:
    open_ = open_gate()
    before = open_.look()
    kube.faults.fail = lambda r: fault
    open_.looker.close()
    assert open_.look() == before


def test_a_server_that_stays_away_uses_the_time_up(
    kube: EmbeddedKubernetes, open_gate: Open
) -> None:
    kube.faults.fail = lambda r: Fault(hang=math.inf)
    with pytest.raises(TimedOut):
        open_gate(timeout=0.1).until(lambda all_: bool(all_))


def test_what_may_not_be_listed_is_a_mistake(kube: EmbeddedKubernetes, open_gate: Open) -> None:
    kube.faults.fail = lambda r: failing(403, "Forbidden", "is forbidden")
    with pytest.raises(Forbidden):
        open_gate().look()


def allowing(*verbs: str) -> Callable[[str, str, str, str], bool]:
    return lambda user, verb, resource, namespace: verb in verbs


def test_what_may_only_be_listed_is_polled(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with EmbeddedKubernetes(token="admin", authorize=allowing("get", "list")) as kube:
        kube.apply_all([git_repository(), kustomization()])
        with gate(kube.kubeconfig(tmp_path / "config")) as open_:
            open_.until_it_is(WAITING)
            kube.apply(kustomization(green(git(C2))))
            open_.until_it_is(GREEN)
    assert "kustomizations are only polled" in caplog.text


def test_a_signal_ends_a_look_that_waits(open_gate: Open) -> None:
    open_ = open_gate()
    open_.look()
    timer = threading.Timer(0.05, open_.looker.interrupt.came.set)
    timer.start()
    with pytest.raises(Stopped):
        open_.looker.look(LONG)
    timer.join()


def test_closing_twice_is_fine(open_gate: Open) -> None:
    open_ = open_gate()
    open_.look()
    open_.looker.close()
    open_.looker.close()
    threads = {thread.name for thread in threading.enumerate()}
    assert "kustomizations" not in threads


# -- the words of a failure that only the history tells of


def test_a_failure_of_the_past_gets_its_message_from_an_event(
    kube: EmbeddedKubernetes, open_gate: Open
) -> None:
    history = [entry(git(C2), "ReconciliationFailed", last=time.time())]
    status = green(git(C1), conditions=[progressing()], history=history)
    kube.apply(kustomization(status | {"lastAttemptedRevision": git(C3)}))
    kube.apply(
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "namespace": "flux-system",
                "name": "one",
                "annotations": {"kustomize.toolkit.fluxcd.io/revision": git(C2)},
            },
            "involvedObject": {"uid": "uid-of-flux-system-apps"},
            "type": "Warning",
            "reason": "ReconciliationFailed",
            "message": "it is immutable",
            "lastTimestamp": stamp(NOW),
        }
    )
    assert open_gate().look()["flux-system/apps"].message == "it is immutable"
