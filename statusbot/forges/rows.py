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
        context=_text(item.get("context")),
        state=_state(word),
        description=_text(item.get("description")),
        url=_text(item.get("target_url")),
        created=_instant(item.get("created_at")),
        id=_number(item.get("id")),
    )


def newest_by_id(rows: Iterable[Row], key: Callable[[Row], str]) -> dict[str, Row]:
    """The row with the highest id of each key."""
    return {key(row): row for row in sorted(rows, key=lambda row: row.id)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _state(value: Any) -> State | None:
    try:
        return State(value)
    except ValueError:
        return None


def _instant(value: Any) -> datetime | None:
    try:
        time = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
