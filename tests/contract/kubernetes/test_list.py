from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.kubernetes.conftest import Server, refused
from tests.support.kube import (
    Client,
    Object,
    core,
    kustomization,
    kustomizations,
    names,
    secret,
    version,
)


@pytest.fixture
def five(admin: Client, namespace: str) -> str:
    """The path of five Kustomizations, a to e."""
    path = kustomizations(namespace)
    for name in "cbeda":
        admin.post(path, kustomization(namespace, name)).ok()
    return path


def pages(admin: Client, path: str, **query: str) -> Iterator[Object]:
    token = ""
    while True:
        page = admin.get(path, **query, **({"continue": token} if token else {})).ok()
        yield page
        token = page["metadata"].get("continue", "")
        if not token:
            return


def test_it_is_ordered_by_name(admin: Client, five: str) -> None:
    assert names(admin.get(five).ok()) == ["a", "b", "c", "d", "e"]


def test_a_namespace_whose_name_starts_another_s_is_listed_alone(
    server: Server, admin: Client
) -> None:
    namespace = server.namespace()
    longer = f"{namespace}-x"
    admin.post(core("namespaces"), {"metadata": {"name": longer}}).ok()
    for place in (namespace, longer):
        admin.post(kustomizations(place), kustomization(place, f"in-{place}")).ok()
    assert names(admin.get(kustomizations(namespace)).ok()) == [f"in-{namespace}"]


def test_the_whole_cluster_holds_every_namespace(server: Server, admin: Client) -> None:
    places = {server.namespace(), server.namespace()}
    for place in places:
        admin.post(kustomizations(place), kustomization(place, "app")).ok()
    found = {item["metadata"]["namespace"] for item in admin.get(kustomizations()).ok()["items"]}
    assert places <= found


def test_a_namespace_that_does_not_exist_is_empty(admin: Client) -> None:
    assert admin.get(kustomizations("no-such")).ok()["items"] == []


def test_the_list_names_its_kind(admin: Client, five: str) -> None:
    listed = admin.get(five).ok()
    assert (listed["apiVersion"], listed["kind"]) == (
        "kustomize.toolkit.fluxcd.io/v1",
        "KustomizationList",
    )


def test_items_of_custom_resources_name_their_kind(admin: Client, five: str) -> None:
    item = admin.get(five).ok()["items"][0]
    assert (item["apiVersion"], item["kind"]) == ("kustomize.toolkit.fluxcd.io/v1", "Kustomization")


def test_items_of_core_resources_do_not_name_their_kind(admin: Client, namespace: str) -> None:
    admin.post(core("secrets", namespace), secret(namespace, "token")).ok()
    item = admin.get(core("secrets", namespace)).ok()["items"][0]
    assert "kind" not in item and "apiVersion" not in item


def test_the_list_is_as_new_as_its_items(admin: Client, five: str) -> None:
    listed = admin.get(five).ok()
    assert version(listed) >= max(version(item) for item in listed["items"])


def test_pages_hold_what_the_limit_says(admin: Client, five: str) -> None:
    found = [names(page) for page in pages(admin, five, limit="2")]
    assert found == [["a", "b"], ["c", "d"], ["e"]]


def test_a_page_counts_what_remains(admin: Client, five: str) -> None:
    assert admin.get(five, limit="2").ok()["metadata"]["remainingItemCount"] == 3


def test_the_last_page_has_no_token(admin: Client, five: str) -> None:
    last = list(pages(admin, five, limit="2"))[-1]
    assert not last["metadata"].get("continue")


def test_a_limit_that_fits_exactly_leaves_no_page(admin: Client, five: str) -> None:
    assert not admin.get(five, limit="5").ok()["metadata"].get("continue")


def test_all_pages_have_one_resource_version(admin: Client, five: str) -> None:
    assert len({version(page) for page in pages(admin, five, limit="2")}) == 1


def test_later_pages_show_what_was_there_at_the_first(
    admin: Client, five: str, namespace: str
) -> None:
    found = pages(admin, five, limit="2")
    next(found)
    admin.post(five, kustomization(namespace, "cc")).ok()
    admin.delete(f"{five}/d").ok()
    assert [names(page) for page in found] == [["c", "d"], ["e"]]


def test_later_pages_show_objects_as_they_were_at_the_first(admin: Client, five: str) -> None:
    found = pages(admin, five, limit="4")
    next(found)
    admin.patch(f"{five}/e", {"spec": {"path": "./changed"}}).ok()
    assert next(found)["items"][0]["spec"]["path"] == "./deploy"


