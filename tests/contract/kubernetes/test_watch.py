from __future__ import annotations

from contextlib import closing
from itertools import islice

from tests.contract.kubernetes.conftest import Server
from tests.support.kube import (
    Client,
    Object,
    config_map,
    core,
    kustomization,
    kustomizations,
    version,
)


def watched(admin: Client, path: str, count: int, **query: str) -> list[Object]:
    with closing(admin.events(path, **query)) as events:
        return list(islice(events, count))


def seen(events: list[Object]) -> list[tuple[str, str]]:
    return [(event["type"], event["object"]["metadata"]["name"]) for event in events]


def now(admin: Client, path: str) -> str:
    return str(version(admin.get(path).ok()))


def test_it_goes_on_from_the_version_of_a_list(admin: Client, namespace: str) -> None:
    path = kustomizations(namespace)
    admin.post(path, kustomization(namespace, "before")).ok()
    since = now(admin, path)
    admin.post(path, kustomization(namespace, "app")).ok()
    admin.patch(f"{path}/app", {"spec": {"path": "./b"}}).ok()
    admin.delete(f"{path}/app").ok()
    events = watched(admin, path, 3, resourceVersion=since)
    assert seen(events) == [("ADDED", "app"), ("MODIFIED", "app"), ("DELETED", "app")]


def test_it_shows_what_happens_while_it_lasts(admin: Client, namespace: str) -> None:
    path = kustomizations(namespace)
    with closing(admin.events(path, resourceVersion=now(admin, path))) as events:
        admin.post(path, kustomization(namespace, "one")).ok()
        first = next(events)
        admin.post(path, kustomization(namespace, "two")).ok()
        assert seen([first, next(events)]) == [("ADDED", "one"), ("ADDED", "two")]


def test_events_hold_whole_objects(admin: Client, namespace: str) -> None:
    path = kustomizations(namespace)
    since = now(admin, path)
    made = admin.post(path, kustomization(namespace, "app")).ok()
    assert watched(admin, path, 1, resourceVersion=since)[0]["object"] == made


def test_core_objects_in_events_name_their_kind(admin: Client, namespace: str) -> None:
    path = core("configmaps", namespace)
    since = now(admin, path)
    admin.post(path, config_map(namespace, "state")).ok()
    shown = watched(admin, path, 1, resourceVersion=since)[0]["object"]
    assert (shown["apiVersion"], shown["kind"]) == ("v1", "ConfigMap")


def test_a_deleted_object_is_shown_as_it_was_with_a_newer_version(
    admin: Client, namespace: str
) -> None:
    path = kustomizations(namespace)
    made = admin.post(path, kustomization(namespace, "app")).ok()
    since = now(admin, path)
    admin.delete(f"{path}/app").ok()
    gone = watched(admin, path, 1, resourceVersion=since)[0]["object"]
    assert gone["spec"] == made["spec"] and version(gone) > version(made)


def test_no_version_starts_with_all_there_is(admin: Client, namespace: str) -> None:
    path = kustomizations(namespace)
    for name in ("one", "two"):
        admin.post(path, kustomization(namespace, name)).ok()
    assert seen(watched(admin, path, 2)) == [("ADDED", "one"), ("ADDED", "two")]


def test_other_namespaces_are_not_shown(server: Server, admin: Client, namespace: str) -> None:
    path, other = kustomizations(namespace), server.namespace()
    since = now(admin, path)
    admin.post(kustomizations(other), kustomization(other, "theirs")).ok()
    admin.post(path, kustomization(namespace, "ours")).ok()
    assert seen(watched(admin, path, 1, resourceVersion=since)) == [("ADDED", "ours")]


def test_what_a_selector_no_longer_takes_is_deleted(admin: Client, namespace: str) -> None:
    path = kustomizations(namespace)
    admin.post(path, kustomization(namespace, "app", team="x")).ok()
    since = now(admin, path)
    admin.patch(f"{path}/app", {"metadata": {"labels": {"team": "y"}}}).ok()
    events = watched(admin, path, 1, resourceVersion=since, labelSelector="team=x")
    assert seen(events) == [("DELETED", "app")]


def test_what_a_selector_takes_from_now_on_is_added(admin: Client, namespace: str) -> None:
    path = kustomizations(namespace)
    admin.post(path, kustomization(namespace, "app", team="x")).ok()
    since = now(admin, path)
    admin.patch(f"{path}/app", {"metadata": {"labels": {"team": "y"}}}).ok()
    events = watched(admin, path, 1, resourceVersion=since, labelSelector="team=y")
    assert seen(events) == [("ADDED", "app")]


def test_a_field_selector_watches_one_object(admin: Client, namespace: str) -> None:
    path = kustomizations(namespace)
    since = now(admin, path)
    for name in ("other", "app"):
        admin.post(path, kustomization(namespace, name)).ok()
    events = watched(admin, path, 1, resourceVersion=since, fieldSelector="metadata.name=app")
    assert seen(events) == [("ADDED", "app")]


def test_a_version_that_is_too_old_is_an_error_event_inside_a_200(
    admin: Client, namespace: str
) -> None:
    events = watched(admin, kustomizations(namespace), 2, resourceVersion="1")
    found = [(e["type"], e["object"]["code"], e["object"]["reason"]) for e in events]
    assert found == [("ERROR", 410, "Expired")]


def test_it_ends_when_its_time_is_up(admin: Client, namespace: str) -> None:
    path = kustomizations(namespace)
    query = {"resourceVersion": now(admin, path), "timeoutSeconds": "1"}
    assert list(admin.events(path, **query)) == []


def test_a_bookmark_tells_of_changes_elsewhere_before_the_end(
    server: Server, admin: Client, namespace: str
) -> None:
    path, other = kustomizations(namespace), server.namespace()
    query = {"resourceVersion": now(admin, path), "allowWatchBookmarks": "true"}
    with closing(admin.events(path, timeoutSeconds="10", **query)) as events:
        admin.post(path, kustomization(namespace, "ours")).ok()
        next(events)
        made = admin.post(kustomizations(other), kustomization(other, "theirs")).ok()
        marks = list(events)
    assert {mark["type"] for mark in marks} == {"BOOKMARK"}
    # Not the very version: etcd tells of its progress, and that counts every kind of object.
    assert int(version(marks[-1]["object"])) >= int(version(made))
    assert set(marks[-1]["object"]) == {"apiVersion", "kind", "metadata"}


def test_the_stream_is_json_in_chunks(admin: Client, namespace: str) -> None:
    answer = admin.get(kustomizations(namespace), watch="1", timeoutSeconds="1")
    assert (answer.headers["Content-Type"], answer.headers.get("Transfer-Encoding")) == (
        "application/json",
        "chunked",
    )
