"""The ledger as JSON lines and back: a header, then an object a line.

What cannot be read is as good as lost, and that costs only reads of the forge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from sys import intern
from typing import Any

import orjson

from statusbot.ledger.memory import Ledger, Memory, Owed, Sight
from statusbot.ledger.pace import Pace
from statusbot.ledger.posted import Pledge, Posted
from statusbot.results.result import UNTOLD, Event, ObjectRef, Result
from statusbot.results.state import State
from statusbot.text import redact

VERSION = 1
# What any reader of JSON takes (RFC 8259 6), and far from what orjson can write.
LARGEST_NUMBER = 2**53
# In one minute, by one login: no forge answers so many, and each has its place in a lane's memory.
MOST_WRITES = 100_000


class Unreadable(ValueError):
    """The bytes are no ledger of this version; the text says what they are."""


def encode(ledger: Ledger) -> Iterator[bytes]:
    """The lines, one at a time; floats are seconds since the epoch."""
    # A thread that reads an object again may add one meanwhile.
    objects = list(ledger.objects.values())
    yield line(head(ledger) | {"objects": len(objects)})
    for memory in objects:
        yield encode_memory(memory)


def decode(lines: Iterable[bytes]) -> Ledger:
    """The ledger of :func:`encode`. Raises Unreadable, never anything else."""
    ledger = Ledger()
    rest = iter(lines)
    with readable():
        header = read_line(next(rest, b""))
        read_head(header, ledger)
        for one in rest:
            memory = decode_memory(one)
            ledger.objects[memory.object.key] = memory
        whole = len(ledger.objects) == header["objects"]
    if not whole:
        raise Unreadable("it is cut off")
    return ledger


@contextmanager
def readable() -> Iterator[None]:
    """Whatever goes wrong with bytes that are no ledger's is Unreadable."""
    try:
        yield
    except Unreadable:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise Unreadable("it is damaged") from error


def whole(value: Any) -> int:
    """An integer. Raises ValueError for one that JSON cannot have again, or one more than it."""
    number = int(value)
    if abs(number) > LARGEST_NUMBER:
        raise ValueError(f"{number} is too large")
    return number


def line(item: dict[str, Any]) -> bytes:
    """One line of a ledger."""
    return orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE)


def read_line(data: bytes) -> dict[str, Any]:
    """The first line of a ledger, or of a part of one. Raises Unreadable for another version's."""
    item: dict[str, Any] = orjson.loads(data)
    if item["version"] != VERSION:
        raise Unreadable(f"it was written by another version ({item['version']!r})")
    return item


def head(ledger: Ledger) -> dict[str, Any]:
    """All but the objects."""
    return {"version": VERSION, "polls": ledger.polls, "paces": dict(_paces(ledger.paces))}


def read_head(item: dict[str, Any], ledger: Ledger) -> None:
    """Put into a ledger what :func:`head` gave."""
    ledger.polls = {str(scope): float(at) for scope, at in item["polls"].items()}
    for name, pace in item.get("paces", {}).items():
        shared = isinstance(pace, str)
        ledger.paces[name] = ledger.paces[pace] if shared else _read_pace(pace)


def encode_memory(memory: Memory) -> bytes:
    """The line of one object."""
    return line(_memory(memory))


def decode_memory(data: bytes) -> Memory:
    """One object; for what is none it raises what :func:`readable` knows."""
    return _read_memory(orjson.loads(data))


def _memory(memory: Memory) -> dict[str, Any]:
    return {
        "object": _object(memory.object),
        "day": memory.day,
        "source": memory.source,
        "moved": memory.source_changed_at,
        "posted": {key: _posted(posted) for key, posted in memory.posted.items()},
        "owed": [_owed(owed) for owed in memory.owed],
        "waiting": memory.waiting,
    } | ({"seen": {key: _sight(one) for key, one in memory.seen.items()}} if memory.seen else {})


def _read_memory(item: dict[str, Any]) -> Memory:
    object_ = _read_object(item["object"])
    return Memory(
        object_,
        whole(item["day"]),
        intern(str(item["source"])),
        float(item["moved"]),
        {str(key): _read_posted(value) for key, value in item["posted"].items()},
        [_read_owed(object_, value) for value in item["owed"]],
        {str(commit): float(since) for commit, since in item["waiting"].items()},
        # Ledgers of version 1 did not have it at first.
        {str(commit): _read_sight(value) for commit, value in item.get("seen", {}).items()},
    )


def _sight(sight: Sight) -> list[Any]:
    return [sight.since, sight.revision, sight.by, sight.over]


