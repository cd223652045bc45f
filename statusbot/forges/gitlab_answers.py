"""What GitLab's answers mean, where only its own words tell."""

from __future__ import annotations

import re
from dataclasses import replace

from statusbot.forges import refusal
from statusbot.forges.base import (
    Answer,
    Limited,
    Meaning,
    Missing,
    ReadMeaning,
    Refused,
    Shown,
    Stored,
    Unclear,
)
from statusbot.forges.words import said, sentence

# app/models/commit_status.rb: the events of its state machine, and the states that they lead to.
_TRANSITION = re.compile(r"Cannot transition status via :(\w+) from :(\w+)")
_LEADS_TO = {
    "enqueue": "pending",
    "run": "running",
    "success": "success",
    "drop": "failed",
    "cancel": "canceled",
    "skip": "skipped",
}
_NO_COMMIT = ("404 commit not found", "404 references for commit not found")
# The server has waited ten seconds for its lock by then (CreateCommitStatusService).
_BUSY_SECONDS = 1.0

_NEEDS_RIGHT = (
    "a token needs the scope api, its user the role Developer, "
    "on a protected branch Maintainer or the right to push"
)
_NEEDS_SCOPE = "the token needs the scope api"
# A gate only reads; a run that may not read will want to post, too.
_READ_NEEDS_RIGHT = (
    "to read, a token needs the scope read_api and its user the role Reporter, to post api and "
    "Developer"
)
_READ_NEEDS_SCOPE = "the token needs the scope read_api to read, api to post"
_NEEDS_NUMBER = "if a proxy decodes %2F on the way, write the address as https://host/<project id>"


def of_write(answer: Answer) -> Meaning:
    """200 (the document) or 201 (the servers) with the row, or that it is so already.

    A 403 is about this commit: the same login may post to those of branches that nobody protects.
    """
    value = answer.json()
    if answer.status in (200, 201) and isinstance(value, dict) and "id" in value:
        return Stored()
    meaning = _own_words(answer) or _refusal(answer)
    if answer.status == 403 and isinstance(meaning, Refused) and meaning.scope == "repository":
        return replace(meaning, scope="commit")
    return meaning


def of_read(answer: Answer) -> ReadMeaning:
    """404 says what is missing: the commit or the project."""
    if answer.status == 200 and isinstance(answer.json(), list):
        return Shown()
    if _is_unknown_commit(answer):
        return refusal.unknown_commit(answer)
    if answer.status == 404:
        needs = _needs(answer, _READ_NEEDS_RIGHT)
        return Missing(refusal.told("no such project for this login", answer, needs))
    return _refusal(answer, _READ_NEEDS_RIGHT, _READ_NEEDS_SCOPE)


def _own_words(answer: Answer) -> Stored | Limited | Refused | None:
    message = said(answer)
    if answer.status == 400 and (found := _TRANSITION.match(message)):
        # The event tells what was wanted. Where that is what it is, there is nothing to do.
        return Stored() if _LEADS_TO.get(found[1]) == found[2] else None
    if _is_unknown_commit(answer):
        return refusal.unknown_commit(answer)
    if answer.status == 405:
        moved = refusal.told("the project has moved: correct the address", answer)
        return refusal.no(moved, "repository")
    if answer.status == 409 and "in progress" in message:
        # It did not get the commit's lock, so nothing was stored.
        busy = refusal.told("the forge is busy with this commit", answer)
        return Limited(_BUSY_SECONDS, sentence(busy), alone=True)
    return None


def _is_unknown_commit(answer: Answer) -> bool:
    return answer.status == 404 and said(answer).lower() in _NO_COMMIT


def _refusal(
    answer: Answer, right: str = _NEEDS_RIGHT, scope: str = _NEEDS_SCOPE
) -> Limited | Refused | Unclear:
    if answer.status == 403 and said(answer).startswith("insufficient_scope"):
        told = refusal.told("the login may not do this", answer, scope)
        return refusal.no(told, "login")
    return refusal.refusal(answer, _needs(answer, right))


def _needs(answer: Answer, right: str) -> str:
    # No route of the API: a project that is not there is "404 Project Not Found".
    return _NEEDS_NUMBER if said(answer) == "404 Not Found" else right
