"""The static types of a compiled expression, read from what cel-cpp writes of it.

``cel.expr.CheckedExpr`` is a protocol buffer (cel-spec ``proto/cel/expr/checked.proto`` and
``syntax.proto``). What is asked of it is little, so its few fields are read here by number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

# Types by their field of cel.expr.Type; what has a name of its own by its number there.
_PRIMITIVES = ("unspecified", "bool", "int", "uint", "double", "string", "bytes")
_WELL_KNOWN = ("unspecified", "any", "timestamp", "duration")
DYN = b"\x0a\x00"
STRING = b"\x18\x05"

Field = tuple[int, int | bytes]


@dataclass(frozen=True, slots=True)
class Checked:
    """An expression's tree and the types of its nodes, both as they are on the wire."""

    root: bytes
    types: dict[int, bytes]

    def type_of(self, node: bytes) -> bytes:
        """The type of a node; what cel-cpp leaves out is dyn."""
        [identity] = [value for field, value in fields(node) if field == 2] or [0]
        return self.types.get(identity if isinstance(identity, int) else 0, DYN)


def checked(serialized: bytes) -> Checked:
    """What ``Expression.serialize()`` gave: an Any with a CheckedExpr in it."""
    [message] = messages(serialized, 2)
    types = {}
    for entry in messages(message, 3):
        parts = dict(fields(entry))
        identity, type_ = parts.get(1, 0), parts.get(2, DYN)
        if isinstance(identity, int) and isinstance(type_, bytes):
            types[identity] = type_
    [root] = messages(message, 4)
    return Checked(root, types)


def name(type_: bytes) -> str:
    """A type as CEL writes it: ``dyn``, ``list(string)``, ``map(string, dyn)``."""
    field, value = next(fields(type_), (1, b""))
    if isinstance(value, int):
        names = _WELL_KNOWN if field == 5 else _PRIMITIVES
        inner = names[value] if field in (3, 4, 5) and value < len(names) else "null"
        return f"wrapper({inner})" if field == 4 else inner
    match field:
        case 6:
            return f"list({_names(value)})"
        case 7:
            return f"map({_names(value)})"
        case 9:
            return value.decode("utf-8", "replace")
        case 11:
            return f"type({name(value)})"
        case 14:
            [title, *_] = [*messages(value, 1), b""]
            params = ", ".join(name(param) for param in messages(value, 2))
            return f"{title.decode('utf-8', 'replace')}({params})"
    return "dyn"


def optional(type_: bytes) -> bytes:
    """What an optional holds: T of ``optional_type(T)``."""
    for abstract in messages(type_, 14):
        return next(messages(abstract, 2), DYN)
    return type_


def _names(params: bytes) -> str:
    return ", ".join(name(param) for _, param in fields(params) if isinstance(param, bytes))


def messages(data: bytes, number: int) -> Iterator[bytes]:
    """The fields of a message with that number, which are messages or texts themselves."""
    return (value for field, value in fields(data) if field == number and isinstance(value, bytes))


def fields(data: bytes) -> Iterator[Field]:
    """The fields of a message in the order of the wire: number and value."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
        else:
            size, at = (8, at) if wire == 1 else (4, at) if wire == 5 else _varint(data, at)
            yield number, data[at : at + size]
            at += size


def numbers(packed: bytes) -> Iterator[int]:
    """Varints one after the other."""
    at = 0
    while at < len(packed):
        value, at = _varint(packed, at)
        yield value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
