from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from statusbot.cluster import listing as module
from statusbot.cluster.clock import Deadline
from statusbot.cluster.errors import Forbidden, NotInstalled, TimedOut
from statusbot.cluster.kinds import KUSTOMIZATION
from statusbot.cluster.live import LiveCluster
from statusbot.demo.kube import EmbeddedKubernetes, Fault, Faults, Request, failing, garbled
from statusbot.errors import ClusterError, UsageError

Connect = Callable[..., LiveCluster]
Make = Callable[..., dict[str, Any]]
COUNT = 25


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 10)


@pytest.fixture
def filled(kube: EmbeddedKubernetes, make: Make) -> EmbeddedKubernetes:
    kube.apply_all(make(f"app-{number:02}") for number in range(COUNT))
    return kube


ALL = [f"app-{number:02}" for number in range(COUNT)]


def names(objects: Iterator[dict[str, Any]] | module.Listing) -> list[str]:
    return [item["metadata"]["name"] for item in objects]


def kinds_of_calls(kube: EmbeddedKubernetes) -> list[str]:
    """``stream`` or ``page`` for each call to the collection."""
    calls = [request for request in kube.requests if request.path.endswith("/kustomizations")]
    return ["stream" if "watch" in request.query else "page" for request in calls]


def is_stream(request: Request) -> bool:
    return "watch" in request.query


def lines(*events: Any) -> Fault:
    """A 200 with these events (or raw bytes), and then its end."""
    raw = [event if isinstance(event, bytes) else orjson.dumps(event) for event in events]
    return garbled(b"".join(line + b"\n" for line in raw))


def bookmark(version: str = "77", **annotations: str) -> dict[str, Any]:
    marks = annotations or {"k8s.io/initial-events-end": "true"}
    return {
        "type": "BOOKMARK",
        "object": {"metadata": {"resourceVersion": version, "annotations": marks}},
    }


# -- the stream


def test_one_stream_brings_every_object(filled: EmbeddedKubernetes, cluster: LiveCluster) -> None:
    assert sorted(names(cluster.list(KUSTOMIZATION))) == ALL
    assert kinds_of_calls(filled) == ["stream"]


def test_an_empty_collection_ends_too(kube: EmbeddedKubernetes, cluster: LiveCluster) -> None:
    assert names(cluster.list(KUSTOMIZATION)) == []


