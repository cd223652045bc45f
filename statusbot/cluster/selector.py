"""Label selectors, as kubectl's ``-l`` takes them.

Source of the grammar: apimachinery ``pkg/labels/selector.go`` (Parse, Requirement.Matches), but for
``>`` and ``<``, which kubectl's documentation does not name either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from statusbot.errors import UsageError

# apimachinery ``pkg/util/validation``: an optional DNS name and a slash, then a name.
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
_KEY = rf"(?:[a-z0-9](?:[a-z0-9.-]{{0,251}}[a-z0-9])?/)?{_NAME}"
_VALUE = rf"(?:{_NAME})?"
_EXISTS = re.compile(rf"(!?)\s*({_KEY})")
_EQUALS = re.compile(rf"({_KEY})\s*(==|=|!=)\s*({_VALUE})")
_AMONG = re.compile(rf"({_KEY})\s+(in|notin)\s*\(([^()]*)\)")
_COMMA = re.compile(r",(?![^(]*\))")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition: ``values`` are those that ``key`` may have, or must not (``negated``).

    None: it may have any value, but has to be there.
    """

    key: str
    values: frozenset[str] | None = None
    negated: bool = False

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether the labels meet it; what is not there has none of the values."""
        if self.key not in labels:
            return self.negated
        return (self.values is None or labels[self.key] in self.values) is not self.negated


@dataclass(frozen=True, slots=True)
class Selector:
    """All of its requirements are to be met; ``text`` is as it was written."""

    text: str
    requirements: tuple[Requirement, ...]

    @classmethod
    def parse(cls, text: str) -> Selector:
        """A selector; UsageError for what is none, or selects everything."""
        return cls(text.strip(), tuple(_requirements(text)))

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether an object of these labels is selected."""
        return all(requirement.matches(labels) for requirement in self.requirements)


def _requirements(text: str) -> Iterator[Requirement]:
    for part in _COMMA.split(text):
        if equals := _EQUALS.fullmatch(part.strip()):
            yield Requirement(equals[1], frozenset({equals[3]}), equals[2] == "!=")
        elif among := _AMONG.fullmatch(part.strip()):
            yield Requirement(among[1], _values(among[3], text), among[2] == "notin")
        elif exists := _EXISTS.fullmatch(part.strip()):
            yield Requirement(exists[2], negated=bool(exists[1]))
        else:
            raise _none(text)


def _values(among: str, text: str) -> frozenset[str]:
    values = frozenset(value.strip() for value in among.split(","))
    if not all(re.fullmatch(_VALUE, value) for value in values):
        raise _none(text)
    return values


def _none(text: str) -> UsageError:
    return UsageError(
        f"{text!r} is no label selector",
        todo="write key=value, key!=value, key in (a,b), key notin (a,b), key or !key, with commas "
        "between them",
    )
