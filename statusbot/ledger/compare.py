"""Whether the forge shows a status already: the forge is the truth, the ledger only a cache of it."""

from __future__ import annotations

from dataclasses import dataclass

from statusbot.forges.base import Row
from statusbot.ledger.posted import (
    MESSAGE_CHANGES,
    MESSAGE_EVERY,
    Posted,
    Said,
    digest,
    same_result,
)


@dataclass(frozen=True, slots=True)
class Write:
    """The forge does not show it. ``correction``: it shows what somebody else put over ours."""

    why: str
    correction: bool = False


@dataclass(frozen=True, slots=True)
class Already:
    """The forge shows it, or something that must stay, since ``since``."""

    why: str
    since: float


@dataclass(frozen=True, slots=True)
class Overwritten:
    """Somebody else's status stands over ours again, after it was corrected once."""

    why: str


def compare(
    said: Said,
    description: str,
    words: str,
    newest: Row | None,
    count: int,
    posted: Posted | None,
    *,
    now: float,
) -> Write | Already | Overwritten:
    """``said`` (whose text is ``description``) against the newest of ``count`` rows of its context.

    ``words`` is the reason as Flux words it, which is all that the notification-controller writes:
    its row of the same state counts as ours.
    """
    if newest is None:
        return Write("the forge shows no status of this context")
    since = newest.created.timestamp() if newest.created else now
    if newest.state is not None and newest.state.same_class(said.state):
        return _same_state(said, description, words, newest, count, since, now)
    if not said.current and since > said.when:
        return Already("the forge shows a later result", since)
    return _other(said, newest, posted)


def _other(said: Said, newest: Row, posted: Posted | None) -> Write | Overwritten:
    state = newest.state or "another state"
    if posted is None or posted.refused or not same_result(said, posted):
        return Write(f"the forge shows {state}")
    if posted.corrected:
        return Overwritten(f"somebody else writes {state} over it; it was corrected once")
    return Write(f"somebody else wrote {state} over it", correction=True)


def _same_state(
    said: Said,
    description: str,
    words: str,
    newest: Row,
    count: int,
    since: float,
    now: float,
) -> Write | Already:
    if newest.description.strip() == description:
        return Already("the forge shows it", since)
    if newest.description.strip() == words:
        return Already("the forge shows it in Flux's own words", since)
    if not newest.description.startswith(words):
        return Write("the forge shows another reason")
    if not said.text:
        return Already("the forge shows it with its message", since)
    if now - since < MESSAGE_EVERY:
        return Already("only the message differs, and it is less than an hour old", since)
    if count > MESSAGE_CHANGES:
        return Already(f"only the message differs, after {count} writes", since)
    return Write("the message changed")


def text_digest(description: str, message: str) -> str:
    """What :class:`Said` remembers of a description; nothing where Flux's message is unknown."""
    return digest(description) if message else ""
