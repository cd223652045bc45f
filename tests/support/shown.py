"""What a page shows of a program's output, against what the program prints.

``…`` stands for anything, and a line of nothing else for any lines. Commits, instants and seconds
are other ones each time. All else is what is printed, line by line.
"""

from __future__ import annotations

import re

_REST = "…"
_CUT_OFF = re.compile(rf"[0-9a-f]{{4,40}}{_REST}")
_VARIES = (
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "<instant>"),
    (re.compile(r"\b\d+(\.\d+)?(?= ?s\b)"), "<seconds>"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b"), "<commit>"),
    (re.compile(r"\x1b\[[0-9;?]*[A-Za-z]"), ""),
)


def missing(shown: str, printed: str) -> str:
    """The first line that the page shows and the program does not print there; else ``""``."""
    there = [_usual(line) for line in printed.splitlines()]
    at, skip = 0, False
    for line in shown.splitlines():
        if line.strip(" │├└─") == _REST:
            skip = True
            continue
        pattern = _pattern(line)
        places = range(at, len(there) if skip else min(at + 1, len(there)))
        found = next((place for place in places if pattern.fullmatch(there[place])), None)
        if found is None:
            return line
        at, skip = found + 1, False
    return "" if skip or at == len(there) else f"no line such as: {there[at]}"


def _usual(line: str) -> str:
    for varies, name in _VARIES:
        line = varies.sub(name, line)
    return line.rstrip()


def _pattern(line: str) -> re.Pattern[str]:
    parts = _usual(_CUT_OFF.sub(_REST, line)).split(_REST)
    return re.compile(".*".join(map(re.escape, parts)))
