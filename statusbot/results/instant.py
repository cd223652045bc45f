"""Kubernetes timestamps as seconds since the epoch."""

from __future__ import annotations

from datetime import datetime


def epoch(timestamp: object) -> float | None:
    """RFC 3339 as Kubernetes writes it; None for what is no timestamp."""
    if not isinstance(timestamp, str):
        return None
    try:
        moment = datetime.fromisoformat(timestamp)
    except ValueError:
        return None
    # A time without a zone would be read as local time: nothing that Kubernetes writes.
    return moment.timestamp() if moment.tzinfo else None
