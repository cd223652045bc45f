"""A cluster whose listings go on as watches: what a survey reads is also what is followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from statusbot.cluster.base import Cluster, Feed, Followed
from statusbot.cluster.files import StillFeed
from statusbot.cluster.kinds import Kind
from statusbot.errors import UsageError
from statusbot.manifests.invalid import Invalid


class Watched:
    """``Cluster`` that keeps the feed of every listing; ``close`` ends them all."""

    def __init__(self, cluster: Cluster, seconds: float) -> None:
        """The server ends every feed itself after ``seconds``. Raises UsageError for files."""
        if not (cluster.live and isinstance(cluster, Followed)):
            raise UsageError("--for follows a cluster", todo="leave it out with --from")
        self._cluster = cluster
        self._followed: Followed = cluster
        self._seconds = seconds
        self._followed.afresh()
        self.feeds: list[tuple[Kind, Feed]] = []

    @property
    def name(self) -> str:
        """The cluster's."""
        return self._cluster.name

    @property
    def live(self) -> bool:
        """The cluster's."""
        return self._cluster.live

    @property
    def problems(self) -> Sequence[Invalid]:
        """The cluster's."""
        return self._cluster.problems

    def now(self) -> datetime:
        """The cluster's clock."""
        return self._cluster.now()

    def serves(self, kind: Kind) -> bool:
        """Whether the kind exists."""
        return self._cluster.serves(kind)

    def list(self, kind: Kind, namespaces: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
        """What is there now; what changes afterwards comes from ``feeds``."""
        for feed in self._followed.feeds(kind, namespaces, self._seconds):
            try:
                yield from feed.initial()
            except BaseException:
                feed.close()
                raise
            if not isinstance(feed, StillFeed):  # files are read once
                self.feeds.append((kind, feed))

    def get(self, kind: Kind, namespace: str, name: str) -> dict[str, Any] | None:
        """One object as it is now."""
        return self._cluster.get(kind, namespace, name)

    def secret(self, namespace: str, name: str) -> Mapping[str, bytes] | None:
        """A Secret's values."""
        return self._cluster.secret(namespace, name)

    def events(self, namespace: str, uid: str) -> Sequence[dict[str, Any]]:
        """The Events about one object."""
        return self._cluster.events(namespace, uid)

    def close(self) -> None:
        """End all feeds."""
        for _, feed in self.feeds:
            feed.close()
