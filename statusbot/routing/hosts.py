"""Which hosts a Provider may name: ``--forge-hosts``."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from statusbot.errors import StatusbotError, UsageError
from statusbot.text import cut, one_line, redact

OPTION = "--forge-hosts"


class Hosts:
    """Patterns of ``host[:port]`` in which ``*`` stands for anything; without any all are allowed.

    The port is part of it where it is not that of the scheme, as in the address itself.
    """

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        """Raises UsageError for what can be no host."""
        self._patterns = tuple(_pattern(text) for text in patterns)

    def check(self, netloc: str) -> None:
        """StatusbotError for a ``host[:port]`` that no pattern takes."""
        taken = any(fnmatchcase(netloc.lower(), pattern) for pattern in self._patterns)
        if self._patterns and not taken:
            shown = cut(redact(one_line(netloc)), 100)
            raise StatusbotError(
                f"the host {shown} is none of those that {OPTION} allows",
                todo=f"correct it, or add {OPTION} {shown}",
            )


def _pattern(text: str) -> str:
    pattern = text.strip().lower()
    if not pattern or "/" in pattern or "@" in pattern:
        shown = redact(one_line(text))
        raise UsageError(
            f'"{shown}" is no host', where=OPTION, todo="write it like git.example.com:8443, or *"
        )
    # In brackets stands an IPv6 address, not a set of characters.
    return pattern.replace("[", "[[]")


ANYWHERE = Hosts()
