from __future__ import annotations

from dataclasses import replace

from statusbot.posting.outcome import Did, Outcome
from statusbot.report.blame import Blame
from tests.support.posting import news


def outcome(namespace: str, obstacle: str = "") -> Outcome:
    item = news()
    there = item.status.routed.way.destination
    provider = replace(there.provider, namespace=namespace)
    way = replace(item.status.routed.way, destination=replace(there, provider=provider))
    status = replace(item.status, routed=replace(item.status.routed, way=way))
    return Outcome(status, Did.ERROR, "because", settled=False, obstacle=obstacle)


def shared(*outcomes: Outcome) -> bool:
    blame = Blame()
    for one in outcomes:
        blame.hear(one)
    return blame.is_shared


def test_nothing_in_the_way_is_nobodys_fault() -> None:
    assert not shared(outcome("a"), outcome("b"))


def test_what_is_in_the_way_of_one_tenant_of_two_is_its_own_fault() -> None:
    assert not shared(outcome("a", "host"), outcome("b"))


def test_what_is_in_the_way_of_both_is_not() -> None:
    assert shared(outcome("a", "host"), outcome("b", "host"))


def test_two_hosts_that_fail_a_tenant_each_are_faults_of_their_own() -> None:
    assert not shared(outcome("a", "one"), outcome("b", "two"))


def test_who_has_nothing_to_post_now_is_a_tenant_all_the_same() -> None:
    blame = Blame()
    blame.know(["a", "b"])
    blame.hear(outcome("a", "host"))
    assert not blame.is_shared


def test_what_is_in_the_way_of_the_only_tenant_is_shared() -> None:
    assert shared(outcome("a", "host"), outcome("a"))