def test_its_resource_version_is_where_a_watch_goes_on(
    filled: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    listing = cluster.listing(KUSTOMIZATION)
    names(listing)
    assert listing.stream is None
    filled.apply(make("later"))
    query = {"watch": "1", "resourceVersion": listing.resource_version}
    path = "/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations"
    line = next(cluster.connection.stream(path, query))
    assert orjson.loads(line)["object"]["metadata"]["name"] == "later"


def test_the_first_object_comes_before_the_last_was_sent(
    kube: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    kube.faults.fail = lambda request: Fault(cut=1) if is_stream(request) else None
    kube.apply_all(make(name) for name in ("one", "two"))
    assert next(cluster.list(KUSTOMIZATION))["metadata"]["name"] == "one"
    assert kinds_of_calls(kube) == ["stream"]


def test_a_bookmark_without_the_mark_is_not_the_end(
    kube: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    added = {"type": "ADDED", "object": make("after")}
    events = lines(bookmark("5", other="true"), added, bookmark())
    kube.faults.fail = lambda request: events if is_stream(request) else None
    listing = cluster.listing(KUSTOMIZATION)
    assert names(listing) == ["after"]
    assert listing.resource_version == "77"


def test_what_changed_before_the_mark_comes_again_to_who_goes_on_watching(
    kube: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    old, new = make("app"), make("app", status={"new": True})
    old["metadata"]["resourceVersion"], new["metadata"]["resourceVersion"] = "1", "2"
    events = lines(
        {"type": "ADDED", "object": old}, {"type": "MODIFIED", "object": new}, bookmark()
    )
    kube.faults.fail = lambda request: events if is_stream(request) else None
    states = cluster.listing(KUSTOMIZATION).states()
    assert [item.get("status") for item, _ in states] == [None, {"new": True}]
    assert len(list(cluster.list(KUSTOMIZATION))) == 1


def test_what_was_deleted_before_the_mark_is_going_to_who_goes_on_watching(
    kube: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    gone = make("app")
    events = lines(
        {"type": "ADDED", "object": gone}, {"type": "DELETED", "object": gone}, bookmark()
    )
    kube.faults.fail = lambda request: events if is_stream(request) else None
    (first, _), (last, _) = cluster.listing(KUSTOMIZATION).states()
    assert "deletionTimestamp" not in first["metadata"]
    assert last["metadata"]["deletionTimestamp"].endswith("Z")
    assert len(list(cluster.list(KUSTOMIZATION))) == 1


def test_the_namespaces_asked_for_are_all_that_is_asked(
    kube: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    kube.apply_all(make("app", namespace) for namespace in ("a", "b", "c"))
    found = [item["metadata"]["namespace"] for item in cluster.list(KUSTOMIZATION, ("a", "b", "a"))]
    assert found == ["a", "b"]
    assert not any(request.path.endswith("/v1/kustomizations") for request in kube.requests)


@pytest.mark.parametrize("namespace", ["../x", "A", "a b", "a/b", "%2e%2e"])
def test_a_namespace_that_none_can_be_called_is_a_sentence(
    namespace: str, kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    with pytest.raises(UsageError, match="no namespace can be called"):
        names(cluster.list(KUSTOMIZATION, (namespace,)))
    assert kube.requests == []


def test_a_message_of_a_megabyte_is_one_object_like_another(
    kube: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    kube.apply(make("big", status={"message": "x" * 1_000_000}))
    (found,) = cluster.list(KUSTOMIZATION)
    assert len(found["status"]["message"]) == 1_000_000


# -- servers that do not stream


@pytest.mark.parametrize("how", ["refused", "error"])
def test_a_server_that_cannot_stream_is_read_in_pages(
    how: Any, filled: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    filled.faults.streaming_list = how
    assert names(cluster.list(KUSTOMIZATION)) == ALL
    assert kinds_of_calls(filled) == ["stream", "page", "page", "page"]


def test_a_server_that_ignores_the_parameters_is_read_in_pages(
    filled: EmbeddedKubernetes, cluster: LiveCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "QUIET", 0.2)
    filled.faults.streaming_list = "ignored"
    assert sorted(names(cluster.list(KUSTOMIZATION))) == ALL


@pytest.mark.parametrize("how", ["refused", "error", "ignored"])
def test_a_server_that_cannot_stream_is_not_asked_to_again(
    how: Any, filled: EmbeddedKubernetes, cluster: LiveCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "QUIET", 0.2)
    filled.faults.streaming_list = how
    names(cluster.list(KUSTOMIZATION))
    filled.requests.clear()
    names(cluster.list(KUSTOMIZATION))
    assert kinds_of_calls(filled) == ["page", "page", "page"]


def test_a_stream_that_ends_without_the_mark_is_no_streaming_list(
    filled: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    filled.faults.fail = lambda request: lines() if is_stream(request) else None
    assert names(cluster.list(KUSTOMIZATION)) == ALL
    assert kinds_of_calls(filled) == ["stream", "page", "page", "page"]


def test_pages_tell_their_resource_version_too(
    filled: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    filled.faults.streaming_list = "refused"
    listing = cluster.listing(KUSTOMIZATION)
    names(listing)
    assert listing.resource_version == str(filled.store.version)


def test_items_of_a_page_get_the_kind_that_the_list_has(
    filled: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    bare = {"metadata": make("app")["metadata"]}
    page = orjson.dumps({"metadata": {"resourceVersion": "9"}, "items": [bare]})
    filled.faults.streaming_list = "refused"
    filled.faults.fail = lambda request: garbled(page) if "limit" in request.query else None
    (found,) = cluster.list(KUSTOMIZATION)
    assert (found["apiVersion"], found["kind"]) == (
        "kustomize.toolkit.fluxcd.io/v1",
        "Kustomization",
    )


# -- faults in the middle


@pytest.mark.parametrize("politely", [False, True])
@pytest.mark.parametrize("after", [0, 1, 13, 24])
def test_a_cut_stream_goes_on_in_pages_and_nothing_comes_twice(
    after: int, politely: bool, filled: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    fault = Fault(cut=after, cut_politely=politely)
    filled.faults.fail = lambda request: fault if is_stream(request) else None
    assert sorted(names(cluster.list(KUSTOMIZATION))) == ALL


def test_a_cut_stream_is_tried_again_the_next_time(
    filled: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    filled.faults.fail = Faults.first(1, Fault(cut=3), "/kustomizations")
    names(cluster.list(KUSTOMIZATION))
    filled.requests.clear()
    names(cluster.list(KUSTOMIZATION))
    assert kinds_of_calls(filled) == ["stream"]


def test_what_changed_after_a_cut_comes_again_only_to_who_goes_on_watching(
    filled: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    filled.faults.fail = lambda request: Fault(cut=13) if is_stream(request) else None
    states = cluster.listing(KUSTOMIZATION).states()
    name = next(states)[0]["metadata"]["name"]
    filled.apply(make(name, status={"new": True}))
    later = [(item["status"], first) for item, first in states if item["metadata"]["name"] == name]
    assert later == [({"new": True}, False)]


def test_what_went_after_a_cut_is_lost(filled: EmbeddedKubernetes, cluster: LiveCluster) -> None:
    filled.faults.fail = lambda request: Fault(cut=13) if is_stream(request) else None
    listing = cluster.listing(KUSTOMIZATION)
    objects = iter(listing)
    filled.delete("Kustomization", "apps", next(objects)["metadata"]["name"])
    assert len(names(objects)) == COUNT - 1
    assert listing.lost


def test_what_went_before_a_list_started_again_is_lost(
    filled: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    filled.faults.streaming_list = "refused"
    listing = cluster.listing(KUSTOMIZATION)
    objects = iter(listing)
    filled.delete("Kustomization", "apps", next(objects)["metadata"]["name"])
    filled.compact()
    names(objects)
    assert listing.lost


def test_a_cut_alone_loses_nothing(filled: EmbeddedKubernetes, cluster: LiveCluster) -> None:
    filled.faults.fail = lambda request: Fault(cut=13) if is_stream(request) else None
    listing = cluster.listing(KUSTOMIZATION)
    names(listing)
    assert not listing.lost


def test_one_that_was_made_anew_under_its_name_is_the_same_to_a_listing(
    kube: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    old, new = make("app"), make("app", status={"new": True})
    new["metadata"]["uid"] = "another"
    events = lines(
        {"type": "ADDED", "object": old},
        {"type": "DELETED", "object": old},
        {"type": "ADDED", "object": new},
        bookmark(),
    )
    kube.faults.fail = lambda request: events if is_stream(request) else None
    assert names(cluster.list(KUSTOMIZATION)) == ["app"]


def test_a_list_that_expired_starts_again_and_nothing_comes_twice(
    filled: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    filled.faults.streaming_list = "refused"
    objects = cluster.list(KUSTOMIZATION)
    found = [next(objects)["metadata"]["name"] for _ in range(10)]
    filled.apply(make("zz-new"))
    filled.compact()
    found += names(objects)
    assert sorted(found) == [*ALL, "zz-new"]


def test_a_list_that_always_expires_is_an_error(
    filled: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    filled.faults.streaming_list = "refused"
    gone = failing(410, "Expired", "the provided continue parameter is too old")
    filled.faults.fail = lambda request: gone if "continue" in request.query else None
    with pytest.raises(ClusterError, match="410: the provided continue parameter is too old"):
        names(cluster.list(KUSTOMIZATION))


def test_an_expired_stream_goes_on_in_pages(
    filled: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    expired = lines({"type": "ERROR", "object": {"kind": "Status", "code": 410}})
    filled.faults.fail = lambda request: expired if is_stream(request) else None
    assert names(cluster.list(KUSTOMIZATION)) == ALL


@pytest.mark.parametrize(
    "fault", [Fault(reset=True), Fault(cut=200), Fault(cut=200, cut_politely=True), failing(503)]
)
def test_a_page_that_did_not_come_is_asked_for_again(
    fault: Fault, filled: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    filled.faults.streaming_list = "refused"
    left = [2]

    def fail(request: Request) -> Fault | None:
        if "continue" not in request.query or not left[0]:
            return None
        left[0] -= 1
        return fault

    filled.faults.fail = fail
    assert names(cluster.list(KUSTOMIZATION)) == ALL


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>login</html>", b"[]", b'{"items": [', b'{"items": {}, "metadata": {}}',
     b'{"items": []}', b'{"items": [], "metadata": []}', b"null"],
)  # fmt: skip
def test_a_page_that_is_none_is_a_sentence(
    body: bytes, filled: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    filled.faults.fail = lambda r: garbled(body) if r.path.endswith("kustomizations") else None
    with pytest.raises(ClusterError, match="the API server's answer is"):
        names(cluster.list(KUSTOMIZATION))


@pytest.mark.parametrize("item", [None, 1, "x", [], {}, {"metadata": 1}, {"metadata": {}},
    {"metadata": {"name": 7}}, {"metadata": {"name": "a", "namespace": 7}}])  # fmt: skip
def test_an_item_that_is_no_object_is_a_problem_and_the_others_go_on(
    item: Any, kube: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    events = lines(
        {"type": "ADDED", "object": item}, {"type": "ADDED", "object": make("good")}, bookmark()
    )
    kube.faults.fail = lambda request: events if is_stream(request) else None
    assert names(cluster.list(KUSTOMIZATION)) == ["good"]
    (problem,) = cluster.problems
    assert problem.kind == "Kustomization"


def test_a_problem_that_is_met_again_is_told_once(
    kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    nameless = {"metadata": {"namespace": "apps"}}
    page = orjson.dumps({"metadata": {}, "items": [nameless]})
    cut = lines({"type": "ADDED", "object": nameless})

    def fail(request: Request) -> Fault | None:
        if is_stream(request):
            return cut
        return garbled(page) if "limit" in request.query else None

    kube.faults.fail = fail
    assert names(cluster.list(KUSTOMIZATION)) == []
    assert len(cluster.problems) == 1


@pytest.mark.parametrize(
    "event",
    [{}, {"type": 1, "object": 1}, {"type": "BOOKMARK"}, {"type": "BOOKMARK", "object": []},
     {"type": "BOOKMARK", "object": {"metadata": {"annotations": 1}}}, b"not json", b"[1]",
     {"type": "ERROR"}, {"type": "ERROR", "object": {"code": "x", "message": {}}}],
)  # fmt: skip
def test_events_of_no_shape_never_lose_an_object(
    event: Any, filled: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    filled.faults.fail = lambda request: lines(event) if is_stream(request) else None
    assert names(cluster.list(KUSTOMIZATION)) == ALL


def test_a_server_that_hangs_in_the_stream_does_not_outlive_the_deadline(
    kube: EmbeddedKubernetes, connect: Connect
) -> None:
    cluster = connect(kube, deadline=Deadline(0.3))
    kube.faults.fail = lambda r: Fault(hang=math.inf) if is_stream(r) else None
    with pytest.raises(TimedOut):
        names(cluster.list(KUSTOMIZATION))


# -- rights, and what is not there


def test_who_may_list_but_not_watch_reads_pages(connect: Connect, make: Make) -> None:
    def lister(user: str, verb: str, resource: str, namespace: str) -> bool:
        return verb != "watch"

    with EmbeddedKubernetes(token="t", authorize=lister) as kube:
        kube.apply(make("app"))
        assert names(connect(kube).list(KUSTOMIZATION)) == ["app"]


def test_who_may_not_list_the_whole_cluster_is_told_so(connect: Connect) -> None:
    with EmbeddedKubernetes(token="t", authorize=lambda *asked: False) as kube:
        with pytest.raises(Forbidden, match="kubectl create clusterrole statusbot-kustomizations"):
            names(connect(kube).list(KUSTOMIZATION))


def test_who_may_read_one_namespace_reads_that_one(connect: Connect, make: Make) -> None:
    def tenant(user: str, verb: str, resource: str, namespace: str) -> bool:
        return namespace == "apps"

    with EmbeddedKubernetes(token="t", authorize=tenant) as kube:
        kube.apply(make("app"))
        assert names(connect(kube).list(KUSTOMIZATION, ("apps",))) == ["app"]


def test_a_cluster_without_flux_is_told_so(connect: Connect) -> None:
    with EmbeddedKubernetes(versions={"Kustomization": ()}) as kube:
        with pytest.raises(NotInstalled, match="Flux is not installed here") as caught:
            names(connect(kube).list(KUSTOMIZATION))
        assert caught.value.exit_code == 2


def test_an_object_without_a_uid_is_known_by_its_name(
    filled: EmbeddedKubernetes, cluster: LiveCluster, make: Make
) -> None:
    bare = make("app")
    del bare["metadata"]["uid"]
    twice = lines({"type": "ADDED", "object": bare}, {"type": "ADDED", "object": bare}, bookmark())
    filled.faults.fail = lambda request: twice if is_stream(request) else None
    assert names(cluster.list(KUSTOMIZATION)) == ["app"]


def test_a_kind_that_vanished_after_discovery_is_told_so(
    kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    kube.faults.fail = lambda r: failing(404) if r.path.endswith("kustomizations") else None
    with pytest.raises(NotInstalled):
        names(cluster.list(KUSTOMIZATION))
