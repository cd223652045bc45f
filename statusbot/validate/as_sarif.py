"""The findings as SARIF 2.1.0, which GitHub's code scanning and others take."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import orjson

from statusbot import __version__
from statusbot.text import loggable_json
from statusbot.validate.finding import Finding, Severity
from statusbot.validate.validate import RULES, Validation

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_NUMBERS = {name: number for number, name in enumerate(RULES)}


def as_sarif(validation: Validation) -> bytes:
    """The document, with a line end."""
    driver = {
        "name": "statusbot",
        "version": __version__,
        "rules": [
            {
                "id": rule.name,
                "shortDescription": {"text": rule.title},
                "defaultConfiguration": {"level": _LEVELS[rule.severity]},
            }
            for rule in RULES.values()
        ],
    }
    results = [_result(finding) for finding in validation.findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return loggable_json(orjson.dumps(document)) + b"\n"


def _result(finding: Finding) -> dict[str, Any]:
    said = (str(finding.object), finding.message, finding.todo)
    where: dict[str, Any] = {"artifactLocation": {"uri": quote(finding.where.file)}}
    if finding.where.line:
        where["region"] = {"startLine": finding.where.line}
        if finding.where.column:
            where["region"]["startColumn"] = finding.where.column
    return {
        "ruleId": finding.rule,
        "ruleIndex": _NUMBERS[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": {"text": ": ".join(part for part in said if part)},
        "locations": [{"physicalLocation": where}],
    }
