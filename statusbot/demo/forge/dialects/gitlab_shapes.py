"""What GitLab's answers look like, by its own API description."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from statusbot.demo.forge.calls import Call, Reply, json_reply
from statusbot.demo.forge.rows import Row

# The branch of a commit's pipeline where no write names another.
BRANCH = "main"
_WORDS = {"failure": "failed", "error": "failed"}
_ENDED = {"success", "failed", "canceled", "skipped"}


def state_of(row: Row) -> str:
    """The row's state in GitLab's words, also where another dialect stored it."""
    return _WORDS.get(row.state, row.state)


def status_of(call: Call, sha: str, row: Row, pipeline: int) -> dict[str, Any]:
    """A row; what was sent as ``state`` is shown as ``status``."""
    state = state_of(row)
    changed = row.changed or row.created
    return {
        "id": row.id,
        "sha": sha,
        "ref": row.genre or BRANCH,
        "status": state,
        "name": row.context,
        "target_url": row.url or None,
        "description": row.description or None,
        "created_at": _instant(row.created),
        "started_at": _instant(changed) if state == "running" else None,
        "finished_at": _instant(changed) if state in _ENDED else None,
        "allow_failure": False,
        "coverage": None,
        "pipeline_id": pipeline,
        "author": _user_of(call),
    }


def _instant(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _user_of(call: Call) -> dict[str, Any]:
    return {
        "id": 1,
        "username": "statusbot",
        "name": "statusbot",
        "state": "active",
        "locked": False,
        "avatar_url": None,
        "web_url": f"{call.origin}/statusbot",
    }


def refusal(status: int, message: object) -> Reply:
    """An error of GitLab's own: a sentence, or what is wrong with which field."""
    return json_reply(status, {"message": message})


def unrouted(status: int, error: str) -> Reply:
    """An error of the layer below, which never looked for a project."""
    return json_reply(status, {"error": error})


def no_scope() -> Reply:
    """403 for a token that may read only (RFC 6750)."""
    value = {
        "error": "insufficient_scope",
        "error_description": "The request requires higher privileges than provided by the access"
        " token.",
        "scope": "api",
    }
    return json_reply(403, value)
