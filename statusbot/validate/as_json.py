"""The findings as one JSON document, version 1; docs/validating.md says what is in it."""

from __future__ import annotations

from typing import Any

import orjson

from statusbot.text import loggable_json
from statusbot.validate.finding import Finding, Severity
from statusbot.validate.validate import Validation

VERSION = 1


def as_json(validation: Validation) -> bytes:
    """The document, with a line end."""
    document = {
        "version": VERSION,
        "files": validation.files,
        "documents": validation.documents,
        "checked": validation.checked,
        "counts": {
            "errors": validation.count(Severity.ERROR),
            "warnings": validation.count(Severity.WARNING),
        },
        "findings": [_finding(finding) for finding in validation.findings],
    }
    return loggable_json(orjson.dumps(document)) + b"\n"


def _finding(finding: Finding) -> dict[str, Any]:
    where, about = finding.where, finding.object
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "file": where.file,
        "line": where.line or None,
        "column": where.column or None,
        "object": {
            "kind": about.kind or None,
            "namespace": about.namespace or None,
            "name": about.name or None,
        },
        "path": finding.path,
        "message": finding.message,
        "todo": finding.todo or None,
    }
