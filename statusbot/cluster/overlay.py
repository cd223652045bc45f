"""A cluster some of whose kinds come from files (``--alerts-from``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from statusbot.cluster.api import Api, api_of
from statusbot.cluster.base import SECONDS, Cluster, Feed, Followed
from statusbot.cluster.files import Files
from statusbot.cluster.kinds import ALERT, PROVIDER, SECRET, Kind
from statusbot.errors import UsageError
from statusbot.manifests.invalid import Invalid


class Overlay:
    """``Cluster`` that takes ``kinds`` from files only, Secrets from there first, else from base.

    So a Provider in a file may use a Secret of the cluster, or bring its own.
    """

    def __init__(
        self, base: Cluster, files: Files, kinds: Sequence[Kind] = (ALERT, PROVIDER)
    ) -> None:
        """Both stay usable on their own."""
        self._base = base
        self._files = files
        self._kinds = frozenset(kinds)

    @property
    def name(self) -> str:
        """The base's."""
        return self._base.name

    @property
    def live(self) -> bool:
        """The base's."""
        return self._base.live

    @property
    def api(self) -> Api | None:
        """The base's."""
        return api_of(self._base)

    @property
    def problems(self) -> Sequence[Invalid]:
        """Of both."""
        return [*self._base.problems, *self._files.problems]

    def now(self) -> datetime:
        """The base's clock."""
        return self._base.now()

    def serves(self, kind: Kind) -> bool:
        """What comes from files needs nothing in the cluster."""
        return kind in self._kinds or self._base.serves(kind)

    def list(self, kind: Kind, namespaces: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
        """From where the kind comes."""
        return self._of(kind).list(kind, namespaces)

    def feeds(
        self, kind: Kind, namespaces: Sequence[str] = (), seconds: float = SECONDS
    ) -> Sequence[Feed]:
        """From where the kind comes; ``UsageError`` when that cannot be followed."""
        of = self._of(kind)
        if not isinstance(of, Followed):
            raise UsageError(f"changes cannot be followed in {self.name}")
        return of.feeds(kind, namespaces, seconds)

    def afresh(self) -> None:
        """The base's; files are read once."""
        if isinstance(self._base, Followed):
            self._base.afresh()

    def get(self, kind: Kind, namespace: str, name: str) -> dict[str, Any] | None:
        """From where the kind comes; a Secret from the files if they have it."""
        if kind == SECRET:
            found = self._files.get(kind, namespace, name)
            return found or self._base.get(kind, namespace, name)
        return self._of(kind).get(kind, namespace, name)

    def secret(self, namespace: str, name: str) -> Mapping[str, bytes] | None:
        """From the files if they have it, else the base's."""
        values = self._files.secret(namespace, name)
        return self._base.secret(namespace, name) if values is None else values

    def events(self, namespace: str, uid: str) -> Sequence[dict[str, Any]]:
        """The base's, whose objects they are about."""
        return self._base.events(namespace, uid)

    def _of(self, kind: Kind) -> Cluster:
        return self._files if kind in self._kinds else self._base
