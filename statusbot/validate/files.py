"""The files that are to be checked, each once; folders as ``--from`` reads them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from statusbot.cluster.files import STDIN, SUFFIXES
from statusbot.errors import UsageError


@dataclass(frozen=True)
class File:
    """What one file holds; ``path`` is where it really is, empty for standard input."""

    name: str
    path: str
    data: bytes = field(repr=False)

    @cached_property
    def may_be_open(self) -> bool:
        """Whether any of it may be a template, or hold variables: few files do."""
        return any(mark in self.data for mark in (b"${", b"{{", b"{%"))

    @cached_property
    def lines(self) -> Sequence[str]:
        """Its lines, as far as it is text."""
        return self.data.decode("utf-8", "replace").splitlines()


def files(paths: Iterable[str]) -> Iterator[File]:
    """All of them in their order. ``UsageError`` for what cannot be read, or is named and empty."""
    seen: set[str] = set()
    for given in paths:
        if given == STDIN:
            yield File("stdin", "", _some(sys.stdin.buffer.read(), "stdin"))
            continue
        for path in _below(given):
            # Hooks name files one by one, beside the folder that holds them.
            if (whole := os.path.realpath(path)) in seen:
                continue
            seen.add(whole)
            data = _read(path)
            yield File(path, whole, _some(data, given) if path == given else data)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise UsageError(f"cannot read this file: {error.strerror}", where=path) from None


def _some(data: bytes, where: str) -> bytes:
    """A ``kustomize build`` that failed leaves nothing, which must not look like good manifests."""
    if data.strip():
        return data
    raise UsageError("it is empty", where=where, todo="did the command that wrote it fail?")


def _below(path: str) -> Sequence[str]:
    if "\0" in path:
        raise UsageError("no path holds a NUL", where=path)
    if not os.path.isdir(path):
        return (path,)
    # Folders that cannot be listed must not look as if there was nothing in them.
    walked = os.walk(path, onerror=_unlisted)
    named = (os.path.join(folder, name) for folder, _, names in walked for name in names)
    found = sorted(file for file in named if file.endswith(SUFFIXES) and os.path.isfile(file))
    if not found:
        raise UsageError(f"there is no {', '.join(SUFFIXES)} file in it", where=path)
    return found


def _unlisted(error: OSError) -> None:
    where = str(error.filename)
    raise UsageError(f"cannot list this folder: {error.strerror}", where=where) from None
