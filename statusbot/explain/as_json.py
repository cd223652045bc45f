"""An explanation as one JSON document, version 1; docs/explain.md says what is in it."""

from __future__ import annotations

from typing import Any

import orjson

from statusbot.explain.explanation import Explanation
from statusbot.explain.findings import Finding
from statusbot.explain.shown import instant
from statusbot.explain.step import Step, safe
from statusbot.forges.base import Row
from statusbot.ledger.posted import Posted
from statusbot.text import loggable_json

VERSION = 1


def as_json(explanation: Explanation) -> bytes:
    """The document, with a line end."""
    asked, end = explanation.asked, explanation.ending
    document = {
        "version": VERSION,
        "cluster": explanation.cluster,
        "started": instant(explanation.started),
        "object": {"kind": "Kustomization", "namespace": asked.namespace, "name": asked.name},
        "commit": asked.commit or None,
        "posted": end.posted,
        "sentence": end.sentence,
        "why": end.why or None,
        "todo": end.todo or None,
        "statuses": [_status(finding) for finding in explanation.findings],
        "steps": [_step(step) for step in explanation.steps],
    }
    return loggable_json(orjson.dumps(document)) + b"\n"


def _status(finding: Finding) -> dict[str, Any]:
    status, result = finding.status, finding.result
    repository = status.destination.repository if status else None
    return {
        "commit": finding.commit,
        "origin": finding.origin and finding.origin.value,
        "state": result and result.state.value,
        "reason": (result and safe(result.reason)) or None,
        "alert": finding.alert or None,
        "provider": finding.provider or None,
        "repository": repository and repository.key,
        "context": status and safe(status.context),
        "description": status and status.description,
        "url": repository and finding.commit and repository.web(finding.commit),
        "posted": finding.shown,
        "outcome": finding.did and finding.did.value,
        "why": safe(finding.why) or None,
        "todo": safe(finding.todo) or None,
        "ledger": finding.posted and _ledger(finding.posted),
        "forge": finding.row and _row(finding.row),
    }


def _ledger(posted: Posted) -> dict[str, Any]:
    return {
        "state": posted.state.value,
        "reason": safe(posted.reason) or None,
        "written": instant(posted.written),
        "checked": instant(posted.checked),
        "refused": safe(posted.refused) or None,
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "state": row.state and row.state.value,
        "description": safe(row.description),
        "created": row.created and instant(row.created.timestamp()),
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "verdict": step.verdict.value,
        "value": step.value or None,
        "children": [_step(child) for child in step.children],
    }
