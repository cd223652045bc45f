"""What GitHub's answers look like, by its own API description."""

from __future__ import annotations

from typing import Any

from statusbot.demo.forge.calls import Call, Reply, json_reply
from statusbot.demo.forge.rows import Repo, Row

DOCS = "https://docs.github.com/rest/commits/statuses"


def status_of(call: Call, repo: Repo, sha: str, row: Row) -> dict[str, Any]:
    """A row as lists and combined answers show it; the first add its creator."""
    created = row.created.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "url": f"{api(call)}/repos/{repo.name}/statuses/{sha}",
        "avatar_url": f"{call.origin}/avatars/u/1",
        "id": row.id,
        "node_id": f"SC_{row.id}",
        "state": row.state,
        "description": row.description or None,
        "target_url": row.url or None,
        "context": row.context,
        "created_at": created,
        "updated_at": created,
    }


def repository_of(call: Call, repo: Repo) -> dict[str, Any]:
    """A repository, in short."""
    owner, _, name = repo.name.partition("/")
    return {
        "id": repo.id,
        "node_id": f"R_{repo.id}",
        "name": name,
        "full_name": repo.name,
        "owner": user_of(call, owner),
        "private": repo.private,
        "html_url": f"{call.origin}/{repo.name}",
        "url": f"{api(call)}/repos/{repo.name}",
    }


def user_of(call: Call, login: str) -> dict[str, Any]:
    """A user, in short."""
    return {
        "login": login,
        "id": 1,
        "node_id": "U_1",
        "avatar_url": f"{call.origin}/avatars/u/1",
        "html_url": f"{call.origin}/{login}",
        "type": "User",
        "site_admin": False,
    }


def api(call: Call) -> str:
    """The root under which the client came: GitHub Enterprise Server's or the bare one."""
    return call.origin + ("/api/v3" if call.path.startswith("/api/v3/") else "")


def invalid(name: str, message: str) -> Reply:
    """422 for one field of a status; ``name`` "" for the status as a whole."""
    what = {"resource": "Status", "code": "custom", "message": message}
    return json_reply(
        422,
        {
            "message": "Validation Failed",
            "errors": [what | ({"field": name} if name else {})],
            "documentation_url": f"{DOCS}#create-a-commit-status",
            "status": "422",
        },
    )


def refusal(status: int, message: str, headers: dict[str, str] | None = None) -> Reply:
    """Any other error."""
    value = {"message": message, "documentation_url": DOCS, "status": str(status)}
    return json_reply(status, value, headers)
