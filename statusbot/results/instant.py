"""Kubernetes timestamps as seconds since the epoch."""

from __future__ import annotations

from datetime import UTC, datetime


def epoch(value: object) -> float | None:
    """RFC 3339 as Kubernetes writes it; None for what is no timestamp."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    # A time without a zone would be read as local time: nothing that Kubernetes writes.
    return moment.timestamp() if moment.tzinfo else None


def timestamp(seconds: float) -> str:
    """As Kubernetes writes it: RFC 3339 in UTC, whole seconds."""
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=0)
    return moment.isoformat().replace("+00:00", "Z")