def test_a_selector_fills_its_pages(admin: Client, five: str, namespace: str) -> None:
    for name in ("b1", "c1", "d1"):
        admin.post(five, kustomization(namespace, name, team="x")).ok()
    found = pages(admin, five, limit="2", labelSelector="team=x")
    assert [names(page) for page in found] == [["b1", "c1"], ["d1"]]


def test_an_expired_token_is_410_with_one_that_goes_on(
    server: Server, admin: Client, five: str, namespace: str
) -> None:
    token = admin.get(five, limit="2").ok()["metadata"]["continue"]
    admin.post(five, kustomization(namespace, "cc")).ok()
    answer = refused(server, five, **{"continue": token})
    assert (answer.status, answer.data["reason"], answer.data["code"]) == (410, "Expired", 410)
    fresh = answer.data["metadata"]["continue"]
    assert names(admin.get(five, **{"continue": fresh}).ok()) == ["c", "cc", "d", "e"]


def test_a_garbled_token_is_400(admin: Client, five: str) -> None:
    assert admin.get(five, limit="1", **{"continue": "zzzz"}).status == 400


def test_a_limit_that_is_no_number_is_400(admin: Client, five: str) -> None:
    assert admin.get(five, limit="many").status == 400


def test_any_version_will_do_with_zero(admin: Client, five: str) -> None:
    admin.get(five).ok()  # waits for the server's cache, which may be a moment behind
    assert names(admin.get(five, resourceVersion="0").ok()) == ["a", "b", "c", "d", "e"]


def test_an_exact_version_shows_the_past(admin: Client, five: str) -> None:
    past = str(version(admin.get(five).ok()))
    admin.delete(f"{five}/a").ok()
    listed = admin.get(five, resourceVersion=past, resourceVersionMatch="Exact").ok()
    assert names(listed) == ["a", "b", "c", "d", "e"]


def test_a_version_of_the_future_is_504(admin: Client, five: str) -> None:
    answer = admin.get(five, resourceVersion="999999999")
    assert (answer.status, answer.data["details"]["causes"][0]["reason"]) == (
        504,
        "ResourceVersionTooLarge",
    )


def test_a_version_that_is_no_number_is_400(admin: Client, five: str) -> None:
    assert admin.get(five, resourceVersion="x").status == 400


@pytest.mark.parametrize(
    "query",
    [
        {"resourceVersionMatch": "Exact"},
        {"resourceVersionMatch": "Roughly", "resourceVersion": "1"},
        {"sendInitialEvents": "true"},
    ],
    ids=["match without version", "unknown match", "initial events"],
)
def test_parameters_that_do_not_go_together_are_422(
    admin: Client, five: str, query: dict[str, str]
) -> None:
    answer = admin.get(five, **query)
    assert (answer.status, answer.data["reason"]) == (422, "Invalid")


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("team=x", ["one"]),
        ("team==x", ["one"]),
        ("team!=x", ["plain", "two"]),
        ("team in (x,y)", ["one", "two"]),
        ("team notin (x)", ["plain", "two"]),
        ("team", ["one", "two"]),
        ("!team", ["plain"]),
        ("team in (x, y),tier=b", ["two"]),
        ("a.example/key=v", ["two"]),
    ],
)
def test_label_selectors(admin: Client, namespace: str, selector: str, expected: list[str]) -> None:
    path = kustomizations(namespace)
    labels = {
        "one": {"team": "x", "tier": "a"},
        "two": {"team": "y", "tier": "b", "a.example/key": "v"},
        "plain": {},
    }
    for name, values in labels.items():
        admin.post(path, kustomization(namespace, name, **values)).ok()
    assert names(admin.get(path, labelSelector=selector).ok()) == expected


@pytest.mark.parametrize("selector", ["a b", "a in (b", "=x"])
def test_a_garbled_label_selector_is_400(admin: Client, five: str, selector: str) -> None:
    assert admin.get(five, labelSelector=selector).status == 400


def test_a_field_selector_finds_a_name(admin: Client, five: str) -> None:
    assert names(admin.get(five, fieldSelector="metadata.name=c").ok()) == ["c"]


def test_a_field_selector_takes_only_known_fields(admin: Client, five: str) -> None:
    assert admin.get(five, fieldSelector="spec.path=x").status == 400


def test_events_are_selected_by_the_object_they_are_about(admin: Client, namespace: str) -> None:
    for name, uid in (("one", "uid-1"), ("two", "uid-2")):
        about = {"kind": "Kustomization", "namespace": namespace, "name": name, "uid": uid}
        event = {"metadata": {"name": name}, "involvedObject": about, "type": "Normal"}
        admin.post(core("events", namespace), event).ok()
    listed = admin.get(core("events", namespace), fieldSelector="involvedObject.uid=uid-2").ok()
    assert names(listed) == ["two"]
