"""A rule, and what it found before anybody asked for the line: most of that is never shown."""

from __future__ import annotations

from dataclasses import dataclass

from statusbot.cluster.kinds import Kind
from statusbot.manifests.document import Document
from statusbot.text import cut, one_line, redact
from statusbot.validate.finding import Finding, Position, Severity, Subject

_LONGEST = 500


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A document of a kind that statusbot reads.

    ``subject`` has its namespace filled in, ``homeless``: it names none itself. ``settled``: nothing
    in it is a variable that Flux replaces (``${name}``) or a template, so that it can be judged.
    """

    document: Document
    kind: Kind
    subject: Subject
    homeless: bool = False
    settled: bool = True

    @property
    def ref(self) -> str:
        """``namespace/name``."""
        return f"{self.subject.namespace}/{self.subject.name}"


@dataclass(frozen=True, slots=True)
class Hit:
    """A finding whose line is not looked up yet; ``where`` is known where there is no document."""

    rule: str
    severity: Severity
    subject: Subject
    message: str
    todo: str = ""
    path: str = "$"
    document: Document | None = None
    where: Position | None = None

    def finding(self) -> Finding:
        """With its line, and with texts that may be shown."""
        return Finding(
            self.rule,
            self.severity,
            self._where(),
            Subject(*(_safe(part, 253) for part in _parts(self.subject))),
            _safe(self.message, _LONGEST),
            _safe(self.todo, _LONGEST),
            _safe(self.path, _LONGEST),
        )

    def _where(self) -> Position:
        if self.where is not None:
            return Position(_safe(self.where.file, _LONGEST), self.where.line, self.where.column)
        assert self.document is not None
        line, column = self.document.position(self.path) or (0, 0)
        return Position(_safe(self.document.source, _LONGEST), line, column)


def _parts(subject: Subject) -> tuple[str, str, str]:
    return subject.kind, subject.namespace, subject.name


def _safe(text: str, limit: int) -> str:
    return cut(redact(one_line(text)), limit)


@dataclass(frozen=True, slots=True)
class Rule:
    """``name`` is what users say, ``title`` what it is about, in a few words."""

    name: str
    severity: Severity
    title: str

    def at(
        self,
        item: Item,
        path: str,
        message: str,
        todo: str = "",
        severity: Severity | None = None,
    ) -> Hit:
        """What it has against an object."""
        severity = severity or self.severity
        return Hit(self.name, severity, item.subject, message, todo, path, item.document)


def error(name: str, title: str) -> Rule:
    """A rule whose breach does not work, or not as it says."""
    return Rule(name, Severity.ERROR, title)


def warning(name: str, title: str) -> Rule:
    """A rule whose breach will surprise somebody."""
    return Rule(name, Severity.WARNING, title)


def info(name: str, title: str) -> Rule:
    """Something to know, or that was not looked at."""
    return Rule(name, Severity.INFO, title)
