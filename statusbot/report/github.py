"""Commands to GitHub's runner, as its toolkit writes them (``actions/toolkit``, core/command.ts).

The runner reads them at the start of any line of both streams. Whoever else reads these lines gets
them as they are, so they are only written where GitHub is (``GITHUB_ACTIONS=true``).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Literal

from statusbot.text import loggable

Level = Literal["error", "warning", "notice"]

# GitHub shows so many of each level for a step, and drops the others without a word.
SHOWN = 10
END_GROUP = "::endgroup::"


def is_github(environ: Mapping[str, str]) -> bool:
    """Whether a runner of GitHub reads what is printed; Gitea's and Forgejo's call it the same."""
    return environ.get("GITHUB_ACTIONS") == "true"


def annotation(level: Level, message: str, **properties: str | int) -> str:
    """``::error file=…,line=…,col=…,title=…::message``; what is empty or 0 is left out."""
    told = ",".join(
        f"{name}={_property(str(value))}" for name, value in properties.items() if value
    )
    return f"::{level}{f' {told}' if told else ''}::{_data(loggable(message))}"


def mask(secret: str) -> str:
    """Keep ``secret`` out of the log from here on."""
    return f"::add-mask::{_data(secret)}"


def group(title: str) -> str:
    """What follows is folded under ``title``, up to ``END_GROUP``."""
    return f"::group::{_data(loggable(title))}"


class Annotations:
    """As many as GitHub shows, then how many there were; ``emit`` gets the lines."""

    def __init__(self, emit: Callable[[str], None]) -> None:
        """None was made yet."""
        self._emit = emit
        self._made: Counter[Level] = Counter()

    def add(self, level: Level, message: str, **properties: str | int) -> None:
        """One more."""
        self._made[level] += 1
        if self._made[level] < SHOWN:
            self._emit(annotation(level, message, **properties))
        elif self._made[level] == SHOWN:
            todo = "this is the last one that GitHub shows, the summary and the log have the others"
            self._emit(annotation(level, f"{message} ({todo})", **properties))


def below_workspace(path: str, workspace: str) -> str:
    """A file as annotations name it: from the root of the checkout."""
    if not workspace or not os.path.isabs(path):
        return os.path.normpath(path)
    relative = os.path.relpath(path, workspace)
    return path if relative.startswith("..") else relative


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(loggable(text)).replace(":", "%3A").replace(",", "%2C")
