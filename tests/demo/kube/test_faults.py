from __future__ import annotations

import math
import socket
import threading
from urllib.parse import urlsplit

import pytest
import urllib3

from statusbot.demo.kube import EmbeddedKubernetes, Fault, Faults, failing, garbled
from statusbot.demo.kube.faults import StreamingList
from tests.support.kube import STREAMING_LIST, Client, kustomization, kustomizations, names

PATH = kustomizations()


@pytest.fixture(autouse=True)
def three(kube: EmbeddedKubernetes) -> None:
    kube.apply_all(kustomization("apps", name) for name in "abc")


@pytest.mark.parametrize("code", [401, 403, 404, 429, 500, 503])
def test_a_request_fails_with_a_status(kube: EmbeddedKubernetes, client: Client, code: int) -> None:
    kube.faults.fail = lambda request: failing(code, "Reason", "words")
    answer = client.get(PATH)
    assert (answer.status, answer.data["code"], answer.data["message"]) == (code, code, "words")


def test_a_failure_has_the_headers_that_it_is_given(
    kube: EmbeddedKubernetes, client: Client
) -> None:
    kube.faults.fail = lambda request: failing(429, headers={"Retry-After": "7"})
    assert client.get(PATH).headers["Retry-After"] == "7"


def test_only_the_first_requests_fail(kube: EmbeddedKubernetes, client: Client) -> None:
    kube.faults.fail = Faults.first(2, failing(500))
    assert [client.get(PATH).status for _ in range(3)] == [500, 500, 200]


def test_only_requests_for_the_path_fail(kube: EmbeddedKubernetes, client: Client) -> None:
    kube.faults.fail = Faults.first(1, failing(500), "kustomizations")
    assert [client.get("/version").status, client.get(PATH).status] == [200, 500]


def test_an_answer_may_be_anything(kube: EmbeddedKubernetes, client: Client) -> None:
    kube.faults.fail = lambda request: garbled(b"<html>", 502, "text/html")
    answer = client.get(PATH)
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (
        502,
        b"<html>",
        "text/html",
    )


def test_a_reset_answers_nothing(kube: EmbeddedKubernetes, client: Client) -> None:
    kube.faults.fail = lambda request: Fault(reset=True)
    with pytest.raises(urllib3.exceptions.ProtocolError, match="reset"):
        client.get(PATH)


def test_a_reset_writes_nothing(kube: EmbeddedKubernetes, client: Client) -> None:
    kube.faults.fail = lambda request: Fault(reset=True)
    with pytest.raises(urllib3.exceptions.ProtocolError):
        client.delete(kustomizations("apps", "a"))
    assert len(kube.objects("Kustomization")) == 3


def test_half_a_body_does_not_look_whole(kube: EmbeddedKubernetes, client: Client) -> None:
    kube.faults.fail = lambda request: Fault(cut=100, cut_politely=True)
    with pytest.raises(urllib3.exceptions.ProtocolError, match="100 bytes read"):
        client.get(PATH)


@pytest.mark.parametrize("politely", [True, False])
def test_a_stream_is_cut_within_an_event(
    kube: EmbeddedKubernetes, client: Client, politely: bool
) -> None:
    kube.faults.fail = lambda request: Fault(cut=2, cut_politely=politely)
    with pytest.raises(urllib3.exceptions.ProtocolError):
        list(client.events(PATH, **STREAMING_LIST))


def test_a_cut_stream_has_the_events_before_the_cut(
    kube: EmbeddedKubernetes, client: Client
) -> None:
    kube.faults.fail = lambda request: Fault(cut=2, cut_politely=True)
    found: list[str] = []
    with pytest.raises(urllib3.exceptions.ProtocolError):
        for event in client.events(PATH, **STREAMING_LIST):
            found.append(event["object"]["metadata"]["name"])  # noqa: PERF401
    assert found == ["a", "b"]


def test_closing_ends_what_hangs() -> None:
    before = threading.active_count()
    with EmbeddedKubernetes() as kube, socket.socket() as connection:
        asked = threading.Event()

        def fail(request: object) -> Fault:
            asked.set()
            return Fault(hang=math.inf)

        kube.faults.fail = fail
        connection.connect(("127.0.0.1", urlsplit(kube.url).port))
        connection.sendall(b"GET /version HTTP/1.1\r\nHost: x\r\n\r\n")
        assert asked.wait(30)
    assert threading.active_count() == before


def test_closing_ends_a_watch() -> None:
    with EmbeddedKubernetes() as kube, Client(kube.url) as other:
        kube.apply(kustomization("apps", "a"))
        events = other.events(PATH)
        next(events)
    with pytest.raises(urllib3.exceptions.ProtocolError):
        next(events)


def test_closing_ends_an_idle_connection() -> None:
    before = threading.active_count()
    kube = EmbeddedKubernetes()
    with Client(kube.url) as client:
        with kube:
            client.get("/version")
        assert threading.active_count() == before


@pytest.mark.parametrize(
    ("how", "events"),
    [
        ("served", ["ADDED", "ADDED", "ADDED", "BOOKMARK"]),
        ("ignored", ["ADDED", "ADDED", "ADDED"]),
        ("error", ["ERROR"]),
    ],
)
def test_old_servers_stream_no_lists(
    kube: EmbeddedKubernetes, client: Client, how: StreamingList, events: list[str]
) -> None:
    kube.faults.streaming_list = how
    found = client.events(PATH, **STREAMING_LIST, timeoutSeconds="1")
    assert [event["type"] for event in found] == events


def test_an_old_etcd_is_a_500_inside_a_200(kube: EmbeddedKubernetes, client: Client) -> None:
    kube.faults.streaming_list = "error"
    (event,) = client.events(PATH, **STREAMING_LIST)
    assert event["object"]["code"] == 500


def test_a_server_may_refuse_to_stream_lists(kube: EmbeddedKubernetes, client: Client) -> None:
    kube.faults.streaming_list = "refused"
    assert client.get(PATH, **STREAMING_LIST).status == 422


def test_a_watch_without_initial_events_is_no_streaming_list(
    kube: EmbeddedKubernetes, client: Client
) -> None:
    kube.faults.streaming_list = "refused"
    assert next(client.events(PATH))["type"] == "ADDED"


def test_requests_that_failed_are_logged_too(kube: EmbeddedKubernetes, client: Client) -> None:
    kube.faults.fail = lambda request: failing(500)
    client.get(PATH, limit="2")
    assert kube.requests == [("GET", PATH, {"limit": "2"})]


def test_a_list_may_expire_between_two_pages(kube: EmbeddedKubernetes, client: Client) -> None:
    first = client.get(PATH, limit="2").ok()
    kube.delete("Kustomization", "apps", "c")
    kube.compact()
    refused = client.get(PATH, limit="2", **{"continue": first["metadata"]["continue"]})
    assert (names(first), refused.status) == (["a", "b"], 410)


def test_bookmarks_come_as_often_as_told(kube: EmbeddedKubernetes, client: Client) -> None:
    kube.faults.bookmark_seconds = 0.01
    since = str(kube.store.version)
    kube.apply(kustomization("apps", "d"))
    events = client.events(PATH, resourceVersion=since, allowWatchBookmarks="true")
    assert [next(events)["type"] for _ in range(3)] == ["ADDED", "BOOKMARK", "BOOKMARK"]
    events.close()
