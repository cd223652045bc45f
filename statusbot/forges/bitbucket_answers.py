"""What Bitbucket Cloud says when it does not store or show a status.

Its document names 401 and 404 only. The words are those that users quote in public issues; for
an overwrite by a stranger nobody quotes any, so every other 403 of a write is taken for that.
"""

from __future__ import annotations

import re
from typing import Any

from statusbot.forges import refusal
from statusbot.forges.base import Answer, Limited, Refused, Unclear
from statusbot.forges.limits import limited
from statusbot.forges.words import said

# A twelfth of the rolling hour: late by no more than this, and at most a dozen calls in vain.
LIMITED_SECONDS = 300.0
_SCOPE = "read:repository:bitbucket (access token: repository)"
_ACCOUNT = "API tokens go as email:token; app passwords ended 2026-07-28"
_OWNER = "only a status's author or an admin may overwrite it"
_SCOPE_NAME = re.compile(r"[a-z:-]{1,60}")


def own_words(answer: Answer, *, write: bool) -> Limited | Refused | None:
    """What only Bitbucket's words tell; None where the status code says it all."""
    words = said(answer).lower()
    if answer.status in (400, 404) and "commit not found" in words:
        return refusal.unknown_commit(answer)
    if answer.status == 429 or (answer.status == 403 and "rate limit" in words):
        return _limited(answer)
    if answer.status == 401:
        return refusal.no(refusal.told("the login is refused", answer, _ACCOUNT), "login")
    if answer.status == 403 and not limited(answer):
        return _forbidden(answer, write=write)
    return None


def refusal_of(answer: Answer) -> Limited | Refused | Unclear:
    """The meaning of every other answer."""
    return refusal.refusal(answer, f"a token needs {_SCOPE}")


def _limited(answer: Answer) -> Limited:
    found = limited(answer)
    if found and found.seconds is not None:
        return found
    words = said(answer) or "too many requests"
    return Limited(LIMITED_SECONDS, f"the forge limits our calls: {words} ({answer.status})")


def _forbidden(answer: Answer, *, write: bool) -> Refused | None:
    wanted = _wanted(answer.json())
    if wanted or "privilege scopes" in said(answer).lower():
        needs = f"it needs {wanted or _SCOPE}"
        return refusal.no(refusal.told("the token lacks a scope", answer, needs), "repository")
    if not write:
        return None
    return refusal.no(refusal.told("not allowed", answer, _OWNER), "status")


def _wanted(value: Any) -> str:
    """The scopes that ``error.detail.required`` names."""
    error = value.get("error") if isinstance(value, dict) else None
    detail = error.get("detail") if isinstance(error, dict) else None
    names = detail.get("required") if isinstance(detail, dict) else None
    found = names if isinstance(names, list) else ()
    return ", ".join(name for name in found if _is_scope(name))


def _is_scope(name: Any) -> bool:
    return isinstance(name, str) and bool(_SCOPE_NAME.fullmatch(name))
