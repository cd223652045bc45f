from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import orjson
import pytest

from statusbot.cluster import connection as connection_module
from statusbot.cluster import feed as module
from statusbot.cluster import listing
from statusbot.cluster.base import Feed, Followed
from statusbot.cluster.clock import Deadline
from statusbot.cluster.errors import Forbidden, NotInstalled, Rejected, Silent, TimedOut, Unanswered
from statusbot.cluster.feed import LiveFeed
from statusbot.cluster.kinds import KUSTOMIZATION
from statusbot.cluster.live import LiveCluster
from statusbot.demo.kube import EmbeddedKubernetes, Fault, Request, failing, garbled
from statusbot.errors import ClusterError, UsageError
from tests.cluster.following import Follower

Connect = Callable[..., LiveCluster]
Make = Callable[..., dict[str, Any]]
BOOKMARK = {
    "type": "BOOKMARK",
    "object": {
        "metadata": {
            "resourceVersion": "77",
            "annotations": {"k8s.io/initial-events-end": "true"},
        }
    },
}


@pytest.fixture
def feed(kube: EmbeddedKubernetes, cluster: LiveCluster) -> Iterator[LiveFeed]:
    made = cluster.feed(KUSTOMIZATION, seconds=300)
    yield made
    made.close()


@pytest.fixture
def pages(kube: EmbeddedKubernetes) -> EmbeddedKubernetes:
    """The server cannot stream."""
    kube.faults.streaming_list = "refused"
    return kube


def names(objects: Iterator[dict[str, Any]]) -> list[str]:
    return [item["metadata"]["name"] for item in objects]


def calls(kube: EmbeddedKubernetes) -> list[str]:
    """``stream``, ``watch`` or ``page`` for each call to the collection."""
    found = [request for request in kube.requests if request.path.endswith("/kustomizations")]
    return [what(request) for request in found]


def what(request: Request) -> str:
    if "sendInitialEvents" in request.query:
        return "stream"
    if "watch" in request.query:
        return "watch"
    return "page" if request.path.endswith("/kustomizations") else "other"


def on(wanted: str, fault: Fault) -> Callable[[Request], Fault | None]:
    return lambda request: fault if what(request) == wanted else None


def event(kind: str, item: dict[str, Any], version: int) -> dict[str, Any]:
    metadata = item["metadata"] | {"resourceVersion": str(version)}
    return {"type": kind, "object": item | {"metadata": metadata}}


def lines(*events: dict[str, Any]) -> Fault:
    """A 200 with these events, and then its end."""
    return garbled(b"".join(orjson.dumps(line) + b"\n" for line in events))


def error(code: int) -> dict[str, Any]:
    return {"type": "ERROR", "object": {"kind": "Status", "code": code, "message": "too old"}}


# -- one request for both parts


def test_a_feed_of_a_live_cluster_is_a_feed(cluster: LiveCluster, feed: LiveFeed) -> None:
    followed: Followed = cluster
    seen: Feed = feed
    assert isinstance(followed, Followed) and seen is feed


def test_changes_come_over_the_stream_that_brought_the_initial_objects(
    kube: EmbeddedKubernetes, feed: LiveFeed, make: Make
) -> None:
    kube.apply_all(make(name) for name in "ab")
    assert names(feed.initial()) == ["a", "b"]
    kube.apply(make("c"))
    assert names(islice(feed.changes(), 1)) == ["c"]
    assert calls(kube) == ["stream"]


def test_what_is_added_changed_and_deleted_comes_as_it_is_then(
    kube: EmbeddedKubernetes, feed: LiveFeed, make: Make
) -> None:
    assert names(feed.initial()) == []
    kube.apply(make("a", status={"at": 1}))
    kube.apply(make("a", status={"at": 2}))
    kube.delete("Kustomization", "apps", "a")
    added, changed, deleted = islice(feed.changes(), 3)
    assert (added["status"], changed["status"]) == ({"at": 1}, {"at": 2})
    assert deleted["status"] == {"at": 2}
    marked = ["deletionTimestamp" in item["metadata"] for item in (added, changed, deleted)]
    assert marked == [False, False, True]


