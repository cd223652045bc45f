"""One collection of the API server: where it is, and what the events of its streams are about."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from statusbot.cluster.answer import parse, said
from statusbot.cluster.connection import Connection
from statusbot.cluster.errors import NotInstalled, Rejected
from statusbot.cluster.kinds import Kind
from statusbot.cluster.objects import accept, path
from statusbot.cluster.stream import Stream
from statusbot.manifests.invalid import Invalid

BOOKMARK = "BOOKMARK"
DELETED = "DELETED"


@dataclass
class Collection:
    """All objects of a kind in one namespace, or in the whole cluster when that is empty.

    At most one stream of it is open at a time; ``close`` ends that one, and every later one.
    """

    connection: Connection
    kind: Kind
    version: str
    namespace: str = ""
    problems: list[Invalid] = field(default_factory=list)
    closed: bool = False
    _stream: Stream | None = field(default=None, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @property
    def path(self) -> str:
        """Its URL path."""
        return path(self.kind, self.version, self.namespace)

    def stream(self, query: dict[str, str], quiet: float) -> Stream:
        """As ``Connection.stream``."""
        stream = self.connection.stream(self.path, query, quiet)
        with self._lock:
            self._stream = stream
            closed = self.closed
        if closed:
            stream.close()
        return stream

    def close(self) -> None:
        """From any thread: its stream ends, also for a reader that waits for bytes."""
        with self._lock:
            self.closed = True
            stream = self._stream
        if stream is not None:
            stream.close()

    def item(self, item: Any) -> dict[str, Any] | None:
        """What is listed, as an object; None for what is none, which becomes a problem."""
        return accept(item, self.kind, self.version, self.problems)

    def event(self, line: bytes) -> tuple[str, dict[str, Any] | None]:
        """The type of an event and the object that it is about, None when it is about none.

        A deleted object is what it was last, and says in Kubernetes' own way that it is going. A
        bookmark comes as it is. ``Rejected`` for an ERROR event, with the code of its Status.
        """
        event = parse(line, self.path)
        what, item = str(event.get("type")), event.get("object")
        if what == "ERROR":
            raise _error(item)
        if what == BOOKMARK:
            return what, item if isinstance(item, dict) else None
        found = self.item(item)
        if found is not None and what == DELETED:
            gone = self.connection.now().strftime("%Y-%m-%dT%H:%M:%SZ")
            found = found | {"metadata": {"deletionTimestamp": gone} | found["metadata"]}
        return what, found


def not_installed(kind: Kind, where: str) -> NotInstalled:
    """For a kind that the API server does not know."""
    return NotInstalled(
        f"Flux is not installed here: the API server knows no {kind.resource}",
        where=where,
        todo="choose another cluster with --kube-context, or install Flux",
    )


def _error(status: object) -> Rejected:
    """An ERROR event: a Status object inside of a 200."""
    fields = status if isinstance(status, dict) else {}
    code = fields.get("code")
    return Rejected(
        f"the API server broke off the stream: {said(fields.get('message'))}",
        status=code if isinstance(code, int) else 0,
    )
