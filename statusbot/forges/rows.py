"""Commit statuses as JSON: the fields that GitHub and Gitea share, from answers that may hold anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from statusbot.forges.base import Row
from statusbot.results.state import State


def body_of(row: Row) -> dict[str, Any]:
    """The body that stores ``row``; what is empty is left out."""
    body: dict[str, Any] = {"state": row.state, "context": row.context}
    if row.description:
        body["description"] = row.description
    if row.url:
        body["target_url"] = row.url
    return body


def row_of(item: dict[str, Any], word: Any) -> Row:
    """The row that ``item`` shows; ``word`` is its state in the forge's words."""
    return Row(
        context=text(item.get("context")),
        state=_state(word),
        description=text(item.get("description")),
        url=text(item.get("target_url")),
        created=instant(item.get("created_at")),
        id=_number(item.get("id")),
    )


def newest_by_id(rows: Iterable[Row], key: Callable[[Row], str]) -> dict[str, Row]:
    """The row with the highest id of each key."""
    return {key(row): row for row in sorted(rows, key=lambda row: row.id)}


def text(value: Any) -> str:
    """A string, or ``""`` for anything else."""
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _state(value: Any) -> State | None:
    try:
        return State(value)
    except ValueError:
        return None


def instant(value: Any) -> datetime | None:
    """A time of RFC 3339, aware; None for anything else."""
    try:
        time = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
