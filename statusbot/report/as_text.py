"""The report for people: a line for each status that is news, then what it was in all."""

from __future__ import annotations

from collections.abc import Iterator

from statusbot.posting.outcome import Did
from statusbot.report.report import Line, Report
from statusbot.text import printable

_COUNTED = (
    (Did.POSTED, "posted"),
    (Did.WOULD_POST, "would be posted"),
    (Did.ALREADY, "already there"),
    (Did.SKIPPED, "skipped"),
    (Did.DEFERRED, "deferred"),
    (Did.ERROR, "in error"),
)
_ALWAYS = {Did.POSTED, Did.ALREADY, Did.ERROR}


def as_text(report: Report) -> Iterator[str]:
    """The lines, without their line ends; text from elsewhere is printable."""
    yield from (f"warning: {printable(warning)}" for warning in report.warnings)
    for line in report.lines:
        yield printable(_line(line))
    shown = [
        f"{report.counts[did]} {words}"
        for did, words in _COUNTED
        if report.counts[did] or (did in _ALWAYS and not report.dry_run)
    ]
    yield (
        f"{_number(report.objects, 'Kustomization')}, {_number(report.results, 'result')}: "
        f"{', '.join(shown) or 'nothing to post'} "
        f"({_number(report.reads, 'read')} and {_number(report.writes, 'write')} of forges, "
        f"{report.seconds:.1f} s)"
    )


def _line(line: Line) -> str:
    about = line.object.path if line.object else (line.provider or line.alert or "")
    if line.object is None:
        about = f"{'Provider' if line.provider else 'Alert'} {about}"
    parts = [f"{line.did.value:<10} {about}"]
    if line.commit:
        parts.append(line.commit[:8])
    if line.state:
        parts.append(f"{line.state}: {line.description}")
    why = f" ({line.why})" if line.why and line.state else f": {line.why}" if line.why else ""
    return " ".join(parts) + why


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
