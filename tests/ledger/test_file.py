"""A ledger in a file: one run at a time, the old one whole until the new one is."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from statusbot.errors import UsageError
from statusbot.ledger import file
from statusbot.ledger.busy import Busy
from statusbot.ledger.file import FileLedger
from statusbot.ledger.memory import Ledger


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


def save(path: Path, at: float) -> None:
    with FileLedger(path) as store:
        store.ledger.polls["scope"] = at
        store.save()


def load(path: Path) -> Ledger:
    with FileLedger(path) as store:
        return store.ledger


def test_a_file_that_is_not_there_is_an_empty_ledger(path: Path) -> None:
    assert load(path) == Ledger()


def test_what_is_saved_is_read_by_the_next_run(path: Path) -> None:
    save(path, 5.0)
    assert load(path).polls == {"scope": 5.0}


def test_what_is_not_saved_is_not_kept(path: Path) -> None:
    with FileLedger(path) as store:
        store.ledger.polls["scope"] = 5.0
    assert load(path) == Ledger()


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_nobody_else_may_read_it(path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        save(path, 5.0)
    finally:
        os.umask(before)
    modes = {one.name: one.stat().st_mode & 0o777 for one in path.parent.iterdir()}
    assert modes == {"ledger": 0o600, "ledger.lock": 0o600}


def test_one_that_others_could_read_is_closed_to_them(path: Path) -> None:
    save(path, 1.0)
    path.chmod(0o644)
    save(path, 2.0)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_second_run_hears_that_it_is_busy(path: Path) -> None:
    with FileLedger(path), pytest.raises(Busy) as caught, FileLedger(path):
        pass
    assert str(caught.value) == f"{path}: another run holds the ledger"
    assert caught.value.exit_code == 0


def test_a_run_that_found_it_busy_leaves_it_locked(path: Path) -> None:
    with FileLedger(path):
        for _ in range(2):
            with pytest.raises(Busy), FileLedger(path):
                pass


def test_who_peeks_waits_for_no_run_and_keeps_none_away(path: Path) -> None:
    save(path, 5.0)
    with FileLedger(path) as store:
        store.ledger.polls["scope"] = 6.0
        assert FileLedger(path).peek() == Ledger(polls={"scope": 5.0})
        store.save()
        assert FileLedger(path).peek() == Ledger(polls={"scope": 6.0})


def test_who_peeks_changes_no_file(path: Path) -> None:
    save(path, 5.0)
    (path.parent / "ledger.lock").unlink()
    before = path.stat()
    FileLedger(path).peek()
    assert [one.name for one in path.parent.iterdir()] == ["ledger"]
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_who_peeks_at_a_folder_hears_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the ledger cannot be read: Is a directory"):
        FileLedger(tmp_path).peek()


def test_who_peeks_at_a_damaged_file_sees_an_empty_ledger(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_bytes(b"{")
    assert FileLedger(path).peek() == Ledger()
    assert "it is damaged" in caplog.text


def test_the_next_run_may_use_it_when_the_first_has_ended(path: Path) -> None:
    with FileLedger(path):
        pass
    with FileLedger(path):
        pass


def test_the_lock_is_let_go_when_the_file_cannot_be_used(path: Path) -> None:
    path.write_bytes(b"")
    store = FileLedger(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file, "decode", _raising(OSError(errno.EIO, "input/output error")))
        with pytest.raises(UsageError, match="input/output error"), store:
            pass
    with FileLedger(path):
        pass


def test_the_lock_is_let_go_when_reading_is_interrupted(path: Path) -> None:
    path.write_bytes(b"")
    store = FileLedger(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file, "decode", _raising(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt), store:
            pass
    with FileLedger(path):
        pass


def _raising(error: BaseException) -> object:
    def raising(*_: object) -> None:
        raise error

    return raising


def _dying(_: Ledger) -> Iterator[bytes]:
    yield b"half a ledg"
    raise KeyboardInterrupt


def test_a_run_that_dies_while_it_saves_leaves_the_old_one_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(path, 1.0)
    monkeypatch.setattr(file, "encode", _dying)
    with pytest.raises(KeyboardInterrupt):
        save(path, 2.0)
    assert load(path).polls == {"scope": 1.0}


def test_a_failed_save_leaves_nothing_beside_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "encode", _dying)
    with pytest.raises(KeyboardInterrupt):
        save(path, 2.0)
    assert [one.name for one in path.parent.iterdir()] == ["ledger.lock"]


def test_what_a_killed_run_left_half_written_is_in_nobodys_way(path: Path) -> None:
    (path.parent / "ledger.tmp").write_bytes(b"half a ledg")
    save(path, 2.0)
    assert sorted(one.name for one in path.parent.iterdir()) == ["ledger", "ledger.lock"]


def test_a_full_disk_is_a_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    monkeypatch.setattr(os, "fsync", _raising(full))
    with pytest.raises(UsageError, match="the ledger cannot be used: No space left on device"):
        save(path, 1.0)


def test_a_damaged_file_is_an_empty_ledger_and_a_warning(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_bytes(b"no ledger")
    with caplog.at_level(logging.WARNING):
        assert load(path) == Ledger()
    assert f"ledger {path}: it is damaged; the forge is asked instead" in caplog.text


def test_a_damaged_file_is_mended_by_the_next_save(path: Path) -> None:
    path.write_bytes(b"no ledger")
    save(path, 3.0)
    assert load(path).polls == {"scope": 3.0}


@pytest.mark.parametrize("where", ["file/ledger", "folder", "folder/..", ".", "n" * 300])
def test_a_path_that_cannot_be_used_is_a_sentence_and_leaves_nothing(
    tmp_path: Path, where: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    there = sorted(tmp_path.iterdir())
    with pytest.raises(UsageError) as caught, FileLedger(tmp_path / where):
        pass
    assert "the ledger cannot be used: " in str(caught.value)
    assert sorted(tmp_path.iterdir()) == there


@pytest.mark.parametrize("look", [False, True], ids=["run", "peek"])
def test_what_is_no_file_is_neither_replaced_nor_waited_for(tmp_path: Path, look: bool) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UsageError, match="Not a regular file"):
        if look:
            FileLedger(pipe).peek()
        else:
            FileLedger(pipe).__enter__()
    assert os.listdir(tmp_path) == ["pipe"]


def test_two_names_of_one_file_are_one_ledger(path: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(path)
    with FileLedger(path) as store, pytest.raises(Busy), FileLedger(tmp_path / "link"):
        pass
    with FileLedger(tmp_path / "link") as store:
        store.ledger.polls["scope"] = 3.0
        store.save()
    assert (tmp_path / "link").is_symlink()
    assert load(path).polls == {"scope": 3.0}


def test_the_root_is_no_ledger() -> None:
    with pytest.raises(UsageError, match="Is a directory"), FileLedger(Path("/")):
        pass


def test_a_file_system_without_locks_is_a_sentence(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fcntl, "flock", _raising(OSError(errno.ENOLCK, "No locks available")))
    with pytest.raises(UsageError, match="No locks available"), FileLedger(path):
        pass


def test_the_lock_is_not_inherited_by_a_child(path: Path) -> None:
    with FileLedger(path) as store:
        assert store._lock is not None
        assert not os.get_inheritable(store._lock)


def test_a_folder_that_is_missing_is_made_for_this_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "deep" / "ledger"
    with FileLedger(path) as store:
        store.save()
    assert path.exists()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
