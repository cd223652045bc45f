"""Which files are no objects but parts that kustomize merges into others."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from statusbot.manifests.document import Document, read_documents
from statusbot.manifests.invalid import identity
from statusbot.results.loose import mapping, mappings, text

_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
# A patch lies beside the kustomization.yaml that names it, or in a folder below.
_UP = 3
_LARGEST = 1 << 20  # what a person writes is a thousand times smaller


def is_patch(path: str) -> bool:
    """Whether a kustomization.yaml in its folder, or just above, names it as what is no object."""
    return bool(path) and path in _around(os.path.dirname(path))


@cache
def _around(folder: str) -> frozenset[str]:
    here = Path(folder)
    return frozenset(
        part
        for above in (here, *here.parents[:_UP])
        for name in _NAMES
        for part in _named_in(above / name)
    )


@cache
def _named_in(file: Path) -> tuple[str, ...]:
    try:
        if not file.is_file() or file.stat().st_size > _LARGEST:
            return ()
        data = file.read_bytes()
    except OSError:
        return ()
    documents = (one for one in read_documents(data, str(file)) if isinstance(one, Document))
    names = (name for document in documents for name in _names(document.data))
    # An inline patch is a text of many lines, and no path.
    return tuple(os.path.realpath(file.parent / name) for name in names if name.isprintable())


class Patched:
    """The objects that the given files are not the whole truth of: a patch changes them."""

    def __init__(self) -> None:
        """None is known yet."""
        self._names: set[tuple[str, str]] = set()

    def note(self, data: Mapping[str, Any], file: str) -> None:
        """Take what a kustomization.yaml (``file`` is where it really is) would change."""
        if not file or os.path.basename(file) not in _NAMES:
            return
        folder = os.path.dirname(file)
        for entry in (*mappings(data.get("patches")), *mappings(data.get("patchesJson6902"))):
            target = mapping(entry.get("target"))
            if target:
                self._names.add((text(target.get("kind")) or "*", text(target.get("name")) or "*"))
            else:
                self._note_patch(text(entry.get("patch")), text(entry.get("path")), folder)
        listed = data.get("patchesStrategicMerge")
        for part in listed if isinstance(listed, list) else ():
            inline = "\n" in text(part)
            self._note_patch(text(part) if inline else "", "" if inline else text(part), folder)

    def __call__(self, kind: str, name: str) -> bool:
        """Whether a patch may change this object."""
        return any((k, n) in self._names for k in (kind, "*") for n in (name, "*"))

    def _note_patch(self, inline: str, path: str, folder: str) -> None:
        data = inline.encode()
        if not data and path:
            with (
                contextlib.suppress(OSError, ValueError),
                open(os.path.join(folder, path), "rb") as f,
            ):
                data = f.read(_LARGEST)
        for document in read_documents(data, path):
            if isinstance(document, Document):
                kind, _, name = identity(document.data)
                self._names.add((kind, name))


def _names(data: Mapping[str, Any]) -> Iterator[str]:
    for field in ("patches", "patchesJson6902", "replacements"):
        yield from (text(entry.get("path")) for entry in mappings(data.get(field)))
    for field in ("patchesStrategicMerge", "configurations", "transformers", "generators"):
        listed = data.get(field)
        yield from (text(name) for name in (listed if isinstance(listed, list) else ()))
    yield text(mapping(data.get("openapi")).get("path"))
