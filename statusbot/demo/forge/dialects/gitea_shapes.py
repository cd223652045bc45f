"""What Gitea's answers look like, by its own API description."""

from __future__ import annotations

from typing import Any

from statusbot.demo.forge.calls import Call, Reply, json_reply
from statusbot.demo.forge.rows import Repo, Row


def status_of(call: Call, repo: Repo, sha: str, row: Row) -> dict[str, Any]:
    """A row; what was sent as ``state`` is shown as ``status``."""
    created = row.created.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "id": row.index,
        "status": row.state,
        "target_url": row.url,
        "description": row.description,
        "url": f"{call.origin}/api/v1/repos/{repo.name}/statuses/{sha}",
        "context": row.context,
        "creator": user_of(call, "statusbot"),
        "created_at": created,
        "updated_at": created,
    }


def repository_of(call: Call, repo: Repo) -> dict[str, Any]:
    """A repository, in short."""
    owner, _, name = repo.name.partition("/")
    return {
        "id": repo.id,
        "owner": user_of(call, owner),
        "name": name,
        "full_name": repo.name,
        "private": repo.private,
        "archived": repo.archived,
        "html_url": f"{call.origin}/{repo.name}",
        "url": f"{call.origin}/api/v1/repos/{repo.name}",
    }


def user_of(call: Call, login: str) -> dict[str, Any]:
    """A user, in short."""
    return {
        "id": 1,
        "login": login,
        "full_name": "",
        "email": f"{login}@noreply.localhost",
        "avatar_url": f"{call.origin}/avatars/{login}",
        "html_url": f"{call.origin}/{login}",
    }


def not_found(call: Call, *errors: str, message: str = "not found") -> Reply:
    """404, with ``errors`` null where there are none."""
    value = {"errors": list(errors) or None, "message": message, "url": _swagger(call)}
    return json_reply(404, value)


def refusal(call: Call, status: int, message: str) -> Reply:
    """Any other error."""
    return json_reply(status, {"message": message, "url": _swagger(call)})


def _swagger(call: Call) -> str:
    return f"{call.origin}/api/swagger"
