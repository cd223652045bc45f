"""Which files are no objects but parts that kustomize merges into others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from statusbot.manifests.document import Document, read_documents
from statusbot.results.loose import mapping, mappings

_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
# A patch lies beside the kustomization.yaml that names it, or in a folder below.
_UP = 3
_LARGEST = 1 << 20  # what a person writes is a thousand times smaller


def is_patch(path: Path | None) -> bool:
    """Whether a kustomization.yaml in its folder, or just above, names it as anything but a resource."""
    if path is None:
        return False
    whole = path.resolve()
    return any(whole in _parts(folder) for folder in list(whole.parents)[: _UP + 1])


@cache
def _parts(folder: Path) -> frozenset[Path]:
    return frozenset(part for name in _NAMES for part in _named_in(folder / name))


def _named_in(file: Path) -> Iterator[Path]:
    try:
        if not file.is_file() or file.stat().st_size > _LARGEST:
            return
        data = file.read_bytes()
    except OSError:
        return
    for document in read_documents(data, str(file)):
        if isinstance(document, Document):
            for name in _names(document.data):
                try:
                    yield (file.parent / name).resolve()
                except (OSError, ValueError):
                    continue  # an inline patch, which is a text of many lines


def _names(data: Mapping[str, Any]) -> Iterator[str]:
    for field in ("patches", "patchesJson6902", "replacements"):
        for entry in mappings(data.get(field)):
            if isinstance(entry.get("path"), str):
                yield entry["path"]
    for field in ("patchesStrategicMerge", "configurations", "transformers", "generators"):
        listed = data.get(field)
        yield from (
            (name for name in listed or () if isinstance(name, str))
            if isinstance(listed, list)
            else ()
        )
    for field in ("openapi", "validators"):
        if isinstance(mapping(data.get(field)).get("path"), str):
            yield mapping(data.get(field))["path"]
