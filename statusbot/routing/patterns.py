"""Whether an Alert's inclusionList and exclusionList let a message through, as Flux v1.9.3 asks.

The rules are those of notification-controller ``internal/server/event_handlers.go:190-232``: Go's
``regexp`` anywhere in the event's message, case-sensitive. A pattern that does not compile counts
there as one that does not match; here it is an error, since it says which results not to send.

RE2 reads what Go reads, with four exceptions that nobody should meet. It takes ``\\C``, letters
beyond ASCII in a group's name, and more than 1000 levels of parentheses. It refuses what Go has
added to its names of classes: ``\\p{Letter}``, ``\\p{latin}``, ``\\p{ASCII}``, ``\\p{LC}``.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from statusbot.errors import StatusbotError
from statusbot.routing.allowance import Allowance
from statusbot.text import cut, printable

if TYPE_CHECKING:
    import re2

INCLUSION = "inclusionList"
EXCLUSION = "exclusionList"
# RE2 takes time in proportion to a message's length times a program's. What a person writes has
# some hundred instructions; with this many, the longest message of a condition takes a second.
LARGEST_PROGRAM = 5000
_MEMORY = 1 << 20  # for each pattern: a program of that size, and what remembers how it matches
_SHOWN = 100


class Patterns:
    """The two lists of one Alert, compiled when the first message comes."""

    def __init__(
        self,
        inclusion: Iterable[str] = (),
        exclusion: Iterable[str] = (),
        allowance: Allowance | None = None,
    ) -> None:
        """``spec.inclusionList`` and ``spec.exclusionList``, as the Alert has them."""
        self._allowance = allowance or Allowance()
        self._inclusion = tuple(inclusion)
        self._exclusion = tuple(exclusion)
        self._compiled: tuple[list[re2._Regexp], list[re2._Regexp]] | None = None

    def __call__(self, message: str) -> str:
        """Why the message is left out; ``""`` when it passes.

        A StatusbotError as of ``check``, or since no time is left.
        """
        if not self._inclusion and not self._exclusion:
            return ""
        self._allowance.check()
        began = time.thread_time()
        try:
            return self._left_out(message)
        finally:
            self._allowance.spend(time.thread_time() - began)

    def _left_out(self, message: str) -> str:
        including, excluding = self._compile()
        encoded = _utf8(message)
        if including and not any(pattern.search(encoded) for pattern in including):
            return f"no pattern of {INCLUSION} matches"
        for pattern, text in zip(excluding, self._exclusion, strict=True):
            if pattern.search(encoded):
                return f"{EXCLUSION} has {_quoted(text)}"
        return ""

    def check(self) -> None:
        """StatusbotError: the first pattern that is none, and why."""
        if self._inclusion or self._exclusion:
            self._compile()

    def _compile(self) -> tuple[list[re2._Regexp], list[re2._Regexp]]:
        if self._compiled is None:
            self._compiled = (
                [self._pattern(text, INCLUSION) for text in self._inclusion],
                [self._pattern(text, EXCLUSION) for text in self._exclusion],
            )
        return self._compiled

    def _pattern(self, text: str, field: str) -> re2._Regexp:
        self._allowance.check()
        began = time.thread_time()
        try:
            pattern = _pattern(text, field)
            self._allowance.keep(pattern.programsize)
            return pattern
        finally:
            self._allowance.spend(time.thread_time() - began)


def _pattern(text: str, field: str) -> re2._Regexp:
    import re2

    options = re2.Options()
    options.log_errors = False  # to stderr
    options.never_capture = True  # whether it matches is all that is asked
    options.max_mem = _MEMORY
    try:
        pattern = re2.compile(text, options)
    except UnicodeEncodeError:
        raise _refused(text, field, "it has half a surrogate pair") from None
    except re2.error as error:
        raise _refused(text, field, _reason(error)) from None
    if pattern.programsize > LARGEST_PROGRAM:
        raise _refused(text, field, f"it has more than {LARGEST_PROGRAM} instructions")
    return pattern


def _refused(text: str, field: str, reason: str) -> StatusbotError:
    what = f"{_quoted(text)} cannot be used as a regular expression: {reason}"
    return StatusbotError(what, where=f"spec.{field}")


def _reason(error: Exception) -> str:
    """What RE2 says, which are bytes: ``missing )``, and often the place that it means."""
    said = error.args[0] if error.args else b""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return cut(printable(text), _SHOWN)


def _quoted(text: str) -> str:
    return f'"{cut(printable(text), _SHOWN)}"'


def _utf8(message: str) -> bytes:
    """The bytes of a message; Go reads U+FFFD where JSON has half a surrogate pair."""
    try:
        return message.encode()
    except UnicodeEncodeError:
        halves = message.encode("utf-16", "surrogatepass")
        return halves.decode("utf-16", "replace").encode()
