"""What follows a listing, read by the product itself."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from statusbot.cluster.connection import Connection
from statusbot.cluster.errors import Forbidden, Unanswered
from statusbot.cluster.feed import LiveFeed
from statusbot.cluster.kinds import KUSTOMIZATION
from statusbot.cluster.live import LiveCluster
from tests.cluster.following import Follower
from tests.contract.kubernetes.conftest import Server, refused
from tests.support.kube import Client, kustomization, kustomizations

Open = Callable[..., LiveCluster]


@pytest.fixture
def open_(server: Server, tmp_path: Path) -> Iterator[Open]:
    """A reader of the cluster, by default as admin."""
    opened: list[Connection] = []

    def open_(user: str = "admin") -> LiveCluster:
        path = server.kubeconfig(tmp_path / user, user=user)
        opened.append(Connection.open(str(path)))
        return LiveCluster(opened[-1])

    yield open_
    for connection in opened:
        connection.close()


@pytest.fixture
def cluster(open_: Open) -> LiveCluster:
    return open_()


@pytest.fixture(params=["streamed", "paged"])
def either(request: pytest.FixtureRequest, cluster: LiveCluster) -> LiveCluster:
    """Read by streaming lists, and as from a server that has none."""
    cluster._ability.streams = request.param == "streamed"
    return cluster


@pytest.fixture
def feed(either: LiveCluster, namespace: str) -> Iterator[LiveFeed]:
    made = either.feed(KUSTOMIZATION, namespace, seconds=300)
    yield made
    made.close()


def names(objects: Iterator[dict[str, Any]]) -> list[str]:
    return sorted(item["metadata"]["name"] for item in objects)


def cut(feed: LiveFeed) -> None:
    """As a network does it: the server says nothing about it."""
    stream = feed._collection._stream
    assert stream is not None and stream._grip._held is not None
    stream._grip._held.shutdown(socket.SHUT_RDWR)


def heavy(namespace: str, name: str) -> dict[str, Any]:
    """Sixteen of these are more than the buffers between a server and its client hold."""
    made = kustomization(namespace, name)
    made["spec"]["patches"] = [{"patch": "x" * 1_200_000}]
    return made


def test_it_begins_with_what_the_list_holds(admin: Client, namespace: str, feed: LiveFeed) -> None:
    path = kustomizations(namespace)
    for name in "ab":
        admin.post(path, kustomization(namespace, name)).ok()
    listed = {item["metadata"]["name"]: item for item in admin.get(path).ok()["items"]}
    assert {item["metadata"]["name"]: item for item in feed.initial()} == listed


def test_it_streams_without_being_told(admin: Client, namespace: str, cluster: LiveCluster) -> None:
    admin.post(kustomizations(namespace), kustomization(namespace, "a")).ok()
    feed = cluster.feed(KUSTOMIZATION, namespace, seconds=300)
    assert names(feed.initial()) == ["a"]
    feed.close()
    assert cluster._ability.streams


def test_changes_follow_as_they_are_then(admin: Client, namespace: str, feed: LiveFeed) -> None:
    path = kustomizations(namespace)
    admin.post(path, kustomization(namespace, "a")).ok()
    assert names(feed.initial()) == ["a"]
    changed = admin.patch(f"{path}/a", {"spec": {"path": "./b"}}).ok()
    added = admin.post(path, kustomization(namespace, "b")).ok()
    assert list(islice(feed.changes(), 2)) == [changed, added]


def test_a_deleted_object_follows_as_it_was_and_is_going(
    admin: Client, namespace: str, feed: LiveFeed
) -> None:
    path = kustomizations(namespace)
    made = admin.post(path, kustomization(namespace, "a")).ok()
    assert names(feed.initial()) == ["a"]
    admin.delete(f"{path}/a").ok()
    gone = next(feed.changes())
    assert (gone["spec"], gone["metadata"]["uid"]) == (made["spec"], made["metadata"]["uid"])
    assert gone["metadata"]["deletionTimestamp"].endswith("Z")


def test_changes_show_while_they_are_waited_for(
    admin: Client, namespace: str, feed: LiveFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = kustomizations(namespace)
    assert names(feed.initial()) == []
    changes = feed.changes()
    for name in "ab":
        admin.post(path, kustomization(namespace, name)).ok()
        assert next(changes)["metadata"]["name"] == name


def test_other_namespaces_do_not_follow(
    server: Server, admin: Client, namespace: str, feed: LiveFeed
) -> None:
    other = server.namespace()
    assert names(feed.initial()) == []
    admin.post(kustomizations(other), kustomization(other, "theirs")).ok()
    admin.post(kustomizations(namespace), kustomization(namespace, "ours")).ok()
    assert names(islice(feed.changes(), 1)) == ["ours"]


def test_a_server_ends_it_well_after_its_seconds(either: LiveCluster, namespace: str) -> None:
    feed = either.feed(KUSTOMIZATION, namespace, seconds=1)
    assert (names(feed.initial()), names(feed.changes())) == ([], [])


def test_bookmarks_are_no_changes(
    server: Server, admin: Client, either: LiveCluster, namespace: str
) -> None:
    # The last bookmark comes two seconds before the end, when anything happened.
    feed, other = either.feed(KUSTOMIZATION, namespace, seconds=4), server.namespace()
    assert names(feed.initial()) == []
    admin.post(kustomizations(other), kustomization(other, "theirs")).ok()
    assert names(feed.changes()) == []


def test_closing_it_ends_a_read_that_waits(feed: LiveFeed, monkeypatch: pytest.MonkeyPatch) -> None:
    assert names(feed.initial()) == []
    with Follower(feed, monkeypatch) as follower:
        assert follower.waits.wait(60)
        feed.close()
        follower.ended()
    assert (follower.found, follower.error) == ([], None)


def test_a_way_that_is_cut_is_an_error(
    feed: LiveFeed, admin: Client, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = kustomizations(namespace)
    assert names(feed.initial()) == []
    changes = feed.changes()
    admin.post(path, kustomization(namespace, "a")).ok()
    assert names(islice(changes, 1)) == ["a"]
    cut(feed)
    with pytest.raises(Unanswered, match="broke off its answer"):
        next(changes)


def test_initial_objects_after_a_cut_are_all_and_changes_follow(
    cluster: LiveCluster, admin: Client, namespace: str
) -> None:
    path = kustomizations(namespace)
    for number in range(16):
        admin.post(path, heavy(namespace, f"a{number:02}")).ok()
    feed = cluster.feed(KUSTOMIZATION, namespace, seconds=300)
    initial = feed.initial()
    first = next(initial)["metadata"]["name"]
    admin.patch(f"{path}/{first}", {"spec": {"path": "./b"}}).ok()
    cut(feed)
    assert sorted([first, *names(initial)]) == [f"a{number:02}" for number in range(16)]
    admin.post(path, kustomization(namespace, "b")).ok()
    assert names(islice(feed.changes(), 2)) == sorted([first, "b"])


def test_a_place_that_has_expired_ends_it_well(
    server: Server, admin: Client, cluster: LiveCluster, namespace: str
) -> None:
    cluster._ability.streams = False
    path = kustomizations(namespace)
    feed = cluster.feed(KUSTOMIZATION, namespace, seconds=300)
    assert names(feed.initial()) == []
    # A real server still knows what is younger; what is older than it is, it never knew.
    feed._listing.resource_version = "1"
    admin.post(path, kustomization(namespace, "a")).ok()
    refused(server, path, resourceVersion="1", resourceVersionMatch="Exact")
    assert names(feed.changes()) == []


def test_who_may_list_but_not_watch_is_told_so_in_the_changes(
    server: Server, admin: Client, namespace: str, open_: Open
) -> None:
    admin.post(kustomizations(namespace), kustomization(namespace, "a")).ok()
    server.grant_list("alice", KUSTOMIZATION.group, KUSTOMIZATION.plural, namespace)
    feed = open_("alice").feed(KUSTOMIZATION, namespace, seconds=300)
    assert names(feed.initial()) == ["a"]
    with pytest.raises(Forbidden, match="cannot watch resource"):
        next(feed.changes())
