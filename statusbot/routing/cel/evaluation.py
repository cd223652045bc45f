"""An expression compiled and evaluated; what is wrong with it as a sentence.

Only the process of ``program`` runs this: cel-cpp has no limit for time and memory of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from statusbot.errors import StatusbotError
from statusbot.routing.cel.environment import environment
from statusbot.routing.cel.literals import mixed
from statusbot.routing.cel.types import STRING, checked, name
from statusbot.text import cut, one_line

if TYPE_CHECKING:
    from cel_expr_python import cel

# What a person would ever want to see as the name of a status; forges take 255 at most.
LONGEST_RESULT = 1000
_SHOWN = 300

_ISSUE = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_CONTAINER = " (in container '')"
_DEPTH = re.compile(r"[Rr]ecursion (?:limit exceeded|depth of)")
_STATUS = re.compile(r"^[A-Z_]+: ")
_NO_KEY = re.compile(r'^Key not found in map : "(.*)"$', re.DOTALL)
# Literals and comments: raw ones end at the first quote, the others may have it escaped.
_QUOTED = re.compile(
    r"""//[^\n]*
    | (?:[bB]?[rR]|[rR][bB]) (?: \"{3}.*?\"{3} | '{3}.*?'{3} | "[^"]*" | '[^']*' )
    | \"{3}(?:\\.|[^\\])*?\"{3} | '{3}(?:\\.|[^\\])*?'{3} | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*'
    """,
    re.VERBOSE | re.DOTALL,
)


def evaluate(text: str, variables: Mapping[str, Any]) -> str:
    """The string that it gives; a StatusbotError when it gives none."""
    value = _compiled(text).eval(data=variables)
    if value.type().name() != "STRING":
        raise _failed(str(value.value()))
    result = str(value.value())
    if not result.strip():
        raise StatusbotError("it gives an empty string")
    if len(result) > LONGEST_RESULT:
        raise StatusbotError(
            f"it gives {len(result)} characters, and {LONGEST_RESULT} are the limit here"
        )
    return result


def compile_(text: str) -> None:
    """StatusbotError: why Flux would not take it."""
    _compiled(text)


@lru_cache(maxsize=64)
def _compiled(text: str) -> cel.Expression:
    try:
        expression = environment().compile(text)
    except RuntimeError as error:
        raise _refused(str(error)) from None
    if "`" in _QUOTED.sub("", text):
        raise _wrong("a name in backticks is no syntax that Flux knows")
    static = checked(expression.serialize())
    if fault := mixed(static):
        raise _wrong(fault)
    if (type_ := static.type_of(static.root)) != STRING:
        todo = "string(…) around it makes it one" if name(type_) == "dyn" else ""
        raise StatusbotError(f"it does not compile: expected string, got {name(type_)}", todo=todo)
    return expression


def _refused(error: str) -> StatusbotError:
    if _DEPTH.search(error):
        return StatusbotError(
            "it is nested deeper than the 32 levels that CEL's library for C++ takes",
            todo="every + of a chain is a level; parentheses around some of it, or join, help",
        )
    if issue := _ISSUE.search(error):
        line, column, reason = issue.groups()
        return _wrong(f"{reason.replace(_CONTAINER, '')} at {line}:{column}")
    return _wrong(_STATUS.sub("", one_line(error)))


def _wrong(reason: str) -> StatusbotError:
    return StatusbotError(f"it does not compile: {_safe(reason)}")


def _failed(error: str) -> StatusbotError:
    reason = _STATUS.sub("", error)
    if key := _NO_KEY.search(reason):
        shown = _safe(key[1])
        return StatusbotError(
            f"it cannot be evaluated: no such key: {shown}",
            todo=f"[?'{shown}'].orValue('…') gives it a default",
        )
    return StatusbotError(f"it cannot be evaluated: {_safe(reason)}")


def _safe(text: str) -> str:
    return cut(one_line(text), _SHOWN)
