"""What a user reads when something is wrong: what, where, and what to do about it."""

from __future__ import annotations


class StatusbotError(Exception):
    """Something that a user or a server did; never a bug of ours.

    ``what`` is a sentence without its full stop, ``where`` names the file, object or address it
    is about, ``todo`` is the way out. Only the command line turns it into ``exit_code``.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        """Keep the three parts; ``str()`` joins them into one line."""
        super().__init__(what, where, todo)
        self.what = what
        self.where = where
        self.todo = todo

    def __str__(self) -> str:
        """One line: ``where: what: todo``, with the empty parts left out."""
        return ": ".join(part for part in (self.where, self.what, self.todo) if part)


class UsageError(StatusbotError):
    """The options, the environment or the configuration must change before it can work."""

    exit_code = 2


class ClusterError(StatusbotError):
    """The Kubernetes API did not answer as it should; the same call may work next time."""


class Stopped(BaseException):
    """SIGTERM or SIGINT: no error, and nothing that an ``except Exception`` may swallow."""
