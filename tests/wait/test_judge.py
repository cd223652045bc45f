"""One Kustomization: what it says of a commit, of those that contain it, and of others."""

from __future__ import annotations

from typing import Any

import pytest

from statusbot.decide import World
from statusbot.ledger.memory import Ledger
from statusbot.results.observation import observe
from statusbot.routing.destinations import Destinations
from statusbot.routing.router import AlertRouter
from statusbot.sources import Sources
from statusbot.wait.judge import Asked, judge
from statusbot.wait.verdict import Lineage, Standing, Verdict
from tests.support.lineage import Line
from tests.support.objects import (
    C1,
    C2,
    C3,
    DIGEST,
    EARLIER,
    NOW,
    FakeCluster,
    Object,
    applied,
    entry,
    git,
    git_repository,
    green,
    kustomization,
    not_ready,
    progressing,
    reconciling,
    source_object,
    stamp,
)

GREEN, RED, WAITING = Standing.GREEN, Standing.RED, Standing.WAITING
LINE = Line((C1, C2, C3))
FAILED = "ReconciliationFailed"


def judged(
    status: Object,
    sha: str = C2,
    *,
    lineage: Lineage | None = LINE,
    exact: bool = False,
    held: Object | None = None,
    after: float = 0.0,
    **of: Any,
) -> Verdict:
    """At ``NOW`` and so many seconds ``after``, with a source that holds ``held``."""
    cluster = FakeCluster([held or git_repository(C2)], at=NOW + after)
    made = World(
        Sources(cluster), AlertRouter((), Destinations((), "")), Ledger(kept=False), 0.0, 300.0
    )
    seen = observe(kustomization(status, **of), NOW + after)
    return judge(seen, made, Asked(sha, lineage, exact))


def red(
    commit: str, reason: str = "BuildFailed", message: str = "no such file", **f: Any
) -> Object:
    status = green(git(C1), conditions=[not_ready(reason, message)])
    return status | {"lastAttemptedRevision": git(commit)} | f


def came(seconds_ago: float, commit: str = C2) -> Object:
    """A source that got its commit so long ago."""
    artifact = {"revision": git(commit), "lastUpdateTime": stamp(NOW - seconds_ago)}
    return source_object("GitRepository", artifact)


def test_the_commit_that_it_applied_is_green() -> None:
    found = judged(green(git(C2)))
    assert (found.name, found.standing, found.commit) == ("flux-system/apps", GREEN, C2)
    assert found.message == f"Applied revision: {git(C2)}"


def test_a_commit_that_contains_it_is_green() -> None:
    found = judged(green(git(C3)))
    assert (found.standing, found.commit) == (GREEN, C3)


def test_with_exact_a_commit_that_contains_it_is_none() -> None:
    assert judged(green(git(C3)), exact=True).standing is WAITING


def test_a_commit_before_it_says_nothing_of_it() -> None:
    found = judged(green(git(C1)))
    assert (found.standing, found.commit) == (WAITING, C1)
    assert "does not contain" in found.message


def test_a_commit_of_which_nobody_can_tell_is_neither() -> None:
    found = judged(green(git(C3)), lineage=Line((C1, C2, C3), {C3}))
    assert found.standing is WAITING
    assert "nobody can tell" in found.message


@pytest.mark.parametrize("lineage", [None, Line((C1, C2, C3), {C1, C3})])
def test_where_nobody_can_tell_only_itself_counts_and_it_says_so_once(
    caplog: pytest.LogCaptureFixture, lineage: Lineage | None
) -> None:
    asked = Asked(C2, lineage)
    assert [asked.contained_in(commit) for commit in (C3, C1, C2)] == [None, None, True]
    assert len(caplog.records) == 1


def test_its_failure_is_red_with_the_message() -> None:
    found = judged(red(C2))
    expected = (RED, C2, "BuildFailed", "no such file")
    assert (found.standing, found.commit, found.reason, found.message) == expected


def test_the_failure_of_a_commit_that_contains_it_is_red() -> None:
    assert judged(red(C3), held=came(60, C3)).standing is RED


def test_the_failure_of_a_commit_before_it_is_none_of_its() -> None:
    assert judged(red(C1)).standing is WAITING


def test_a_later_failure_does_not_undo_that_it_was_live() -> None:
    history = [entry(git(C2), last=NOW - 60)]
    found = judged(red(C3, history=history), held=came(30, C3))
    assert (found.standing, found.commit) == (GREEN, C2)


def test_a_later_failure_of_itself_does() -> None:
    status = red(C2, "HealthCheckFailed", history=[entry(git(C2), last=NOW - 60)])
    assert judged(status).standing is RED


def test_a_later_success_of_what_contains_it_mends_its_failure() -> None:
    history = [entry(git(C3), last=NOW - 30), entry(git(C2), FAILED, last=NOW - 60)]
    found = judged(green(git(C3), history=history))
    assert (found.standing, found.commit) == (GREEN, C3)


def test_an_earlier_success_of_what_contains_it_does_not() -> None:
    # The source was set back to it.
    status = red(C2, history=[entry(git(C3), last=NOW - 60)])
    assert judged(status).standing is RED


def test_once_a_commit_that_contains_it_was_green_it_was_live() -> None:
    status = red(C3, history=[entry(git(C2), last=NOW - 60)], lastAppliedRevision=git(C2))
    found = judged(status, C1, held=came(30, C3))
    assert (found.standing, found.commit) == (GREEN, C2)


