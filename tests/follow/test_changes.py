"""What feeds bring, as it is kept until somebody looks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any

import pytest

from statusbot.cluster.errors import Forbidden, Unanswered
from statusbot.cluster.kinds import ALERT, KUSTOMIZATION, PROVIDER, SOURCE_KINDS, Kind
from statusbot.follow.changes import Changes
from statusbot.results.source import SourceRef
from tests.support.objects import (
    C2,
    NAMESPACE,
    NOW,
    Object,
    alert,
    git,
    git_repository,
    green,
    kustomization,
    provider,
)

GIT = next(kind for kind in SOURCE_KINDS if kind.kind == "GitRepository")
FLEET = SourceRef("GitRepository", NAMESPACE, "fleet")


class FakeFeed:
    """Tells what it is given, raises what it is given, and ends at None or when it is closed."""

    def __init__(self) -> None:
        self.events: SimpleQueue[Object | BaseException | None] = SimpleQueue()

    def initial(self) -> Iterator[Object]:
        return iter(())

    def changes(self) -> Iterator[Object]:
        while (event := self.events.get()) is not None:
            if isinstance(event, BaseException):
                raise event
            yield event

    def close(self) -> None:
        self.events.put(None)


class Read:
    """Changes of one feed of each kind, and a way to wait for what they make of it."""

    def __init__(self) -> None:
        self.bell = threading.Condition()
        self.feeds = {kind: FakeFeed() for kind in (KUSTOMIZATION, GIT, ALERT, PROVIDER)}
        self.changes = Changes(self.feeds.items(), lambda: NOW, self.bell)

    def tell(self, *events: Object | BaseException | None, kind: Kind = KUSTOMIZATION) -> None:
        for event in events:
            self.feeds[kind].events.put(event)

    def until(self, holds: Callable[[], object]) -> None:
        with self.bell:
            assert self.bell.wait_for(holds, 30)

    def taken(self, *events: Object) -> list[Any]:
        """What there is to take when the last of these has come, told by the name ``last``."""
        self.tell(*events, kustomization(name="last"))
        self.until(lambda: "uid-of-flux-system-last" in self.changes._objects)
        return [seen for seen in self.changes.take().objects if seen.object.name != "last"]


@pytest.fixture
def read() -> Iterator[Read]:
    made = Read()
    yield made
    made.changes.close()


def test_an_object_comes_as_an_observation_of_now(read: Read) -> None:
    (seen,) = read.taken(kustomization(green(git(C2))))
    assert (seen.object.path, seen.applied, seen.now) == ("flux-system/apps", git(C2), NOW)


def test_of_several_changes_of_an_object_the_last_is_kept(read: Read) -> None:
    (seen,) = read.taken(kustomization({}), kustomization(green()), kustomization(green(git(C2))))
    assert seen.applied == git(C2)


def test_an_object_that_was_made_again_is_another(read: Read) -> None:
    seen = read.taken(kustomization(uid="one"), kustomization(uid="two"))
    assert [one.object.uid for one in seen] == ["one", "two"]


def test_what_was_taken_is_not_taken_again(read: Read) -> None:
    read.taken(kustomization())
    assert not read.changes.any
    assert read.changes.take().objects == []


def test_what_is_put_back_is_taken_again(read: Read) -> None:
    (seen,) = read.taken(kustomization())
    read.changes.put_back(seen)
    assert read.changes.take().objects == [seen]


def test_what_is_put_back_does_not_hide_what_is_newer(read: Read) -> None:
    (old,) = read.taken(kustomization())
    read.tell(kustomization(green(git(C2))))
    read.until(lambda: read.changes.any)
    read.changes.put_back(old)
    assert [seen.applied for seen in read.changes.take().objects] == [git(C2)]


def test_a_source_comes_as_it_is_now(read: Read) -> None:
    read.tell(git_repository(), git_repository(C2), kind=GIT)
    read.until(lambda: (known := read.changes._sources.get(FLEET)) and known.commit() == C2)
    (source,) = read.changes.take().sources.values()
    assert source is not None and source.revision == git(C2)


def test_a_source_that_goes_away_is_to_be_read_again(read: Read) -> None:
    gone = git_repository()
    gone["metadata"]["deletionTimestamp"] = "2026-11-20T12:00:00Z"
    read.tell(gone, kind=GIT)
    read.until(lambda: read.changes.any)
    assert read.changes.take().sources == {FLEET: None}


@pytest.mark.parametrize(("kind", "obj"), [(ALERT, alert()), (PROVIDER, provider())])
def test_an_alert_or_a_provider_needs_a_new_survey_at_once(
    read: Read, kind: Kind, obj: Object
) -> None:
    read.tell(obj, kind=kind)
    read.until(lambda: read.changes.over)
    assert read.changes.over == f"{kind.plural} have changed"
    assert not read.changes.broken


@pytest.mark.parametrize("kind", [KUSTOMIZATION, GIT, ALERT])
def test_a_watch_that_ends_needs_a_new_survey(read: Read, kind: Kind) -> None:
    read.tell(None, kind=kind)
    read.until(lambda: read.changes.over)
    assert read.changes.over == f"the watch of {kind.plural} has ended"
    assert read.changes.broken


def test_a_watch_that_breaks_off_needs_a_new_survey(read: Read) -> None:
    read.tell(Unanswered("the line is dead"))
    read.until(lambda: read.changes.over)
    assert read.changes.over == "the watch of kustomizations broke off: the line is dead"
    assert read.changes.broken


def test_a_bug_in_a_reader_is_logged_and_needs_a_new_survey(
    read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        read.tell(RuntimeError("a bug"))
        read.until(lambda: read.changes.over)
    assert "a bug" in caplog.text


def test_a_watch_that_is_not_allowed_leaves_the_others_alone(read: Read) -> None:
    read.tell(Forbidden("you may not watch"), kind=ALERT)
    read.until(lambda: read.changes.forbidden)
    assert read.changes.forbidden == {ALERT: "you may not watch"}
    assert [seen.object.name for seen in read.taken(kustomization())] == ["apps"]
    assert not read.changes.over


def test_a_source_that_may_not_be_watched_is_read_again_for_each_object(read: Read) -> None:
    read.tell(Forbidden("you may not watch"), kind=GIT)
    read.until(lambda: read.changes.forbidden)
    read.tell(kustomization())
    read.until(lambda: read.changes.any)
    assert read.changes.take().sources == {FLEET: None}


def test_the_first_reason_is_the_one_that_is_told(read: Read) -> None:
    read.tell(alert(), kind=ALERT)
    read.until(lambda: read.changes.over)
    read.changes.give_up("too late")
    assert (read.changes.over, read.changes.broken) == ("alerts have changed", False)


def test_what_came_before_the_end_can_still_be_taken(read: Read) -> None:
    read.tell(kustomization(), None)
    read.until(lambda: read.changes.over)
    assert [seen.object.name for seen in read.changes.take().objects] == ["apps"]


def test_nothing_is_over_because_it_was_closed(read: Read) -> None:
    read.changes.close()
    assert read.changes.over == ""


def test_closing_leaves_no_thread() -> None:
    before = threading.active_count()
    Read().changes.close()
    assert threading.active_count() == before
