"""A ledger in parts, each below the limit of one object in a cluster."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from statusbot.ledger.codec import (
    VERSION,
    Unreadable,
    decode_memory,
    encode_memory,
    line,
    read_line,
    readable,
    whole,
)
from statusbot.ledger.memory import Memory

# Bytes of a part as they are in a ConfigMap, before base64 and what is around it: 512 KiB with them.
LARGEST = 376 << 10
# Objects for which there is a bucket: of some 600 bytes each, a third of that when compressed.
EACH = 500
MOST = 4096  # buckets
# Bytes of one object: what it is owed can be long, since Flux's messages may be.
LONGEST = 256 << 10
# A part that is more than this was not written by us.
UNPACKED = 256 << 20


class TooLarge(Exception):
    """A bucket does not fit."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """One that was read: ``save`` is the number of the save that wrote it, ``ledger`` whose it is."""

    number: int
    of: int
    save: int
    memories: list[Memory]
    digest: bytes
    ledger: str = ""  # those of version 1 did not say so at first


def number_of(key: str, of: int) -> int:
    """The bucket of an object, for as long as there are so many."""
    return int.from_bytes(blake2b(key.encode("utf-8", "replace"), digest_size=8).digest()) % of


def grouped(memories: Iterable[Memory], of: int) -> list[list[Memory]]:
    """What belongs into each bucket, in an order of its own."""
    groups: list[list[Memory]] = [[] for _ in range(of)]
    for memory in memories:
        groups[number_of(memory.object.key, of)].append(memory)
    for group in groups:
        group.sort(key=lambda memory: memory.object.key)
    return groups


def how_many(objects: int, of: int) -> int:
    """How many buckets so many objects need, where there are ``of``; a power of two.

    More than they need do no harm, so there will be fewer only when an eighth would do.
    """
    needed = 1
    while needed < MOST and needed * EACH < objects:
        needed *= 2
    return needed if needed > of or needed * 8 <= of else of


def lines_of(group: Sequence[Memory], of: int) -> tuple[list[bytes], list[Memory]]:
    """The lines of a bucket's objects, and the objects whose line says less than it should.

    An object that is too long for any bucket forgets its oldest results that are still owed.
    """
    room = LONGEST if of < MOST else min(LONGEST, LARGEST // len(group))
    found: list[bytes] = []
    short: list[Memory] = []
    for memory in group:
        data = encode_memory(memory)
        if len(data) > room:
            short.append(memory)
            data = _cut(memory, room)
        if data:
            found.append(data)
    return found, short


def _cut(memory: Memory, room: int) -> bytes:
    for kept in (10, 5, 2, 1, 0):
        less = replace(memory, owed=memory.owed[max(len(memory.owed) - kept, 0) :])
        data = encode_memory(less)
        if len(data) <= room:
            return data
    return b""


def digest(lines: Iterable[bytes]) -> bytes:
    """What tells whether a bucket changed."""
    hashed = blake2b(digest_size=16)
    for one in lines:
        hashed.update(one)
    return hashed.digest()


def pack(number: int, of: int, save: int, lines: Sequence[bytes], ledger: str = "") -> bytes:
    """A bucket, compressed. Raises TooLarge."""
    first = {"version": VERSION, "bucket": number, "of": of, "save": save, "objects": len(lines)}
    packed = squeeze([line(first | {"ledger": ledger}), *lines])
    if len(packed) > LARGEST:
        raise TooLarge
    return packed


def unpack(data: bytes) -> Bucket:
    """The bucket of :func:`pack`. Raises Unreadable, never anything else."""
    with readable():
        lines = unsqueezed(data).splitlines(keepends=True)
        first = read_line(lines[0])
        rest = lines[1:]
        if len(rest) != first["objects"]:
            raise Unreadable("it is cut off")
        memories = [decode_memory(one) for one in rest]
        number, of, save = (whole(first[name]) for name in ("bucket", "of", "save"))
        ledger = str(first.get("ledger", ""))
    return Bucket(number, of, save, memories, digest(rest), ledger)


def squeeze(lines: Iterable[bytes]) -> bytes:
    """Lines, compressed one after the other: they are never there as one."""
    compressor = zlib.compressobj()
    parts = [compressor.compress(one) for one in lines]
    return b"".join(parts) + compressor.flush()


def unsqueezed(data: bytes) -> bytes:
    """The same again. Raises ValueError for what is no such thing, cut off, or far too much."""
    decompressor = zlib.decompressobj()
    try:
        found = decompressor.decompress(data, UNPACKED)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if not decompressor.eof or decompressor.unused_data:
        raise ValueError("it is cut off, or something comes after it")
    return found


def newest_last(buckets: Iterable[Bucket]) -> list[Bucket]:
    """So that of an object that is in two the newer one counts, if each replaces those before."""
    return sorted(buckets, key=lambda bucket: bucket.save)
