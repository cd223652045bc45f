"""What the later stages know of a cluster, whether it is live or a pile of dump files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from statusbot.cluster.kinds import Kind
from statusbot.manifests.invalid import Invalid

Object = dict[str, Any]


class Cluster(Protocol):
    """Objects as plain dicts, one at a time; each has ``apiVersion`` and ``kind``.

    All that asks the server raises ``ClusterError`` when it does not answer as it should and
    ``UsageError`` (``Forbidden``, ``NotInstalled``, refused credentials) when somebody has to
    change something first.
    """

    @property
    def name(self) -> str:
        """The API server's URL, or ``files``."""

    @property
    def problems(self) -> Sequence[Invalid]:
        """What was no object, so far; it was left out and the others went on."""

    @property
    def live(self) -> bool:
        """Whether there is a server behind it: what is read again may have changed."""

    def now(self) -> datetime:
        """The server's clock, aware and in UTC; for files the local one."""

    def serves(self, kind: Kind) -> bool:
        """Whether the kind exists there at all."""

    def list(self, kind: Kind, namespaces: Sequence[str] = ()) -> Iterator[Object]:
        """Every object of a kind, of these namespaces only if any are given.

        Lazy: the next object is read when it is asked for. A reader that dawdles loses the stream.
        No object comes twice, however the listing had to be pieced together; one that changed
        meanwhile is as it was when it came. ``NotInstalled`` when the kind is not served.
        """

    def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """One object as it is now, None when there is none."""

    def secret(self, namespace: str, name: str) -> Mapping[str, bytes] | None:
        """A Secret's values, decoded; None when there is none."""