def test_the_server_is_told_when_to_end_it(kube: EmbeddedKubernetes, feed: LiveFeed) -> None:
    list(feed.initial())
    assert kube.requests[-1].query["timeoutSeconds"] == "300"


@pytest.mark.parametrize(("seconds", "told"), [(0, "1"), (1.2, "2"), (math.inf, "3600")])
def test_a_time_is_whole_seconds_up_to_an_hour(
    seconds: float, told: str, kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    feed = cluster.feed(KUSTOMIZATION, seconds=seconds)
    list(feed.initial())
    feed.close()
    assert kube.requests[-1].query["timeoutSeconds"] == told


def test_it_ends_when_the_server_ends_it(cluster: LiveCluster) -> None:
    feed = cluster.feed(KUSTOMIZATION, seconds=1)
    assert (names(feed.initial()), names(feed.changes())) == ([], [])


def test_it_may_be_silent_for_longer_than_a_listing(
    kube: EmbeddedKubernetes, cluster: LiveCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "QUIET", 0.2)
    monkeypatch.setattr(connection_module, "READ", 0.2)
    feed = cluster.feed(KUSTOMIZATION, seconds=1)
    assert (names(feed.initial()), names(feed.changes())) == ([], [])
    assert calls(kube) == ["stream"]


def test_bookmarks_are_no_changes(kube: EmbeddedKubernetes, feed: LiveFeed, make: Make) -> None:
    other = {"type": "BOOKMARK", "object": make("mark")}
    kube.faults.fail = on("stream", lines(BOOKMARK, other, event("ADDED", make("a"), 78)))
    assert (names(feed.initial()), names(feed.changes())) == ([], ["a"])


def test_what_is_no_object_is_a_problem_and_the_others_go_on(
    kube: EmbeddedKubernetes, cluster: LiveCluster, feed: LiveFeed, make: Make
) -> None:
    nothing = {"type": "ADDED", "object": {"metadata": {}}}
    kube.faults.fail = on("stream", lines(BOOKMARK, nothing, event("ADDED", make("a"), 78)))
    assert (names(feed.initial()), names(feed.changes())) == ([], ["a"])
    assert len(cluster.problems) == 1


def test_another_thread_may_read_the_changes(
    kube: EmbeddedKubernetes, feed: LiveFeed, make: Make
) -> None:
    with ThreadPoolExecutor(1) as other:
        other.submit(lambda: names(feed.initial())).result()
    kube.apply(make("a"))
    assert names(islice(feed.changes(), 1)) == ["a"]


def test_changes_before_the_end_of_the_initial_objects_are_a_mistake(
    kube: EmbeddedKubernetes, feed: LiveFeed, make: Make
) -> None:
    kube.apply_all(make(name) for name in "ab")
    next(feed.initial())
    with pytest.raises(RuntimeError, match="not read to their end"):
        next(feed.changes())


# -- what changed before the initial objects were through


def test_what_changed_among_the_initial_objects_comes_again_as_it_was_last(
    kube: EmbeddedKubernetes, feed: LiveFeed, make: Make
) -> None:
    states = [event("MODIFIED", make("a", status={"at": at}), at) for at in (2, 3)]
    kube.faults.fail = on("stream", lines(event("ADDED", make("a"), 1), *states, BOOKMARK))
    assert [item.get("status") for item in feed.initial()] == [None]
    assert [item["status"] for item in feed.changes()] == [{"at": 3}]


def test_what_went_among_the_initial_objects_is_going_in_the_changes(
    kube: EmbeddedKubernetes, feed: LiveFeed, make: Make
) -> None:
    went = [event("ADDED", make("a"), 1), event("DELETED", make("a"), 2)]
    kube.faults.fail = on("stream", lines(*went, BOOKMARK))
    assert ["deletionTimestamp" in item["metadata"] for item in feed.initial()] == [False]
    assert ["deletionTimestamp" in item["metadata"] for item in feed.changes()] == [True]


def test_one_that_was_made_anew_comes_after_the_end_of_the_old_one(
    kube: EmbeddedKubernetes, feed: LiveFeed, make: Make
) -> None:
    old, new = make("a"), make("a")
    new["metadata"]["uid"] = "new"
    story = [event("ADDED", old, 1), event("DELETED", old, 2), event("ADDED", new, 3)]
    kube.faults.fail = on("stream", lines(*story, BOOKMARK))
    assert names(feed.initial()) == ["a"]
    found = [(item["metadata"]["uid"], item["metadata"]) for item in feed.changes()]
    assert [(uid, "deletionTimestamp" in metadata) for uid, metadata in found] == [
        ("uid-of-apps-a", True),
        ("new", False),
    ]


def test_what_changed_early_comes_before_what_changes_late(
    kube: EmbeddedKubernetes, feed: LiveFeed, make: Make
) -> None:
    first, then, last = (
        event(kind, make("a", status={"at": at}), at)
        for at, kind in enumerate(("ADDED", "MODIFIED", "MODIFIED"), 1)
    )
    kube.faults.fail = on("stream", lines(first, then, BOOKMARK, last))
    list(feed.initial())
    assert [item["status"]["at"] for item in feed.changes()] == [2, 3]


def test_when_more_changed_than_can_be_kept_there_are_no_changes(
    kube: EmbeddedKubernetes, feed: LiveFeed, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HELD", 400)
    big = make("a", status={"message": "x" * 500})
    story = [event("ADDED", make("a"), 1), event("MODIFIED", big, 2)]
    late = [event("MODIFIED", make("a"), at) for at in (3, 4)]
    kube.faults.fail = on("stream", lines(*story, late[0], BOOKMARK, late[1]))
    assert (names(feed.initial()), names(feed.changes())) == (["a"], [])


def test_only_the_last_state_counts_for_what_can_be_kept(
    kube: EmbeddedKubernetes, feed: LiveFeed, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HELD", 600)
    states = [event("MODIFIED", make("a", status={"at": at}), at) for at in range(2, 40)]
    kube.faults.fail = on("stream", lines(event("ADDED", make("a"), 1), *states, BOOKMARK))
    list(feed.initial())
    assert [item["status"]["at"] for item in feed.changes()] == [39]


def test_an_object_nested_as_deep_as_json_may_be_is_kept(
    kube: EmbeddedKubernetes, feed: LiveFeed, make: Make
) -> None:
    def deep(at: int) -> bytes:
        nested = b'{"a":' * 900 + b"1" + b"}" * 900
        raw = orjson.dumps(event("MODIFIED", make("a", status="DEEP"), at))
        return raw.replace(b'"DEEP"', nested) + b"\n"

    body = deep(1) + deep(2) + orjson.dumps(BOOKMARK) + b"\n"
    kube.faults.fail = on("stream", garbled(body))
    assert (names(feed.initial()), names(feed.changes())) == (["a"], ["a"])


# -- servers that do not stream


@pytest.mark.parametrize("how", ["refused", "error", "ignored"])
def test_without_streams_a_watch_goes_on_where_the_pages_end(
    how: Any,
    kube: EmbeddedKubernetes,
    feed: LiveFeed,
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listing, "QUIET", 0.2)
    kube.faults.streaming_list = how
    kube.apply_all(make(name) for name in "ab")
    assert sorted(names(feed.initial())) == ["a", "b"]
    version = str(kube.store.version)
    kube.apply(make("a", status={"new": True}))
    kube.delete("Kustomization", "apps", "b")
    assert names(islice(feed.changes(), 2)) == ["a", "b"]
    assert calls(kube) == ["stream", "page", "watch"]
    assert kube.requests[-1].query["resourceVersion"] == version


def test_a_watch_asks_for_bookmarks_and_for_what_is_left_of_the_time(
    pages: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    feed = cluster.feed(KUSTOMIZATION, seconds=300)
    list(feed.initial())
    feed._watched = Deadline(100 + module.SLACK, lambda: 0.0)
    pages.apply(make("a"))
    list(islice(feed.changes(), 1))
    query = pages.requests[-1].query
    assert (query["timeoutSeconds"], query["allowWatchBookmarks"]) == ("100", "true")


def test_a_stream_that_broke_off_goes_on_as_pages_and_a_watch(
    kube: EmbeddedKubernetes, feed: LiveFeed, make: Make
) -> None:
    kube.faults.fail = on("stream", Fault(cut=2))
    kube.apply_all(make(name) for name in "abcd")
    initial = feed.initial()
    assert next(initial)["metadata"]["name"] == "a"
    kube.apply(make("a", status={"new": True}))
    assert sorted(names(initial)) == ["b", "c", "d"]
    kube.apply(make("e"))
    assert names(islice(feed.changes(), 2)) == ["a", "e"]
    assert calls(kube) == ["stream", "page", "watch"]


def test_when_nobody_can_say_what_went_there_are_no_changes(
    kube: EmbeddedKubernetes, feed: LiveFeed, make: Make
) -> None:
    kube.faults.fail = on("stream", Fault(cut=2))
    kube.apply_all(make(name) for name in "abcd")
    initial = feed.initial()
    kube.delete("Kustomization", "apps", next(initial)["metadata"]["name"])
    assert names(initial) == ["b", "c", "d"]
    assert names(feed.changes()) == []
    assert calls(kube) == ["stream", "page"]


def test_what_was_told_to_be_gone_before_a_cut_is_not_missed(
    kube: EmbeddedKubernetes, feed: LiveFeed, make: Make
) -> None:
    kube.apply(make("b"))
    story = [event("ADDED", make("a"), 1), event("DELETED", make("a"), 2)]
    kube.faults.fail = on("stream", lines(*story, {"type": "ERROR"}))
    assert names(feed.initial()) == ["a", "b"]
    kube.apply(make("c"))
    assert names(islice(feed.changes(), 2)) == ["a", "c"]


def test_who_may_list_but_not_watch_is_told_so_in_the_changes(connect: Connect, make: Make) -> None:
    def lister(user: str, verb: str, resource: str, namespace: str) -> bool:
        return verb != "watch"

    with EmbeddedKubernetes(token="t", authorize=lister) as kube:
        kube.apply(make("a"))
        feed = connect(kube).feed(KUSTOMIZATION, seconds=300)
        assert names(feed.initial()) == ["a"]
        with pytest.raises(Forbidden, match=r"--verb=get,list,watch"):
            next(feed.changes())


# -- how it ends


def test_an_expired_stream_ends_well(kube: EmbeddedKubernetes, feed: LiveFeed, make: Make) -> None:
    kube.faults.fail = on("stream", lines(BOOKMARK, event("ADDED", make("a"), 78), error(410)))
    assert (names(feed.initial()), names(feed.changes())) == ([], ["a"])


def test_a_watch_whose_place_has_expired_ends_well(
    pages: EmbeddedKubernetes, feed: LiveFeed, make: Make
) -> None:
    list(feed.initial())
    pages.apply(make("a"))
    pages.compact()
    assert names(feed.changes()) == []


def test_an_answer_410_to_a_watch_ends_it_well(pages: EmbeddedKubernetes, feed: LiveFeed) -> None:
    list(feed.initial())
    pages.faults.fail = on("watch", failing(410, "Expired"))
    assert names(feed.changes()) == []


@pytest.mark.parametrize("code", [400, 500, 503])
def test_any_other_refusal_is_an_error(
    code: int, pages: EmbeddedKubernetes, feed: LiveFeed
) -> None:
    list(feed.initial())
    pages.faults.fail = on("watch", failing(code, message="no leader"))
    with pytest.raises(Rejected, match=f"answered {code}: no leader"):
        next(feed.changes())


def test_any_other_error_event_is_an_error(kube: EmbeddedKubernetes, feed: LiveFeed) -> None:
    kube.faults.fail = on("stream", lines(BOOKMARK, error(500)))
    list(feed.initial())
    with pytest.raises(Rejected, match="broke off the stream: too old"):
        next(feed.changes())


def test_a_kind_that_is_gone_by_then_is_told_so(pages: EmbeddedKubernetes, feed: LiveFeed) -> None:
    list(feed.initial())
    pages.faults.fail = on("watch", failing(404))
    with pytest.raises(NotInstalled):
        next(feed.changes())


@pytest.mark.parametrize("politely", [False, True])
def test_a_cut_is_an_error_after_what_came_whole(
    politely: bool, kube: EmbeddedKubernetes, feed: LiveFeed, make: Make
) -> None:
    kube.faults.fail = on("stream", Fault(cut=2, cut_politely=politely))
    assert names(feed.initial()) == []
    kube.apply(make("a"))
    changes = feed.changes()
    assert next(changes)["metadata"]["name"] == "a"
    kube.apply(make("b"))
    with pytest.raises(Unanswered, match="broke off its answer"):
        next(changes)


def test_a_server_that_goes_away_is_an_error(connect: Connect) -> None:
    with EmbeddedKubernetes(token="t") as kube:
        feed = connect(kube).feed(KUSTOMIZATION, seconds=300)
        list(feed.initial())
    with pytest.raises(Unanswered):
        next(feed.changes())


def test_a_server_that_forgets_to_end_it_is_dead(kube: EmbeddedKubernetes, feed: LiveFeed) -> None:
    list(feed.initial())
    feed._watched = Deadline(0.2, lambda: 0.0)
    with pytest.raises(Silent, match="does not answer in time"):
        next(feed.changes())


def test_nothing_is_read_when_its_time_is_long_over(
    kube: EmbeddedKubernetes, feed: LiveFeed, make: Make
) -> None:
    list(feed.initial())
    kube.apply(make("a"))
    feed._watched = Deadline(0)
    assert names(feed.changes()) == []


def test_a_server_that_never_answers_a_watch_is_not_waited_for_as_long_as_for_an_event(
    pages: EmbeddedKubernetes, feed: LiveFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(feed.initial())
    monkeypatch.setattr(connection_module, "READ", 0.2)
    pages.faults.fail = on("watch", Fault(hang=math.inf))
    with pytest.raises(Silent):
        next(feed.changes())


# -- the time for reading the cluster


def test_the_deadline_bounds_the_initial_objects(
    kube: EmbeddedKubernetes, connect: Connect
) -> None:
    kube.faults.fail = on("stream", Fault(hang=math.inf))
    feed = connect(kube, deadline=Deadline(0.3)).feed(KUSTOMIZATION, seconds=300)
    with pytest.raises(TimedOut):
        list(feed.initial())


@pytest.mark.parametrize("how", ["served", "refused"])
def test_changes_go_on_when_the_deadline_is_over(
    how: Any, kube: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    kube.faults.streaming_list = how
    ticks = [0.0]
    cluster.connection.deadline = Deadline(5, lambda: ticks[0])
    feed = cluster.feed(KUSTOMIZATION, seconds=300)
    list(feed.initial())
    ticks[0] = 6.0
    kube.apply(make("a"))
    assert names(islice(feed.changes(), 1)) == ["a"]


# -- closing


@pytest.mark.parametrize("how", ["served", "refused"])
def test_closing_it_ends_a_read_that_waits(
    how: Any, kube: EmbeddedKubernetes, feed: LiveFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    kube.faults.streaming_list = how
    list(feed.initial())
    with Follower(feed, monkeypatch) as follower:
        assert follower.waits.wait(60)
        feed.close()
        follower.ended()
    assert (follower.found, follower.error) == ([], None)


def test_closing_it_ends_a_watch_that_is_not_answered_yet(
    pages: EmbeddedKubernetes, feed: LiveFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(feed.initial())
    asked = threading.Event()

    def fail(request: Request) -> Fault:
        asked.set()
        return Fault(hang=math.inf)

    pages.faults.fail = fail
    monkeypatch.setattr(connection_module, "READ", 300.0)
    with Follower(feed, monkeypatch) as follower:
        assert asked.wait(60)
        feed.close()
        follower.ended()
    assert (follower.found, follower.error) == ([], None)


def test_a_feed_that_is_closed_has_no_changes(
    kube: EmbeddedKubernetes, feed: LiveFeed, make: Make
) -> None:
    list(feed.initial())
    kube.apply(make("a"))
    feed.close()
    feed.close()
    assert names(feed.changes()) == []


def test_a_feed_that_is_closed_tells_nothing_of_what_it_kept(
    kube: EmbeddedKubernetes, feed: LiveFeed, make: Make
) -> None:
    story = [event("ADDED", make(name), 1) for name in "ab"]
    story += [event("MODIFIED", make(name), 2) for name in "ab"]
    kube.faults.fail = on("stream", lines(*story, BOOKMARK))
    list(feed.initial())
    changes = feed.changes()
    next(changes)
    feed.close()
    assert names(changes) == []


@pytest.mark.parametrize("how", ["served", "refused"])
def test_initial_objects_that_were_cut_short_do_not_pass_for_all(
    how: Any,
    kube: EmbeddedKubernetes,
    feed: LiveFeed,
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listing, "PAGE", 1)
    kube.faults.streaming_list = how
    kube.apply_all(make(name) for name in "abc")
    initial = feed.initial()
    next(initial)
    feed.close()
    with pytest.raises(ClusterError, match="the reading was stopped"):
        list(initial)


def test_a_feed_that_was_closed_does_not_spoil_the_next_one(
    kube: EmbeddedKubernetes, cluster: LiveCluster, feed: LiveFeed, make: Make
) -> None:
    kube.apply_all(make(name) for name in "ab")
    initial = feed.initial()
    next(initial)
    feed.close()
    with pytest.raises(ClusterError):
        list(initial)
    kube.requests.clear()
    assert names(cluster.list(KUSTOMIZATION)) == ["a", "b"]
    assert calls(kube) == ["stream"]


def test_closing_it_before_it_began_asks_nothing(kube: EmbeddedKubernetes, feed: LiveFeed) -> None:
    feed.close()
    with pytest.raises(ClusterError, match="the reading was stopped"):
        list(feed.initial())
    assert calls(kube) == []


def test_a_feed_that_was_closed_too_early_has_no_changes_either(feed: LiveFeed) -> None:
    feed.close()
    assert names(feed.changes()) == []


def test_changes_that_nobody_wants_any_more_free_their_socket(
    kube: EmbeddedKubernetes, feed: LiveFeed, make: Make
) -> None:
    list(feed.initial())
    kube.apply_all(make(name) for name in "ab")
    changes = feed.changes()
    next(changes)
    changes.close()  # type: ignore[attr-defined]
    assert feed._collection._stream is not None
    assert list(feed._collection._stream) == []


def test_initial_objects_that_nobody_wants_any_more_free_their_socket(
    kube: EmbeddedKubernetes, feed: LiveFeed, make: Make
) -> None:
    kube.apply_all(make(name) for name in "ab")
    initial = feed.initial()
    next(initial)
    initial.close()  # type: ignore[attr-defined]
    assert feed._collection._stream is not None
    assert list(feed._collection._stream) == []


# -- namespaces


def test_there_is_a_feed_for_each_namespace(
    kube: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    kube.apply_all(make("app", namespace) for namespace in "abc")
    found = []
    for feed in cluster.feeds(KUSTOMIZATION, ("a", "b", "a"), seconds=300):
        found += [item["metadata"]["namespace"] for item in feed.initial()]
        feed.close()
    assert found == ["a", "b"]


def test_there_is_one_feed_of_the_whole_cluster(
    kube: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    kube.apply_all(make("app", namespace) for namespace in "ab")
    (feed,) = cluster.feeds(KUSTOMIZATION, seconds=300)
    assert len(list(feed.initial())) == 2
    feed.close()


def test_a_namespace_that_none_can_be_called_is_a_sentence(cluster: LiveCluster) -> None:
    with pytest.raises(UsageError, match="no namespace can be called"):
        cluster.feeds(KUSTOMIZATION, ("../x",))


def test_a_group_that_is_not_there_is_told_so(connect: Connect) -> None:
    with EmbeddedKubernetes(versions={"Kustomization": ()}) as kube:
        with pytest.raises(NotInstalled):
            connect(kube).feeds(KUSTOMIZATION)
