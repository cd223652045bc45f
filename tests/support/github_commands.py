"""What GitHub's runner makes of a step's log and of the files that it hands to the step.

Read off actions/runner: Runner.Common/ActionCommand.cs, Runner.Worker/ActionCommandManager.cs and
Runner.Worker/FileCommandManager.cs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

# A command that is not one of these is a line of the log like any other.
_KNOWN = frozenset(
    "add-mask add-matcher add-path debug echo endgroup error group notice remove-matcher"
    " save-state set-env set-output stop-commands warning".split()
)
ANNOTATIONS = ("error", "warning", "notice")


@dataclass(frozen=True, slots=True)
class Command:
    """``::error file=a.yaml,line=1::No``: its name, its properties, and the text behind."""

    name: str
    text: str
    properties: dict[str, str] = field(default_factory=dict)


def command(line: str) -> Command | None:
    """The command in a line of the log, in the new form or the old one; None when it has none."""
    return _new(line.lstrip()) or _old(line)


def commands(lines: Iterable[str]) -> Iterator[Command]:
    """All commands of a log; what stands between ``stop-commands`` and its token is none."""
    token = ""
    for line in lines:
        if token:
            token = "" if line.lstrip().startswith(f"::{token}::") else token
            continue
        found = command(line)
        if found is not None:
            token = found.text if found.name == "stop-commands" else ""
            yield found


def _new(line: str) -> Command | None:
    """``::name key=value,key=value::text``, where nothing but white space stands before it."""
    if not line.startswith("::"):
        return None
    head, end, text = line[2:].partition("::")
    name, _, properties = head.partition(" ")
    if not end or name.lower() not in _KNOWN:
        return None
    pairs = dict(_pairs(properties.strip(), ",", "%0D\r %0A\n %3A: %2C, %25%"))
    return Command(name.lower(), _unescaped(text, "%0D\r %0A\n %25%"), pairs)


def _old(line: str) -> Command | None:
    """``##[name key=value;key=value]text``, anywhere in the line."""
    _, start, rest = line.partition("##[")
    head, end, text = rest.partition("]")
    name, _, properties = head.partition(" ")
    if not start or not end or name.lower() not in _KNOWN:
        return None
    escapes = "%3B; %0D\r %0A\n %5D] %25%"
    return Command(name.lower(), _unescaped(text, escapes), dict(_pairs(properties, ";", escapes)))


def _pairs(properties: str, separator: str, escapes: str) -> Iterator[tuple[str, str]]:
    for part in properties.split(separator):
        key, _, value = part.partition("=")
        if key and value:
            yield key, _unescaped(value, escapes)


def _unescaped(text: str, escapes: str) -> str:
    for escape in escapes.split(" "):
        text = text.replace(escape[:3], escape[3:])
    return text


def pairs_of_file(text: str) -> dict[str, str]:
    """``GITHUB_OUTPUT``: ``name=value``, or ``name<<END``, lines, ``END``.

    ValueError for what makes the runner fail the step.
    """
    lines = iter(text.removesuffix("\n").split("\n") if text else ())
    found = {}
    for line in filter(None, lines):
        name, marker, end = line.partition("<<")
        if marker and "=" not in name:
            if not name or not end:
                raise ValueError(f"invalid format {line!r}")
            found[name] = "\n".join(_until(end, lines))
            continue
        name, equals, value = line.partition("=")
        if not equals or not name:
            raise ValueError(f"invalid format {line!r}")
        found[name] = value
    return found


def _until(end: str, lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line == end:
            return
        yield line
    raise ValueError(f"matching delimiter not found {end!r}")


def masked(text: str, secrets: Iterable[str]) -> str:
    """As it is shown: the runner looks for secrets line by line."""
    ordered = sorted(secrets, key=len, reverse=True)
    lines = []
    for line in text.split("\n"):
        for secret in ordered:
            line = line.replace(secret, "***")
        lines.append(line)
    return "\n".join(lines)
