"""The command line: the only place where an error becomes an exit code."""

from __future__ import annotations

import sys

from statusbot.cli.boundary import run_command


def main(arguments: list[str] | None = None) -> None:
    """``statusbot``: run the command and leave the process with its exit code."""
    from statusbot.cli.verbs import statusbot

    sys.exit(run_command(statusbot, arguments))
