"""Which bucket an object is in, how many there are, and what fits into one."""

from __future__ import annotations

import random
import zlib

import pytest
from hypothesis import given, settings

from statusbot.ledger import buckets
from statusbot.ledger.buckets import (
    EACH,
    LARGEST,
    LONGEST,
    MOST,
    TooLarge,
    digest,
    grouped,
    how_many,
    lines_of,
    number_of,
    pack,
    squeeze,
    unpack,
)
from statusbot.ledger.codec import Unreadable
from statusbot.ledger.memory import Ledger, Memory, Owed
from statusbot.results.result import Result
from statusbot.results.state import State
from tests.ledger.test_codec import LEDGERS
from tests.support.ledgers import memory


def hexes(length: int, seed: int) -> str:
    return random.Random(seed).randbytes(length // 2).hex()


def owing(number: int, *lengths: int) -> Memory:
    """An object that is owed results with messages of these lengths, the newest last."""
    one = memory(number)
    one.owed = [
        Owed(
            Result(
                one.object,
                "c1" * 20,
                State.FAILURE,
                "BuildFailed",
                hexes(length, seed),
                float(seed),
                float(seed),
                False,
            ),
            "flux-system/all",
        )
        for seed, length in enumerate(lengths)
    ]
    return one


def test_the_bucket_of_an_object_is_the_same_in_every_process() -> None:
    # The last digit that `printf %s uid-1 | b2sum -l 64` prints, and so on.
    last = {"uid-1": 0xC, "uid-2": 0x9, "uid-3": 0x2, "ключ": 0x0}
    assert {key: number_of(key, 16) for key in last} == last


def test_buckets_are_even() -> None:
    sizes = [len(group) for group in grouped(map(memory, range(1600)), 16)]
    assert 60 < min(sizes) and max(sizes) < 140


def test_a_bucket_s_order_is_not_that_of_the_ledger() -> None:
    there = [memory(number) for number in range(9)]
    assert grouped(there, 2) == grouped(reversed(there), 2)


@pytest.mark.parametrize(
    ("objects", "of", "then"),
    [
        (0, 1, 1),
        (EACH, 1, 1),
        (EACH + 1, 1, 2),
        (50_000, 1, 128),
        (50_000, 256, 256),
        (EACH, 4, 4),
        (EACH, 8, 1),
        (EACH * MOST * 9, 1, MOST),
    ],
)
def test_how_many_there_are(objects: int, of: int, then: int) -> None:
    assert how_many(objects, of) == then


def test_what_is_packed_is_unpacked() -> None:
    lines, short = lines_of([memory(1), memory(2)], 4)
    found = unpack(pack(3, 4, 17, lines))
    assert (found.number, found.of, found.save, short) == (3, 4, 17, [])
    assert (found.memories, found.digest) == ([memory(1), memory(2)], digest(lines))


@given(LEDGERS)
@settings(max_examples=50)
def test_any_memories_are_unpacked_as_they_were(ledger: Ledger) -> None:
    group = list(ledger.objects.values())
    lines, _ = lines_of(group, 1)
    found = unpack(pack(0, 1, 1, lines))
    assert found.memories == group
    # What is read must not look changed to the next save.
    assert digest(lines_of(found.memories, 1)[0]) == found.digest


def test_the_digest_does_not_tell_when_it_was_saved() -> None:
    lines, _ = lines_of([memory(1)], 1)
    assert unpack(pack(0, 1, 1, lines)).digest == unpack(pack(0, 1, 2, lines)).digest


PACKED = pack(0, 1, 1, lines_of([memory(1), memory(2)], 1)[0])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        PACKED[:-1],
        PACKED[:20],
        PACKED + b"x",
        PACKED[:30] + b"x" + PACKED[31:],
        zlib.compress(b""),
        zlib.compress(b"\n"),
        zlib.compress(b"[]\n"),
        zlib.compress(b'{"version":1}\n'),
        squeeze([b'{"version":1,"bucket":0,"of":1,"save":1,"objects":1}\n', b"{}\n"]),
        squeeze([b'{"version":1,"bucket":null,"of":1,"save":1,"objects":0}\n']),
    ],
)
def test_whatever_else_it_is_is_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable, match="it is damaged"):
        unpack(data)


def test_one_that_lacks_a_line_is_cut_off() -> None:
    first = b'{"version":1,"bucket":0,"of":1,"save":1,"objects":1}\n'
    with pytest.raises(Unreadable, match="it is cut off"):
        unpack(squeeze([first]))


def test_one_that_would_fill_the_memory_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "UNPACKED", 1 << 20)
    with pytest.raises(Unreadable):
        unpack(zlib.compress(b" " * (2 << 20)))


def test_what_does_not_fit_is_too_large() -> None:
    lines, _ = lines_of([owing(number, 200_000, 200_000) for number in range(4)], 1)
    with pytest.raises(TooLarge):
        pack(0, 1, 1, lines)


def test_in_base64_and_with_its_labels_it_has_less_than_512_kib() -> None:
    assert LARGEST * 4 / 3 + 8192 < 512 * 1024


def test_an_object_that_is_owed_too_much_forgets_the_oldest() -> None:
    one = owing(1, *[30_000] * 20)
    lines, short = lines_of([one], 1)
    assert short == [one]
    (read,) = unpack(pack(0, 1, 1, lines)).memories
    assert read.owed == one.owed[-5:]
    assert read.posted == one.posted
    assert len(lines[0]) <= LONGEST


def test_one_whose_last_result_is_too_long_keeps_the_rest() -> None:
    lines, _ = lines_of([owing(1, LONGEST)], 1)
    assert unpack(pack(0, 1, 1, lines)).memories == [memory(1)]


def test_whatever_is_in_it_a_bucket_fits_where_there_can_be_no_more() -> None:
    group = [owing(number, 100_000, 100_000) for number in range(20)]
    lines, short = lines_of(group, MOST)
    assert len(short) == 20
    pack(0, MOST, 1, lines)
