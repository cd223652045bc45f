"""All objects of a kind in one collection: streamed where the server can, else page by page.

The stream is KEP-3157's: a watch that begins with every object and marks the end of these with a
bookmark. It holds one object at a time, on both sides, and its resourceVersion is where a watch
goes on. Servers that do not have it (before 1.34 unless turned on) answer 4xx, or 200 with an
ERROR event, or behave as if the parameters were not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from statusbot.cluster.answer import Answer, parse, said
from statusbot.cluster.connection import Connection
from statusbot.cluster.errors import Forbidden, NotInstalled, Rejected, Silent
from statusbot.cluster.kinds import Kind
from statusbot.cluster.objects import accept, path
from statusbot.errors import ClusterError
from statusbot.manifests.invalid import Invalid

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

    ``resource_version`` is known at the end. For who goes on from there with a watch, an object
    that changed meanwhile comes again (the later one holds), and one that was deleted comes again
    with a ``deletionTimestamp``: so pass and watch together miss nothing. With ``once`` every
    object comes once, as it was when it came first.
    """

    connection: Connection
    kind: Kind
    version: str
    namespace: str = ""
    ability: Ability = field(default_factory=Ability)
    problems: list[Invalid] = field(default_factory=list)
    once: bool = False
    resource_version: str = ""
    _seen: set[int] = field(default_factory=set, repr=False)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield objects; ``NotInstalled``, ``Forbidden``, ``ClusterError`` as they come."""
        if self.ability.streams:
            try:
                yield from self._stream()
                return
            except _NotStreamed:
                pass
        yield from self._pages()

    @property
    def _path(self) -> str:
        return path(self.kind, self.version, self.namespace)

    def _new(self, item: dict[str, Any]) -> bool:
        """Whether this object (or, unless ``once``, this state of it) was not yielded yet.

        64 bits for each: 50 000 objects take 4 MB, and Python's hash is keyed, so no tenant can
        make another's object collide.
        """
        metadata = item["metadata"]
        uid = metadata.get("uid") or f"{metadata.get('namespace')}/{metadata['name']}"
        state = "" if self.once else metadata.get("resourceVersion")
        mark = hash((str(uid), str(state)))
        if mark in self._seen:
            return False
        self._seen.add(mark)
        return True

    def _stream(self) -> Iterator[dict[str, Any]]:
        try:
            with closing(self.connection.stream(self._path, STREAM, QUIET)) as lines:
                for line in lines:
                    event = parse(line, self._path)
                    item = self._event(event)
                    if item is not None:
                        yield item
                    elif self.resource_version:
                        return
            # Ended well, and without the bookmark: the parameters mean nothing to this server.
            self.ability.streams = False
        except Silent:
            # Neither do they to one that has told all and now waits for changes.
            self.ability.streams = False
        except Rejected as error:
            self.ability.streams = error.status not in _UNABLE
        except (ClusterError, Forbidden):
            # Cut, or nonsense, or no right to watch: the LIST may still go through.
            pass
        raise _NotStreamed

    def _event(self, event: dict[str, Any]) -> dict[str, Any] | None:
        """The object that an event is about; None for a bookmark, or what was there already."""
        what, item = event.get("type"), event.get("object")
        if what == "BOOKMARK":
            self._bookmark(item)
            return None
        if what == "ERROR":
            raise _error(item)
        found = accept(item, self.kind, self.version, self.problems)
        if found is None:
            return None
        if what == "DELETED" and not self.once:
            # The object as it was last: say in Kubernetes' own way that it is going.
            gone = self.connection.now().strftime("%Y-%m-%dT%H:%M:%SZ")
            return found | {"metadata": {"deletionTimestamp": gone} | found["metadata"]}
        return found if self._new(found) else None

    def _bookmark(self, item: object) -> None:
        metadata = item.get("metadata") if isinstance(item, dict) else None
        if not isinstance(metadata, dict):
            return
        marks = metadata.get("annotations")
        if isinstance(marks, dict) and marks.get(_END) == "true":
            self.resource_version = str(metadata.get("resourceVersion") or "0")

    def _pages(self) -> Iterator[dict[str, Any]]:
        token, restarts = "", 0
        while True:
            query = {"limit": str(PAGE)} | ({"continue": token} if token else {})
            answer = self.connection.request("GET", self._path, query)
            if answer.status == 410 and restarts < RESTARTS:
                # The server forgot where we were; what was yielded is not yielded again.
                token, restarts = "", restarts + 1
                continue
            page = self._page(answer)
            for item in page["items"]:
                found = accept(item, self.kind, self.version, self.problems)
                if found is not None and self._new(found):
                    yield found
            token = page["metadata"].get("continue") or ""
            if not token:
                self.resource_version = str(page["metadata"].get("resourceVersion") or "0")
                return

    def _page(self, answer: Answer) -> dict[str, Any]:
        if answer.status == 404:
            raise not_installed(self.kind, answer.url)
        if answer.status != 200:
            raise answer.rejected()
        page = answer.json()
        if not isinstance(page.get("items"), list) or not isinstance(page.get("metadata"), dict):
            raise ClusterError("the API server's answer is no list of objects", where=answer.url)
        return page


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
