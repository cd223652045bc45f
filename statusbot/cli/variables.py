"""Variables that look as if they were an option's, and are none's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

PREFIX = "STATUSBOT_"
# What is no option and counts all the same.
_OTHERS = {f"{PREFIX}TOKEN", f"{PREFIX}SHARDS", f"{PREFIX}PATHS"}
# What every container of a namespace gets for a Service called statusbot, or statusbot-web, there
# (kubernetes/pkg/kubelet/envvars/envvars.go).
_OF_A_SERVICE = re.compile(
    r"(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)"
)
# Letters in common, of all: anybody else may use the prefix for what is not like an option at all.
_ALIKE = 0.75


def misspelt(environ: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each variable that nobody reads and that is nearly the name of one."""
    given = [name for name, text in environ.items() if name.startswith(PREFIX) and text.strip()]
    if not given:
        return
    known = _known()
    for name in sorted(set(given) - known):
        meant = "" if _is_of_a_service(name) else _nearest(name, known)
        if meant:
            yield f"{name} is the variable of no option, and is ignored: did you mean {meant}?"


def _known() -> set[str]:
    # Imported here: that costs the import of all verbs, and most have no such variable.
    from statusbot.cli.action import options_of
    from statusbot.cli.verbs import VERBS

    return _OTHERS.union(*(options_of(verb).values() for verb in VERBS))


def _is_of_a_service(name: str) -> bool:
    rest = name.removeprefix(PREFIX)
    return any(_OF_A_SERVICE.fullmatch(rest, start.end()) for start in re.finditer(r"^|_", rest))


def _nearest(name: str, known: set[str]) -> str:
    from difflib import get_close_matches

    rests = sorted(other.removeprefix(PREFIX) for other in known)
    found = get_close_matches(name.removeprefix(PREFIX), rests, 1, _ALIKE)
    return f"{PREFIX}{found[0]}" if found else ""
