"""Texts that are not what will be applied: templates, variables of Flux, encrypted values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from statusbot.manifests.jsonpath import steps

_TEMPLATE = ("{{", "{%")
# Flux's postBuild: ${name}, ${name:=default}; $${name} stays as it is.
_VARIABLE = re.compile(r"(?<!\$)\$\{[A-Za-z_]")
_ENCRYPTED = "ENC[AES256_GCM,"
_MARKER = re.compile(r"^---(?:\s|$)")


def is_open(text: str) -> bool:
    """Whether a text is, or holds, something to be replaced."""
    return any(mark in text for mark in _TEMPLATE) or bool(_VARIABLE.search(text))


def holds_open(value: Any) -> bool:
    """Whether any text in an object is; manifests are never deeper than one can recurse."""
    if isinstance(value, str):
        return is_open(value)
    if isinstance(value, Mapping):
        return any(is_open(key) or holds_open(item) for key, item in value.items())
    return isinstance(value, list) and any(holds_open(item) for item in value)


def is_open_at(value: Any, path: str) -> bool:
    """Whether what stands at a JSON path is, or holds, something to be replaced."""
    for step in steps(path):
        if isinstance(value, Mapping):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return False
    return holds_open(value)


def is_template_at(lines: Sequence[str], line: int) -> bool:
    """Whether the document around a line is a template, for which it is no fault to be no YAML."""
    at = min(max(line, 1), len(lines)) - 1
    if at > 0 and _MARKER.match(lines[at]):
        at -= 1  # what is not closed is told of where the next document begins
    first = next((n for n in range(at, -1, -1) if _MARKER.match(lines[n])), 0)
    last = next((n for n in range(at + 1, len(lines)) if _MARKER.match(lines[n])), len(lines))
    return any(mark in text for text in lines[first:last] for mark in _TEMPLATE)


def is_encrypted(data: Mapping[str, Any]) -> bool:
    """Whether SOPS wrote it: its keys can be read, its values cannot."""
    if isinstance(data.get("sops"), Mapping):
        return True
    parts = (data.get("data"), data.get("stringData"))
    values = (value for part in parts if isinstance(part, Mapping) for value in part.values())
    return any(isinstance(value, str) and value.startswith(_ENCRYPTED) for value in values)
