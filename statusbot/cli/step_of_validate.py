"""What a step in CI shows of ``validate``."""

from __future__ import annotations

from collections.abc import Iterator

from statusbot.cli.step import Step
from statusbot.report.github import Level, below_workspace
from statusbot.report.markup import code, table
from statusbot.validate.as_json import as_json
from statusbot.validate.as_text import total
from statusbot.validate.finding import Finding, Severity
from statusbot.validate.validate import Validation

_HEAD = ("", "Where", "Object", "Finding", "Rule")
_SIGNS = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.INFO: "ℹ️"}  # noqa: RUF001
_LEVELS: dict[Severity, Level] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}


def tell(step: Step, found: Validation) -> None:
    """All findings."""
    step.keep([as_json(found)])
    for finding in found.findings:
        _annotate(step, finding)
    counts = {"errors": found.count(Severity.ERROR), "warnings": found.count(Severity.WARNING)}
    step.close(_summary(found), counts)


def _annotate(step: Step, finding: Finding) -> None:
    where = finding.where
    step.annotations.add(
        _LEVELS[finding.severity],
        _sentence(finding),
        # What came by standard input is in no file of the checkout.
        file="" if where.file == "stdin" else below_workspace(where.file, step.workspace),
        line=where.line,
        col=where.column,
        title=finding.rule,
    )


def _sentence(finding: Finding) -> str:
    about = str(finding.object)
    return ": ".join(part for part in (about, finding.message, finding.todo) if part)


def _summary(found: Validation) -> Iterator[str]:
    yield "### statusbot validate"
    yield ""
    yield f"**{total(found)}**"
    yield ""
    worst = list(Severity)
    ordered = sorted(found.findings, key=lambda finding: worst.index(finding.severity))
    yield from table(_HEAD, map(_row, ordered), len(ordered))


def _row(finding: Finding) -> tuple[str, ...]:
    words = ": ".join(part for part in (finding.message, finding.todo) if part)
    return (
        _SIGNS[finding.severity],
        code(str(finding.where)),
        code(str(finding.object)),
        code(words),
        code(finding.rule),
    )
