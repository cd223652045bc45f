"""Saves into ConfigMaps that break off, or go wrong at one call: what is read by the next run."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from statusbot.cluster.errors import Rejected, Unanswered
from statusbot.errors import ClusterError
from statusbot.ledger import buckets
from statusbot.ledger.buckets import number_of
from statusbot.ledger.busy import Lost
from statusbot.ledger.configmap import ConfigMapLedger
from statusbot.ledger.memory import Ledger, Memory
from tests.support.ledgers import ConfigMapPlace, Killed, filled, memory

Change = Callable[[Ledger], None]


def _grow(ledger: Ledger) -> None:
    filled(ledger, range(12), "BuildFailed", at=6.0)


def _change(ledger: Ledger) -> None:
    filled(ledger, [0, 3, 4, 7], "BuildFailed", at=6.0)


def _forget(ledger: Ledger) -> None:
    ledger.objects = {key: one for key, one in ledger.objects.items() if one.object.name == "app-3"}
    filled(ledger, [3], "BuildFailed", at=6.0)


CHANGES: dict[str, Change] = {"changes": _change, "grows": _grow, "forgets": _forget}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few objects have many buckets."""
    monkeypatch.setattr(buckets, "EACH", 2)


def begun(maps: ConfigMapPlace, many: int = 12) -> ConfigMapLedger:
    """A run of a ledger with so many objects."""
    maps.api.clear()
    maps.remove()
    with maps.store() as store:
        filled(store.ledger, range(many))
        store.save()
    store = maps.store()
    store.__enter__()
    maps.api.clear()
    return store


def read(maps: ConfigMapPlace) -> Ledger:
    with maps.store() as store:
        return store.ledger


def news(ledger: Ledger) -> set[str]:
    """The objects that say what they said last."""
    return {key for key, one in ledger.objects.items() if "BuildFailed" in str(one.posted)}


def in_bucket(name: str, ledger: Ledger) -> set[str]:
    of, _, number = name.removeprefix("statusbot-").partition("-")
    return {key for key in ledger.objects if number and number_of(key, int(of)) == int(number)}


class Killer:
    """The run dies at one of its calls, before or after that is done."""

    def __init__(self, at: int, *, stored: bool) -> None:
        self.at, self.stored = at, stored
        self.answered: list[str] = []

    def before(self, number: int, method: str, path: str) -> None:
        if number == self.at and not self.stored:
            raise Killed

    def after(self, number: int, method: str, path: str) -> None:
        self.answered.append(path.rpartition("/")[2])
        if number == self.at and self.stored:
            raise Killed


def saves(maps: ConfigMapPlace, store: ConfigMapLedger, killer: Killer) -> bool:
    """Whether the save came to its end."""
    maps.api.before, maps.api.after = killer.before, killer.after
    try:
        store.save()
    except Killed:
        maps.api.clear()
        maps.die(store)
        return False
    maps.api.clear()
    store.__exit__(None, None, None)
    return True


@pytest.mark.parametrize("stored", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("maps", "change"),
    # The order of the calls is ours; that the real server keeps each of them is seen with one.
    [*(("embedded", change) for change in CHANGES), ("real", "changes")],
    indirect=["maps"],
)
def test_a_run_that_is_killed_at_any_call_of_a_save_loses_nothing_that_was_answered(
    maps: ConfigMapPlace, change: str, stored: bool, caplog: pytest.LogCaptureFixture
) -> None:
    for at in range(1, 100):
        store = begun(maps, 6)
        before = set(store.ledger.objects) & set(memories(store, change))
        killer = Killer(at, stored=stored)
        if saves(maps, store, killer):
            break
        found = read(maps)
        wanted = store.ledger
        kept = {key for name in killer.answered for key in in_bucket(name, wanted)}
        assert kept & news(wanted) <= news(found), at
        assert before <= found.objects.keys(), at
        if found.polls == wanted.polls:
            # Who goes on from this poll must know all that it knew.
            assert news(found) == news(wanted), at
        mended(maps, wanted)
    assert at > 3
    assert caplog.text == ""


def memories(store: ConfigMapLedger, change: str) -> dict[str, Memory]:
    """What the ledger holds after the change."""
    old = store.ledger
    store.ledger = Ledger(objects=dict(old.objects), polls=dict(old.polls))
    CHANGES[change](store.ledger)
    return store.ledger.objects


def mended(maps: ConfigMapPlace, wanted: Ledger) -> None:
    """The run after that saves the same, and leaves nothing else."""
    with maps.store() as store:
        store.ledger = wanted
        store.save()
    assert read(maps) == wanted
    assert len({name.split("-")[1] for name in maps.names() if "-" in name}) == 1


def unanswered() -> ClusterError:
    return Unanswered("the connection broke off")


def busy() -> ClusterError:
    return Rejected("the API server answered 503: not now", status=503)


