"""What the answers of Azure DevOps look like, by its own API description.

The errors are those that users quote in public; the words about an unknown commit and a wrong body
are nowhere to be found, and are ours.
"""

from __future__ import annotations

from typing import Any

from statusbot.demo.forge.calls import Call, Reply, json_reply
from statusbot.demo.forge.rows import Row

_GIT = "Microsoft.TeamFoundation.Git.Server"
_COMMON = "Microsoft.VisualStudio.Services.Common"
_PAGE = b"<!DOCTYPE html><html><head><title>Sign In</title></head><body>Sign in</body></html>"


def status_of(call: Call, row: Row) -> dict[str, Any]:
    """A row; what is empty is left out, as .NET does with null."""
    created = row.created.strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
    context = {"name": row.context} | ({"genre": row.genre} if row.genre else {})
    value = {
        "id": row.id,
        "state": row.state,
        "description": row.description,
        "context": context,
        "creationDate": created,
        "updatedDate": created,
        "createdBy": _identity(call),
        "targetUrl": row.url,
    }
    return {name: field for name, field in value.items() if field}


def _identity(call: Call) -> dict[str, Any]:
    number = "00000000-0000-4000-8000-000000000001"
    return {
        "id": number,
        "displayName": "statusbot",
        "uniqueName": "statusbot@localhost",
        "url": f"{call.origin}/_apis/Identities/{number}",
        "imageUrl": f"{call.origin}/_api/_common/identityImage?id={number}",
    }


def error(status: int, kind: str, message: str, assembly: str = _COMMON) -> Reply:
    """Azure's shape of an error; ``kind`` is its ``typeKey``."""
    value = {
        "$id": "1",
        "innerException": None,
        "message": message,
        "typeName": f"{assembly}.{kind}, {assembly}",
        "typeKey": kind,
        "errorCode": 0,
        "eventId": 3000,
    }
    return json_reply(status, value)


def no_login(call: Call) -> Reply:
    """A login that is not accepted: 401 for who does not want the page to sign in on."""
    if call.headers.get("x-tfs-fedauthredirect", "").lower() == "suppress":
        return Reply(401, b"", {"WWW-Authenticate": f'Basic realm="{call.origin}/"'})
    return Reply(203, _PAGE, {"Content-Type": "text/html; charset=utf-8"})


def no_scope() -> Reply:
    """A token that is known, but is not for this."""
    message = "TF400813: The user 'statusbot' is not authorized to access this resource."
    return error(401, "UnauthorizedRequestException", message)


def no_permission() -> Reply:
    """A user who may read, but not contribute."""
    message = (
        "TF401027: You need the Git 'GenericContribute' permission to perform this action."
        " Details: identity 'statusbot', scope 'repository'."
    )
    return error(403, "GitNeedsPermissionException", message, _GIT)


def no_repository(name: str) -> Reply:
    """One that is missing, disabled or hidden: the words are the same."""
    message = (
        f"TF401019: The Git repository with name or identifier {name} does not exist or you do"
        " not have permissions for the operation you are attempting."
    )
    return error(404, "GitRepositoryNotFoundException", message, _GIT)


def no_project(name: str) -> Reply:
    """A project that the collection does not have."""
    message = (
        f"TF200016: The following project does not exist: {name}. Verify that the name of the"
        " project is correct and that the project exists on the specified Azure DevOps Server."
    )
    return error(404, "ProjectDoesNotExistWithNameException", message)


def no_commit(sha: str) -> Reply:
    """A commit that the repository does not have."""
    message = f"The commit {sha} does not exist in this repository."
    return error(404, "GitCommitDoesNotExistException", message, _GIT)


def invalid(message: str) -> Reply:
    """A body that is not taken."""
    return error(400, "VssPropertyValidationException", message)
