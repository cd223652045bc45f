"""labelSelector and fieldSelector, as far as a reader of Flux's objects asks for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from statusbot.demo.kube.kinds import Resource
from statusbot.demo.kube.status import bad_request
from statusbot.demo.kube.store import Entry

Selection = Callable[[Entry], bool]
Labels = Mapping[str, str]

_COMMAS = re.compile(r",(?![^(]*\))")
_SET = re.compile(r"(?P<key>\S+) +(?P<how>in|notin) *\((?P<values>[^)]*)\)")
_EQUAL = re.compile(r"(?P<key>[^=!\s]+) *(?P<how>==|=|!=) *(?P<values>[^=!\s]*)")
_EXISTS = re.compile(r"(?P<how>!?) *(?P<key>[\w./-]+)")

_FIELDS = {
    "Secret": ("type",),
    "Event": (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "reason",
        "type",
    ),
}


def selection(resource: Resource, labels: str, fields: str) -> Selection | None:
    """One predicate for both selectors; None when they are empty."""
    checks = [_label(part.strip(), labels) for part in _COMMAS.split(labels)] if labels else []
    chosen = (
        [_field(resource, part.strip(), fields) for part in fields.split(",")] if fields else []
    )
    if not checks and not chosen:
        return None
    return lambda entry: (
        all(check(entry.labels) for check in checks) and all(check(entry) for check in chosen)
    )


def _label(part: str, whole: str) -> Callable[[Labels], bool]:
    if found := _SET.fullmatch(part):
        values = {value.strip() for value in found["values"].split(",")}
        return _compare(found["key"], values, negated=found["how"] == "notin")
    if found := _EQUAL.fullmatch(part):
        return _compare(found["key"], {found["values"]}, negated=found["how"] == "!=")
    if found := _EXISTS.fullmatch(part):
        key, wanted = found["key"], not found["how"]
        return lambda labels: (key in labels) == wanted
    raise bad_request(f"unable to parse requirement: found {part!r} in {whole!r}")


def _compare(key: str, values: set[str], *, negated: bool) -> Callable[[Labels], bool]:
    # "!=" and "notin" also select what does not have the label at all.
    return lambda labels: (labels.get(key) in values) != negated


def _field(resource: Resource, part: str, whole: str) -> Selection:
    found = _EQUAL.fullmatch(part)
    if found is None:
        raise bad_request(f"invalid selector: '{whole}'; can't understand '{part}'")
    path, value, equal = found["key"], found["values"], found["how"] != "!="
    if path == "metadata.name":
        return lambda entry: (entry.key.rpartition("/")[2] == value) == equal
    if path == "metadata.namespace":
        return lambda entry: (entry.key.rpartition("/")[0] == value) == equal
    if path not in _FIELDS.get(resource.kind, ()):
        raise bad_request(f"field label not supported: {path}")
    return lambda entry: (_at(entry.data(), path) == value) == equal


def _at(data: Any, path: str) -> Any:
    for name in path.split("."):
        data = data.get(name, "") if isinstance(data, dict) else ""
    return data
