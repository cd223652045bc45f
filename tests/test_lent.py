"""Words of Flux's Events for failures that only the history tells of."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest

from statusbot.cluster.kinds import EVENT
from statusbot.contexts import Namesakes
from statusbot.ledger.memory import Ledger
from statusbot.lent import REVISION, lender
from statusbot.manifests.provider import Provider
from statusbot.plan import News, plan
from statusbot.results.result import Event, ObjectRef, Result
from statusbot.results.state import SUPERSEDED, State
from statusbot.routing.destinations import destination
from statusbot.routing.status import Routed, Way
from tests.support.objects import (
    C1,
    C2,
    EARLIER,
    NAMESPACE,
    NOW,
    URL,
    FakeCluster,
    Object,
    git,
    stamp,
)

APPS = ObjectRef("Kustomization", NAMESPACE, "apps", "uid-1")
THERE = destination(Provider("", NAMESPACE, "forge", "0c9c2e41", "github", URL), "")
RED = Result(APPS, C1, State.FAILURE, "HealthCheckFailed", "", NOW, EARLIER, False, Event(git(C1)))
SAID = "health check failed after 30.2s: timeout waiting for Deployment/apps/web"


def event(
    message: str = SAID,
    revision: str | None = git(C1),
    *,
    last: float = NOW,
    uid: str = APPS.uid,
    **fields: Any,
) -> Object:
    annotations = {"annotations": {REVISION: revision}} if revision is not None else {}
    return {
        "kind": "Event",
        "metadata": {"namespace": NAMESPACE, "name": f"apps.{last}", **annotations},
        "involvedObject": {"kind": "Kustomization", "name": "apps", "uid": uid},
        "type": "Warning",
        "reason": "HealthCheckFailed",
        "message": message,
        "lastTimestamp": stamp(last),
        **fields,
    }


def news(result: Result = RED) -> News:
    (item,) = plan([Routed(result, Way(THERE))], Namesakes(), Ledger(), now=NOW, recheck=1.0).news
    return item


def lent(*events: Object, result: Result = RED) -> str:
    return lender(FakeCluster(list(events)))(news(result)).status.result.message


def test_a_failure_of_the_past_gets_the_words_of_its_event() -> None:
    assert lent(event()) == SAID


def test_they_are_what_the_status_says() -> None:
    made = lender(FakeCluster([event("no such namespace")]))(news())
    assert made.status.description == "health check failed: no such namespace"


def test_they_decide_nothing() -> None:
    before = news()
    made = lender(FakeCluster([event()]))(before)
    assert (made.said, made.posted, made.look) == (before.said, before.posted, before.look)
    assert made.status.key == before.status.key


@pytest.mark.parametrize(
    "other",
    [
        event(revision=git(C2)),
        event(revision=None),
        event(reason="BuildFailed"),
        event(type="Normal"),
        event(uid="uid-2"),
        event(message=""),
        {"kind": "Event", "involvedObject": {"uid": APPS.uid}},
        {**event(), "metadata": None},
    ],
    ids=["commit", "aggregated", "reason", "type", "object", "no words", "empty", "malformed"],
)
def test_what_is_not_surely_of_this_failure_lends_nothing(other: Object) -> None:
    assert lent(other) == ""


def test_of_several_the_newest_counts() -> None:
    told = [event("old", last=NOW - 60), event("new", last=NOW), event("older", last=NOW - 90)]
    assert lent(*told) == "new"


def test_nothing_of_it_is_longer_than_any_message() -> None:
    assert len(lent(event("x" * 10**6))) == 1024


@pytest.mark.parametrize(
    "result",
    [
        replace(RED, message="it has its own"),
        replace(RED, state=State.SUCCESS, reason="ReconciliationSucceeded"),
        replace(RED, state=State.PENDING, reason="Progressing"),
        replace(RED, state=State.FAILURE, reason=SUPERSEDED),
        replace(RED, event=Event()),
        replace(RED, object=replace(APPS, uid="")),
        replace(RED, object=replace(APPS, kind="Aggregate")),
    ],
)
def test_nothing_is_read_for_what_needs_no_words(result: Result) -> None:
    cluster = FakeCluster([event()])
    assert lender(cluster)(news(result)).status.result == result
    assert cluster.lists == []


def test_who_may_not_read_them_goes_on_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    cluster = FakeCluster([event()], forbidden={EVENT.kind})
    lend = lender(cluster)
    with caplog.at_level(logging.INFO):
        assert [lend(news()).status.result.message for _ in range(3)] == ["", "", ""]
    (record,) = caplog.records
    assert (record.levelname, "may not list Event" in record.getMessage()) == ("INFO", True)
    assert cluster.lists == ["Event"]
