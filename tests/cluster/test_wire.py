from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusbot.cluster.wire import lines
from statusbot.errors import ClusterError


@given(st.lists(st.binary(max_size=9)))
def test_lines_do_not_depend_on_where_chunks_are_cut(parts: list[bytes]) -> None:
    whole = b"".join(parts)
    expected = [line for line in whole.split(b"\n")[:-1] if line]
    assert list(lines(parts)) == expected


def test_what_comes_after_the_last_newline_is_no_event() -> None:
    assert list(lines([b"one\ntw"])) == [b"one"]


def test_a_line_is_handed_on_before_the_next_chunk_is_asked_for() -> None:
    def arriving() -> Iterator[bytes]:
        yield b"one\n"
        raise AssertionError("asked too early")

    assert next(lines(arriving())) == b"one"


def test_a_line_without_end_is_an_error_not_all_memory() -> None:
    endless = (b"x" * 1000 for _ in iter(int, 1))
    with pytest.raises(ClusterError, match="a line of more than 5000 bytes"):
        list(lines(endless, limit=5000))


def test_the_limit_is_for_each_line() -> None:
    assert len(list(lines([b"x" * 600 + b"\n"] * 9, limit=1000))) == 9
