"""The texts in one file, and where something stands in them."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import yaml

from statusbot.manifests.builder import MAX_DEPTH, Fault, build
from statusbot.manifests.jsonpath import Step

# libyaml where PyYAML was built with it: ten times as fast as the same in Python. The resolver
# of this loader is never asked: Kubernetes' own rules are in scalars.py.
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

# What a person may have written by hand is checked for duplicate keys, a dump is not.
_HANDWRITTEN = 1 << 20

_MARKED = re.compile(r"^(?=---(?:\s|\Z))", re.MULTILINE)
_BRACED = re.compile(r"^(?=\{)", re.MULTILINE)


@dataclass(slots=True, eq=False)
class Text:
    """A part of a file that is read on its own, so that a fault in it spoils no other part."""

    text: str = field(repr=False)
    first_line: int = 1
    _json: Any = field(default=None, repr=False)
    _nodes: list[yaml.Node] | None = field(default=None, repr=False)

    def values(self) -> Iterator[Any]:
        """The value of each document in it, None for an empty one; ends in a :class:`Fault`."""
        if self.is_json():
            yield self._json
        else:
            yield from self._yaml_values()

    def is_json(self) -> bool:
        """Whether all of it is one JSON object or array that no YAML parser must judge.

        YAML's flow style begins alike, and only its parser tells where the fault is.
        """
        if self._json is None and self.text.lstrip().startswith(("{", "[")):
            try:
                value = orjson.loads(self.text)
            except orjson.JSONDecodeError:
                return False
            if not _too_deep(value) and not _has_duplicates(self.text):
                self._json = value
        return self._json is not None

    def _yaml_values(self) -> Iterator[Any]:
        try:
            yield from build(yaml.parse(self.text, Loader=_LOADER))
        except Fault as fault:
            raise fault.moved(self.first_line - 1) from None
        except yaml.MarkedYAMLError as error:
            raise self._fault(error.problem or "is not YAML", error.problem_mark) from None
        except yaml.reader.ReaderError as error:
            before = self.text.encode()[: error.position].count(b"\n")
            message = "holds a character that YAML does not allow"
            raise Fault(message, self.first_line + before) from None

    def _fault(self, message: str, mark: yaml.Mark | None) -> Fault:
        if mark is None:
            return Fault(message, self.first_line)
        return Fault(message, self.first_line + mark.line, mark.column + 1)

    def position(self, index: int, steps: Sequence[Step]) -> tuple[int, int] | None:
        """Line and column of a value, or of what it would stand in, in the document ``index``."""
        if self._nodes is None:
            self._nodes = self._composed()
        if index >= len(self._nodes):
            return None
        mark = _find(self._nodes[index], steps)
        return self.first_line + mark.line, mark.column + 1

    def _composed(self) -> list[Any]:
        """The nodes of the documents. Composing recurses: ``values`` has bounded the depth."""
        try:
            return list(yaml.compose_all(self.text, Loader=_LOADER))
        except (yaml.YAMLError, ValueError):
            return []


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for parent in level
            for child in (parent.values() if type(parent) is dict else parent)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True


def _has_duplicates(text: str) -> bool:
    if len(text) > _HANDWRITTEN:
        return False
    found = False

    def note(pairs: list[tuple[str, Any]]) -> None:
        nonlocal found
        found = found or len({key for key, _ in pairs}) < len(pairs)

    json.loads(text, object_pairs_hook=note)
    return found


def _find(node: Any, steps: Iterable[Step]) -> Any:
    """The mark of a value: of a word itself, of a list or mapping its key."""
    mark = node.start_mark
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == step), None)
            if pair is None:
                break
            node = pair[1]
            mark = (node if isinstance(node, yaml.ScalarNode) else pair[0]).start_mark
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            if step >= len(node.value):
                break
            node = node.value[step]
            mark = node.start_mark
    return mark


def split(data: bytes) -> Iterator[Text]:
    """``data`` cut where a document begins; a :class:`Fault` if it is no text at all.

    YAML begins documents with ``---``; JSON objects one after the other (``kubectl --watch``, JSON
    lines, two dumps in one file) begin with a brace at the start of a line.
    """
    text = _decoded(data)
    whole = Text(text)
    if whole.is_json():
        yield whole
        return
    yield from _cut(text, _BRACED if text.lstrip().startswith("{") else _MARKED)


def _cut(text: str, boundary: re.Pattern[str]) -> Iterator[Text]:
    starts = [match.start() for match in boundary.finditer(text) if match.start() > 0]
    # Directives (%YAML 1.2) belong to the document that the first boundary begins.
    if starts and text.startswith("%"):
        del starts[0]
    line = 1
    for begin, end in zip([0, *starts], [*starts, len(text)], strict=True):
        part = text[begin:end]
        yield Text(part, line)
        line += part.count("\n")


def _decoded(data: bytes) -> str:
    encoding = "utf-8-sig"
    # Windows' PowerShell writes what it redirects as UTF-16.
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Fault("is not text in UTF-8", data.count(b"\n", 0, error.start) + 1) from None
