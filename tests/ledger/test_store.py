"""Which ledger an option names."""

from __future__ import annotations

from pathlib import Path

import pytest

from statusbot.errors import UsageError
from statusbot.ledger.file import FileLedger
from statusbot.ledger.store import open_store


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


@pytest.mark.parametrize("option", ["", "file", "file:", "File:x", "none:x", "configmap", "/tmp/x"])
def test_anything_else_is_a_sentence(option: str) -> None:
    with pytest.raises(UsageError, match="use file:PATH or none"):
        open_store(option)
