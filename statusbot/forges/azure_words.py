"""What the answers of Azure DevOps mean, as far as only its own words tell.

An error names its kind in ``typeKey`` and its number (``TF…``, ``VS…``) in ``message``. No document
lists them; these are the ones that users quote in public. Services answers a login that it does not
accept with 203 and a page to sign in on, or with a redirect to that page; and a token without the
scope with 401.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from statusbot.forges import refusal
from statusbot.forges.base import Answer, Limited, Refused, Unclear
from statusbot.forges.limits import SECONDARY_SECONDS, cooldown
from statusbot.forges.words import said, sentence, what_came

NEEDS = "a token needs the scope Code (Status)"
# Without "Suppress", a login that is not accepted is answered with a page to sign in on.
HEADERS = {"Accept": "application/json", "X-TFS-FedAuthRedirect": "Suppress"}
_COMMIT = {
    "GitCommitDoesNotExistException",
    "GitObjectDoesNotExistException",
    "GitUnresolvableToCommitException",
}
_REPOSITORY = {
    "GitRepositoryNotFoundException",
    "ProjectDoesNotExistException",
    "ProjectDoesNotExistWithNameException",
}
_VERSION = {"VssVersionOutOfRangeException", "VssInvalidPreviewVersionException"}


def refused(answer: Answer, needs: str = NEEDS) -> Limited | Refused | Unclear:
    """The meaning of an answer that is not the success that was hoped for."""
    if _is_sign_in(answer):
        what = f"the forge answered {what_came(answer)}: it does not accept the login"
        return refusal.no(f"{what}; {needs}", "login")
    if answer.status == 401:
        told = refusal.told("the forge does not accept the login", answer, needs)
        return refusal.no(told, "login")
    if limit := _blocked(answer):
        return limit
    kind = _kind(answer)
    if is_unknown_commit(answer):
        return refusal.unknown_commit(answer)
    if is_wrong_version(answer):
        return refusal.no(refusal.told("this server is older than API 6.0", answer), "repository")
    if answer.status == 404 and kind and kind not in _REPOSITORY:
        # It may well be the commit: what is known of the others must not fall with it.
        return refusal.no(refusal.told("no such commit or repository", answer), "commit")
    return refusal.refusal(answer, needs)


def is_unknown_commit(answer: Answer) -> bool:
    """Whether the repository is there, and the commit is not."""
    return answer.status >= 400 and _kind(answer) in _COMMIT


def is_wrong_version(answer: Answer) -> bool:
    """Whether the server does not know this version of the call."""
    return answer.status >= 400 and _kind(answer) in _VERSION


def _is_sign_in(answer: Answer) -> bool:
    if answer.status == 203:
        return True
    if 300 <= answer.status < 400:
        return _elsewhere(answer) or "_signin" in answer.headers.get("location", "").lower()
    media = answer.headers.get("content-type", "").lower()
    return 200 <= answer.status < 300 and bool(media) and "json" not in media


def _elsewhere(answer: Answer) -> bool:
    """Whether another page is to be seen, and not the same one on another scheme or host."""
    try:
        path = urlsplit(answer.headers.get("location", "").strip()).path
    except ValueError:
        path = ""
    return answer.status in (302, 303) and path != urlsplit(answer.url).path


def _blocked(answer: Answer) -> Limited | None:
    """TF400733 is the word for a blocked request, whatever the status code."""
    words = said(answer)
    if answer.status < 400 or "TF400733" not in words:
        return None
    return Limited(
        cooldown(answer) or SECONDARY_SECONDS,
        sentence(f"the forge limits our calls: {words} ({answer.status})"),
    )


def _kind(answer: Answer) -> str:
    value = answer.json()
    kind = value.get("typeKey") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else ""
