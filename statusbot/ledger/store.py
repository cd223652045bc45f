"""Which ledger a run uses: ``--ledger configmap[:NS/NAME]|file:PATH|none``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Protocol

from statusbot.cluster.api import api_of
from statusbot.cluster.base import Cluster
from statusbot.ledger.memory import Ledger
from statusbot.ledger.place import place_of, unknown


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


class LookedAt:
    """Another store, for a dry run: read as it is, whoever has it, never taken and never written."""

    def __init__(self, store: _Open) -> None:
        """Nothing is read yet."""
        self.ledger = Ledger()
        self._store = store

    def __enter__(self) -> LookedAt:
        """Read. Raises what ``peek`` raises."""
        self.ledger = self._store.peek() or Ledger()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Nothing to give back."""

    def save(self) -> None:
        """Nothing came of it that is worth keeping."""


def open_store(
    option: str,
    cluster: Cluster | None = None,
    *,
    suffix: str = "",
    on_lost: Callable[[], None] = lambda: None,
    dry_run: bool = False,
) -> Store:
    """The store that the option names, as ``place.resolve`` has it. Raises UsageError.

    ``cluster`` is where a configmap ledger is, ``suffix`` what tells the one of a shard.
    ``on_lost`` is called from a thread of its own when another run took the ledger from this one.
    A ``dry_run`` only looks at it.
    """
    store = _store(option, cluster, suffix, on_lost)
    return LookedAt(store) if dry_run else store


def peek(option: str, cluster: Cluster | None = None, *, suffix: str = "") -> Ledger | None:
    """The ledger that the option names, for who only looks: nothing is locked, nothing written.

    None where no run has made it yet. Raises UsageError, too where it cannot be read.
    """
    return _store(option, cluster, suffix, lambda: None).peek()


def _store(option: str, cluster: Cluster | None, suffix: str, on_lost: Callable[[], None]) -> _Open:
    kind, _, rest = option.partition(":")
    if option == "none":
        return NoLedger()
    if kind == "file" and rest:
        from statusbot.ledger.file import FileLedger

        return FileLedger(Path(rest + suffix))
    place, api = place_of(option, suffix), api_of(cluster) if cluster is not None else None
    if place is not None and api is not None:
        from statusbot.ledger.configmap import ConfigMapLedger

        return ConfigMapLedger(api, place, on_lost=on_lost)
    raise unknown(option)
