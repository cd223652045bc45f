"""What the later stages know of a cluster, whether it is live or a pile of dump files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlsplit

from statusbot.cluster.kinds import Kind
from statusbot.manifests.invalid import Invalid

Object = dict[str, Any]
SECONDS = 300.0  # how long a feed goes on that nobody gave another time


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

    def events(self, namespace: str, uid: str) -> Sequence[Object]:
        """The core/v1 Events about the object of this uid, in any order; the first 500 at most."""


class Feed(Protocol):
    """One collection: what is there, and then what changes. Read it once, from start to end.

    One thread reads at a time, not always the same one; any thread may close. Who needs to know
    more when it has ended opens another one: its ``initial`` has whatever was missed meanwhile,
    except that what is gone by then is not in it.
    """

    def initial(self) -> Iterator[Object]:
        """Every object once, as ``Cluster.list`` yields and raises.

        ``ClusterError`` also when it is closed before its end: what came is not all. The cluster's
        deadline bounds this part, and only this one.
        """

    def changes(self) -> Iterator[Object]:
        """Once ``initial`` is through: each object that was added, changed or deleted since.

        It comes as it is then, a deleted one as it was last, with a ``deletionTimestamp``; one that
        changed while ``initial`` went on is among them. Blocks while nothing happens.

        Ends when the server ends it (after the feed's seconds, or because it stops), when the place
        to go on from has expired (at once, then), and when it is closed. ``ClusterError`` when
        it is cut or dead, ``Forbidden`` when watching is not allowed.
        """

    def close(self) -> None:
        """From any thread, any number of times: who waits for changes is told that there are none.

        A feed that is not read to its end must be closed, or its connection stays open.
        """


@runtime_checkable
class Followed(Protocol):
    """A cluster whose changes can be followed."""

    def feeds(
        self, kind: Kind, namespaces: Sequence[str] = (), seconds: float = SECONDS
    ) -> Sequence[Feed]:
        """Feeds of a kind that together are what ``list`` gives, and go on for so many seconds."""

    def afresh(self) -> None:
        """Before all is read again: what kinds there are may have changed, and what was broken."""


def api_servers(cluster: Cluster) -> list[tuple[str, int]]:
    """(host, port) of its API server, which is never a forge; none for files."""
    server = urlsplit(cluster.name)
    return [(server.hostname, server.port or 443)] if server.hostname else []
