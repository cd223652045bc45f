"""Findings as compilers write them, which editors and CI systems know how to read."""

from __future__ import annotations

from collections.abc import Iterator

from statusbot.text import loggable, number
from statusbot.validate.finding import Finding, Severity
from statusbot.validate.validate import Validation


def as_text(validation: Validation) -> Iterator[str]:
    """A line for each, ``file:line:column: severity: object: message: todo [rule]``, and the sum."""
    for finding in validation.findings:
        shown = loggable(line(finding))
        # GitHub's runner takes it for a command; the same file has a name that it does not.
        yield f"./{shown}" if shown.startswith("::") else shown
    yield total(validation)


def line(finding: Finding) -> str:
    """One finding."""
    parts = (str(finding.where), str(finding.severity), str(finding.object), finding.message)
    said = ": ".join(part for part in (*parts, finding.todo) if part)
    return f"{said} [{finding.rule}]"


def total(validation: Validation) -> str:
    """How many there are, in how much."""
    where = f"{number(validation.documents, 'document')} of {number(validation.files, 'file')}"
    errors, warnings = (validation.count(s) for s in (Severity.ERROR, Severity.WARNING))
    if not validation.checked and not validation.findings:
        return f"nothing to check: {where}, none of a kind that statusbot reads"
    found = f"{number(errors, 'error')}, {number(warnings, 'warning')}"
    return f"{found}: {where}, {validation.checked} of them checked"
