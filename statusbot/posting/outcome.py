"""The noun that posting hands on: what became of one status."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from statusbot.routing.status import CommitStatus


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
    """``why`` is one safe sentence. ``settled``: the next run has nothing to do about it."""

    status: CommitStatus
    did: Did
    why: str
    settled: bool = True
