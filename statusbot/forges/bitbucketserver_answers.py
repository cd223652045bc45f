"""What the answers of Bitbucket Data Center hold: a build, or errors with the names of exceptions.

A 401 is the answer to a bad login and to a missing right alike; the header ``X-AUSERNAME`` names who
was let in. An unknown route has an error of the servlet container, which knows no ``errors``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from statusbot.forges import refusal
from statusbot.forges.base import Answer, Refused, Row
from statusbot.forges.rows import text
from statusbot.results.state import State

NEEDS = "a token needs Repository read, its user read access"
_STATES = {"SUCCESSFUL": State.SUCCESS, "FAILED": State.FAILURE, "INPROGRESS": State.PENDING}
_NO_REPOSITORY = {"NoSuchRepositoryException", "NoSuchProjectException"}


def is_build(value: Any) -> bool:
    """Whether ``value`` is what a read of one key shows."""
    return isinstance(value, dict) and isinstance(value.get("key"), str)


def row_of(build: dict[str, Any]) -> Row:
    """The row of a build, with its key for a context."""
    written = build.get("updatedDate") or build.get("createdDate")
    return Row(
        context=build["key"],
        state=_STATES.get(text(build.get("state"))),
        description=text(build.get("description")),
        url=text(build.get("url")),
        created=_instant(written),
        name=text(build.get("name")),
    )


def _instant(value: Any) -> datetime | None:
    """From milliseconds since 1970."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def own_words(answer: Answer) -> Refused | None:
    """What only Atlassian's way to answer tells."""
    if not 400 <= answer.status < 500:
        return None
    exceptions = _exceptions(answer)
    if is_unknown_commit(answer):
        return refusal.unknown_commit(answer)
    if exceptions & _NO_REPOSITORY:
        why = refusal.told("no such repository for this login", answer, NEEDS)
        return refusal.no(why, "repository")
    if answer.status == 401:
        return _unauthorised(answer, exceptions)
    return no_api(answer) if no_route(answer) else None


def is_unknown_commit(answer: Answer) -> bool:
    """Whether the repository is there, and the commit is not."""
    return 400 <= answer.status < 500 and "NoSuchCommitException" in _exceptions(answer)


def no_route(answer: Answer) -> bool:
    """Whether a 404 is the servlet container's: nobody looked for a repository."""
    return answer.status == 404 and bool(answer.body.strip()) and not _errors(answer)


def _unauthorised(answer: Answer, exceptions: set[str]) -> Refused:
    if _user(answer):
        return refusal.no(refusal.told("the login may not do this", answer, NEEDS), "repository")
    what = "the forge does not accept the login, or it may not do this"
    scope = "AuthorisationException" in exceptions
    why = refusal.told(what, answer, NEEDS)
    return refusal.no(why, "repository" if scope else "login")


def _user(answer: Answer) -> str:
    """Whom the server took us for; empty where it let nobody in."""
    user = answer.headers.get("x-ausername", "").strip()
    return "" if user.lower() == "anonymous" else user


def no_api(answer: Answer) -> Refused:
    """The server has no such route, or it is no Bitbucket."""
    what = f"the forge has no builds API there ({answer.status})"
    return refusal.no(f"{what}: is the address right, and Bitbucket 7.4 or newer?", "repository")


def _errors(answer: Answer) -> list[dict[str, Any]]:
    value = answer.json()
    errors = value.get("errors") if isinstance(value, dict) else None
    return [e for e in errors if isinstance(e, dict)] if isinstance(errors, list) else []


def _exceptions(answer: Answer) -> set[str]:
    """The names of the server's exceptions, without their packages."""
    names = (text(error.get("exceptionName")) for error in _errors(answer))
    return {name.rpartition(".")[2] for name in names}
