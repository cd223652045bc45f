"""What Bitbucket Cloud's answers look like, by its own API description."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from statusbot.demo.forge.calls import Call, Reply, json_reply
from statusbot.demo.forge.rows import Repo, Row

# As users quote it in public issues; it does not tell a hidden repository from none.
NO_REPOSITORY = (
    "You may not have access to this repository or it no longer exists in this workspace. If you"
    " think this repository exists and you have access, make sure you are authenticated."
)


def status_of(call: Call, repo: Repo, sha: str, row: Row) -> dict[str, Any]:
    """A row; what was never given is shown as empty text."""
    commit = f"{call.origin}/2.0/repositories/{repo.name}/commit/{sha}"
    return {
        "type": "build",
        "key": row.context,
        "name": row.name,
        "state": row.state,
        "description": row.description,
        "url": row.url,
        "created_on": _time(row.created),
        "updated_on": _time(row.changed or row.created),
        "links": {
            "self": {"href": f"{commit}/statuses/build/{quote(row.context, safe='')}"},
            "commit": {"href": commit},
        },
    }


def uuid_of(repo: Repo) -> str:
    """The UUID of a repository, in braces as the API wants it."""
    return f"{{00000000-0000-4000-8000-{repo.id:012x}}}"


def no_login(message: str) -> Reply:
    """401."""
    value = {"type": "error", "error": {"message": message}}
    return json_reply(401, value, {"WWW-Authenticate": 'Basic realm="Bitbucket.org HTTP"'})


def no_scope(granted: str, required: str) -> Reply:
    """403 for a token, with what it has and what it lacks: an object, whatever the document says."""
    detail = {"granted": [granted], "required": [required]}
    return refusal(
        403, "Your credentials lack one or more required privilege scopes.", detail=detail
    )


def no_commit(ref: str) -> Reply:
    """404 that names the commit, twice."""
    data = {"shas": [ref]}
    error = {"message": "Commit not found", "data": data}
    return json_reply(404, {"type": "error", "error": error, "data": data})


def invalid(name: str, reason: str) -> Reply:
    """400 for one field, in the words of Django's validators."""
    return refusal(400, f"{name}: {reason}", fields={name: [reason]})


def refusal(status: int, message: str, **more: object) -> Reply:
    """Any other error."""
    return json_reply(status, {"type": "error", "error": {"message": message, **more}})


def _time(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
