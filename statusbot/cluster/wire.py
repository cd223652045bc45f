"""Bytes as they come: bounded, and cut into lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from statusbot.errors import ClusterError

if TYPE_CHECKING:
    import urllib3

CHUNK = 65536
# etcd keeps objects of 1.5 MiB (kube-apiserver takes requests of 3 MiB); a line is one object.
MAX_LINE = 32 << 20
MAX_BODY = 1 << 30  # bytes of one answer; a page of 500 such objects stays below it


def chunks(
    response: urllib3.BaseHTTPResponse, where: str, limit: int | None = None
) -> Iterator[bytes]:
    """The body as it arrives; ``ClusterError`` once it is longer than ``limit``."""
    length = 0
    # Not io.BufferedReader: it waits for full buffers, and events come up to 1.5 s late.
    for chunk in response.stream(CHUNK):
        length += len(chunk)
        if limit is not None and length > limit:
            raise ClusterError(f"the API server's answer has more than {limit} bytes", where=where)
        yield chunk


def lines(arriving: Iterable[bytes], limit: int = MAX_LINE) -> Iterator[bytes]:
    """The lines that end in a newline; what comes after the last one is no whole event."""
    parts: list[bytes] = []
    length = 0
    for chunk in arriving:
        first, *rest = chunk.split(b"\n")
        parts.append(first)
        length += len(first)
        if length > limit:
            raise ClusterError(f"the API server sent a line of more than {limit} bytes")
        for part in rest:
            # Joined once per line: adding each chunk to what is there would be quadratic.
            line = b"".join(parts)
            parts, length = [part], len(part)
            if line:
                yield line
