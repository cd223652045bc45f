"""Plain data out of the events of a YAML parser, in one pass and within bounds.

PyYAML's own way (compose, then construct) recurses on the C stack, so that a deep document kills
the process; it lets duplicate keys pass, and it is three times as slow.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from statusbot.manifests import jsonpath
from statusbot.manifests.scalars import Scalar, resolve, tagged

# Deeper than any object of Kubernetes; its own limit (10 000) is too deep to recurse over.
MAX_DEPTH = 100
# Values that the aliases of one document may stand for: "a billion laughs" ends here.
MAX_ALIASED = 100_000

_MERGE = object()
_NO_KEY = object()


class Fault(Exception):
    """What is wrong with a document; ``line`` and ``column`` count from 1 within its text."""

    def __init__(self, message: str, line: int = 0, column: int = 0, path: str = "$") -> None:
        """A sentence, and where; 0 where that is not known."""
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.path = path

    def moved(self, lines: int) -> Fault:
        """The same fault in a text that has so many lines before this one."""
        return Fault(self.message, self.line + lines, self.column, self.path)


class _Frame:
    """A list or mapping that is not complete yet."""

    __slots__ = ("anchor", "key", "merged", "size", "value")

    def __init__(self, value: list[Any] | dict[str, Any], anchor: str | None) -> None:
        self.value = value
        self.anchor = anchor
        self.key: Any = _NO_KEY
        self.merged: list[Any] = []
        self.size = 1


def build(events: Iterable[yaml.Event]) -> Iterator[Any]:
    """The value of each document in a stream of events; a :class:`Fault` ends it."""
    builder = _Builder()
    for event in events:
        if isinstance(event, yaml.DocumentEndEvent):
            yield builder.result
            builder = _Builder()
        else:
            builder.take(event)


class _Builder:
    """One document."""

    def __init__(self) -> None:
        self.result: Any = None
        self._open: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._aliased = 0

    def take(self, event: yaml.Event) -> None:
        # Most events are words, and there are millions of them.
        if type(event) is yaml.ScalarEvent:
            value = self._scalar(event)
            if event.anchor:
                self._anchors[event.anchor] = (value, 1)
            self._add(value, event, 1)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin({} if isinstance(event, yaml.MappingStartEvent) else [], event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        if event.implicit[0] and not event.tag:
            frame = self._open[-1] if self._open else None
            if event.value == "<<" and frame and frame.key is _NO_KEY and type(frame.value) is dict:
                return _MERGE
            value: Scalar = resolve(event.value)
        elif not event.tag or event.tag == "!":
            return event.value
        else:
            try:
                value = tagged(event.tag, event.value)
            except ValueError:
                raise self._fault(f"is no {event.tag.rpartition(':')[2]}", event) from None
        if type(value) is float and not math.isfinite(value):
            raise self._fault("is a number that JSON cannot hold", event)
        return value

    def _begin(self, value: list[Any] | dict[str, Any], event: Any) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise self._fault(f"is nested more than {MAX_DEPTH} levels deep", event)
        self._open.append(_Frame(value, event.anchor))

    def _end(self, event: yaml.Event) -> None:
        frame = self._open.pop()
        for merged in frame.merged:
            for key, value in merged.items():
                frame.value.setdefault(key, value)  # type: ignore[union-attr]
        if frame.anchor:
            self._anchors[frame.anchor] = (frame.value, frame.size)
        self._add(frame.value, event, frame.size)

    def _alias(self, event: yaml.AliasEvent) -> None:
        if event.anchor not in self._anchors:
            raise self._fault(f"the alias *{event.anchor} has no anchor before it", event)
        value, size = self._anchors[event.anchor]
        self._aliased += size
        if self._aliased > MAX_ALIASED:
            raise self._fault(f"its aliases stand for more than {MAX_ALIASED} values", event)
        self._add(value, event, size)

    def _add(self, value: Any, event: yaml.Event, size: int) -> None:
        if not self._open:
            self.result = value
            return
        frame = self._open[-1]
        frame.size += size
        if type(frame.value) is list:
            frame.value.append(value)
        elif frame.key is _NO_KEY:
            frame.key = self._key(value, frame.value, event)
        else:
            self._set(frame, value, event)
            frame.key = _NO_KEY

    def _set(self, frame: _Frame, value: Any, event: yaml.Event) -> None:
        if frame.key is not _MERGE:
            frame.value[frame.key] = value
            return
        merged = value if isinstance(value, list) else [value]
        if not all(isinstance(item, dict) for item in merged):
            raise self._fault("<< needs a mapping, or a list of them", event)
        frame.merged.extend(merged)

    def _key(self, value: Any, mapping: Any, event: yaml.Event) -> Any:
        """JSON has text keys only; Kubernetes writes numbers and booleans out, and so do we."""
        if value is _MERGE:
            return value
        if isinstance(value, bool):
            value = str(value).lower()
        elif isinstance(value, int):
            value = str(value)
        elif isinstance(value, float):
            value = f"{value:.8g}"
        if not isinstance(value, str):
            raise self._fault("has a key that is not a text", event)
        if value in mapping:
            raise self._fault(f"has the key '{value}' twice", event)
        return value

    def _fault(self, message: str, event: yaml.Event) -> Fault:
        steps: list[jsonpath.Step] = []
        for frame in self._open:
            if isinstance(frame.value, list):
                steps.append(len(frame.value))
            elif isinstance(frame.key, str):
                steps.append(frame.key)
        mark: Any = event.start_mark
        return Fault(message, mark.line + 1, mark.column + 1, jsonpath.show(steps))
