"""Where something stands in an object: ``$.spec.eventSources[0].kind``."""

from __future__ import annotations

import re
from collections.abc import Iterable

Step = str | int

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_STEP = re.compile(
    r"\.(?P<plain>[A-Za-z_][A-Za-z0-9_-]*)|\[(?P<index>[0-9]{1,9})\]"
    r"|\['(?P<quoted>(?:[^'\\]|\\.)*)'\]",
    re.DOTALL,
)


def show(steps: Iterable[Step]) -> str:
    """The steps as one JSON path; a key that is no plain word is quoted: ``$['a.b/c']``."""
    return "$" + "".join(map(_shown, steps))


def _shown(step: Step) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if _PLAIN.fullmatch(step):
        return f".{step}"
    return "['" + step.replace("\\", "\\\\").replace("'", "\\'") + "']"


def steps(path: str) -> tuple[Step, ...]:
    """The steps of a path that :func:`show` wrote; what it cannot read ends the path there."""
    found: list[Step] = []
    at = 1
    while match := _STEP.match(path, at):
        if match["index"] is not None:
            found.append(int(match["index"]))
        elif match["plain"] is not None:
            found.append(match["plain"])
        else:
            found.append(re.sub(r"\\(.)", r"\1", match["quoted"], flags=re.DOTALL))
        at = match.end()
    return tuple(found)
