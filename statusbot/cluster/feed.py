"""A collection of the API server, and then its watch: the same request where the server streams."""

from __future__ import annotations

import marshal
import math
from collections.abc import Iterator
from typing import Any

from statusbot.cluster.clock import Deadline
from statusbot.cluster.collection import BOOKMARK, Collection, not_installed
from statusbot.cluster.connection import READ
from statusbot.cluster.errors import Rejected
from statusbot.cluster.listing import Ability, Listing
from statusbot.cluster.stream import Stream

SLACK = 15.0  # seconds after its time that a server gets to end a watch
LONGEST = 3600.0  # seconds; who asks for more opens a new one now and then
HELD = 8 << 20  # bytes of objects that changed while there was no end of the initial ones


class LiveFeed:
    """``Feed`` of one collection, for ``seconds`` from the first object on (1 to ``LONGEST``).

    The server is asked to end it then. A watch may be silent until that time and ``SLACK`` are
    over, which no ``--timeout`` shortens; a peer that is gone is found out sooner, by keepalive.

    Changes end at once, so that another feed tells what there is, when nobody can say any more
    what went on during the initial part: more of it changed than ``HELD`` takes, or it was pieced
    together after a fault and something that came first is gone.
    """

    def __init__(self, collection: Collection, ability: Ability, seconds: float) -> None:
        """Nothing is asked yet; ``ability`` is that of all feeds on this server."""
        self._collection = collection
        whole = max(1, math.ceil(min(seconds, LONGEST)))
        self._listing = Listing(collection, ability, seconds=whole)
        self._held = _Held()
        self._watched = Deadline()
        self._through = False

    def initial(self) -> Iterator[dict[str, Any]]:
        """See ``Feed``."""
        self._watched = Deadline(self._listing.seconds + SLACK)
        for item, first in self._listing.states():
            if first:
                yield item
            else:
                self._held.add(item)
        self._through = True

    def changes(self) -> Iterator[dict[str, Any]]:
        """See ``Feed``; with a watch of its own where the server did not stream the first part."""
        if self._collection.closed:
            return
        if not self._through:
            raise RuntimeError("the initial objects were not read to their end")
        try:
            if not self._listing.lost and not self._held.overflowed:
                yield from self._before()
                yield from self._events(self._listing.stream or self._watch())
        except Rejected as error:
            if error.status == 404:
                raise not_installed(self._collection.kind, self._collection.path) from None
            if error.status != 410:
                raise
        finally:
            self.close()

    def close(self) -> None:
        """See ``Feed``. A reader that is about to connect first gets through with that."""
        self._collection.close()

    def _before(self) -> Iterator[dict[str, Any]]:
        while not self._collection.closed and (item := self._held.take()) is not None:
            yield item

    def _watch(self) -> Stream:
        left = self._watched.left() - SLACK
        query = {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._listing.resource_version,
            "timeoutSeconds": str(max(1, math.ceil(left))),
        }
        return self._collection.stream(query, READ)

    def _events(self, stream: Stream) -> Iterator[dict[str, Any]]:
        # No read may outlast the feed, and a server that never ends must not either.
        while left := self._watched.left():
            stream.allow(left)
            line = next(stream, None)
            if line is None:
                return
            what, item = self._collection.event(line)
            if item is not None and what != BOOKMARK:
                yield item


class _Held:
    """The last state of what changed too early to be told, by uid."""

    def __init__(self) -> None:
        """Nothing did yet."""
        self.overflowed = False
        self._states: dict[str, bytes] = {}
        self._size = 0

    def add(self, item: dict[str, Any]) -> None:
        """Keep it in place of an older state; once it is too much, keep nothing at all."""
        if self.overflowed:
            return
        # A quarter of what the object takes; and JSON's writer would refuse what is nested deeply.
        state = marshal.dumps(item)
        metadata = item["metadata"]
        uid = str(metadata.get("uid") or (metadata.get("namespace"), metadata["name"]))
        self._size += len(state) - len(self._states.get(uid, b""))
        self._states[uid] = state
        if self._size > HELD:
            self.overflowed = True
            self._states.clear()

    def take(self) -> dict[str, Any] | None:
        """The oldest, which is no longer kept; None when there is none."""
        if not self._states:
            return None
        item: dict[str, Any] = marshal.loads(self._states.pop(next(iter(self._states))))
        return item
