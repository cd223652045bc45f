"""The report as one JSON document, version 1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from statusbot.posting.outcome import Did
from statusbot.report.report import Line, Report
from statusbot.results.instant import timestamp
from statusbot.text import loggable_json, printable


def as_json(report: Report) -> Iterator[bytes]:
    """The document in pieces, so that thousands of statuses are never one string."""
    head = {
        "version": 1,
        "cluster": report.cluster,
        "started": timestamp(report.started),
        "seconds": round(report.seconds, 3),
        "counts": _counts(report),
        "forge_calls": {"read": report.reads, "write": report.writes},
    }
    yield _dumped(head).removesuffix(b"}") + b',"statuses":['
    for number, line in enumerate(report.lines):
        yield (b"," if number else b"") + b"\n" + _dumped(_status(line))
    yield b"]}\n"


def _dumped(value: dict[str, Any]) -> bytes:
    return loggable_json(orjson.dumps(value))


def _counts(report: Report) -> dict[str, int]:
    counts = report.counts
    return {
        "objects": report.objects,
        "results": report.results,
        "posted": counts[Did.POSTED],
        "already": counts[Did.ALREADY],
        "skipped": counts[Did.SKIPPED],
        "deferred": counts[Did.DEFERRED],
        "errors": counts[Did.ERROR],
    }


def _status(line: Line) -> dict[str, Any]:
    object_ = None if line.aggregate else line.object
    return {
        "object": object_
        and {"kind": object_.kind, "namespace": object_.namespace, "name": object_.name},
        "alert": line.alert,
        "provider": line.provider,
        "repository": line.repository and line.repository.key,
        "commit": line.commit,
        "context": line.context,
        "state": line.state,
        "description": line.description,
        "url": line.repository and line.commit and line.repository.web(line.commit),
        "outcome": line.did.value,
        "why": printable(line.why) or None,
    }
