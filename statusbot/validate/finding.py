"""What ``validate`` hands on: one thing that somebody should look at, and where it is written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is, worst first.

    ``ERROR``: it will not work, or not as it says. ``WARNING``: it works, and will surprise somebody.
    ``INFO``: nothing is wrong, but something was not looked at.
    """

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """``file`` as it was given (or found below a folder that was), ``stdin`` for standard input.

    ``line`` and ``column`` count from 1; 0 where they are not known.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """``file:line:column``, as far as it is known."""
        known = (self.line, self.column) if self.line and self.column else (self.line,)
        return ":".join((self.file, *(str(number) for number in known if number)))


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """The object that a finding is about; each part is empty where the document does not tell it."""

    kind: str = ""
    namespace: str = ""
    name: str = ""

    def __str__(self) -> str:
        """``Provider flux-system/github``, or what there is of it."""
        name = "/".join(part for part in (self.namespace, self.name) if part)
        return " ".join(part for part in (self.kind, name) if part)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. Every text of it is one printable line without secrets.

    ``rule`` is what users name it by (``address``); ``docs/validating.md`` has a line for each.
    ``path`` is the JSON path of what it is about (``$.spec.address``). ``message`` is a sentence
    without its full stop, ``todo`` the way out, empty where the message says it.
    """

    rule: str
    severity: Severity
    where: Position
    object: Subject
    message: str
    todo: str = ""
    path: str = "$"
