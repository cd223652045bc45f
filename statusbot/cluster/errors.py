"""What a cluster may answer that the callers tell apart."""

from __future__ import annotations

from statusbot.errors import ClusterError, UsageError


class Forbidden(UsageError):
    """The API server knows who asks and says no; ``todo`` is the kubectl line that helps."""


class NotInstalled(UsageError):
    """The API server does not have this kind: Flux, or a part of it, is not installed."""


class TimedOut(ClusterError):
    """The time that the user gave (``--timeout``) is over."""

    exit_code = 124


class NeverAnswered(TimedOut):
    """It is over, and the API server has not said a word yet: there may be none."""

    exit_code = 1


class Unanswered(ClusterError):
    """No whole answer came back; ``sent`` is False when the server cannot have seen the call."""

    def __init__(self, what: str, *, where: str = "", todo: str = "", sent: bool = True) -> None:
        """As every error, and whether the call may have had its effect."""
        super().__init__(what, where=where, todo=todo)
        self.sent = sent


class Silent(Unanswered):
    """The connection stands, and nothing came over it for too long."""


class Rejected(ClusterError):
    """The API server does not do what was asked; ``status`` is its HTTP status."""

    def __init__(self, what: str, *, where: str = "", todo: str = "", status: int = 0) -> None:
        """As every error, and the HTTP status."""
        super().__init__(what, where=where, todo=todo)
        self.status = status


def may_pass(error: ClusterError) -> bool:
    """Whether a server that was set up well may say so, and do better soon.

    No certificate, no redirect and no page of a proxy's becomes right by waiting.
    """
    return isinstance(error, (TimedOut, Unanswered, Rejected))
