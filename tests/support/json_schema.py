"""JSON Schema as a forge means it: real limits in its own unit, formats, no key too many."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

_MADE_OF = ("allOf", "anyOf", "oneOf")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")

formats = FormatChecker(formats=("email", "uuid"))


def strict(value: Any) -> Any:
    """A document with what the forge requires and limits beyond what the document says."""
    if isinstance(value, list):
        return [strict(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {key: strict(item) for key, item in value.items()}
    if "x-statusbot-required" in made:
        made["required"] = sorted({*made.get("required", ()), *made["x-statusbot-required"]})
    if "x-statusbot-maxLength" in made:
        made["maxLength"] = made["x-statusbot-maxLength"]
    return made


def known_keys(schema: dict[str, Any]) -> dict[str, Any] | None:
    """The properties of an object, those of all its parts included; None where any key goes."""
    parts = list(_parts(schema))
    properties = {key: part for each in parts for key, part in each.get("properties", {}).items()}
    return properties or None


def _parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for word in _MADE_OF:
        for part in schema.get(word, ()):
            yield from _parts(part)


class Schema:
    """One schema without references, ready to judge values."""

    def __init__(self, value: dict[str, Any], length: Callable[[str], int] = len) -> None:
        """``length`` is the unit of limits: code points, or UTF-16 for Java and .NET."""
        self.value = value
        self._validator = _validator(length)(value, format_checker=formats)

    def errors(self, value: Any) -> list[str]:
        """What is wrong with a JSON value: where, and what."""
        return [
            f"{error.json_path}: {error.message}" for error in self._validator.iter_errors(value)
        ]

    def text_errors(self, text: str) -> list[str]:
        """What is wrong with a parameter, which has a type but comes as text."""
        return self.errors(_typed(text, self.value.get("type")))

    def unknown(self, value: Any) -> list[str]:
        """The keys that the schema does not name, at every level."""
        return [f"{path}: not in the document" for path in _unknown(self.value, value, "$")]


def _unknown(schema: dict[str, Any], value: Any, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for items in (part["items"] for part in _parts(schema) if "items" in part):
            for number, item in enumerate(value):
                yield from _unknown(items, item, f"{path}[{number}]")
    known = known_keys(schema) if isinstance(value, dict) else None
    if known is not None:
        yield from (f"{path}.{key}" for key in value if key not in known)
        for key in value.keys() & known.keys():
            yield from _unknown(known[key], value[key], f"{path}.{key}")


def _typed(text: str, kind: Any) -> Any:
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "number" and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    return text.split(",") if kind == "array" else text


def _validator(length: Callable[[str], int]) -> Any:
    """Draft 2020-12, with texts as long as ``length`` says."""
    if length is len:
        return Draft202012Validator

    def longest(_: Any, most: int, value: Any, __: Any) -> Iterator[ValidationError]:
        if isinstance(value, str) and length(value) > most:
            yield ValidationError(f"{value!r} is longer than {most}")

    return extend(Draft202012Validator, {"maxLength": longest})  # type: ignore[no-untyped-call]


@formats.checks("date-time")
def _is_instant(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        return _INSTANT.fullmatch(value) is not None and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


@formats.checks("uri")
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


@formats.checks("int32")
def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or -(1 << 31) <= value < 1 << 31


@formats.checks("int64")
def _is_int64(value: object) -> bool:
    return not isinstance(value, int) or -(1 << 63) <= value < 1 << 63
