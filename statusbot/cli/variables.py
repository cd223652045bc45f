"""Variables that look as if they were an option's, and are none's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from statusbot.cli.verbs import VERBS

PREFIX = "STATUSBOT_"
# What is no option and counts all the same.
_OTHERS = {f"{PREFIX}TOKEN", f"{PREFIX}SHARDS", f"{PREFIX}PATHS"}
# What every container of a namespace gets for a Service called statusbot, or statusbot-web, there
# (kubernetes/pkg/kubelet/envvars/envvars.go).
_OF_A_SERVICE = re.compile(
    r"(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)"
)
# Letters in common, of all: anybody else may use the prefix for what is not like an option at all.
_ALIKE = 0.76


def misspelt(environ: Mapping[str, str], verb: str) -> Iterator[str]:
    """A sentence for each variable that nobody reads and that is nearly the name of one."""
    given = {name for name, text in environ.items() if name.startswith(PREFIX) and text.strip()}
    given = {name for name in given - _OTHERS if not _is_of_a_service(name)}
    if not given or given <= _of((verb,)):
        return
    # That costs the import of all verbs: most have no variables but those of the one that runs.
    known = _OTHERS | _of(VERBS)
    for name in sorted(given - known):
        if meant := _nearest(name, known):
            yield f"{name} is the variable of no option, and is ignored: did you mean {meant}?"


def _of(verbs: Iterable[str]) -> set[str]:
    # Imported here: most have no such variable at all.
    from statusbot.cli.action import options_of

    return {variable for verb in verbs for variable in options_of(verb).values()}


def _is_of_a_service(name: str) -> bool:
    rest = name.removeprefix(PREFIX)
    return any(_OF_A_SERVICE.fullmatch(rest, start.end()) for start in re.finditer(r"^|_", rest))


def _nearest(name: str, known: set[str]) -> str:
    from difflib import get_close_matches

    rests = sorted(other.removeprefix(PREFIX) for other in known)
    found = get_close_matches(name.removeprefix(PREFIX), rests, 1, _ALIKE)
    return f"{PREFIX}{found[0]}" if found else ""
