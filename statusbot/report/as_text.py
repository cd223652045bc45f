"""The report for people: a line for each status that is news, then what it was in all."""

from __future__ import annotations

from collections.abc import Iterator

from statusbot.posting.outcome import Did
from statusbot.report.report import Line, Report
from statusbot.text import loggable, number

# In this order, whoever says it.
COUNTED = (
    (Did.POSTED, "posted"),
    (Did.WOULD_POST, "would be posted"),
    (Did.ALREADY, "already there"),
    (Did.SKIPPED, "skipped"),
    (Did.DEFERRED, "deferred"),
    (Did.ERROR, "in error"),
)
_ALWAYS = {Did.POSTED, Did.ALREADY, Did.ERROR}
_SHOWN_THERE = {Did.POSTED, Did.WOULD_POST, Did.ALREADY}


def as_text(report: Report) -> Iterator[str]:
    """The lines, without their line ends; text from elsewhere can do no harm in a terminal or CI."""
    yield from listed(report)
    yield from counted(report)


def listed(report: Report) -> Iterator[str]:
    """The warnings, and a line for each status that is to be listed."""
    yield from (loggable(f"warning: {warning}") for warning in report.warnings)
    named = report.several_repositories
    for line in report.lines:
        yield loggable(_line(line, named=named))


def counted(report: Report) -> Iterator[str]:
    """What it was in all."""
    shown = [
        f"{report.counts[did]} {words}"
        for did, words in COUNTED
        if report.counts[did] or (did in _ALWAYS and not report.dry_run)
    ]
    yield (
        f"{number(report.objects, 'Kustomization')}, {number(report.results, 'result')}: "
        f"{', '.join(shown) or 'nothing to post'} "
        f"({number(report.reads, 'read')} and {number(report.writes, 'write')} of forges, "
        f"{report.seconds:.1f} s)"
    )
    if not report.listed_all and report.counts[Did.SKIPPED]:
        yield "--all lists what was skipped, and why"


def line_as_text(line: Line) -> str:
    """One line by itself, which nothing else says the repository of."""
    return " ".join(loggable(_line(line, named=True)).split())


def _line(line: Line, *, named: bool) -> str:
    """``named``: with the repository, since it is not the only one."""
    parts = [f"{line.did.value:<10}", *_about(line)]
    if line.state is None or line.repository is None:
        through = f" (Alert {line.alert})" if line.object and line.alert else ""
        return f"{' '.join(parts)}{through}{': ' if len(parts) > 1 else ' '}{line.why}"
    if line.did in _SHOWN_THERE:
        why = f" ({line.why})" if line.why else ""
        there = f" on {line.repository.key}" if named else ""
        return f"{' '.join(parts)} {line.state}{there}: {line.description}{why}"
    # What did not get there matters less than why, and whose fault it is.
    of = f" (Provider {line.provider})" if line.provider else ""
    there = f"{line.state} not posted to {line.repository.key}{of}"
    return f"{' '.join(parts)} {there}: {line.why}"


def _about(line: Line) -> Iterator[str]:
    if line.aggregate and line.context:
        yield line.context
    elif line.object is not None:
        yield line.object.path
    elif line.provider or line.alert:
        yield f"Provider {line.provider}" if line.provider else f"Alert {line.alert}"
    if line.commit:
        yield line.commit[:8]
