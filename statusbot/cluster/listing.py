"""All objects of a kind in one collection: streamed where the server can, else page by page.

The stream is KEP-3157's: a watch that begins with every object and marks the end of these with a
bookmark. It holds one object at a time, on both sides, and goes on as the watch when it is kept.
Servers that do not have it (before 1.34 unless turned on) answer 4xx, or 200 with an ERROR event,
or behave as if the parameters were not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from statusbot.cluster.answer import Answer
from statusbot.cluster.collection import BOOKMARK, DELETED, Collection, not_installed
from statusbot.cluster.errors import Forbidden, Rejected, Silent
from statusbot.cluster.marks import Marks
from statusbot.cluster.stream import Stream
from statusbot.errors import ClusterError

PAGE = 500  # objects; bigger pages are not faster
RESTARTS = 3  # times that a server may lose its place in one listing
QUIET = 10.0  # seconds without a byte after which a server seems not to know the parameters
STREAM = {
    "watch": "1",
    "sendInitialEvents": "true",
    "resourceVersionMatch": "NotOlderThan",
    "allowWatchBookmarks": "true",
}
_END = "k8s.io/initial-events-end"
_UNABLE = frozenset((400, 405, 406, 422, 500, 501))  # as a stream's answer; 5xx else is passing


@dataclass
class Ability:
    """What a server turned out to be able to do; one for each connection."""

    streams: bool = True


class _NotStreamed(Exception):
    """The stream did not come to its end; the pages will do, or tell why they do not either."""


@dataclass
class Listing:
    """One pass over a collection: iterate once.

    ``seconds`` other than 0 keep the stream, for so long, for who goes on from there; it is in
    ``stream`` at the end. Without one there, a watch goes on from ``resource_version``. ``lost``
    says that the pass was pieced together and something that came is gone, nobody can say what.
    """

    collection: Collection
    ability: Ability = field(default_factory=Ability)
    seconds: int = 0
    stream: Stream | None = None
    resource_version: str = ""
    lost: bool = False
    _marks: Marks = field(default_factory=Marks, repr=False)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Every object once, as it was when it came first; raises as ``states``."""
        return (item for item, first in self.states() if first)

    def states(self) -> Iterator[tuple[dict[str, Any], bool]]:
        """Objects, and whether it is the first time that one of this name comes.

        One that changed meanwhile comes again (the later one holds), and one that was deleted
        comes again with a ``deletionTimestamp``: so pass and watch together miss nothing.
        ``NotInstalled``, ``Forbidden``, ``ClusterError`` as they come, the latter also when the
        collection is closed before the end.
        """
        yield from self._all()
        # Nothing can come twice any more, and who keeps the stream keeps us for long.
        self._marks = Marks()

    def _all(self) -> Iterator[tuple[dict[str, Any], bool]]:
        if self.ability.streams:
            try:
                yield from self._streamed()
                return
            except _NotStreamed:
                pass
        yield from self._pages()

    def _streamed(self) -> Iterator[tuple[dict[str, Any], bool]]:
        query = STREAM | ({"timeoutSeconds": str(self.seconds)} if self.seconds else {})
        stream = self.collection.stream(query, QUIET)
        try:
            yield from self._until_bookmark(stream)
            self.stream = stream if self.seconds else None
            return
        except Silent:
            # A server that does not know the parameters has told all and now waits for changes.
            self.ability.streams = False
        except Rejected as error:
            self.ability.streams = error.status not in _UNABLE
        except (ClusterError, Forbidden):
            # Cut, or nonsense, or no right to watch: the LIST may still go through.
            pass
        finally:
            if self.stream is None:
                stream.close()
        raise _NotStreamed

    def _until_bookmark(self, stream: Stream) -> Iterator[tuple[dict[str, Any], bool]]:
        for line in stream:
            what, item = self.collection.event(line)
            if what == BOOKMARK:
                self._bookmark(item or {})
                if self.resource_version:
                    return
            elif item is not None:
                first, changed = self._marks.take(item, gone=what == DELETED)
                if changed:
                    yield item, first
        if not self.collection.closed:
            # Ended well, and without the bookmark: the parameters mean nothing to this server.
            self.ability.streams = False
        raise _NotStreamed

    def _bookmark(self, item: dict[str, Any]) -> None:
        metadata = item.get("metadata")
        marks = metadata.get("annotations") if isinstance(metadata, dict) else None
        if isinstance(marks, dict) and marks.get(_END) == "true":
            self.resource_version = str(item["metadata"].get("resourceVersion") or "0")

    def _pages(self) -> Iterator[tuple[dict[str, Any], bool]]:
        token, restarts = "", 0
        self._marks.begin()
        while True:
            if self.collection.closed:
                raise ClusterError("the reading was stopped", where=self.collection.path)
            query = {"limit": str(PAGE)} | ({"continue": token} if token else {})
            answer = self.collection.connection.request("GET", self.collection.path, query)
            if answer.status == 410 and restarts < RESTARTS:
                # The server forgot where we were; what was yielded is not yielded again.
                token, restarts = "", restarts + 1
                self._marks.begin()
                continue
            page = self._page(answer)
            yield from self._new(page["items"])
            token = page["metadata"].get("continue") or ""
            if not token:
                self.resource_version = str(page["metadata"].get("resourceVersion") or "0")
                self.lost = self._marks.missing
                return

    def _new(self, items: list[Any]) -> Iterator[tuple[dict[str, Any], bool]]:
        for item in items:
            found = self.collection.item(item)
            if found is not None:
                first, changed = self._marks.take(found)
                if changed:
                    yield found, first

    def _page(self, answer: Answer) -> dict[str, Any]:
        if answer.status == 404:
            raise not_installed(self.collection.kind, answer.url)
        if answer.status != 200:
            raise answer.rejected()
        page = answer.json()
        if not isinstance(page.get("items"), list) or not isinstance(page.get("metadata"), dict):
            raise ClusterError("the API server's answer is no list of objects", where=answer.url)
        return page
