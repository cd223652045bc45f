"""What is wrong with an object, and where: a value, so that the other objects go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from statusbot.text import cut, one_line, redact


@dataclass(frozen=True, slots=True)
class Invalid:
    """An object, or a whole document, that cannot be used.

    ``path`` is a JSON path (``$.spec.type``) of the first fault and ``message`` a sentence about
    it without its full stop. ``source`` is a file's name, or empty for a cluster. ``kind``,
    ``namespace`` and ``name`` are empty where the document does not tell. ``line`` and ``column``
    count from 1; 0 where they are not known.
    """

    source: str
    kind: str
    namespace: str
    name: str
    path: str
    message: str
    line: int = 0
    column: int = 0

    @property
    def ref(self) -> str:
        """``namespace/name``, or what there is of it."""
        return "/".join(part for part in (self.namespace, self.name) if part)

    def __str__(self) -> str:
        """One safe line: ``file:3:9: Provider flux-system/github: $.spec.type: is missing``."""
        where = self.source
        if where and self.line:
            where += f":{self.line}:{self.column}" if self.column else f":{self.line}"
        what = " ".join(part for part in (self.kind, self.ref) if part)
        parts = (where, cut(what, 200), cut(self.path, 200), cut(self.message, 500))
        return redact(one_line(": ".join(part for part in parts if part)))


def identity(obj: Mapping[str, Any], default_namespace: str = "") -> tuple[str, str, str]:
    """Kind, namespace and name as far as ``obj`` has them, whatever nonsense it holds."""
    metadata = obj.get("metadata")
    if not isinstance(metadata, Mapping):
        metadata = {}
    namespace = _string(metadata.get("namespace")) or default_namespace
    return _string(obj.get("kind")), namespace, _string(metadata.get("name"))


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
