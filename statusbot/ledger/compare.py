"""Whether the forge shows a status already: the forge is the truth, the ledger only a cache of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from statusbot.forges.base import Row
from statusbot.ledger.posted import (
    MESSAGE_CHANGES,
    MESSAGE_EVERY,
    ONCE_GREEN,
    Posted,
    Said,
    digest,
    same_result,
)
from statusbot.results.state import RED, SUPERSEDED, State, Weight, weight

# Seconds that the forge's clock may be ahead of the cluster's.
CLOCKS_DIFFER = 5.0


@dataclass(frozen=True, slots=True)
class Write:
    """The forge does not show it. ``correction``: it shows what somebody else put over ours."""

    why: str
    correction: bool = False


@dataclass(frozen=True, slots=True)
class Already:
    """The forge shows it, or something that must stay.

    ``text`` is the digest of the message that counts as shown, and ``since`` when it came there;
    None where it is another result that must stay. ``result``: whatever comes later of what is
    said, that stays, and is to be remembered.
    """

    why: str
    since: float
    text: str | None
    result: bool = False


@dataclass(frozen=True, slots=True)
class Overwritten:
    """Somebody else's status stands over ours, which is ``posted``, after it was corrected once."""

    why: str
    posted: Posted


def compare(
    said: Said,
    description: str,
    words: str,
    newest: Row | None,
    count: int,
    posted: Posted | None,
    *,
    now: float,
    beginning: str | None = None,
    perhaps: Collection[str] = (),
) -> Write | Already | Overwritten:
    """``said`` (whose text is ``description``) against the newest of ``count`` rows of its context.

    ``words`` is the reason as Flux words it, which is all that the notification-controller writes:
    its row of the same state counts as ours. ``beginning`` is what ours begins with where a template
    words it; whether a row is of the same reason may then be for the ledger to tell. ``perhaps`` are
    the digests of texts of ours that nobody saw an answer to: ``said`` was decided after them, and one
    that the forge came to show late is no later result.
    """
    if newest is None:
        return Write("the forge shows no status of this context")
    since = newest.created.timestamp() if newest.created else now
    shown = _weight(newest, posted)
    if said.weight < shown:
        return Already("the forge shows its result", since, None, result=True)
    if said.lasting and shown is Weight.RESULT and _once_green(said, words, newest, posted):
        return Already(ONCE_GREEN, since, None, result=True)
    begins = _begins(said, words, beginning, posted)
    known = said.weight > shown or _remembered(newest, since, posted)
    known = known or digest(newest.description.strip()) in perhaps
    if not said.current and since > said.when and not known and _differs(said, begins, newest):
        return Already("the forge shows a later result", since, None)
    if newest.state is not None and newest.state.same_class(said.state):
        return _same_state(said, description, words, begins, newest, count, since, now)
    return _other(said, newest, posted)


def _differs(said: Said, begins: tuple[str, ...], newest: Row) -> bool:
    """Whether a row is of another result: another state, or another failure.

    A commit has one green only, however a row words it.
    """
    if newest.state is None or not newest.state.same_class(said.state):
        return True
    red = said.state in RED
    return red and not newest.description.strip().startswith(begins)


def _once_green(said: Said, words: str, newest: Row, posted: Posted | None) -> bool:
    """Whether a row tells that the commit was applied once, before it only waited.

    Not so where it came over our own word that it waits, nor where the notification-controller up
    to v1.7 is green for the very thing that the commit waits for.
    """
    ours = posted is not None and not posted.refused and same_result(said, posted)
    waits = newest.description.strip().startswith(words)
    return newest.state is State.SUCCESS and not ours and not waits


def _weight(newest: Row, posted: Posted | None) -> Weight:
    """How much a row says; that a commit was superseded its text says, or the ledger of that text."""
    if newest.state is None:
        return Weight.RESULT
    shows = newest.description.strip()
    ours = posted is not None and shows != "" and digest(shows) == posted.text
    superseded = shows.lower().startswith(SUPERSEDED.lower())
    reason = posted.reason if posted is not None and ours else SUPERSEDED if superseded else ""
    return weight(newest.state, reason)


def _remembered(newest: Row, since: float, posted: Posted | None) -> bool:
    """Whether this row is what the ledger holds, whose result is surely not later than ``said``.

    A row is written some time after its result was seen, so its own time would not tell.
    """
    if posted is None or posted.refused or newest.state is None:
        return False
    return newest.state.same_class(posted.state) and since <= posted.written + CLOCKS_DIFFER


def _other(said: Said, newest: Row, posted: Posted | None) -> Write | Overwritten:
    state = newest.state or "another state"
    if posted is None or posted.refused or not same_result(said, posted):
        return Write(f"the forge shows {state}")
    if posted.corrected:
        return Overwritten(f"somebody else writes {state} over it; it was corrected once", posted)
    return Write(f"somebody else wrote {state} over it", correction=True)


def _begins(
    said: Said, words: str, beginning: str | None, posted: Posted | None
) -> tuple[str, ...]:
    """How a row of the same reason may begin."""
    if beginning is None:
        return (words,)
    known = posted is not None and not posted.refused and same_result(said, posted)
    return ("",) if known else (words, beginning)


def _same_state(
    said: Said,
    description: str,
    words: str,
    begins: tuple[str, ...],
    newest: Row,
    count: int,
    since: float,
    now: float,
) -> Write | Already:
    shows = newest.description.strip()
    if shows == description:
        return Already("the forge shows it", since, said.text or digest(shows))
    if shows == words:
        # Never rewritten, so any message counts as shown; one that changes is looked at hourly.
        return Already("the forge shows it in Flux's own words", now, said.text)
    # The reasons of a pending come and go, and are part of its message.
    if said.state is not State.PENDING and not shows.startswith(begins):
        return Write("the forge shows another reason")
    if not said.text:
        return Already("the forge shows it with its message", since, digest(shows))
    if now - since < MESSAGE_EVERY:
        why = "only the message differs, and it is less than an hour old"
        return Already(why, since, digest(shows))
    if count > MESSAGE_CHANGES:
        return Already(f"only the message differs, after {count} writes", now, said.text)
    return Write("the message changed")


def text_digest(description: str, message: str) -> str:
    """What :class:`Said` remembers of a description; nothing where Flux's message is unknown."""
    return digest(description) if message else ""
