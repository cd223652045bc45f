"""A ledger as bytes and back; whatever else the bytes are, they are Unreadable and no more."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusbot.ledger.codec import Unreadable, decode, encode
from statusbot.ledger.memory import Ledger, Memory, Owed, Sight
from statusbot.ledger.pace import Pace
from statusbot.ledger.posted import Pledge, Posted
from statusbot.results.result import ObjectRef, Result
from statusbot.results.state import State

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PERHAPS = st.lists(TEXT, max_size=2).map(tuple)
TIME = st.floats(0, 4e9)
REF = st.builds(ObjectRef, TEXT, TEXT, TEXT, TEXT)
POSTED = st.builds(
    Posted,
    state=st.sampled_from(State),
    reason=TEXT,
    text=TEXT,
    when=TIME,
    written=TIME,
    checked=TIME,
    rewrites=st.integers(0, 99),
    corrected=st.booleans(),
    refused=TEXT,
    pledge=st.none() | st.builds(Pledge, TEXT, TEXT, TEXT, TEXT, TEXT),
    reconciled=TIME,
)
SIGHT = st.builds(Sight, TIME, TEXT, TEXT, TIME)

PACE = st.builds(Pace, st.dictionaries(st.integers(0, 9**9), st.integers(1, 99)), TIME, TEXT)


@st.composite
def memories(draw: st.DrawFn) -> Memory:
    ref = draw(REF)
    result = st.builds(
        Result, st.just(ref), TEXT, st.sampled_from(State), TEXT, TEXT, TIME, TIME, st.just(False)
    )
    return Memory(
        ref,
        draw(st.integers(0, 99999)),
        draw(TEXT),
        draw(TIME),
        draw(st.dictionaries(TEXT, POSTED, max_size=3)),
        draw(st.lists(st.builds(Owed, result, TEXT, st.booleans(), PERHAPS), max_size=3)),
        draw(st.dictionaries(TEXT, TIME, max_size=2)),
        draw(st.dictionaries(TEXT, SIGHT, max_size=2)),
    )


LEDGERS = st.builds(
    lambda found, polls, paces: Ledger(True, {one.object.key: one for one in found}, polls, paces),
    st.lists(memories(), max_size=4),
    st.dictionaries(TEXT, TIME, max_size=3),
    st.dictionaries(TEXT, PACE, max_size=2),
)


def test_a_pace_that_several_share_stays_one() -> None:
    pace = Pace({7: 1})
    paces = decode(encode(Ledger(paces={"a": pace, "b": pace, "c": Pace({8: 1})}))).paces
    assert paces == {"a": pace, "b": pace, "c": Pace({8: 1})}
    assert paces["a"] is paces["b"]


EXAMPLE = Ledger(
    True,
    {
        "uid": Memory(
            ObjectRef("Kustomization", "flux-system", "apps", "uid"),
            20000,
            posted={"key": Posted(State.ERROR, "BuildFailed", "aa", 1.0, 2.0, 3.0)},
            waiting={"c" * 40: 5.0},
        )
    },
    {"scope": 7.0},
)


def lines(ledger: Ledger = EXAMPLE) -> list[bytes]:
    return list(encode(ledger))


def unreadable(data: Iterable[bytes]) -> str:
    with pytest.raises(Unreadable) as caught:
        decode(data)
    return str(caught.value)


@given(LEDGERS)
def test_a_ledger_comes_back_as_it_was(ledger: Ledger) -> None:
    assert decode(lines(ledger)) == ledger


def test_what_is_owed_comes_back_as_the_past() -> None:
    ref = EXAMPLE.objects["uid"].object
    result = Result(ref, "c", State.SUCCESS, "r", "m", 1.0, 2.0, current=True)
    ledger = Ledger(objects={"uid": Memory(ref, 1, owed=[Owed(result, "ns/all")])})
    assert not decode(lines(ledger)).objects["uid"].owed[0].result.current


def test_a_ledger_from_before_anything_could_be_pending_is_read() -> None:
    header, item = lines()
    old = json.loads(item)
    old.pop("seen", None)
    old["posted"] = {key: value[:9] for key, value in old["posted"].items()}
    assert decode([header, json.dumps(old).encode()]) == EXAMPLE


def test_an_object_is_one_line() -> None:
    assert [line.count(b"\n") for line in lines()] == [1, 1]


def test_nothing_at_all_is_damaged() -> None:
    assert unreadable([]) == "it is damaged"


def test_another_version_is_named() -> None:
    assert unreadable([b'{"version":2}']) == "it was written by another version (2)"


def test_a_file_that_ends_after_a_whole_line_is_cut_off() -> None:
    assert unreadable(lines()[:1]) == "it is cut off"


def test_an_object_that_is_there_twice_is_no_whole_ledger() -> None:
    header, item = lines()
    assert unreadable([header.replace(b'"objects":1', b'"objects":2'), item, item])


@given(LEDGERS, st.integers(0, 10**6))
def test_a_ledger_that_ends_anywhere_is_unreadable(ledger: Ledger, place: int) -> None:
    data = b"".join(lines(ledger)).rstrip(b"\n")
    assert unreadable(data[: place % len(data)].splitlines(keepends=True))


@settings(max_examples=300)
@given(LEDGERS, st.integers(0, 10**6), st.binary(max_size=4))
def test_a_damaged_ledger_is_read_or_unreadable_and_no_other_error(
    ledger: Ledger, place: int, junk: bytes
) -> None:
    data = b"".join(lines(ledger))
    place %= len(data)
    damaged = data[:place] + junk + data[place + len(junk) :]
    with contextlib.suppress(Unreadable):
        decode(damaged.splitlines(keepends=True))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)
PLACES = [
    (),
    ("object",),
    ("day",),
    ("source",),
    ("moved",),
    ("posted",),
    ("posted", "key"),
    *(("posted", "key", number) for number in range(9)),
    ("owed",),
    ("waiting",),
    ("waiting", "c" * 40),
]


@settings(max_examples=400)
@given(st.sampled_from(PLACES), JSON)
def test_any_value_in_any_place_is_read_or_unreadable(
    place: tuple[str | int, ...], value: object
) -> None:
    header, item = lines()
    holder = [json.loads(item)]
    target: object = holder
    for step in (0, *place)[:-1]:
        target = target[step]  # type: ignore[index]
    target[(0, *place)[-1]] = value  # type: ignore[index]
    with contextlib.suppress(Unreadable):
        decode([header, json.dumps(holder[0]).encode()])


@pytest.mark.parametrize("count", [-1, 10**15])
def test_more_writes_than_a_minute_can_have_are_damage(count: int) -> None:
    header, item = (json.loads(one) for one in lines())
    header["paces"] = {"a": [{"7": count}, 0.0, ""]}
    assert unreadable(json.dumps(one).encode() for one in (header, item)) == "it is damaged"


@pytest.mark.parametrize("place", ["day", "rewrites", "pace"])
def test_a_number_that_could_not_be_written_again_is_damage(place: str) -> None:
    header, item = (json.loads(one) for one in lines())
    if place == "day":
        item["day"] = 1e300
    elif place == "rewrites":
        item["posted"]["key"][6] = 2**64 - 1
    else:
        header["paces"] = {"a": [{"7": 1e300}, 0.0, ""]}
    assert unreadable(json.dumps(one).encode() for one in (header, item)) == "it is damaged"


@settings(max_examples=200)
@given(JSON)
def test_any_header_is_read_or_unreadable(value: object) -> None:
    with contextlib.suppress(Unreadable):
        decode([json.dumps(value).encode()])


@given(JSON)
def test_any_polls_are_read_or_unreadable(value: object) -> None:
    header = {"version": 1, "polls": value, "objects": 0}
    with contextlib.suppress(Unreadable):
        decode([json.dumps(header).encode()])


def test_an_object_that_is_added_meanwhile_does_not_spoil_the_rest() -> None:
    ledger = Ledger(objects=dict(EXAMPLE.objects))
    written = encode(ledger)
    header = next(written)
    ledger.objects["late"] = ledger.objects["uid"]
    assert list(decode([header, *written]).objects) == list(EXAMPLE.objects)
