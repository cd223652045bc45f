from __future__ import annotations

from dataclasses import replace

from statusbot.aggregate import KIND as AGGREGATE
from statusbot.follow.held import Held
from statusbot.plan import News
from statusbot.results.observation import Observation, observe
from tests.support.objects import C2, NOW, kustomization
from tests.support.posting import news


def seen(name: str = "apps", now: float = NOW) -> Observation:
    return observe(kustomization(name=name, uid=f"uid-{name}"), now)


def by_key(*objects: Observation) -> dict[str, Observation]:
    return {one.object.key: one for one in objects}


def test_who_waits_for_a_status_is_given_back_when_it_is_back() -> None:
    held, item, apps = Held(), news(), seen()
    held.hold(item, by_key(apps, seen("infra")))
    assert list(held.free(item)) == [apps]


def test_nobody_is_given_back_twice() -> None:
    held, item = Held(), news()
    held.hold(item, by_key(seen()))
    list(held.free(item))
    assert list(held.free(item)) == []


def test_nobody_is_given_back_for_another_status() -> None:
    held = Held()
    held.hold(news(), by_key(seen()))
    assert list(held.free(news(commit=C2))) == []


def test_who_waits_is_given_back_as_it_was_seen_last() -> None:
    held, item, later = Held(), news(), seen(now=NOW + 1)
    held.hold(item, by_key(seen()))
    held.see([later])
    assert list(held.free(item)) == [later]


def test_who_waits_for_two_is_given_back_twice_as_it_was_seen_last() -> None:
    held, first, second, later = Held(), news(), news(commit=C2), seen(now=NOW + 1)
    held.hold(first, by_key(seen()))
    held.hold(second, by_key(later))
    assert [*held.free(second), *held.free(first)] == [later, later]


def test_what_no_object_of_the_cluster_says_has_nobody_waiting() -> None:
    held, item = Held(), news(name="gone")
    held.hold(item, by_key(seen()))
    assert list(held.free(item)) == []


def test_all_that_were_looked_at_wait_for_a_status_of_many() -> None:
    held, apps, infra = Held(), seen(), seen("infra")
    held.hold(of_many(), by_key(apps, infra))
    assert {one.object.name for one in held.free(of_many())} == {"apps", "infra"}


def of_many() -> News:
    item = news()
    status, routed = item.status, item.status.routed
    object_ = replace(routed.result.object, kind=AGGREGATE)
    routed = replace(routed, result=replace(routed.result, object=object_))
    return replace(item, status=replace(status, routed=routed))
