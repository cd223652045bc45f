"""What is said of a wait, in lines that are safe to print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from statusbot.text import cut, loggable, one_line, redact
from statusbot.wait.verdict import Standing, Verdict
from statusbot.wait.wait import Ending, Outcome

# A message of Flux can be a page of a build's log.
LONGEST = 500


def message(verdict: Verdict) -> str:
    """Why it stands so: Flux's reason and words, in one line."""
    words = cut(one_line(redact(verdict.message)), LONGEST)
    reason = one_line(verdict.reason)
    # A success says all that there is to say in its message.
    shown = words if verdict.standing is Standing.GREEN and words else ""
    return loggable(shown or ": ".join(part for part in (reason, words) if part))


def line(verdict: Verdict) -> str:
    """One of them: ``red flux-system/apps at 1a2b3c4d: BuildFailed: …``."""
    at = f" at {short(verdict.commit)}" if verdict.commit else ""
    why = message(verdict)
    return f"{verdict.standing} {name(verdict)}{at}{': ' if why else ''}{why}"


def name(verdict: Verdict) -> str:
    """Its name, safe to print."""
    return loggable(one_line(verdict.name))


def short(commit: str) -> str:
    """As people write it."""
    return loggable(commit[:8])


def elapsed(seconds: float) -> str:
    """``12 s``, or ``3 min 20 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def last_words(outcome: Outcome) -> Iterator[str]:
    """What is missing, or what failed; the last line is what it was in all."""
    total = len(outcome.verdicts)
    if outcome.ending is Ending.TIMEOUT:
        yield from (f"missing: {line(v)}" for v in outcome.of(Standing.WAITING))
    said = f"{counts(outcome.verdicts)} at {short(outcome.sha)} after {elapsed(outcome.seconds)}"
    if outcome.ending is Ending.RED:
        reds = outcome.of(Standing.RED)
        yield from (line(verdict) for verdict in reds)
        said += f": {len(reds)} failed"
    elif outcome.ending is Ending.TIMEOUT:
        said += ": timed out" if total else ": timed out, and there was nothing to wait for yet"
    yield said


def counts(verdicts: Sequence[Verdict]) -> str:
    """``2 of 3 green``."""
    green = sum(verdict.standing is Standing.GREEN for verdict in verdicts)
    return f"{green} of {len(verdicts)} green"
