"""Objects out of manifest files and ``kubectl`` dumps, YAML or JSON, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from statusbot.manifests import jsonpath
from statusbot.manifests.builder import Fault
from statusbot.manifests.invalid import Invalid as Invalid
from statusbot.manifests.invalid import identity
from statusbot.manifests.texts import Text, split


@dataclass(frozen=True, slots=True)
class _Place:
    """Document ``index`` of ``text``, and the way into it where it is an item of a list."""

    text: Text
    index: int
    steps: tuple[jsonpath.Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One object of a file: ``data`` as the API server would take it, ``source`` the file's name.

    ``data`` may be a Secret, so it is in no repr. It is shared where YAML aliases share it: read
    it, never write to it.
    """

    data: Mapping[str, Any] = field(repr=False)
    source: str
    _place: _Place | None = field(default=None, repr=False, compare=False)

    @property
    def kind(self) -> str:
        """``kind``, or empty."""
        return identity(self.data)[0]

    def position(self, path: str = "$") -> tuple[int, int] | None:
        """Line and column, from 1, of a JSON path; of its nearest ancestor if it is missing.

        The first question parses the text again, so that who never asks pays nothing.
        """
        if self._place is None:
            return None
        place = self._place
        return place.text.position(place.index, (*place.steps, *jsonpath.steps(path)))

    def located(self, invalid: Invalid) -> Invalid:
        """``invalid``, which is about this document, with its file, line and column."""
        line, column = self.position(invalid.path) or (0, 0)
        return replace(invalid, source=self.source, line=line, column=column)


def read_documents(data: bytes, source: str) -> Iterator[Document | Invalid]:
    """Every object in ``data``; a ``*List`` gives its items, an empty document nothing.

    An array of objects is a list, too: support bundles hold such.

    What cannot be read is an :class:`Invalid` in its place, and the next document goes on; it
    never raises.
    """
    try:
        for text in split(data):
            yield from _documents(text, source)
    except Fault as fault:
        yield _unreadable(fault, source)


def _documents(text: Text, source: str) -> Iterator[Document | Invalid]:
    try:
        for index, value in enumerate(text.values()):
            if value is not None:
                yield from _flattened(Document(value, source, _Place(text, index)))
    except Fault as fault:
        yield _unreadable(fault, source)


def _flattened(document: Document) -> Iterator[Document | Invalid]:
    data: object = document.data
    if _is_array(data):
        for index, item in enumerate(document.data):
            yield from _flattened(_element(document, item, index))
        return
    if not isinstance(data, dict):
        yield document.located(Invalid("", "", "", "", "$", "is no object"))
        return
    items = data.get("items")
    if not (document.kind.endswith("List") and isinstance(items, list | None)):
        yield document
        return
    for index, item in enumerate(items or ()):
        yield from _flattened(_item(document, index, item))


def _item(of: Document, index: int, item: Any) -> Document:
    # The items of a typed list (AlertList) may leave out what the list says for all of them.
    kind = of.kind.removesuffix("List")
    if kind and isinstance(item, dict) and "kind" not in item:
        item = {"apiVersion": of.data.get("apiVersion"), "kind": kind, **item}
    return _element(of, item, "items", index)


def _element(of: Document, item: Any, *steps: jsonpath.Step) -> Document:
    place = of._place and replace(of._place, steps=(*of._place.steps, *steps))
    return Document(item, of.source, place)


def _is_array(data: object) -> bool:
    """Whether it is a list in which there is an object; a JSON patch is a list as well."""
    return isinstance(data, list) and any(
        isinstance(item, dict) and "apiVersion" in item and "kind" in item for item in data
    )


def _unreadable(fault: Fault, source: str) -> Invalid:
    return Invalid(source, "", "", "", fault.path, fault.message, fault.line, fault.column)
