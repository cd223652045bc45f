"""The Lease of a ledger in ConfigMaps: who has it, until when, and who may take it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from statusbot.errors import Stopped, UsageError
from statusbot.ledger import lease
from statusbot.ledger.busy import Busy, Lost
from statusbot.ledger.place import Place
from tests.support.ledgers import LEASES, ConfigMapPlace, filled

MICRO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Renewed all the time."""
    monkeypatch.setattr(lease, "EVERY", 0.01)
    monkeypatch.setattr(lease, "AGAIN", 0.01)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def ago(maps: ConfigMapPlace, seconds: float) -> str:
    return (maps.api.now() - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_it_is_written_as_client_go_writes_it(maps: ConfigMapPlace) -> None:
    with maps.store() as store:
        spec = maps.lease["spec"]
        assert spec["holderIdentity"] == store._lease.holder
        assert (spec["leaseDurationSeconds"], spec["leaseTransitions"]) == (15, 0)
        assert MICRO.fullmatch(spec["acquireTime"]) and MICRO.fullmatch(spec["renewTime"])


def test_it_is_nobodys_once_it_is_given_back(maps: ConfigMapPlace) -> None:
    with maps.store():
        pass
    spec = maps.lease["spec"]
    assert (spec["holderIdentity"], spec["leaseDurationSeconds"]) == ("", 1)


def test_every_other_holder_is_a_transition(maps: ConfigMapPlace) -> None:
    for number in range(3):
        with maps.store():
            assert maps.lease["spec"]["leaseTransitions"] == number


def test_who_holds_it_and_since_when_is_told(maps: ConfigMapPlace) -> None:
    with maps.store() as store:
        since = maps.lease["spec"]["acquireTime"][:19]
        with pytest.raises(Busy) as caught, maps.store():
            pass
    what = f"another run holds the ledger: {store._lease.holder}, since {since}Z"
    assert caught.value.what == what


@pytest.mark.parametrize(("seconds", "taken"), [(5, False), (13, False), (16, True), (4000, True)])
def test_it_is_taken_when_nobody_renewed_it_for_its_duration(
    maps: ConfigMapPlace, seconds: float, taken: bool
) -> None:
    with maps.store():
        pass
    maps.set_lease(holderIdentity="another", leaseDurationSeconds=15, renewTime=ago(maps, seconds))
    if not taken:
        with pytest.raises(Busy), maps.store():
            pass
        return
    with maps.store() as store:
        assert maps.lease["spec"]["holderIdentity"] == store._lease.holder


@pytest.mark.parametrize("seconds", [-60, -7200])
def test_a_time_to_come_keeps_it_for_an_hour_at_most(maps: ConfigMapPlace, seconds: float) -> None:
    with maps.store():
        pass
    maps.set_lease(holderIdentity="x", leaseDurationSeconds=15, renewTime=ago(maps, seconds))
    if seconds == -60:
        with pytest.raises(Busy), maps.store():
            pass
    else:
        with maps.store():
            pass


def test_nobody_holds_it_for_years(maps: ConfigMapPlace) -> None:
    with maps.store():
        pass
    maps.set_lease(holderIdentity="x", leaseDurationSeconds=2**31 - 1, renewTime=ago(maps, 4000))
    with maps.store() as store:
        assert maps.lease["spec"]["holderIdentity"] == store._lease.holder


def test_it_is_taken_however_often_it_was_before(maps: ConfigMapPlace) -> None:
    with maps.store():
        pass
    maps.set_lease(leaseTransitions=2**31 - 1)
    with maps.store() as store:
        assert maps.lease["spec"]["holderIdentity"] == store._lease.holder


def test_one_with_nothing_in_it_is_free(maps: ConfigMapPlace) -> None:
    path = LEASES.format(maps.namespace)
    metadata = {"namespace": maps.namespace, "name": maps.place.name}
    maps.admin.post(path, {"metadata": metadata}).ok()
    with maps.store() as store:
        assert maps.lease["spec"]["holderIdentity"] == store._lease.holder


def test_a_holder_s_name_cannot_forge_a_line(maps: ConfigMapPlace) -> None:
    with maps.store():
        maps.set_lease(holderIdentity="a\nstatusbot: all is well\x1b[2J")
        with pytest.raises(Busy) as caught, maps.store():
            pass
        assert str(caught.value).isprintable()
        maps.set_lease(holderIdentity="")


def test_of_many_that_come_at_once_one_gets_it(maps: ConfigMapPlace) -> None:
    go, said = threading.Barrier(6), list[str]()
    done = threading.Barrier(6)

    def run() -> None:
        go.wait()
        try:
            with maps.store():
                said.append("took it")
                done.wait(60)
        except Busy:
            said.append("busy")
            done.wait(60)

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["busy"] * 5 + ["took it"]


@pytest.mark.usefixtures("hasty")
def test_it_is_renewed(maps: ConfigMapPlace) -> None:
    with maps.store():
        before = maps.lease
        until(lambda: maps.lease["spec"]["renewTime"] > before["spec"]["renewTime"])
        after = maps.lease["spec"]
    assert after["acquireTime"] == before["spec"]["acquireTime"]


@pytest.mark.usefixtures("hasty")
def test_one_that_is_deleted_is_made_again(maps: ConfigMapPlace) -> None:
    path = f"{LEASES.format(maps.namespace)}/{maps.place.name}"
    with maps.store() as store:
        maps.admin.delete(path).ok()
        until(lambda: maps.admin.get(path).status == 200)
        assert maps.lease["spec"]["holderIdentity"] == store._lease.holder


def take_away(maps: ConfigMapPlace) -> None:
    while True:  # until it is not renewed at the same moment
        try:
            maps.set_lease(holderIdentity="another")
        except AssertionError:
            continue
        return


@pytest.mark.usefixtures("hasty")
def test_a_run_that_another_took_it_from_is_told_and_ends_with_an_error(
    maps: ConfigMapPlace,
) -> None:
    lost = threading.Event()
    with pytest.raises(Lost, match="another run took the ledger: another") as caught:
        with maps.store(lost.set):
            take_away(maps)
            assert lost.wait(60)
    assert caught.value.exit_code == 1


@pytest.mark.usefixtures("hasty")
def test_what_it_holds_is_not_saved_over_the_other_s(maps: ConfigMapPlace) -> None:
    lost = threading.Event()
    with pytest.raises(Lost), maps.store(lost.set) as store:
        filled(store.ledger, [1])
        take_away(maps)
        assert lost.wait(60)
        with pytest.raises(Lost):
            store.save()
    assert maps.names() == []


@pytest.mark.usefixtures("hasty")
def test_it_is_the_other_s_afterwards(maps: ConfigMapPlace) -> None:
    lost = threading.Event()
    with pytest.raises(Lost), maps.store(lost.set):
        take_away(maps)
        assert lost.wait(60)
    assert maps.lease["spec"]["holderIdentity"] == "another"


@pytest.mark.usefixtures("hasty")
def test_a_signal_that_came_of_it_is_no_interruption(maps: ConfigMapPlace) -> None:
    lost = threading.Event()
    with pytest.raises(Lost), maps.store(lost.set):
        take_away(maps)
        assert lost.wait(60)
        raise Stopped


def test_who_cannot_renew_it_has_it_no_more_before_anybody_else_may(
    maps: ConfigMapPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lease.OURS < lease.SECONDS - 1
    with pytest.raises(Lost, match="could not be renewed in time"), maps.store() as store:
        later = time.monotonic() + lease.OURS
        store._lease._clock = lambda: later
        store.save()
    # It is not given back by who may not have it any more.
    assert maps.lease["spec"]["holderIdentity"] == store._lease.holder


@pytest.mark.usefixtures("hasty")
def test_a_run_that_cannot_renew_it_is_told(
    maps: ConfigMapPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = threading.Event()
    with pytest.raises(Lost, match="could not be renewed in time"):
        with maps.store(lost.set) as store:
            later = time.monotonic() + lease.OURS
            monkeypatch.setattr(store._lease, "_write", lambda *_: False)
            store._lease._clock = lambda: later
            assert lost.wait(60)


@pytest.mark.usefixtures("hasty")
def test_a_run_is_told_though_a_bug_keeps_it_from_renewing(
    maps: ConfigMapPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = threading.Event()

    def bug(*_: object) -> bool:
        raise ZeroDivisionError("a bug")

    with pytest.raises(Lost, match="could not be renewed in time"):
        with maps.store(lost.set) as store:
            later = time.monotonic() + lease.OURS
            monkeypatch.setattr(store._lease, "_renew", bug)
            store._lease._clock = lambda: later
            assert lost.wait(60)


def test_one_in_no_namespace_is_a_sentence(maps: ConfigMapPlace) -> None:
    maps.place = Place("no-such", "statusbot")
    with pytest.raises(UsageError, match="kubectl create namespace no-such") as caught:
        maps.store().__enter__()
    assert 'namespaces "no-such" not found' in str(caught.value)
