from __future__ import annotations

from contextlib import closing
from itertools import islice

import pytest

from tests.support.kube import (
    STREAMING_LIST,
    Client,
    Object,
    core,
    kustomization,
    kustomizations,
    secret,
    version,
)

END = {"k8s.io/initial-events-end": "true"}


@pytest.fixture
def two(admin: Client, namespace: str) -> str:
    """The path of two Kustomizations, a and b."""
    path = kustomizations(namespace)
    for name in "ba":
        admin.post(path, kustomization(namespace, name)).ok()
    return path


def streamed(admin: Client, path: str, count: int, **query: str) -> list[Object]:
    with closing(admin.events(path, **STREAMING_LIST, **query)) as events:
        return list(islice(events, count))


def test_it_is_all_there_is_and_a_bookmark(admin: Client, two: str) -> None:
    assert [event["type"] for event in streamed(admin, two, 3)] == ["ADDED", "ADDED", "BOOKMARK"]


def test_it_holds_what_the_list_holds(admin: Client, two: str) -> None:
    listed = {item["metadata"]["name"]: item for item in admin.get(two).ok()["items"]}
    events = streamed(admin, two, 2)
    assert {e["object"]["metadata"]["name"]: e["object"] for e in events} == listed


def test_its_end_is_an_annotation_of_the_bookmark(admin: Client, two: str) -> None:
    assert streamed(admin, two, 3)[2]["object"]["metadata"]["annotations"] == END


def test_its_end_is_as_new_as_its_objects(admin: Client, two: str) -> None:
    *added, end = (version(event["object"]) for event in streamed(admin, two, 3))
    assert end >= max(added)


def test_nothing_at_all_ends_too(admin: Client, namespace: str) -> None:
    (end,) = streamed(admin, kustomizations(namespace), 1)
    assert end["object"]["metadata"]["annotations"] == END


def test_core_resources_are_streamed_too(admin: Client, namespace: str) -> None:
    path = core("secrets", namespace)
    admin.post(path, secret(namespace, "token")).ok()
    kinds = [(event["type"], event["object"]["kind"]) for event in streamed(admin, path, 2)]
    assert kinds == [("ADDED", "Secret"), ("BOOKMARK", "Secret")]


def test_a_selector_holds_for_it(admin: Client, two: str, namespace: str) -> None:
    admin.post(two, kustomization(namespace, "c", team="x")).ok()
    events = streamed(admin, two, 2, labelSelector="team=x")
    assert [event["type"] for event in events] == ["ADDED", "BOOKMARK"]
    assert events[0]["object"]["metadata"]["name"] == "c"


def test_the_same_request_goes_on_as_a_watch(admin: Client, two: str, namespace: str) -> None:
    with closing(admin.events(two, **STREAMING_LIST)) as events:
        list(islice(events, 3))
        admin.post(two, kustomization(namespace, "c")).ok()
        event = next(events)
    assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "c")


def test_a_watch_goes_on_from_its_bookmark(admin: Client, two: str, namespace: str) -> None:
    end = str(version(streamed(admin, two, 3)[2]["object"]))
    admin.post(two, kustomization(namespace, "c")).ok()
    with closing(admin.events(two, resourceVersion=end)) as events:
        assert next(events)["object"]["metadata"]["name"] == "c"


def test_without_bookmarks_its_end_is_not_told(admin: Client, two: str) -> None:
    query = {**STREAMING_LIST, "allowWatchBookmarks": "false", "timeoutSeconds": "1"}
    assert [event["type"] for event in admin.events(two, **query)] == ["ADDED", "ADDED"]


def test_a_version_of_the_future_is_an_error_event(admin: Client, two: str) -> None:
    (event,) = streamed(admin, two, 2, resourceVersion="999999999")
    assert (event["type"], event["object"]["code"]) == ("ERROR", 504)


@pytest.mark.parametrize("missing", ["resourceVersionMatch", "sendInitialEvents"])
def test_half_of_its_parameters_is_422(admin: Client, two: str, missing: str) -> None:
    query = {name: value for name, value in STREAMING_LIST.items() if name != missing}
    answer = admin.get(two, **query)
    assert (answer.status, answer.data["reason"]) == (422, "Invalid")
