"""Watch and streaming list: what there is, a bookmark, and then what happens."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass

import orjson

from statusbot.demo.kube.listing import newest
from statusbot.demo.kube.options import check_watch, flag, number, version
from statusbot.demo.kube.requests import Target
from statusbot.demo.kube.selectors import Selection, selection
from statusbot.demo.kube.status import Refused, expired
from statusbot.demo.kube.store import Change, Entry, Store, page

BATCH = 64
# A real server ends a watch without timeoutSeconds after 30 to 60 minutes.
LONGEST = 1800.0


@dataclass(frozen=True, slots=True)
class Watch:
    """The parameters of one watch, read and checked."""

    target: Target
    chosen: Selection | None
    version: int
    initial: bool
    streaming: bool
    bookmarks: bool
    seconds: float

    @classmethod
    def of(cls, target: Target, query: Mapping[str, str]) -> Watch:
        """Refuse what a real server refuses before it starts to answer."""
        check_watch(query)
        streaming = flag(query, "sendInitialEvents")
        asked = query.get("sendInitialEvents", "") != ""
        return cls(
            target,
            selection(
                target.resource, query.get("labelSelector", ""), query.get("fieldSelector", "")
            ),
            version(query),
            streaming if asked else version(query) == 0,
            streaming,
            flag(query, "allowWatchBookmarks"),
            float(number(query, "timeoutSeconds") or LONGEST),
        )

    def sees(self, entry: Entry | None) -> bool:
        """Is it in the collection and selected?"""
        if entry is None or not entry.key.startswith(self.target.prefix):
            return False
        return self.chosen is None or self.chosen(entry)

    def line(self, kind: str, entry: Entry) -> bytes:
        """One event as one line."""
        body = entry.json(self.target.resource, self.target.version)
        return b'{"type":"%s","object":%s}\n' % (kind.encode(), body)

    def bookmark(self, version: int, *, initial: bool = False) -> bytes:
        """A BOOKMARK: nothing but a resourceVersion."""
        resource = self.target.resource
        metadata: dict[str, object] = {"resourceVersion": str(version)}
        if initial:
            metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
        data = {
            "apiVersion": resource.api_version(self.target.version),
            "kind": resource.kind,
            "metadata": metadata,
        }
        return orjson.dumps({"type": "BOOKMARK", "object": data}) + b"\n"


def error_line(refused: Refused) -> bytes:
    """An ERROR event: how a watch refuses after its HTTP status is out."""
    return orjson.dumps({"type": "ERROR", "object": refused.body}) + b"\n"


def watched(
    store: Store, watch: Watch, stop: threading.Event, every: float
) -> Iterator[list[bytes]]:
    """Batches of lines until the time is up or ``stop`` is set; ``every`` seconds a bookmark."""
    deadline = time.monotonic() + watch.seconds
    try:
        version = yield from _initial(store, watch)
    except Refused as refused:
        yield [error_line(refused)]
        return
    start, due = version, _bookmark_due(deadline, every)
    while not stop.is_set() and time.monotonic() < deadline:
        changes, version = _wait(store, watch, version, min(deadline, due), stop)
        if lines := [line for change in changes if (line := _line(watch, change))]:
            yield lines
        if time.monotonic() >= due:
            due = _bookmark_due(deadline, every)
            if watch.bookmarks and version > start:
                yield [watch.bookmark(version)]


def _bookmark_due(deadline: float, every: float) -> float:
    """The next one, at the latest two seconds before the end, as a real server has it."""
    now, last = time.monotonic(), deadline - 2.0
    return min(now + every, last) if last > now else math.inf


def _initial(store: Store, watch: Watch) -> Generator[list[bytes], None, int]:
    """All that exists, when asked for; the resourceVersion that the watch goes on from."""
    with store.changed:
        if not watch.initial:
            if 0 < watch.version < store.compacted:
                raise expired(f"too old resource version: {watch.version} ({store.compacted})")
            return watch.version or store.version
        newest(store, watch.version)
        version = store.version
        entries = store.snapshot(watch.target.resource, version)
    low, high = page(entries, watch.target.prefix, "")
    for place in range(low, high, BATCH):
        part = entries[place : min(place + BATCH, high)]
        yield [watch.line("ADDED", entry) for entry in part if watch.sees(entry)]
    if watch.streaming and watch.bookmarks:
        yield [watch.bookmark(version, initial=True)]
    return version


def _wait(
    store: Store, watch: Watch, version: int, until: float, stop: threading.Event
) -> tuple[list[Change], int]:
    """The changes after ``version``, and the resourceVersion that has been seen with them."""
    with store.changed:
        while not (changes := store.changes(watch.target.resource, version)):
            left = until - time.monotonic()
            if left <= 0 or stop.is_set():
                break
            store.changed.wait(left)
        return changes, max(version, store.version)


def _line(watch: Watch, change: Change) -> bytes | None:
    before, after = watch.sees(change.before), watch.sees(change.after)
    if after and change.after is not None:
        return watch.line("MODIFIED" if before else "ADDED", change.after)
    if before and change.before is not None:
        # Gone, or no longer selected: its last state with the resourceVersion of the change.
        return watch.line("DELETED", change.before.at(change.version))
    return None
