"""Which ledger an option names."""

from __future__ import annotations

from pathlib import Path

import pytest

from statusbot.errors import UsageError
from statusbot.ledger.file import FileLedger
from statusbot.ledger.store import open_store, peek


def test_a_path_is_a_file(tmp_path: Path) -> None:
    with open_store(f"file:{tmp_path / 'a:b'}") as store:
        assert isinstance(store, FileLedger)
        store.save()
    assert (tmp_path / "a:b").exists()


def test_none_keeps_nothing() -> None:
    with open_store("none") as store:
        store.ledger.polls["scope"] = 1.0
        store.save()
    with open_store("none") as store:
        assert (store.ledger.kept, store.ledger.polls) == (False, {})


@pytest.mark.parametrize(
    "option",
    [
        "",
        "file",
        "file:",
        "File:x",
        "none:x",
        "configmap",
        "configmap:",
        "configmap:a/b/c",
        "/tmp/x",
    ],
)
def test_anything_else_is_a_sentence(option: str) -> None:
    with pytest.raises(UsageError, match=r"there is no ledger .*file:PATH or none"):
        open_store(option)


def test_who_peeks_sees_what_was_saved(tmp_path: Path) -> None:
    option = f"file:{tmp_path / 'ledger'}"
    with open_store(option) as store:
        store.ledger.polls["scope"] = 1.0
        store.save()
    found = peek(option)
    assert found is not None
    assert found.polls == {"scope": 1.0}


def test_who_peeks_at_nothing_makes_nothing(tmp_path: Path) -> None:
    assert peek(f"file:{tmp_path / 'ledger'}") is None
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_sees_what_was_saved_and_waits_for_nobody(tmp_path: Path) -> None:
    option = f"file:{tmp_path / 'ledger'}"
    with open_store(option) as store:
        store.ledger.polls["scope"] = 1.0
        store.save()
        with open_store(option, dry_run=True) as dry:
            assert dry.ledger.polls == {"scope": 1.0}


def test_a_dry_run_makes_nothing(tmp_path: Path) -> None:
    with open_store(f"file:{tmp_path / 'new' / 'ledger'}", dry_run=True) as store:
        store.save()
    assert list(tmp_path.iterdir()) == []


def test_who_peeks_where_nothing_is_kept_sees_that() -> None:
    found = peek("none")
    assert found is not None
    assert not found.kept


def test_each_shard_has_a_file_of_its_own(tmp_path: Path) -> None:
    option = f"file:{tmp_path / 'ledger'}"
    with open_store(option, suffix="-shard-0-of-2") as one, open_store(option) as other:
        one.save()
        other.save()
    assert (tmp_path / "ledger-shard-0-of-2").exists()
    assert peek(option, suffix="-shard-1-of-2") is None
