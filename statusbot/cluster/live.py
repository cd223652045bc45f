"""A cluster that answers: the Kubernetes API behind a connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from statusbot.cluster.api import Api
from statusbot.cluster.base import SECONDS
from statusbot.cluster.collection import Collection, not_installed
from statusbot.cluster.connection import Connection
from statusbot.cluster.discovery import Discovery
from statusbot.cluster.feed import LiveFeed
from statusbot.cluster.kinds import EVENT, SECRET, Kind
from statusbot.cluster.listing import Ability, Listing
from statusbot.cluster.objects import accept, path, possible
from statusbot.cluster.secrets import secret_values
from statusbot.errors import ClusterError, UsageError
from statusbot.manifests.invalid import Invalid


class LiveCluster:
    """``Cluster`` over a ``Connection``; see there for what it raises."""

    live = True

    def __init__(self, connection: Connection) -> None:
        """Nothing is asked before the first call."""
        self.connection = connection
        self.problems: list[Invalid] = []
        self._discovery = Discovery(connection)
        self._ability = Ability()

    @property
    def name(self) -> str:
        """The API server's URL."""
        return self.connection.name

    @property
    def api(self) -> Api:
        """What it asks."""
        return self.connection

    def now(self) -> datetime:
        """The API server's clock."""
        return self.connection.now()

    def serves(self, kind: Kind) -> bool:
        """Whether the API server has the kind."""
        return self._discovery.serves(kind)

    def listing(self, kind: Kind, namespace: str = "") -> Listing:
        """One pass over a collection, which tells at its end where a watch can go on."""
        return Listing(self._collection(kind, namespace), self._ability)

    def list(self, kind: Kind, namespaces: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
        """Objects as they stream. With namespaces the whole cluster is never asked for."""
        for namespace in dict.fromkeys(namespaces) or ("",):
            yield from self.listing(kind, namespace)

    def feed(self, kind: Kind, namespace: str = "", seconds: float = SECONDS) -> LiveFeed:
        """What there is in a collection, and then what changes; the server ends it after that long.

        Nothing of the collection is asked before the first object is. ``NotInstalled`` for a
        group that the server does not know.
        """
        return LiveFeed(self._collection(kind, namespace), self._ability, seconds)

    def feeds(
        self, kind: Kind, namespaces: Sequence[str] = (), seconds: float = SECONDS
    ) -> Sequence[LiveFeed]:
        """One for each namespace; one for the whole cluster only when none is given."""
        wanted = dict.fromkeys(namespaces) or ("",)
        return [self.feed(kind, namespace, seconds) for namespace in wanted]

    def afresh(self) -> None:
        """The next question for a kind goes to the server; no object is a problem yet."""
        self._discovery = Discovery(self.connection)
        self.problems.clear()

    def _collection(self, kind: Kind, namespace: str) -> Collection:
        if namespace and not possible(namespace):
            raise UsageError(f"no namespace can be called {namespace!r}")
        version = self._discovery.version(kind)
        if not version:
            raise not_installed(kind, self.name)
        return Collection(self.connection, kind, version, namespace, self.problems)

    def get(self, kind: Kind, namespace: str, name: str) -> dict[str, Any] | None:
        """The object as it is now; None when there is none, or none of its kind."""
        version = self._discovery.version(kind)
        if not version or not possible(name) or not possible(namespace):
            return None
        answer = self.connection.request("GET", path(kind, version, namespace, name))
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise answer.rejected()
        problems: list[Invalid] = []
        item = accept(answer.json(), kind, version, problems)
        if item is None:
            raise ClusterError(str(problems[0]), where=answer.url)
        return item

    def secret(self, namespace: str, name: str) -> Mapping[str, bytes] | None:
        """A Secret's values, decoded; ``Forbidden`` has the line that allows this one alone."""
        item = self.get(SECRET, namespace, name)
        return None if item is None else secret_values(item, f"Secret {namespace}/{name}")

    def events(self, namespace: str, uid: str) -> Sequence[dict[str, Any]]:
        """What its controllers said of an object lately; none for a uid that cannot be one."""
        if not possible(namespace) or not possible(uid.lower()):
            return []
        query = {"fieldSelector": f"involvedObject.uid={uid}", "limit": "500"}
        answer = self.connection.request("GET", path(EVENT, EVENT.version, namespace), query)
        if answer.status != 200:
            raise answer.rejected()
        items = answer.json().get("items")
        return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
