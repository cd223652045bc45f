"""What the feeds bring, the latest state of each object: Flux writes five times per interval."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from statusbot.cluster.base import Feed
from statusbot.cluster.errors import Forbidden
from statusbot.cluster.kinds import ALERT, KUSTOMIZATION, PROVIDER, Kind
from statusbot.errors import StatusbotError
from statusbot.results.observation import Observation, observe
from statusbot.results.source import Source, SourceRef, source_of
from statusbot.selection import EVERYTHING, Selection

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Changed:
    """What is new since the last look; a source that is None is to be read again.

    ``strangers`` are not selected: each comes once, as it was first seen.
    """

    objects: list[Observation] = field(default_factory=list)
    strangers: list[Observation] = field(default_factory=list)
    sources: dict[SourceRef, Source | None] = field(default_factory=dict)


class Changes:
    """Reads every feed in a thread of its own; ``over`` says why a new survey is needed.

    ``broken``: since a watch came to its end, so that the next one may end as soon. ``forbidden``
    are the kinds that may be listed and not watched, and what the API server says of that; the
    others are followed all the same.
    """

    def __init__(
        self,
        feeds: Iterable[tuple[Kind, Feed]],
        now: Callable[[], float],
        bell: threading.Condition,
        selection: Selection = EVERYTHING,
    ) -> None:
        """Start to read. ``now`` is the cluster's clock; ``bell`` rings when something came."""
        self._selection = selection
        self._now = now
        self._bell = bell
        self._objects: dict[str, Observation] = {}
        self._strangers: list[Observation] = []
        self._met: set[str] = set()
        self._sources: dict[SourceRef, Source | None] = {}
        self._feeds = list(feeds)
        self._closed = False
        self.over = ""
        self.broken = False
        self.forbidden: dict[Kind, str] = {}
        self._threads = [
            threading.Thread(target=self._read, args=(kind, feed), name=kind.plural, daemon=True)
            for kind, feed in self._feeds
        ]
        for thread in self._threads:
            thread.start()

    @property
    def any(self) -> bool:
        """Whether there is something to take."""
        return bool(self._objects or self._sources)

    def take(self) -> Changed:
        """What came since the last look."""
        with self._bell:
            taken = Changed(list(self._objects.values()), self._strangers, self._sources)
            self._objects, self._strangers, self._sources = {}, [], {}
        for seen in taken.objects:
            if seen.source.kind in {kind.kind for kind in self.forbidden}:
                taken.sources[seen.source] = None  # nobody tells when it changes
        return taken

    def put_back(self, seen: Observation) -> None:
        """Have an object looked at again, unless something newer of it came."""
        with self._bell:
            self._objects.setdefault(seen.object.key, seen)
            self._bell.notify_all()

    def give_up(self, why: str) -> None:
        """Have all read again: something could not be decided on."""
        self._end(why, broken=True)

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
            self._end(f"the watch of {kind.plural} has ended", broken=True)
        except Forbidden as error:
            with self._bell:
                self.forbidden[kind] = str(error)
                self._bell.notify_all()
        except StatusbotError as error:
            self._end(f"the watch of {kind.plural} broke off: {error}", broken=True)
        except Exception as error:  # a bug of ours: the next survey reads everything anyhow
            log.exception("reading the watch of %s", kind.plural)
            self._end(f"the watch of {kind.plural} broke off: {error}", broken=True)

    def _came(self, kind: Kind, obj: dict[str, Any]) -> None:
        if kind in (ALERT, PROVIDER):
            self._end(f"{kind.plural} have changed")
            return
        with self._bell:
            if kind == KUSTOMIZATION:
                seen = observe(obj, self._now())
                if self._selection.takes(seen):
                    self._objects[seen.object.key] = seen
                elif seen.object.key not in self._met:
                    self._met.add(seen.object.key)
                    self._strangers.append(seen)
            else:
                metadata = obj["metadata"]
                ref = SourceRef(kind.kind, metadata.get("namespace", ""), metadata["name"])
                gone = "deletionTimestamp" in metadata
                self._sources[ref] = None if gone else source_of(obj)
            self._bell.notify_all()

    def _end(self, why: str, *, broken: bool = False) -> None:
        with self._bell:
            if not self._closed and not self.over:
                self.over, self.broken = why, broken
            self._bell.notify_all()
