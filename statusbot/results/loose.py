"""Reading what may be anything: a field of the wrong type counts as not there.

The API server checks what Flux writes; a dump file, or a status of another version, may hold
anything, and no single object may stop the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def mapping(value: object) -> Mapping[str, Any]:
    """A mapping, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: object) -> list[Mapping[str, Any]]:
    """The mappings of a list, or an empty list."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def text(value: object) -> str:
    """A string, or an empty one."""
    return value if isinstance(value, str) else ""


def number(value: object) -> int:
    """An integer, or zero."""
    return value if isinstance(value, int) else 0
