"""Lists and maps of mixed types, which Flux refuses and cel-cpp cannot be told to.

The rule is cel-go's ``HomogeneousAggregateLiterals`` (v0.26.1, ``cel/validator.go:313-393``): all
elements of a list literal have the type of its first one, likewise the keys and the values of a
map; ``dyn`` is a type like any other. What ``format`` is given may be mixed.
"""

from __future__ import annotations

from collections.abc import Iterator

from statusbot.routing.cel.types import Checked, fields, messages, name, numbers, optional

_SELECT, _CALL, _LIST, _STRUCT, _COMPREHENSION = 5, 6, 7, 8, 9
# Where each kind of node has its parts: target and arguments, elements, and so on.
_PARTS = {_SELECT: {1}, _CALL: {1, 3}, _LIST: {1}, _COMPREHENSION: {2, 4, 5, 6, 7}}


def mixed(expression: Checked) -> str:
    """``expected type 'dyn' but found 'string'``, for one literal that is mixed; else ``""``."""
    nodes = [expression.root]
    while nodes:
        for kind, value in fields(nodes.pop()):
            if not isinstance(value, bytes):
                continue
            for types in _columns(expression, kind, value):
                for other in types[1:]:
                    if other != types[0]:
                        return f"expected type '{name(types[0])}' but found '{name(other)}'"
            nodes += _children(kind, value)
    return ""


def _columns(expression: Checked, kind: int, node: bytes) -> Iterator[list[bytes]]:
    """The types that have to agree."""
    if kind == _LIST:
        maybe = {index for packed in messages(node, 2) for index in numbers(packed)}
        types = [expression.type_of(element) for element in messages(node, 1)]
        yield [optional(type_) if index in maybe else type_ for index, type_ in enumerate(types)]
    elif kind == _STRUCT and not any(messages(node, 1)):
        entries = list(messages(node, 2))
        yield [expression.type_of(key) for entry in entries for key in messages(entry, 3)]
        yield [_value(expression, entry) for entry in entries]


def _value(expression: Checked, entry: bytes) -> bytes:
    type_ = expression.type_of(next(messages(entry, 4)))
    return optional(type_) if (5, 1) in fields(entry) else type_


def _children(kind: int, node: bytes) -> Iterator[bytes]:
    if kind == _STRUCT:
        for entry in messages(node, 2):
            yield from messages(entry, 3)
            yield from messages(entry, 4)
    elif kind in _PARTS and not (kind == _CALL and b"format" in messages(node, 2)):
        for part in sorted(_PARTS[kind]):
            yield from messages(node, part)
