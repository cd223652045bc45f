"""Which ledger a run uses: ``--ledger file:PATH|none``."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Protocol

from statusbot.errors import UsageError
from statusbot.ledger.memory import Ledger


class Store(Protocol):
    """Where a ledger is between two runs."""

    ledger: Ledger

    def __enter__(self) -> Store:
        """Take it for this run."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let the next run have it."""

    def save(self) -> None:
        """Keep what it holds now."""


class _Open(Store, Protocol):
    def peek(self) -> Ledger | None: ...


class NoLedger:
    """``--ledger none``: every run asks the forge. Two runs at once may double a status."""

    def __init__(self) -> None:
        """Nothing to open."""
        self.ledger = Ledger(kept=False)

    def __enter__(self) -> NoLedger:
        """Nothing to take."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Nothing to give back."""

    def save(self) -> None:
        """Nothing to keep."""

    def peek(self) -> Ledger:
        """Nothing is held."""
        return self.ledger


def open_store(option: str) -> Store:
    """The store that the option names. Raises UsageError."""
    return _store(option)


def peek(option: str) -> Ledger | None:
    """The ledger that the option names, for who only looks: nothing is locked, nothing written.

    None where no run has made it yet. Raises UsageError, too where it cannot be read.
    """
    return _store(option).peek()


def _store(option: str) -> _Open:
    kind, _, rest = option.partition(":")
    if option == "none":
        return NoLedger()
    if kind == "file" and rest:
        from statusbot.ledger.file import FileLedger

        return FileLedger(Path(rest))
    raise UsageError(f"there is no ledger {option!r}", todo="use file:PATH or none")