def _read_sight(value: list[Any]) -> Sight:
    since, revision, by, over = value
    return Sight(float(since), str(revision), str(by), float(over))


def _owed(owed: Owed) -> dict[str, Any]:
    perhaps = {"perhaps": owed.perhaps} if owed.perhaps else {}
    return {"alert": owed.alert, "unfinished": owed.unfinished, **perhaps, **_result(owed.result)}


def _read_owed(object_: ObjectRef, value: dict[str, Any]) -> Owed:
    # Before it was told apart, everything owed could have been written.
    unfinished = bool(value.get("unfinished", True))
    perhaps = tuple(str(text) for text in value.get("perhaps", ()))
    return Owed(_read_result(object_, value), str(value["alert"]), unfinished, perhaps)


def _paces(paces: dict[str, Pace]) -> Iterator[tuple[str, Any]]:
    """A pace that several names share is under the first; the others have that name for it."""
    first: dict[int, str] = {}
    for name, pace in paces.items():
        other = first.setdefault(id(pace), name)
        yield name, _pace(pace) if other == name else other


def _pace(pace: Pace) -> list[Any]:
    return [{str(minute): count for minute, count in pace.writes.items()}, pace.until, pace.why]


def _read_pace(value: list[Any]) -> Pace:
    writes, until, why = value
    counts = {whole(minute): whole(count) for minute, count in writes.items()}
    if any(not 0 <= count <= MOST_WRITES for count in counts.values()):
        raise Unreadable("it is damaged")
    return Pace(counts, float(until), str(why))


def _object(object_: ObjectRef) -> list[str]:
    return [object_.kind, object_.namespace, object_.name, object_.uid]


def _read_object(value: list[Any]) -> ObjectRef:
    kind, namespace, name, uid = map(str, value)
    # What thousands of objects have in common is in memory once, here and wherever it is interned.
    return ObjectRef(intern(kind), intern(namespace), name, uid)


def _posted(posted: Posted) -> list[Any]:
    return [
        posted.state.value,
        posted.reason,
        posted.text,
        posted.when,
        posted.written,
        posted.checked,
        posted.rewrites,
        posted.corrected,
        posted.refused,
        _pledge(posted.pledge) if posted.pledge is not None else None,
        posted.reconciled,
        list(posted.red),
    ]


def _read_posted(value: list[Any]) -> Posted:
    state, reason, text, when, written, checked, rewrites, corrected, refused, *more = value
    # By position, in the order of the class: a large ledger is mostly these, and by name reading one
    # takes a sixth longer.
    return Posted(
        State(state),
        intern(str(reason)),
        str(text),
        float(when),
        float(written),
        float(checked),
        whole(rewrites),
        bool(corrected),
        str(refused),
        # Ledgers of version 1 did not have these at first.
        _read_pledge(more[0]) if more and more[0] is not None else None,
        float(more[1]) if len(more) > 1 else 0.0,
        tuple(map(str, more[2])) if len(more) > 2 else (),
    )


def _pledge(pledge: Pledge) -> list[str]:
    return [pledge.commit, pledge.alert, pledge.context, pledge.summary, pledge.revision]


def _read_pledge(value: list[Any]) -> Pledge:
    commit, alert, context, summary, revision = map(str, value)
    return Pledge(commit, alert, context, summary, revision)


def _result(result: Result) -> dict[str, Any]:
    return {
        "commit": result.commit,
        "state": result.state.value,
        "reason": result.reason,
        # Nothing is lost by it: what is shown of it is redacted too, and again does no harm.
        "message": redact(result.message),
        "when": result.when,
        "arrived": result.arrived,
        "event": _event(result.event),
        "reconciled": result.reconciled,
        "lasting": result.lasting,
    }


def _event(event: Event) -> list[Any]:
    metadata = {key: redact(value) for key, value in event.metadata.items()}
    return [event.revision, event.origin, event.took, event.interval, metadata]


def _read_event(value: list[Any] | None) -> Event:
    if value is None:
        return UNTOLD
    revision, origin, took, interval, metadata = value
    annotations = {str(key): str(text) for key, text in metadata.items()}
    return Event(str(revision), str(origin), str(took), str(interval), annotations)


def _read_result(object_: ObjectRef, value: dict[str, Any]) -> Result:
    return Result(
        object_,
        str(value["commit"]),
        State(value["state"]),
        str(value["reason"]),
        str(value["message"]),
        float(value["when"]),
        float(value["arrived"]),
        current=False,
        # Ledgers of version 1 did not have it at first.
        event=_read_event(value.get("event")),
        reconciled=float(value.get("reconciled", 0.0)),
        lasting=bool(value.get("lasting", False)),
    )
