"""A ledger in ConfigMaps that somebody else had in his hands, or may not be written."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from statusbot.cluster.errors import Forbidden
from statusbot.demo.kube import EmbeddedKubernetes
from statusbot.errors import UsageError
from statusbot.ledger import buckets
from statusbot.ledger.buckets import LARGEST, lines_of, number_of, pack, unsqueezed
from statusbot.ledger.memory import Ledger
from statusbot.ledger.pace import Pace
from tests.ledger.test_buckets import owing
from tests.support.kube import Client, config_map
from tests.support.ledgers import ConfigMapPlace, Killed, connect, filled, memory

Forbid = set[tuple[str, str]]


@pytest.fixture
def forbid() -> Forbid:
    """(verb, resource) that the bot may not do."""
    return set()


@pytest.fixture
def maps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forbid: Forbid
) -> Iterator[ConfigMapPlace]:
    monkeypatch.setattr(buckets, "EACH", 2)
    account = "system:serviceaccount:bots:bot"

    def may(user: str, verb: str, resource: str, namespace: str) -> bool:
        return user == "admin" or (verb, resource) not in forbid

    with (
        EmbeddedKubernetes(token="t", users={"b": account}, authorize=may) as kube,
        Client(kube.url, token="t") as admin,
        connect(kube.kubeconfig(tmp_path / "kubeconfig", token="b")) as api,
    ):
        admin.post("/api/v1/namespaces", {"metadata": {"name": "bots"}}).ok()
        yield ConfigMapPlace(api, admin, "bots")


def saved(maps: ConfigMapPlace, many: int = 12) -> Ledger:
    with maps.store() as store:
        filled(store.ledger, range(many))
        store.save()
        return store.ledger


def read(maps: ConfigMapPlace) -> Ledger:
    with maps.store() as store:
        return store.ledger


def bucket_of(maps: ConfigMapPlace, number: int) -> str:
    (of,) = {int(name.split("-")[1]) for name in maps.names() if "-" in name}
    return f"statusbot-{of}-{number_of(f'uid-{number}', of)}"


def without(maps: ConfigMapPlace, ledger: Ledger, name: str) -> Ledger:
    """What is left when a bucket is lost: nobody knows since when the past was told."""
    kept = {k: m for k, m in ledger.objects.items() if bucket_of(maps, int(k[4:])) != name}
    return Ledger(objects=kept)


def warns(caplog: pytest.LogCaptureFixture, name: str, why: str) -> None:
    place = "ledger configmap bots/statusbot: ConfigMap"
    assert caplog.messages == [f"{place} {name}: {why}; the forge is asked instead"]


# -- what is there ----------------------------------------------------------------------------


def test_all_of_it_is_labelled(maps: ConfigMapPlace) -> None:
    saved(maps)
    labels = {"app.kubernetes.io/name": "statusbot", "statusbot/ledger": "statusbot"}
    assert all(one["metadata"]["labels"] == labels for one in maps.maps().values())


def test_whoever_finds_it_is_told_that_it_may_be_deleted(maps: ConfigMapPlace) -> None:
    saved(maps)
    assert all("It may be deleted" in one["data"]["about"] for one in maps.maps().values())


def test_two_ledgers_of_one_namespace_know_nothing_of_each_other(maps: ConfigMapPlace) -> None:
    other = ConfigMapPlace(maps.api, maps.admin, "bots", "statusbot-8")
    first, second = saved(maps), saved(other, 5)
    assert (read(maps), read(other)) == (first, second)


def test_a_bucket_that_is_too_large_is_split(
    maps: ConfigMapPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "EACH", 500)
    with maps.store() as store:
        for number in range(10):
            store.ledger.objects[f"uid-{number}"] = owing(number, 100_000, 100_000)
        store.save()
        assert all(len(str(one)) < 512 * 1024 for one in maps.maps().values())
    assert read(maps) == store.ledger
    assert int(bucket_of(maps, 1).split("-")[1]) > 1


def test_what_was_split_is_not_put_together_again_at_each_save(
    maps: ConfigMapPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "EACH", 500)
    with maps.store() as store:
        for number in range(10):
            store.ledger.objects[f"uid-{number}"] = owing(number, 100_000, 100_000)
        store.save()
        before = maps.versions()
        store.save()
    with maps.store() as store:
        store.save()
    assert maps.versions() == before


def test_an_object_that_is_owed_too_much_is_named_once(
    maps: ConfigMapPlace, caplog: pytest.LogCaptureFixture
) -> None:
    with maps.store() as store:
        store.ledger.objects["uid-1"] = owing(1, *[60_000] * 10)
        store.save()
        store.save()
    what = "what could not be posted is too long to be remembered whole"
    assert caplog.messages == [f"apps/app-1: {what}"]
    assert len(read(maps).objects["uid-1"].owed) == 2


def test_more_logins_than_fit_lose_their_pace_and_nothing_else(maps: ConfigMapPlace) -> None:
    import random

    names = (random.Random(n).randbytes(400).hex() for n in range(LARGEST // 300))
    with maps.store() as store:
        filled(store.ledger, [1])
        store.ledger.paces = {name: Pace({1: 1}) for name in names}
        store.save()
    assert read(maps) == filled(Ledger(), [1])


# -- what somebody did to it ------------------------------------------------------------------


def _remove(maps: ConfigMapPlace, name: str) -> None:
    maps.admin.delete(maps.path(name)).ok()


def _cut(maps: ConfigMapPlace, name: str) -> None:
    data = base64.b64decode(maps.maps()[name]["binaryData"]["ledger"])
    maps.put(name, data[:-9])


def _empty(maps: ConfigMapPlace, name: str) -> None:
    item = maps.maps()[name] | {"binaryData": {}, "data": {"ledger": "x"}}
    maps.admin.put(maps.path(name), item).ok()


def _copy(maps: ConfigMapPlace, name: str) -> None:
    other = next(n for n in maps.names() if n not in (name, "statusbot"))
    maps.put(name, base64.b64decode(maps.maps()[other]["binaryData"]["ledger"]))


HANDS: dict[str, Any] = {
    "it is missing": _remove,
    "it is damaged": _cut,
    "it has no ledger in it": _empty,
    "it is a copy of another": _copy,
}


@pytest.mark.parametrize("why", HANDS)
def test_a_lost_bucket_is_named_and_the_others_are_read(
    maps: ConfigMapPlace, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    ledger, name = saved(maps), bucket_of(maps, 3)
    HANDS[why](maps, name)
    assert read(maps) == without(maps, ledger, name)
    warns(caplog, name, why)


def test_a_bucket_of_another_ledger_is_none_of_this(
    maps: ConfigMapPlace, caplog: pytest.LogCaptureFixture
) -> None:
    ledger, name = saved(maps), bucket_of(maps, 3)
    other = ConfigMapPlace(maps.api, maps.admin, "bots", "other")
    saved(other)
    theirs = other.maps()[name.replace("statusbot", "other")]["binaryData"]["ledger"]
    maps.put(name, base64.b64decode(theirs))
    assert read(maps) == without(maps, ledger, name)
    warns(caplog, name, "it is a copy of the ledger other's")


def test_a_header_of_another_ledger_is_none_of_this(
    maps: ConfigMapPlace, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = saved(maps)
    other = ConfigMapPlace(maps.api, maps.admin, "bots", "other")
    saved(other)
    maps.put("statusbot", base64.b64decode(other.maps()["other"]["binaryData"]["ledger"]))
    assert read(maps) == Ledger(objects=ledger.objects)
    warns(caplog, "statusbot", "it is a copy of the ledger other's")


@pytest.mark.parametrize("why", HANDS)
def test_a_lost_bucket_is_mended_by_the_next_save(
    maps: ConfigMapPlace, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    ledger, name = saved(maps), bucket_of(maps, 3)
    HANDS[why](maps, name)
    with maps.store() as store:
        filled(store.ledger, range(12))
        store.save()
    caplog.clear()
    assert read(maps) == ledger
    assert caplog.messages == []


@pytest.mark.parametrize("why", [why for why in HANDS if why != "it is a copy of another"])
def test_without_its_header_the_objects_are_there(
    maps: ConfigMapPlace, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = saved(maps)
    HANDS[why](maps, "statusbot")
    assert read(maps) == Ledger(objects=ledger.objects)
    warns(caplog, "statusbot", why)


def test_a_bucket_that_stays_lost_and_empty_is_not_missed_any_more(
    maps: ConfigMapPlace, caplog: pytest.LogCaptureFixture
) -> None:
    saved(maps)
    _cut(maps, bucket_of(maps, 3))
    with maps.store() as store:
        store.save()
    caplog.clear()
    read(maps)
    assert caplog.messages == []


def test_what_an_older_copy_of_a_bucket_says_of_the_forge_is_not_believed(
    maps: ConfigMapPlace, caplog: pytest.LogCaptureFixture
) -> None:
    saved(maps)
    name = bucket_of(maps, 3)
    old = base64.b64decode(maps.maps()[name]["binaryData"]["ledger"])
    with maps.store() as store:
        store.ledger.objects["uid-3"] = memory(3, "BuildFailed")
        store.save()
    maps.put(name, old)
    found = read(maps)
    assert (found.objects["uid-3"], found.polls) == (replace(memory(3), posted={}), {})
    warns(caplog, name, "it is an older copy")


def test_a_bucket_of_a_version_to_come_leaves_the_others(
    maps: ConfigMapPlace, caplog: pytest.LogCaptureFixture
) -> None:
    ledger, name = saved(maps), bucket_of(maps, 3)
    maps.put(name, buckets.squeeze([b'{"version":2}\n']))
    assert read(maps) == without(maps, ledger, name)
    warns(caplog, name, "it was written by another version (2)")


@pytest.mark.parametrize("part", ["header", "bucket"])
def test_a_number_that_cannot_be_counted_on_from_is_damage(
    maps: ConfigMapPlace, part: str, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = saved(maps)
    name = "statusbot" if part == "header" else bucket_of(maps, 3)
    first, *rest = unsqueezed(
        base64.b64decode(maps.maps()[name]["binaryData"]["ledger"])
    ).splitlines(True)
    item = json.loads(first) | {"save": 2**64 - 1}
    maps.put(name, buckets.squeeze([json.dumps(item).encode() + b"\n", *rest]))
    with maps.store() as store:
        filled(store.ledger, range(12))
        store.save()
    warns(caplog, name, "it is damaged")
    assert read(maps) == ledger


def test_many_that_are_lost_are_one_line(
    maps: ConfigMapPlace, caplog: pytest.LogCaptureFixture
) -> None:
    saved(maps, 40)
    gone = [name for name in maps.names() if "-" in name]
    for name in gone:
        _cut(maps, name)
    read(maps)
    (message,) = caplog.messages
    assert f"and {len(gone) - 5} more: it is damaged" in message


def test_what_a_broken_off_save_wrote_last_counts(maps: ConfigMapPlace) -> None:
    saved(maps)
    lines, _ = lines_of([memory(3, "BuildFailed")], 1)
    metadata = maps.maps()["statusbot"]["metadata"]["labels"]
    more = config_map("bots", "statusbot-1-0")
    more["metadata"]["labels"] = metadata
    packed = base64.b64encode(pack(0, 1, 99, lines)).decode()
    maps.admin.post(maps.path(), more | {"binaryData": {"ledger": packed}}).ok()
    found = read(maps)
    assert found.objects["uid-3"] == memory(3, "BuildFailed")
    assert found.polls == {"scope": 5.0}


def test_what_is_saved_after_that_is_newer_still(maps: ConfigMapPlace) -> None:
    test_what_a_broken_off_save_wrote_last_counts(maps)

    def die(number: int, method: str, path: str) -> None:
        if method == "DELETE":
            raise Killed

    store = maps.store()
    store.__enter__()
    store.ledger.objects["uid-3"] = memory(3, "HealthCheckFailed")
    maps.api.before = die
    with pytest.raises(Killed):
        store.save()
    maps.api.clear()
    maps.die(store)
    assert "statusbot-1-0" in maps.names()
    assert read(maps).objects["uid-3"] == memory(3, "HealthCheckFailed")


def test_a_config_map_that_only_has_its_labels_is_left_alone(maps: ConfigMapPlace) -> None:
    ledger = saved(maps)
    more = config_map("bots", "somebody-s-copy", a="1")
    more["metadata"]["labels"] = maps.maps()["statusbot"]["metadata"]["labels"]
    maps.admin.post(maps.path(), more).ok()
    with maps.store() as store:
        assert store.ledger == ledger
        store.ledger.polls["scope"] = 8.0
        store.save()
    assert maps.admin.get(maps.path("somebody-s-copy")).ok()["data"] == {"a": "1"}


@pytest.mark.parametrize("name", ["statusbot", "statusbot-1-0"])
def test_a_config_map_of_another_s_making_is_named_and_left_alone(
    maps: ConfigMapPlace, name: str
) -> None:
    maps.admin.post(maps.path(), config_map("bots", name, a="1")).ok()
    with maps.store() as store:
        filled(store.ledger, [1])
        with pytest.raises(UsageError, match=f"ConfigMap bots/{name}: .* not of the ledger's"):
            store.save()
    assert maps.admin.get(maps.path(name)).ok()["data"] == {"a": "1"}


def test_one_that_lost_its_labels_is_not_taken_for_ours(maps: ConfigMapPlace) -> None:
    saved(maps)
    item = maps.maps()["statusbot"]
    item["metadata"]["labels"] = {}
    maps.admin.put(maps.path("statusbot"), item).ok()
    with maps.store() as store:
        store.ledger.polls["scope"] = 7.0
        with pytest.raises(UsageError, match="not of the ledger's making"):
            store.save()


# -- rights -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "resource", "verbs"),
    [
        ("get", "leases", "get,create,update"),
        ("create", "leases", "get,create,update"),
        ("update", "leases", "get,create,update"),
        ("list", "configmaps", "get,list,create,update,delete"),
        ("create", "configmaps", "get,list,create,update,delete"),
        ("update", "configmaps", "get,list,create,update,delete"),
        ("delete", "configmaps", "get,list,create,update,delete"),
    ],
)
def test_a_right_that_is_missing_is_a_sentence_with_the_line_that_gives_it(
    maps: ConfigMapPlace, forbid: Forbid, verb: str, resource: str, verbs: str
) -> None:
    if verb in ("update", "delete"):
        saved(maps)
    forbid.add((verb, resource))
    with pytest.raises(Forbidden) as caught, maps.store() as store:
        if verb == "delete":
            store.ledger.objects = filled(Ledger(), [1]).objects
        filled(store.ledger, [1], at=9.0)
        store.save()
    todo = caught.value.todo
    assert f"kubectl create role statusbot-{resource} --verb={verbs} --resource={resource}" in todo
    assert (
        "-n bots --serviceaccount=bots:bot" in todo or "--serviceaccount=bots:bot -n bots" in todo
    )
    assert caught.value.exit_code == 2


def test_who_may_not_read_it_may_not_look(maps: ConfigMapPlace, forbid: Forbid) -> None:
    forbid.add(("list", "configmaps"))
    with pytest.raises(Forbidden):
        maps.peek()


def test_who_only_looks_needs_no_lease_and_writes_nothing(
    maps: ConfigMapPlace, forbid: Forbid, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = saved(maps)
    forbid |= {(verb, kind) for verb in ("create", "update", "delete") for kind in ("configmaps",)}
    forbid |= {(verb, "leases") for verb in ("get", "create", "update")}
    with caplog.at_level(logging.WARNING):
        assert maps.peek() == ledger
