"""One object alone: can it be read, does Flux's schema take it, and does it say what it means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from statusbot.cluster.kinds import ALERT, PROVIDER, SECRET
from statusbot.manifests import jsonpath
from statusbot.manifests.invalid import Invalid
from statusbot.manifests.schemas import GROUP, VERSIONS, schema
from statusbot.manifests.validation import as_admitted, find_faults
from statusbot.results.loose import mapping, text
from statusbot.text import cut, one_line
from statusbot.validate.finding import Position, Subject
from statusbot.validate.given import Given
from statusbot.validate.rule import Hit, Item, error, info, warning
from statusbot.validate.templated import is_encrypted, is_open_at

YAML = error("yaml", "the document can be read")
SCHEMA = error("schema", "Flux's schema takes the object")
UNKNOWN = warning("unknown-field", "every field is one that Flux knows")
VERSION = warning("api-version", "the version is one that Flux still serves")
DEPRECATED = warning("deprecated", "no field is one that Flux gives up")
DUPLICATE = warning("duplicate", "an object is in a file once")
SKIPPED = info("skipped", "what was not checked, and why")
RULES = (YAML, SCHEMA, UNKNOWN, VERSION, DEPRECATED, DUPLICATE, SKIPPED)

_DEPRECATED = {
    (PROVIDER, "proxy"): "name a Secret with the key address in spec.proxySecretRef",
    (PROVIDER, "interval"): "remove it: it has no effect any more",
    (ALERT, "summary"): "write it as spec.eventMetadata.summary",
}


def unreadable(where: Position, invalid: Invalid) -> Hit:
    """A document that is no YAML, or beyond the bounds of what is read."""
    return Hit(YAML.name, YAML.severity, Subject(), invalid.message, path=invalid.path, where=where)


def left(where: Position, subject: Subject, why: str) -> Hit:
    """A document that is not looked at."""
    return Hit(SKIPPED.name, SKIPPED.severity, subject, f"not checked: {why}", where=where)


def patched(item: Item) -> Hit:
    """An object that is not whole yet."""
    return SKIPPED.at(item, "$", "not checked: a kustomization.yaml changes it by a patch")


def nameless(item: Item, why: str) -> Hit:
    """An object that no API server would take."""
    return SCHEMA.at(item, "$.metadata", why)


def check(item: Item, invalid: Invalid | None) -> Iterator[Hit]:
    """What is to say of one object; ``invalid`` is what the poll has against it."""
    if not item.settled:
        yield _partly(item)
    if item.kind not in (ALERT, PROVIDER):
        return
    if invalid is not None:
        yield from _faults(item, invalid)
    version = text(item.document.data.get("apiVersion")).partition("/")[2]
    if version not in VERSIONS:
        return
    yield from _old(item, version)
    yield from _unknown(item, version)
    spec = mapping(item.document.data.get("spec"))
    for (kind, field), todo in _DEPRECATED.items():
        if kind == item.kind and spec.get(field) is not None:
            yield DEPRECATED.at(item, f"$.spec.{field}", f"spec.{field} is deprecated", todo)


def _partly(item: Item) -> Hit:
    data = item.document.data
    if item.kind == SECRET and is_encrypted(data):
        return SKIPPED.at(item, "$", "its values are not checked: they are encrypted")
    return SKIPPED.at(item, "$", "checked against the schema only: it holds variables")


def _faults(item: Item, invalid: Invalid) -> Iterator[Hit]:
    admitted = as_admitted(item.document.data)
    faults = find_faults(admitted, item.kind.kind) or [(invalid.path, invalid.message)]
    for path, message in faults:
        if item.settled or not is_open_at(admitted, path):
            yield SCHEMA.at(item, path, f"{path.removeprefix('$.')} {message}")


def _old(item: Item, version: str) -> Iterator[Hit]:
    if version == VERSIONS[-1]:
        return
    message = (
        f"notification-controller 1.9 and later serve {item.kind.kind}s as {VERSIONS[-1]} only"
    )
    yield VERSION.at(item, "$.apiVersion", message, f"write {GROUP}/{VERSIONS[-1]}")


def _unknown(item: Item, version: str) -> Iterator[Hit]:
    known = schema(item.kind.kind, version)["properties"]["spec"]
    for path, field, near in _beyond(item.document.data.get("spec"), known, ("spec",)):
        name = cut(one_line(field), 60)
        todo = f"did you mean {near}?" if near else "correct or remove it"
        message = f"{item.kind.kind}s have no field {name} here: the API server drops or refuses it"
        yield UNKNOWN.at(item, path, message, todo)


def _beyond(
    value: Any, known: Mapping[str, Any], at: tuple[jsonpath.Step, ...]
) -> Iterator[tuple[str, str, str]]:
    """(path, field, the one that may be meant) of each field that the schema does not have."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _beyond(item, known.get("items", {}), (*at, index))
    fields = known.get("properties")
    if not isinstance(value, Mapping) or fields is None:
        return
    for field, item in value.items():
        if field in fields:
            yield from _beyond(item, fields[field], (*at, field))
        else:
            yield jsonpath.show((*at, field)), field, _near(field, fields)


def _near(field: str, fields: Mapping[str, Any]) -> str:
    import difflib

    return next(iter(difflib.get_close_matches(field, fields, 1)), "")


def duplicates(given: Given) -> Iterator[Hit]:
    """Objects that one file has twice: the later holds, and hides what somebody wrote."""
    for kind in given.items.values():
        for items in kind.values():
            first: dict[str, Item] = {}
            for item in items if len(items) > 1 else ():
                other = first.setdefault(item.document.source, item)
                if other is not item and other.document.data != item.document.data:
                    yield DUPLICATE.at(item, "$", "it is in this file twice; this one holds")
