"""What Bitbucket Data Center's answers look like, by its own API description.

The names of the exceptions, and the messages that go with them, are those that users quote in public
issues and tests; where none is quoted there is no name.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from statusbot.demo.forge.calls import Reply, json_reply
from statusbot.demo.forge.logins import Rights
from statusbot.demo.forge.rows import Repo, Row, Store

_PACKAGE = "com.atlassian.bitbucket"
_FORBIDDEN = "You are not permitted to access this resource"


def build_of(row: Row) -> dict[str, Any]:
    """A build; a text that was not given is left out, other things are null."""
    written = int(row.created.timestamp() * 1000)
    texts = {"name": row.name, "description": row.description}
    return {
        "key": row.context,
        "state": row.state,
        "url": row.url,
        **{name: text for name, text in texts.items() if text},
        "buildNumber": None,
        "duration": None,
        "parent": None,
        "testResults": None,
        "createdDate": written,
        "updatedDate": written,
    }


def no_login() -> Reply:
    """A token or a password that nobody has."""
    message = "Authentication failed. Please check your credentials and try again."
    return error(401, message, "auth.IncorrectPasswordAuthenticationException")


def no_permission() -> Reply:
    """401 as well: the header that ``signed`` adds makes the difference."""
    return error(401, _FORBIDDEN, "AuthorisationException")


def no_repository(name: str, store: Store) -> Reply:
    """No project, or no such repository in it."""
    project = name.partition("/")[0]
    if store.has_owner(project):
        message = f"Repository {name} does not exist."
        return error(404, message, "repository.NoSuchRepositoryException")
    return error(404, f"Project {project} does not exist.", "project.NoSuchProjectException")


def no_commit(status: int, ref: str, repo: Repo) -> Reply:
    """What is no commit's full hash is no commit."""
    slug = repo.name.partition("/")[2]
    message = f"Commit '{ref}' does not exist in repository '{slug}'."
    return error(status, message, "commit.NoSuchCommitException")


def no_build(key: str, sha: str) -> Reply:
    """The commit is there, but no build of this key."""
    return error(404, f"There is no build '{key}' of commit '{sha}'.")


def invalid(field: str | None, message: str) -> Reply:
    """A field that is wrong, or the whole body."""
    return error(400, message, context=field)


def error(status: int, message: str, exception: str = "", context: str | None = None) -> Reply:
    """Atlassian's shape of an error."""
    name = f"{_PACKAGE}.{exception}" if exception else None
    item = {"context": context, "message": message, "exceptionName": name}
    return json_reply(status, {"errors": [item]})


def container(status: int) -> Reply:
    """What the servlet container answers where no route leads."""
    text = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><status>'
        f"<status-code>{status}</status-code>"
        f"<message>HTTP {status} {HTTPStatus(status).phrase}</message></status>"
    )
    return Reply(status, text.encode(), {"Content-Type": "application/xml"})


def signed(reply: Reply, rights: Rights) -> Reply:
    """The answer to somebody who was let in names them."""
    return replace(reply, headers={**reply.headers, "X-AUSERNAME": f"statusbot-{rights}"})
