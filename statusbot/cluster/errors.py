"""What a cluster may answer that somebody has to put right first."""

from __future__ import annotations

from statusbot.errors import UsageError


class Forbidden(UsageError):
    """The API server knows who asks and says no; ``todo`` is the kubectl line that helps."""


class NotInstalled(UsageError):
    """The API server does not have this kind: Flux, or a part of it, is not installed."""
