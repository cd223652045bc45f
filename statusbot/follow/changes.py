"""What the feeds bring, the latest state of each object: Flux writes five times per interval."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from statusbot.cluster.base import Feed
from statusbot.cluster.kinds import ALERT, KUSTOMIZATION, PROVIDER, Kind
from statusbot.errors import StatusbotError
from statusbot.results.observation import Observation, observe
from statusbot.results.source import Source, SourceRef, source_of

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Changed:
    """What is new since the last look; a source that is None is to be read again."""

    objects: list[Observation] = field(default_factory=list)
    sources: dict[SourceRef, Source | None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.objects or self.sources)


class Changes:
    """Reads every feed in a thread of its own; ``over`` says why a new survey is needed."""

    def __init__(
        self,
        feeds: Iterable[tuple[Kind, Feed]],
        now: Callable[[], float],
        bell: threading.Condition,
    ) -> None:
        """Start to read. ``now`` is the cluster's clock; ``bell`` rings when something came."""
        self._now = now
        self._bell = bell
        self._objects: dict[str, Observation] = {}
        self._sources: dict[SourceRef, Source | None] = {}
        self._feeds = list(feeds)
        self._closed = False
        self.over = ""
        self.failed = False
        self._threads = [
            threading.Thread(target=self._read, args=(kind, feed), name=kind.plural, daemon=True)
            for kind, feed in self._feeds
        ]
        for thread in self._threads:
            thread.start()

    def any(self, held: Collection[str] = ()) -> bool:
        """Whether there is something to take; ``held`` are ObjectRef keys that have to wait."""
        with self._bell:
            return bool(self._sources) or any(key not in held for key in self._objects)

    def take(self, held: Collection[str] = ()) -> Changed:
        """What came since the last look, but for the objects that have to wait."""
        with self._bell:
            ready = [key for key in self._objects if key not in held]
            taken = Changed([self._objects.pop(key) for key in ready], self._sources)
            self._sources = {}
            return taken

    def put_back(self, seen: Observation) -> None:
        """Have an object looked at again, unless something newer of it came."""
        with self._bell:
            self._objects.setdefault(seen.object.key, seen)
            self._bell.notify_all()

    def give_up(self, why: str) -> None:
        """Have all read again: something could not be decided on."""
        self._end(why, failed=True)

    def close(self) -> None:
        """End the feeds and their threads."""
        self._closed = True
        for _, feed in self._feeds:
            feed.close()
        for thread in self._threads:
            thread.join()

    def _read(self, kind: Kind, feed: Feed) -> None:
        try:
            for obj in feed.changes():
                self._came(kind, obj)
            self._end(f"the watch of {kind.plural} has ended")
        except StatusbotError as error:
            self._end(f"the watch of {kind.plural} broke off: {error}", failed=True)
        except Exception as error:  # a bug of ours: the next survey reads everything anyhow
            log.exception("reading the watch of %s", kind.plural)
            self._end(f"the watch of {kind.plural} broke off: {error}", failed=True)

    def _came(self, kind: Kind, obj: dict[str, Any]) -> None:
        if kind in (ALERT, PROVIDER):
            self._end(f"{kind.plural} have changed")
            return
        with self._bell:
            if kind == KUSTOMIZATION:
                seen = observe(obj, self._now())
                self._objects[seen.object.key] = seen
            else:
                metadata = obj["metadata"]
                ref = SourceRef(kind.kind, metadata.get("namespace", ""), metadata["name"])
                gone = "deletionTimestamp" in metadata
                self._sources[ref] = None if gone else source_of(obj)
            self._bell.notify_all()

    def _end(self, why: str, *, failed: bool = False) -> None:
        with self._bell:
            if not self._closed:
                self.over = self.over or why
                self.failed = self.failed or failed
            self._bell.notify_all()
