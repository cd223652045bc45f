"""Objects and their changes under one resourceVersion, as etcd keeps them."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from statusbot.demo.kube.kinds import Resource


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of one object, already JSON.

    ``key`` is ``namespace/name`` (``name`` alone at cluster scope), which orders a LIST as etcd
    does. ``rest`` is the object without apiVersion and kind, so that every served version and the
    bare items of a core list can be written without reading it again.
    """

    key: str
    version: int
    labels: Mapping[str, str]
    rest: bytes

    def data(self) -> dict[str, Any]:
        """The object as a fresh dict, without apiVersion and kind."""
        found: dict[str, Any] = orjson.loads(self.rest)
        return found

    def json(self, resource: Resource, version: str) -> bytes:
        """The whole object as it is served at ``version``."""
        head = f'{{"apiVersion":"{resource.api_version(version)}","kind":"{resource.kind}",'
        return head.encode() + self.rest[1:]

    def at(self, version: int) -> Entry:
        """The same object with another resourceVersion, as a DELETED event shows it."""
        data = self.data()
        data["metadata"]["resourceVersion"] = str(version)
        return replace(self, version=version, rest=orjson.dumps(data))


@dataclass(frozen=True, slots=True)
class Change:
    """What one write did: no ``before`` is a create, no ``after`` a delete."""

    version: int
    before: Entry | None
    after: Entry | None


@dataclass(slots=True)
class _Table:
    entries: dict[str, Entry] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    ordered: list[Entry] | None = None

    def since(self, version: int) -> list[Change]:
        return self.changes[bisect_right(self.changes, version, key=lambda c: c.version) :]


class Store:
    """All objects; every method may be called from any thread, under ``changed`` or not."""

    def __init__(self) -> None:
        """Start at a resourceVersion that looks lived in."""
        self.changed = threading.Condition(threading.RLock())
        self.version = 1000
        # What is older than this can no longer be asked for.
        self.compacted = self.version
        self._tables: dict[tuple[str, str], _Table] = {}

    def get(self, resource: Resource, key: str) -> Entry | None:
        """The object now."""
        return self._table(resource).entries.get(key)

    def put(self, resource: Resource, key: str, data: dict[str, Any] | None) -> Entry | None:
        """Write an object (with its apiVersion and kind) or, with None, take it away."""
        with self.changed:
            table = self._table(resource)
            before = table.entries.get(key)
            self.version += 1
            after = draft(key, self.version, data) if data is not None else None
            if after is not None:
                table.entries[key] = after
            else:
                table.entries.pop(key, None)
            table.changes.append(Change(self.version, before, after))
            table.ordered = None
            self.changed.notify_all()
            return after

    def snapshot(self, resource: Resource, version: int) -> list[Entry]:
        """All objects in the order of their keys as they were at ``version``; do not change it."""
        with self.changed:
            table = self._table(resource)
            later = table.since(version)
            if later:
                return _ordered(_undone(table.entries, later))
            if table.ordered is None:
                table.ordered = _ordered(table.entries)
            return table.ordered

    def changes(self, resource: Resource, version: int) -> list[Change]:
        """What was written after ``version``."""
        with self.changed:
            return self._table(resource).since(version)

    def compact(self) -> None:
        """Older resourceVersions and continue tokens expire.

        Watches that run may still be on their way through the history of the last compaction, so
        only what is older than the one before is given up.
        """
        with self.changed:
            for table in self._tables.values():
                table.changes = table.since(self.compacted)
            self.compacted = self.version

    def _table(self, resource: Resource) -> _Table:
        with self.changed:
            return self._tables.setdefault((resource.group, resource.plural), _Table())


def page(entries: list[Entry], prefix: str, after: str) -> tuple[int, int]:
    """The bounds of the entries whose key starts with ``prefix`` and comes after ``after``."""
    low = bisect_left(entries, prefix, key=lambda entry: entry.key)
    if after:
        low = max(low, bisect_right(entries, after, key=lambda entry: entry.key))
    # "0" follows "/" in ASCII, so it ends the keys of one namespace.
    high = len(entries)
    if prefix:
        high = bisect_left(entries, prefix[:-1] + "0", key=lambda entry: entry.key)
    return low, max(low, high)


def draft(key: str, version: int, data: dict[str, Any]) -> Entry:
    """An object as it looks once written at ``version``."""
    metadata = {**data["metadata"], "resourceVersion": str(version)}
    rest = {name: value for name, value in data.items() if name not in ("apiVersion", "kind")}
    labels = metadata.get("labels") or {}
    return Entry(key, version, labels, orjson.dumps({**rest, "metadata": metadata}))


def _ordered(entries: Mapping[str, Entry]) -> list[Entry]:
    return [entries[key] for key in sorted(entries)]


def _undone(entries: Mapping[str, Entry], later: list[Change]) -> dict[str, Entry]:
    found = dict(entries)
    for change in reversed(later):
        if change.before is not None:
            found[change.before.key] = change.before
        elif change.after is not None:
            found.pop(change.after.key, None)
    return found
