"""The command line: the only place where an error becomes an exit code."""

from __future__ import annotations

import io
import os
import sys

from statusbot.cli.boundary import run_command


def main(arguments: list[str] | None = None) -> None:
    """``statusbot``: run the command and leave the process with its exit code."""
    from statusbot.cli.verbs import statusbot

    _tame_streams()
    sys.exit(run_command(statusbot, arguments))


def _tame_streams() -> None:
    """A stream that is closed takes or gives nothing; one that is not UTF-8 takes all text."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
