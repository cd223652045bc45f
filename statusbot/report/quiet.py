"""Which reports of a run that goes on are worth reading: most rounds pass without anything new."""

from __future__ import annotations

from statusbot.posting.outcome import Did
from statusbot.report.report import Report

_TROUBLE = frozenset({Did.ERROR, Did.DEFERRED})


class Quiet:
    """It is asked about one report after the other."""

    def __init__(self) -> None:
        """None was told yet."""
        self._told: int | None = None

    def __call__(self, report: Report) -> bool:
        """Whether no forge was called, and what is wrong is what was wrong before."""
        lines = tuple(line for line in report.lines if line.did in _TROUBLE)
        told, self._told = self._told, hash((*report.warnings, *lines))
        return told == self._told and not (report.reads or report.writes or report.stopped)
