from __future__ import annotations

from collections import Counter

import pytest

from statusbot.cluster.selector import Selector
from statusbot.errors import UsageError
from statusbot.results.observation import Observation, observe
from statusbot.results.result import ObjectRef
from statusbot.selection import Selection, Shard


def seen(namespace: str, name: str, **labels: str) -> Observation:
    metadata = {"namespace": namespace, "name": name, "uid": "u", "labels": labels}
    return observe({"metadata": metadata}, 0.0)


@pytest.mark.parametrize("text", ["0/1", "0/3", "2/3", " 1/2 "])
def test_a_shard_is_its_number_counted_from_0_and_how_many_there_are(text: str) -> None:
    assert str(Shard.parse(text)) == text.strip()


@pytest.mark.parametrize("text", ["", "1", "a/2", "-1/2", "1/-2", "1/2/3", "1.0/2", "²/3"])
def test_what_is_no_shard_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="is no shard"):
        Shard.parse(text)


@pytest.mark.parametrize("text", ["3/3", "0/0", "7/2"])
def test_a_shard_that_does_not_exist_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="there is no shard"):
        Shard.parse(text)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_every_object_is_in_exactly_one_shard(count: int) -> None:
    objects = [ObjectRef("Kustomization", f"n{i % 9}", f"k{i}", "") for i in range(200)]
    shards = [Shard(index, count) for index in range(count)]
    assert all(sum(shard.has(one) for shard in shards) == 1 for one in objects)


def test_tenants_that_name_all_alike_are_spread_over_the_shards() -> None:
    objects = [ObjectRef("Kustomization", f"tenant-{i}", "apps", "") for i in range(400)]
    parts = Counter(next(i for i in range(4) if Shard(i, 4).has(one)) for one in objects)
    assert min(parts.values()) > 60


def test_the_hash_never_changes_or_ledgers_would_lose_their_objects() -> None:
    # printf flux-system/apps | b2sum -l 64
    number = 0x2F2AB88B52F8CA87
    apps = ObjectRef("Kustomization", "flux-system", "apps", "any")
    assert all(Shard(number % count, count).has(apps) for count in (2, 3, 64, 997))


def test_an_object_in_another_namespace_is_not_taken() -> None:
    assert not Selection(("a", "b")).takes(seen("c", "apps"))


def test_an_object_without_the_label_is_not_taken() -> None:
    selection = Selection(selector=Selector.parse("app=web"))
    assert [selection.takes(seen("a", "x", app=value)) for value in ("web", "api")] == [True, False]


def test_namespace_label_and_shard_all_have_to_fit() -> None:
    object_ = seen("a", "x", app="web")
    mine = next(i for i in range(2) if Shard(i, 2).has(object_.object))
    selector = Selector.parse("app")
    assert Selection(("a",), selector, Shard(mine, 2)).takes(object_)
    assert not Selection(("a",), selector, Shard(1 - mine, 2)).takes(object_)


def test_of_an_object_that_is_gone_its_labels_are_not_asked() -> None:
    selection = Selection(("a",), Selector.parse("app=web"))
    assert selection.may_take(ObjectRef("Kustomization", "a", "x", ""))
    assert not selection.may_take(ObjectRef("Kustomization", "b", "x", ""))
