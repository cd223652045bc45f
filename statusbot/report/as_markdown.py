"""The report as Markdown: what it was in all, and the statuses that somebody should look at first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from heapq import nsmallest
from itertools import islice

from statusbot.posting.outcome import Did
from statusbot.report.as_text import COUNTED
from statusbot.report.markup import ROWS, code, link, table
from statusbot.report.report import Line, Report
from statusbot.results.state import RED, State
from statusbot.text import number

WARNINGS = 20  # nobody reads more

_HEAD = ("", "Kustomization", "Commit", "Status", "Outcome", "")
_SIGNS = {State.SUCCESS: "✅", State.FAILURE: "❌", State.ERROR: "❌", State.PENDING: "⏳"}
_THERE = frozenset({Did.POSTED, Did.ALREADY})


class Summary:
    """Of one report, or of all the rounds of a run that follows."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self._first: list[Line] = []
        self._listed = 0
        self._warnings: dict[str, None] = {}
        self.counts: dict[Did, int] = dict.fromkeys(Did, 0)
        self.objects = self.results = 0

    def add(self, report: Report) -> None:
        """One more round: what was posted adds up, everything else is as the last one says."""
        posted = self.counts[Did.POSTED]
        self.counts = report.counts | {Did.POSTED: posted + report.counts[Did.POSTED]}
        self.objects, self.results = report.objects, report.results
        lines = deque(self._first)
        for line in report.lines:
            self._listed += 1
            lines.append(line)
            if len(lines) >= 10 * ROWS:
                lines = deque(nsmallest(ROWS, lines, key=_order))
        self._first = nsmallest(ROWS, lines, key=_order)
        self._warnings |= dict.fromkeys(report.warnings)

    def lines(self) -> Iterator[str]:
        """Markdown, a line at a time."""
        counted = [f"{self.counts[did]} {words}" for did, words in COUNTED if self.counts[did]]
        yield "### statusbot"
        yield ""
        yield f"{number(self.objects, 'Kustomization')}, {number(self.results, 'result')}: "
        yield f"**{', '.join(counted) or 'nothing to post'}**"
        yield ""
        yield from table(_HEAD, map(_row, self._first), self._listed)
        for warning in islice(self._warnings, WARNINGS):
            yield f"<p>⚠️ {code(warning)}</p>"
            yield ""


def _order(line: Line) -> tuple[int, float]:
    """What is wrong first, then what is red; of equals the newest."""
    if line.did is Did.ERROR:
        rank = 0
    elif line.did is Did.SKIPPED:
        rank = 4
    elif line.state in RED:
        rank = 1
    else:
        rank = 2 if line.did is Did.DEFERRED else 3
    return rank, -line.when


def _row(line: Line) -> tuple[str, ...]:
    state = State(line.state) if line.state else None
    sign = "⚠️" if line.did is Did.ERROR else _SIGNS.get(state, "") if state else ""
    if line.aggregate:
        about = line.context or ""
    else:
        about = line.object.path if line.object else line.provider or line.alert or ""
    commit = (line.commit or "")[:8]
    # Nobody but the forge has said that there is such a page.
    page = line.repository.web(line.commit) if line.repository and line.commit else ""
    shown = link(commit, page) if line.did in _THERE else code(commit)
    words = line.why if line.did not in _THERE and line.did is not Did.WOULD_POST else ""
    return (
        sign,
        code(about),
        shown,
        line.state or "",
        line.did.value,
        code(words or line.description or ""),
    )
