"""What status codes mean on every forge, after an adapter has looked for its own words.

Sources: RFC 9110, and what the forges' documents and sources share (401 login, 403 permission,
404 hidden or absent, 422 and 400 validation, 423 archived, 5xx unknown).
"""

from __future__ import annotations

from statusbot.forges.base import Answer, Limited, Refused, Scope, Unclear
from statusbot.forges.limits import limited, retry_after
from statusbot.forges.words import said, sentence, what_came, whither

NO_COMMIT = "the forge does not know this commit"


def refusal(answer: Answer, needs: str) -> Limited | Refused | Unclear:
    """The meaning of an answer that is not the success its adapter hoped for.

    ``needs`` tells in a few words which right a login must have.
    """
    if limit := limited(answer):
        return limit
    if 300 <= answer.status < 400:
        return no(f"the forge redirects to {whither(answer)}: correct the address", "repository")
    match answer.status:
        case 400 | 413 | 422:
            # What is no JSON comes from a server before the API (no client certificate, say).
            final = answer.json() is not None
            return no(told("the forge does not take this status", answer), "status", final=final)
        case 401:
            return no(told("the forge does not accept the login", answer), "login")
        case 403:
            return no(told("the login may not do this", answer, needs), "repository")
        case 404 | 410 | 451:
            return no(told("no such repository for this login", answer, needs), "repository")
        case 407:
            return no("the proxy wants a username and a password that it knows (407)", "login")
        case 423:
            return archived(answer)
    if answer.status in (408, 409, 425) or answer.status >= 500:
        return Unclear(sentence(told("the forge failed", answer)), retry_after(answer))
    if 200 <= answer.status < 300:
        what = "not JSON" if answer.json() is None else "not what was asked for"
        return Unclear(f"the forge answered {what_came(answer)}, {what}: is that its API?")
    return no(told("the forge refused", answer), "status")


def no(why: str, scope: Scope, *, final: bool = False) -> Refused:
    """A refusal whose reason is safe to show."""
    return Refused(sentence(why), final, scope)


def unknown_commit(answer: Answer) -> Refused:
    """The forge knows the repository, but not the commit."""
    return no(told(NO_COMMIT, answer), "commit", final=True)


def archived(answer: Answer) -> Refused:
    """The repository takes nothing any more."""
    return no(told("the repository is archived", answer), "repository", final=True)


def told(what: str, answer: Answer, needs: str = "") -> str:
    """``what: the forge's words (status code); needs``."""
    words = said(answer)
    text = f"{what}: {words} ({answer.status})" if words else f"{what} ({answer.status})"
    return f"{text}; {needs}" if needs else text
