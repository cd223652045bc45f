"""What a step in CI shows of ``run``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Self

from statusbot.cli.step import Step
from statusbot.posting.outcome import Did
from statusbot.report.as_json import as_json
from statusbot.report.as_text import counted, line_as_text, listed
from statusbot.report.github import END_GROUP, group
from statusbot.report.report import Line, Report
from statusbot.results.state import RED

if TYPE_CHECKING:
    from statusbot.report.as_markdown import Summary

_NEWS = frozenset({Did.POSTED, Did.WOULD_POST})
# More lines than these are folded in GitHub's log; what it was in all is not.
_LONG = 20
_COUNTED = (Did.POSTED, Did.ALREADY, Did.SKIPPED, Did.DEFERRED)


class StepOfRun:
    """Each report of a run is added, and the end told with its exit code."""

    def __init__(self, step: Step) -> None:
        """Nothing was reported yet."""
        self._step = step
        self._summary: Summary | None = None
        self._told: set[Line] = set()
        self._warned: set[str] = set()

    def add(self, report: Report) -> None:
        """The poll's report, or that of one more round; before it is printed."""
        self._step.unfold()
        if not self._step.wanted:
            return
        if self._summary is None:
            # Imported here: most runs are no steps, and leave none.
            from statusbot.report.as_markdown import Summary

            self._summary = Summary()
        self._summary.add(report)
        self._step.keep(as_json(report))
        if self._step.on_github:
            self._annotate(report)

    def text(self, report: Report) -> Iterator[str]:
        """The report for people, its list folded where it is long."""
        lines = listed(report)
        first = list(islice(lines, _LONG + 1))
        long = self._step.on_github and len(first) > _LONG
        yield from [group("statuses")] if long else []
        yield from first
        yield from lines
        yield from [END_GROUP] if long else []
        yield from counted(report)

    def fold_log(self) -> None:
        """Up to the first report the log is long."""
        self._step.fold("log")

    def __enter__(self) -> Self:
        """What is added from here on is written at the end, whatever ends it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Write what was gathered."""
        if self._summary is None:
            self._step.unfold()
            return
        counts = self._summary.counts
        outputs = {did.value: counts[did] for did in _COUNTED} | {
            "errors": counts[Did.ERROR],
            "objects": self._summary.objects,
            "results": self._summary.results,
        }
        self._step.close(self._summary.lines(), outputs)

    def _annotate(self, report: Report) -> None:
        """What could not be posted, and what was posted as red; each once."""
        annotations = self._step.annotations
        new = [warning for warning in report.warnings if warning not in self._warned]
        self._warned.update(new)
        for warning in new:
            annotations.add("warning", warning, title="statusbot")
        for line in report.lines:
            if line.did is Did.ERROR and line not in self._told:
                self._told.add(line)
                annotations.add("error", line_as_text(line), title="not posted")
            elif line.did in _NEWS and line.state in RED:
                annotations.add("warning", line_as_text(line), title=f"{line.state} in Flux")
