"""What every ledger promises, and what ``none`` does not."""

from __future__ import annotations

import logging

import pytest

from statusbot.ledger.busy import Busy
from statusbot.ledger.memory import Ledger
from tests.support.ledgers import Home, filled, memory


def saved(place: Home, *numbers: int, at: float = 5.0) -> Ledger:
    with place.store() as store:
        filled(store.ledger, numbers, at=at)
        store.save()
        return store.ledger


def read(place: Home) -> Ledger:
    with place.store() as store:
        return store.ledger


def nothing(place: Home) -> Ledger:
    return Ledger(kept=place.keeps)


def test_the_first_run_finds_nothing(place: Home) -> None:
    assert read(place) == nothing(place)


def test_what_was_saved_is_what_is_read(place: Home) -> None:
    """With none it is forgotten, and the run knows that."""
    before = saved(place, 1, 2, 3)
    assert read(place) == (before if place.keeps else nothing(place))


def test_what_was_not_saved_is_not_kept(place: Home) -> None:
    with place.store() as store:
        filled(store.ledger, [1])
    assert read(place) == nothing(place)


def test_the_last_of_two_saves_counts(place: Home) -> None:
    with place.store() as store:
        filled(store.ledger, [1], "BuildFailed").polls.clear()
        store.save()
        filled(store.ledger, [1, 2])
        store.save()
    assert read(place) == (filled(Ledger(), [1, 2]) if place.keeps else nothing(place))


def test_what_was_forgotten_is_gone(place: Home) -> None:
    saved(place, 1, 2)
    with place.store() as store:
        store.ledger.objects.pop(memory(1).object.key, None)
        store.save()
    assert read(place) == (filled(Ledger(), [2]) if place.keeps else nothing(place))


def test_a_second_run_is_turned_away_and_that_is_no_error(place: Home) -> None:
    """None lets it in: both may post."""
    with place.store():
        if place.alone:
            with pytest.raises(Busy, match="another run holds the ledger") as caught, place.store():
                pass
            assert caught.value.exit_code == 0
        else:
            with place.store():
                pass


def test_who_is_turned_away_leaves_the_other_alone(place: Home) -> None:
    with place.store() as store:
        for _ in range(2):
            if place.alone:
                with pytest.raises(Busy), place.store():
                    pass
        filled(store.ledger, [1])
        store.save()
    assert len(read(place).objects) == place.keeps


def test_the_next_run_is_let_in(place: Home) -> None:
    for _ in range(3):
        with place.store():
            pass


def test_a_run_that_fails_lets_the_next_one_in(place: Home) -> None:
    with pytest.raises(RuntimeError), place.store():
        raise RuntimeError
    with place.store():
        pass


def test_a_run_that_was_killed_is_in_nobody_s_way(place: Home) -> None:
    store = place.store()
    store.__enter__()
    filled(store.ledger, [1])
    store.save()
    place.die(store)
    assert len(read(place).objects) == place.keeps


def test_who_only_looks_needs_no_turn(place: Home) -> None:
    before = saved(place, 1)
    with place.store():
        found = place.peek()
    assert found == (before if place.keeps else nothing(place))


def test_who_only_looks_where_nothing_is_sees_that(place: Home) -> None:
    assert place.peek() == (None if place.keeps else nothing(place))


@pytest.mark.parametrize("data", [b"", b"no ledger", b"\0" * 99])
def test_a_damaged_ledger_is_a_warning_and_mended_by_the_next_save(
    place: Home, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    saved(place, 1, 2)
    place.damage(data)
    with caplog.at_level(logging.WARNING):
        assert read(place) == nothing(place)
    assert ("it is damaged; the forge is asked instead" in caplog.text) == place.keeps
    after = saved(place, 3)
    caplog.clear()
    assert read(place) == (after if place.keeps else nothing(place))
    assert caplog.text == ""


def test_another_version_s_ledger_is_a_warning_and_written_over(
    place: Home, caplog: pytest.LogCaptureFixture
) -> None:
    saved(place, 1)
    place.other_version()
    with caplog.at_level(logging.WARNING):
        assert read(place) == nothing(place)
    assert ("it was written by another version (2)" in caplog.text) == place.keeps
    after = saved(place, 1)
    assert read(place) == (after if place.keeps else nothing(place))


def test_a_ledger_that_was_deleted_is_a_new_one(place: Home) -> None:
    saved(place, 1)
    place.remove()
    assert read(place) == nothing(place)


def test_one_that_is_deleted_while_a_run_has_it_is_made_again(place: Home) -> None:
    saved(place, 1)
    with place.store() as store:
        place.remove()
        filled(store.ledger, [1, 2], at=6.0)
        store.save()
    assert read(place) == (filled(Ledger(), [1, 2], at=6.0) if place.keeps else nothing(place))
