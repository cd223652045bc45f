"""The bare API, for who keeps objects of his own in the cluster."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable

from statusbot.cluster.answer import Answer
from statusbot.cluster.base import Cluster


class Api(Protocol):
    """Calls to one API server, from any thread; ``Connection`` tells what they raise."""

    @property
    def name(self) -> str:
        """The API server's URL."""

    def now(self) -> datetime:
        """The server's clock, aware and in UTC."""

    def within(self, seconds: float) -> Api:
        """The same, whose calls have so many seconds together from now on."""

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        """One call."""


@runtime_checkable
class Served(Protocol):
    """A cluster behind which there is a server, or may be."""

    @property
    def api(self) -> Api | None:
        """None where all of it comes from files."""


def api_of(cluster: Cluster) -> Api | None:
    """The API behind a cluster, if there is one."""
    return cluster.api if isinstance(cluster, Served) else None
