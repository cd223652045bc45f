"""The noun that posting hands on: what became of one status."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from statusbot.routing.status import CommitStatus

# Why a status is deferred that a run did not come to, or did not see the end of, when it was told to.
STOPPED = "stopped: the next run posts it"


class Did(StrEnum):
    """The ``outcome`` of the report."""

    POSTED = "posted"
    WOULD_POST = "would-post"
    ALREADY = "already"
    SKIPPED = "skipped"
    DEFERRED = "deferred"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``why`` is one safe sentence. ``settled``: the next run has nothing to do about it.

    ``obstacle`` names what was in the way where that was neither the Provider's fault nor the
    repository's, as far as one can tell: a host that did not answer, Secrets that are kept from us.
    """

    status: CommitStatus
    did: Did
    why: str
    settled: bool = True
    obstacle: str = ""
