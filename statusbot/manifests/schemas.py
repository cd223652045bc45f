"""Where the JSON Schemas of Provider and Alert are, and one validator for each of them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

GROUP = "notification.toolkit.fluxcd.io"
VERSIONS = ("v1beta1", "v1beta2", "v1beta3")


@cache
def schema(kind: str, version: str) -> dict[str, Any]:
    """The schema of ``Provider`` or ``Alert`` in one of :data:`VERSIONS`."""
    file = _folder() / f"{kind.lower()}-{version}.json"
    found: dict[str, Any] = orjson.loads(file.read_bytes())
    return found


def _folder() -> Path:
    """In a wheel the schemas lie inside the package, in a checkout beside it."""
    package = Path(__file__).parents[1]
    inside = package / "schemas"
    return inside if inside.is_dir() else package.parent / "schemas"


@cache
def validator(kind: str, version: str) -> Validator:
    """The one validator of this kind and version; loads jsonschema (some 200 ms) when called."""
    from jsonschema import Draft202012Validator, validators

    extend: Any = validators.extend  # has no types
    made: Validator = extend(Draft202012Validator, {"pattern": _pattern})(schema(kind, version))
    return made


def _pattern(_: Validator, pattern: str, instance: object, __: object) -> Any:
    """``pattern`` as Go reads it, where ``$`` is the very end and never before a newline."""
    from jsonschema import ValidationError

    if isinstance(instance, str) and not _compiled(pattern).search(instance):
        yield ValidationError(f"does not match {pattern}")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    if pattern.endswith("$"):
        pattern = pattern[:-1] + r"\Z"
    return re.compile(pattern, re.ASCII)
