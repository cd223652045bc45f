"""The command line: the only place where an error becomes an exit code."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from statusbot.cli.ending import INTERRUPTED, Guard, leave
from statusbot.errors import Stopped
from statusbot.interrupt import hear

# New objects until Python looks for cycles that nobody needs. With its own 700 that is a sixth of the
# time that `validate` takes for 10 000 manifests; with this a third of that, for 10 MB more.
_GARBAGE = 10_000


def main(arguments: list[str] | None = None, run: Callable[[], int] | None = None) -> NoReturn:
    """``statusbot``: run the command, or ``run``, and leave the process with its exit code."""
    # First of all: who is the first process of a container gets no signal that it does not handle.
    guard = Guard(hear())
    gc.set_threshold(_GARBAGE)
    try:
        _tame_streams()
        code = _run(arguments) if run is None else run()
    except Stopped:
        # Before the command began, or while it said why it ended.
        with suppress(OSError):
            print("statusbot: error: interrupted", file=sys.stderr)
        code = INTERRUPTED
    leave(code, guard)


def _run(arguments: list[str] | None) -> int:
    from statusbot.cli.boundary import run_command
    from statusbot.cli.verbs import statusbot

    return run_command(statusbot, arguments)


def _tame_streams() -> None:
    """A stream that is closed takes or gives nothing; one that is not UTF-8 takes all text."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