def test_its_failure_in_the_past_is_red_while_the_next_is_tried() -> None:
    history = [entry(git(C2), FAILED, last=NOW - 60)]
    at_work = {"conditions": [progressing()], "lastAttemptedRevision": git(C3)}
    found = judged(green(git(C1), history=history, **at_work), held=came(30, C3))
    assert (found.standing, found.commit, found.reason) == (RED, C2, FAILED)


def test_its_success_in_the_past_is_green_while_flux_looks_again() -> None:
    status = green(git(C2), conditions=[progressing()], history=[entry(git(C2))])
    assert judged(status).standing is GREEN


def test_without_a_history_what_was_applied_last_is_green() -> None:
    status = red(C3) | {"lastAppliedRevision": git(C2)}
    found = judged(status, held=came(60, C3))
    assert (found.standing, found.commit) == (GREEN, C2)


def test_what_flux_is_at_waits() -> None:
    status = green(git(C1), conditions=[progressing()], lastAttemptedRevision=git(C2))
    found = judged(status)
    assert (found.standing, found.commit) == (WAITING, C2)
    assert found.message == "Flux is at work on it"


def test_a_transient_failure_waits_with_its_reason() -> None:
    found = judged(red(C1, "ArtifactFailed"), held=came(60))
    assert (found.standing, found.commit, found.reason) == (WAITING, C2, "ArtifactFailed")


def test_a_transient_failure_is_red_once_it_lasts() -> None:
    status = red(C1, "ArtifactFailed")
    assert judged(status, held=came(0), after=300).standing is WAITING
    assert judged(status, held=came(0), after=301).standing is RED


def test_a_revision_without_a_commit_says_what_to_do() -> None:
    artifact = {"revision": f"latest@sha256:{DIGEST}", "lastUpdateTime": stamp(EARLIER)}
    found = judged(
        green(artifact["revision"]),
        held=source_object("OCIRepository", artifact),
        source={"kind": "OCIRepository", "name": "fleet"},
    )
    assert found.standing is WAITING
    assert "carries no origin revision" in found.message


def test_what_is_not_its_source_s_is_not_told() -> None:
    """Its source may not be read: what it holds is somebody else's."""
    cluster = FakeCluster([], forbidden={"GitRepository", "GitRepository fleet"})
    sources = Sources(cluster)
    made = World(sources, AlertRouter((), Destinations((), "")), Ledger(kept=False), 0.0, 300.0)
    seen = observe(kustomization(green(git(C2))), NOW)
    found = judge(seen, made, Asked(C2))
    assert found.standing is WAITING
    assert "may not be read" in found.message


def test_what_is_known_of_itself_asks_no_lineage() -> None:
    line = Line((C1, C2, C3))
    judged(green(git(C2)), lineage=line)
    assert line.asked == []


def newer_spec(status: Object) -> Verdict:
    """What Flux wrote is of generation 1."""
    return judged(status, metadata={"generation": 2})


@pytest.mark.parametrize("ready", [applied(git(C2)), progressing()])
@pytest.mark.parametrize("history", [[], [entry(git(C2))]])
def test_a_success_with_the_spec_before_is_none(ready: Object, history: list[Object]) -> None:
    """The commit itself may have changed the spec, by another Kustomization."""
    status = green(git(C2), conditions=[ready], history=history)
    assert newer_spec(status).standing is WAITING


def test_what_was_live_before_the_spec_and_the_commit_changed_stays_green() -> None:
    status = red(C3, lastAppliedRevision=git(C2), history=[entry(git(C2))])
    found = newer_spec(status)
    assert (found.standing, found.commit) == (GREEN, C2)


def test_a_suspended_one_was_live_whatever_its_spec_says_now() -> None:
    status = green(git(C2), conditions=[progressing()], history=[entry(git(C2))])
    assert judged(status, metadata={"generation": 2}, suspend=True).standing is GREEN


@pytest.mark.parametrize("ready", [applied(git(C3)), progressing()])
def test_with_a_new_spec_no_success_before_the_last_one_is_any_either(ready: Object) -> None:
    """The old spec was there for all of them."""
    history = [entry(git(C3)), entry(git(C2), last=EARLIER - 60)]
    status = green(git(C3), conditions=[ready], history=history)
    assert newer_spec(status).standing is WAITING


def test_once_flux_failed_by_the_new_spec_what_was_live_before_is_green() -> None:
    failed = [not_ready("HealthCheckFailed")]
    history = [entry(git(C3)), entry(git(C2), last=EARLIER - 60)]
    found = newer_spec(green(git(C3), conditions=failed, history=history))
    assert (found.standing, found.commit) == (GREEN, C2)


def test_a_failure_that_was_mended_is_none_again_while_the_spec_is_new() -> None:
    history = [entry(git(C3), last=NOW - 30), entry(git(C2), FAILED, last=NOW - 60)]
    assert newer_spec(green(git(C3), history=history)).standing is WAITING


def test_a_later_commit_without_the_new_path_leaves_it_green() -> None:
    """Such a commit is never noted as attempted."""
    lacks = not_ready("ArtifactFailed", "kustomization path not found: stat /tmp/x/new")
    at = reconciling(f"Fetching manifests for revision {git(C3)} with a timeout of 9m59s")
    status = green(git(C2), conditions=[lacks, at], history=[entry(git(C2))])
    assert newer_spec(status).standing is GREEN
