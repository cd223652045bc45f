"""Durations as Flux writes them: ``15s``, ``1h30m``, ``1.5m``, ``500ms``."""

from __future__ import annotations

import re
from datetime import timedelta

import durationpy

from statusbot.errors import StatusbotError
from statusbot.text import cut, one_line

# The pattern of every duration in Flux's CRDs. durationpy alone takes more: 1d, 1mm, -5m, "1h 30m".
_PATTERN = re.compile(r"([0-9]+(\.[0-9]+)?(ms|s|m|h))+", re.ASCII)


def parse(text: str) -> timedelta:
    """``text`` as a time span; a :class:`StatusbotError` when Flux would not take it."""
    if not _PATTERN.fullmatch(text):
        raise StatusbotError(
            f"{cut(one_line(text), 40)!r} is not a duration",
            todo="write it like 90s, 5m, 1h30m or 500ms",
        )
    try:
        return durationpy.from_str(text)
    except durationpy.DurationError:
        raise StatusbotError(
            f"{cut(text, 40)!r} is too long a duration", todo="write a shorter one"
        ) from None


def as_go(text: str) -> str:
    """``text`` as Go's ``time.Duration`` prints it: ``10m`` is ``10m0s``; empty for what is none."""
    try:
        seconds = parse(text).total_seconds()
    except StatusbotError:
        return ""
    if seconds < 1:
        return f"{round(seconds * 1000)}ms" if seconds else "0s"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    shown = f"{round(rest, 3):.3f}".rstrip("0").rstrip(".") + "s"
    return f"{hours}h{minutes}m{shown}" if hours else f"{minutes}m{shown}" if minutes else shown


def show(span: timedelta) -> str:
    """``span`` as Flux would write it, to the millisecond: what :func:`parse` reads again."""
    milliseconds = round(span / timedelta(milliseconds=1))
    return durationpy.to_str(timedelta(milliseconds=milliseconds)) if milliseconds else "0s"