@pytest.mark.parametrize("error", [unanswered, busy])
@pytest.mark.parametrize("stored", [False, True], ids=["before", "after"])
def test_one_write_that_goes_wrong_is_tried_again(
    maps: ConfigMapPlace,
    stored: bool,
    error: Callable[[], ClusterError],
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = begun(maps)
    with caplog.at_level(logging.WARNING):
        for at in range(1, 6):
            filled(store.ledger, range(30), f"Failed{at}", at=float(at))

            def fail(number: int, method: str, path: str, at: int = at) -> None:
                if number == at:
                    raise error()

            maps.api.clear()
            if stored:
                maps.api.after = fail
            else:
                maps.api.before = fail
            store.save()
            maps.api.clear()
            assert maps.peek() == store.ledger
    maps.api.clear()
    store.__exit__(None, None, None)
    assert caplog.text == ""


def test_a_write_that_never_comes_through_is_an_error(maps: ConfigMapPlace) -> None:
    store = begun(maps)

    def fail(number: int, method: str, path: str) -> None:
        raise busy()

    filled(store.ledger, [1], "BuildFailed")
    maps.api.before = fail
    with pytest.raises(ClusterError, match="503"):
        store.save()
    maps.api.clear()
    store.save()
    assert maps.peek() == store.ledger
    store.__exit__(None, None, None)


def test_only_what_changed_is_written(maps: ConfigMapPlace) -> None:
    store = begun(maps)
    store.ledger.objects["uid-3"] = memory(3, "BuildFailed")
    store.save()
    (bucket,) = [name for name in maps.names() if "uid-3" in in_bucket(name, store.ledger)]
    assert maps.api.calls == [("PUT", bucket), ("PUT", "statusbot")]
    store.__exit__(None, None, None)


def test_a_poll_in_which_nothing_happened_writes_the_header_alone(maps: ConfigMapPlace) -> None:
    store = begun(maps)
    store.ledger.polls["scope"] = 7.0
    store.save()
    store.save()
    assert maps.api.calls == [("PUT", "statusbot")]
    store.__exit__(None, None, None)


def test_a_ledger_is_read_with_one_list(maps: ConfigMapPlace) -> None:
    begun(maps).__exit__(None, None, None)
    read(maps)
    assert maps.api.calls == [("GET", "configmaps")]


def test_a_large_one_is_read_in_pages(
    maps: ConfigMapPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statusbot.ledger.config_maps.PAGE", "3")
    begun(maps).__exit__(None, None, None)
    assert read(maps) == filled(Ledger(), range(12))
    assert len(maps.api.calls) > 1


def test_there_is_a_bucket_for_so_many_objects_and_few_changes_do_not_matter(
    maps: ConfigMapPlace,
) -> None:
    store = begun(maps)
    for many, of in [(12, 8), (30, 16), (17, 16), (5, 16), (4, 2)]:
        store.ledger.objects.clear()
        filled(store.ledger, range(many))
        store.save()
        assert {int(name.split("-")[1]) for name in maps.names()[1:]} == {of}, many
    store.__exit__(None, None, None)


def test_a_bucket_whose_objects_are_forgotten_is_deleted(maps: ConfigMapPlace) -> None:
    store = begun(maps)
    name = maps.names()[1]
    for key in in_bucket(name, store.ledger):
        del store.ledger.objects[key]
    store.save()
    assert ("DELETE", name) in maps.api.calls
    assert name not in maps.names()
    store.__exit__(None, None, None)


# -- what somebody else did -------------------------------------------------------------------


def touched(maps: ConfigMapPlace, name: str) -> None:
    item = maps.admin.get(maps.path(name)).ok()
    item["metadata"]["annotations"] = {"by": "hand"}
    maps.admin.put(maps.path(name), item).ok()


def test_what_was_edited_while_the_ledger_is_ours_is_written_all_the_same(
    maps: ConfigMapPlace, caplog: pytest.LogCaptureFixture
) -> None:
    store = begun(maps)
    touched(maps, "statusbot")
    store.ledger.polls["scope"] = 9.0
    store.save()
    where = f"ConfigMap {maps.namespace}/statusbot"
    assert f"{where}: somebody else changed it; it is written again" in caplog.text
    found = maps.peek()
    assert found is not None and found.polls == {"scope": 9.0}
    store.__exit__(None, None, None)


def test_what_another_run_wrote_is_left_alone(maps: ConfigMapPlace) -> None:
    store = begun(maps)
    maps.set_lease(holderIdentity="another")
    touched(maps, "statusbot")
    before = maps.versions()
    store.ledger.polls["scope"] = 9.0
    with pytest.raises(Lost, match="another run took the ledger: another"):
        store.save()
    with pytest.raises(Lost):
        store.save()
    assert maps.versions() == before
    with pytest.raises(Lost):
        store.__exit__(None, None, None)


def test_one_that_was_made_immutable_is_made_anew(maps: ConfigMapPlace) -> None:
    store = begun(maps)
    item = maps.admin.get(maps.path("statusbot")).ok()
    maps.admin.put(maps.path("statusbot"), item | {"immutable": True}).ok()
    store.ledger.polls["scope"] = 9.0
    store.save()
    assert maps.peek() == store.ledger
    store.__exit__(None, None, None)
