"""Standard output: whoever reads it may leave, and what is behind it may be full."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from statusbot.errors import StatusbotError


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


def give_up() -> None:
    """Let what was not taken go nowhere: Python would write it again at its exit, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
