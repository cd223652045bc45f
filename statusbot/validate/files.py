"""The files that are to be checked, each once; folders as ``--from`` reads them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from statusbot.cluster.files import STDIN, SUFFIXES
from statusbot.errors import UsageError


@dataclass(frozen=True, slots=True)
class File:
    """What one file holds; ``path`` is None for standard input."""

    name: str
    path: Path | None
    data: bytes = field(repr=False)


def files(paths: Iterable[str]) -> Iterator[File]:
    """All of them in their order. ``UsageError`` for what cannot be read, or is named and empty."""
    seen: set[Path] = set()
    for given in paths:
        if given == STDIN:
            yield File("stdin", None, _some(sys.stdin.buffer.read(), "stdin"))
            continue
        for path in _below(Path(given)):
            # Hooks name files one by one, beside the folder that holds them.
            if (whole := path.resolve()) in seen:
                continue
            seen.add(whole)
            data = _read(path)
            yield File(str(path), path, _some(data, given) if str(path) == given else data)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no path"
        raise UsageError(f"cannot read this file: {reason}", where=str(path)) from None


def _some(data: bytes, where: str) -> bytes:
    """A ``kustomize build`` that failed leaves nothing, which must not look like good manifests."""
    if data.strip():
        return data
    raise UsageError("it is empty", where=where, todo="did the command that wrote it fail?")


def _below(path: Path) -> Sequence[Path]:
    try:
        if not path.is_dir():
            return (path,)
        found = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES)
        found = [file for file in found if file.is_file()]
    except (OSError, ValueError):
        return (path,)
    if not found:
        raise UsageError(f"there is no {', '.join(SUFFIXES)} file in it", where=str(path))
    return found
