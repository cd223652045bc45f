"""Standard output and error: whoever reads may leave, and what is behind them may be full."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click

from statusbot.errors import StatusbotError

# What the system says of a disk, or a terminal, that takes no more.
TAKES_NOTHING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS})


@contextmanager
def written(what: str) -> Iterator[None]:
    """What is written to stdout inside is there at the end, or nobody reads it any more.

    Raises StatusbotError where stdout takes nothing for another reason; ``what`` is in its words.
    """
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        give_up()
        if not isinstance(error, BrokenPipeError):  # whoever left has read enough
            raise StatusbotError(
                f"the {what} cannot be written: {error.strerror}", where="stdout"
            ) from None


def on_stderr(line: str) -> None:
    """Say it there. Where that takes nothing, the exit code is still what it would have been."""
    with suppress(OSError):
        click.echo(line, err=True)


def give_up() -> None:
    """Let what was not taken go nowhere: Python would write it again at its exit, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
