"""What of a message stays the same when Flux tries again.

Flux retries a failure every few seconds, and its text differs each time: a temporary folder, how
long it took, when, how often, and the order of what it waits for. None of that is news.
"""

from __future__ import annotations

import re

_TEMPORARY = re.compile(r"(/\S*?)?/(?:kustomization|tmp|kustomize)-?\d{5,}")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d| UTC)?")
# What a try took has a fraction, or stands behind one of these words. Other numbers with a unit
# (a timeout, a CPU quantity) are part of what is wrong.
_UNIT = "(?:ns|us|µs|μs|ms|s|m|h)"
_TOOK = re.compile(rf"(\s(?:after|in|took)\s+)(?:\d+(?:\.\d+)?{_UNIT})+\b")
_FRACTION = re.compile(rf"\b(?:\d+{_UNIT})*\d+\.\d+{_UNIT}\b")
_COUNTER = re.compile(r"\b(attempt|attempts|retry|retries|try)([ :=#]+)\d+\b", re.IGNORECASE)
_BRACKETED = re.compile(r"\[([^\[\]]*)\]")


def settled_text(message: str) -> str:
    """``message`` without what varies from try to try; equal texts mean the same result.

    What is settled stays as it is when it is settled again.
    """
    message = _TEMPORARY.sub("", message)
    message = _TIMESTAMP.sub("…", message)
    # Not taken out: its neighbours must not become something else that varies.
    message = _TOOK.sub(r"\1…", message)
    message = _FRACTION.sub("…", message)
    message = _COUNTER.sub(r"\1\2…", message)
    return _BRACKETED.sub(_sorted, message)


def _sorted(match: re.Match[str]) -> str:
    items = [item.strip() for item in re.split(r"[,;]", match[1])]
    return "[" + ", ".join(sorted(items)) + "]"
