"""Objects out of manifest files and ``kubectl`` dumps, YAML or JSON, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from statusbot.manifests.invalid import Invalid as Invalid
from statusbot.manifests.invalid import identity


@dataclass(frozen=True, slots=True)
class Document:
    """One object of a file: ``data`` as the API server would take it, ``source`` the file's name.

    ``data`` may be a Secret, so it is in no repr. It is shared where YAML aliases share it: read
    it, never write to it.
    """

    data: Mapping[str, Any] = field(repr=False)
    source: str

    @property
    def kind(self) -> str:
        """``kind``, or empty."""
        return identity(self.data)[0]

    def position(self, path: str) -> tuple[int, int] | None:
        """Line and column, from 1, of a JSON path; of its nearest ancestor if it is missing."""
        return None


def read_documents(data: bytes, source: str) -> Iterator[Document | Invalid]:
    """Every object in ``data``; a ``*List`` gives its items, an empty document nothing.

    What cannot be read is an :class:`Invalid` in its place; it never raises.
    """
    raise NotImplementedError
