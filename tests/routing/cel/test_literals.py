"""Lists and maps of mixed types. Each verdict was asked of cel-go v0.26.1 with Flux's environment."""

from __future__ import annotations

import pytest

from statusbot.routing.cel.environment import environment
from statusbot.routing.cel.literals import mixed
from statusbot.routing.cel.types import checked


def fault(text: str) -> str:
    return mixed(checked(environment().compile(text).serialize()))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[1, 'a']", "expected type 'int' but found 'string'"),
        ("[1, 1u]", "expected type 'int' but found 'uint'"),
        ("[1, 1.0]", "expected type 'int' but found 'double'"),
        ("[1, null]", "expected type 'int' but found 'null'"),
        ("[true, b'a']", "expected type 'bool' but found 'bytes'"),
        ("[1, dyn(1)]", "expected type 'int' but found 'dyn'"),
        ("[event.metadata.foo, 'x']", "expected type 'dyn' but found 'string'"),
        ("['x', event.metadata.foo]", "expected type 'string' but found 'dyn'"),
        ("[1, [1]]", "expected type 'int' but found 'list(int)'"),
        ("[[1], ['a']]", "expected type 'list(int)' but found 'list(string)'"),
        ("[{'a': 1}, {1: 1}]", "expected type 'map(string, int)' but found 'map(int, int)'"),
        ("[int, string]", "expected type 'type(int)' but found 'type(string)'"),
        ("[duration('1s'), timestamp(0)]", "expected type 'duration' but found 'timestamp'"),
        ("[1, optional.of(1)]", "expected type 'int' but found 'optional_type(int)'"),
        ("[?optional.of('a'), 2]", "expected type 'string' but found 'int'"),
        ("{'a': 1, 1: 2}", "expected type 'string' but found 'int'"),
        ("{'a': 1, 'b': 'c'}", "expected type 'int' but found 'string'"),
        ("{?'a': optional.of(1), 'b': 'c'}", "expected type 'int' but found 'string'"),
        # Anywhere in an expression.
        ("[1, 2].map(x, [x, 'a'])", "expected type 'int' but found 'string'"),
        ("['a'].exists(x, x in [1, 'a'])", "expected type 'int' but found 'string'"),
        ("{'a': [1, 'a']}.a[0]", "expected type 'int' but found 'string'"),
        ("{[1, 'a'].size(): 1}", "expected type 'int' but found 'string'"),
        ("true ? 1 : [1, 'a'].size()", "expected type 'int' but found 'string'"),
        ("size([1, 'a'])", "expected type 'int' but found 'string'"),
        ("has({'a': [1, 'a']}.a)", "expected type 'int' but found 'string'"),
    ],
)
def test_a_mixed_literal_is_found(text: str, found: str) -> None:
    assert fault(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        "[1]",
        "[1, 2]",
        "['a', 'b']",
        "[event.metadata.foo, alert.spec]",
        "[event, alert]",
        "[[], ['a']]",
        "[{}, {'a': 1}]",
        "[optional.none(), optional.of(1)]",
        "[?optional.of(1), 2]",
        "[?event.?foo, event.metadata.foo]",
        "{?'a': optional.of(1), 'b': 2}",
        "[type(1), int]",
        "[1, 2].map(x, [x, 1])",
        "google.protobuf.Struct{fields: {'a': google.protobuf.Value{string_value: 'b'}}}",
        "'%s-%d'.format(['a', 1])",
        "'%s'.format([[1, 'a', {'x': 1, 'y': 'b'}].size()])",
    ],
)
def test_what_is_not_mixed_passes(text: str) -> None:
    assert fault(text) == ""
