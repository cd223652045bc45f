"""A ledger in a file: locked while a run uses it, replaced as a whole, mended when it is broken."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
from pathlib import Path
from types import TracebackType

from statusbot.errors import UsageError
from statusbot.ledger.busy import Busy
from statusbot.ledger.codec import Unreadable, decode, encode
from statusbot.ledger.memory import Ledger

log = logging.getLogger(__name__)


class FileLedger:
    """``--ledger file:PATH``. A context manager: the lock is held from enter to exit."""

    def __init__(self, path: Path) -> None:
        """Open nothing yet."""
        # It is replaced, and its lock is beside it: whatever name it is given, it is one file.
        self._path = Path(os.path.realpath(path)) if os.path.islink(path) else path
        self._lock: int | None = None
        self.ledger = Ledger()

    def __enter__(self) -> FileLedger:
        """Lock and read. Raises Busy, or UsageError where the path cannot be used."""
        # A lock file of its own: the ledger itself is replaced, and a lock on it with it.
        try:
            self._check()
            # What a CI system keeps between two runs is not there before the first.
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(self._beside("lock"), os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.ledger = self._read() or Ledger()
        except BlockingIOError as error:
            self._unlock()
            raise Busy("another run holds the ledger", where=str(self._path)) from error
        except OSError as error:
            self._unlock()
            raise self._unusable(error) from error
        except BaseException:
            self._unlock()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let the next run in. Saving is the run's own decision."""
        self._unlock()

    def save(self) -> None:
        """Write the whole ledger beside the old one, and put it in its place."""
        # One name for all runs, which take turns: what a killed one left there is no litter.
        temporary = self._beside("tmp")
        try:
            temporary.unlink(missing_ok=True)
            with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
                f.writelines(encode(self.ledger))
                f.flush()
                os.fsync(f.fileno())
            os.replace(temporary, self._path)
        except OSError as error:
            raise self._unusable(error) from error
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)

    def peek(self) -> Ledger | None:
        """What it holds now, without the lock: it is only ever replaced as a whole.

        None where there is no file yet. Raises UsageError.
        """
        try:
            self._check()
            return self._read()
        except OSError as error:
            raise UsageError(
                f"the ledger cannot be read: {error.strerror}",
                where=str(self._path),
                todo="name a file that this user can read",
            ) from error

    def _check(self) -> None:
        """Raises OSError for what is no file: a device would be replaced, a pipe waited for."""
        if self._path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if self._path.exists() and not self._path.is_file():
            raise OSError(errno.EINVAL, "Not a regular file")

    def _read(self) -> Ledger | None:
        try:
            with self._path.open("rb") as lines:
                return decode(lines)
        except FileNotFoundError:
            return None
        except Unreadable as unreadable:
            log.warning("ledger %s: %s; the forge is asked instead", self._path, unreadable)
            return Ledger()

    def _beside(self, what: str) -> Path:
        return self._path.parent / f"{self._path.name}.{what}"

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _unusable(self, error: OSError) -> UsageError:
        return UsageError(
            f"the ledger cannot be used: {error.strerror}",
            where=str(self._path),
            todo="name a file in a folder that this user can write",
        )
