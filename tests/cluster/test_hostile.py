"""Whatever a server sends is objects, problems or a sentence; never another exception."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, cast

import orjson
from hypothesis import given
from hypothesis import strategies as st

from statusbot.cluster.answer import Answer
from statusbot.cluster.clock import ServerClock
from statusbot.cluster.collection import Collection
from statusbot.cluster.connection import Connection
from statusbot.cluster.kinds import KUSTOMIZATION
from statusbot.cluster.listing import Listing
from statusbot.errors import StatusbotError

_words = st.sampled_from(
    "type object metadata items name namespace uid annotations resourceVersion continue code "
    "message ADDED MODIFIED DELETED BOOKMARK ERROR true k8s.io/initial-events-end".split()
)
_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 999) | _words | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=4),
    max_leaves=12,
)
_metadata = st.dictionaries(_words, _values, max_size=3)
_objects = st.fixed_dictionaries({"metadata": _metadata | _values}) | _values
_events = st.fixed_dictionaries({"type": _words, "object": _objects}).map(orjson.dumps)
_pages = st.fixed_dictionaries({"metadata": st.just({}) | _metadata, "items": st.lists(_objects)})
_bodies = _pages.map(orjson.dumps) | _values.map(orjson.dumps) | st.binary(max_size=20)
_answers = st.tuples(st.sampled_from((200, 200, 200, 404, 410, 422)), _bodies)


class Stub:
    """A connection whose server says what Hypothesis thinks of, and then an empty page."""

    def __init__(self, lines: list[bytes], answers: list[tuple[int, bytes]]) -> None:
        self.lines = lines
        self.answers = answers
        self.now = ServerClock().now

    def stream(self, path: str, query: Any, quiet: float) -> Generator[bytes, None, None]:
        yield from self.lines

    def request(self, method: str, path: str, query: Mapping[str, str]) -> Answer:
        status, body = self.answers.pop(0) if self.answers else (200, b'{"items":[],"metadata":{}}')
        return Answer("http://k8s", status, {}, body)


@given(st.lists(_events | st.binary(max_size=9)), st.lists(_answers, max_size=4))
def test_a_listing_yields_objects_or_ends_in_a_sentence(
    lines: list[bytes], answers: list[tuple[int, bytes]]
) -> None:
    connection = cast("Connection", Stub(lines, answers))
    listing = Listing(Collection(connection, KUSTOMIZATION, "v1"))
    try:
        for found, _ in listing.states():
            assert isinstance(found["metadata"]["name"], str)
            assert found["kind"]
    except StatusbotError as error:
        assert str(error)
