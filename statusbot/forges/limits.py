"""How long a forge wants to be left alone, read from its answer.

Times in answers are compared with the answer's own ``Date``, so a skewed clock of ours does no
harm. The order of the questions is GitHub's ("Rate limits for the REST API"): ``retry-after``,
then ``x-ratelimit-remaining: 0`` with ``x-ratelimit-reset`` (epoch seconds), then the words of a
secondary limit, for which GitHub asks for a minute at least.
"""

from __future__ import annotations

import math

from statusbot.forges.base import Answer, Limited
from statusbot.forges.dates import clock_of, http_date
from statusbot.forges.words import said

SECONDARY_SECONDS = 60.0
_LONGEST_SECONDS = 24 * 3600.0
# What is less is no instant of this century, but a time to wait.
_FIRST_EPOCH = 1e9
_SECONDARY_PAGES = ("secondary-rate-limits", "#abuse-rate-limits")


def limited(answer: Answer) -> Limited | None:
    """What a 403 or 429 says about limits; None where it is about something else."""
    if answer.status not in (403, 429):
        return None
    seconds = cooldown(answer)
    if seconds is None and (_none_left(answer) or _secondary(answer)):
        seconds = SECONDARY_SECONDS
    if seconds is None and answer.status == 403:
        return None
    words = said(answer) or "too many requests"
    return Limited(seconds, f"the forge limits our calls: {words} ({answer.status})")


def cooldown(answer: Answer) -> float | None:
    """Seconds before the next call, as any answer may ask for them, a good one too; else None.

    GitHub and Azure DevOps write ``x-ratelimit-…``, GitLab ``RateLimit-…``; Azure sends a
    ``Retry-After`` with good answers before it begins to delay them. Bitbucket Cloud's
    ``x-ratelimit-reset`` was seen to count seconds down, where all others name an instant.
    """
    # Atlassian's Data Center products that limit calls send it with every answer: 0 while some are
    # left.
    if answer.status < 300 and _number(answer.headers.get("retry-after", "")) == 0:
        return None
    asked = retry_after(answer)
    if asked is not None:
        return asked
    reset = _number(_either(answer, "reset"))
    if reset is None or not _none_left(answer):
        return None
    if reset < _FIRST_EPOCH:
        return _clamp(reset + 1)
    date = clock_of(answer)
    return SECONDARY_SECONDS if date is None else _clamp(reset - date.timestamp() + 1)


def calls_left(answer: Answer) -> float | None:
    """How many calls the forge says are left; None where it does not tell."""
    return _number(_either(answer, "remaining"))


def _none_left(answer: Answer) -> bool:
    return calls_left(answer) == 0


def _either(answer: Answer, name: str) -> str:
    headers = answer.headers
    return headers.get(f"x-ratelimit-{name}", headers.get(f"ratelimit-{name}", "")).strip()


def retry_after(answer: Answer) -> float | None:
    """The header ``Retry-After``, in seconds or as a date; None where it is absent or unreadable."""
    value = answer.headers.get("retry-after", "").strip()
    seconds = _number(value)
    if seconds is not None:
        return _clamp(seconds)
    until, date = http_date(value), clock_of(answer)
    if until is None:
        return None
    return SECONDARY_SECONDS if date is None else _clamp((until - date).total_seconds())


def _secondary(answer: Answer) -> bool:
    value = answer.json()
    page = value.get("documentation_url") if isinstance(value, dict) else None
    if isinstance(page, str) and page.endswith(_SECONDARY_PAGES):
        return True
    return "secondary rate limit" in said(answer).lower()


def _clamp(seconds: float) -> float:
    return min(max(seconds, 1.0), _LONGEST_SECONDS)


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
