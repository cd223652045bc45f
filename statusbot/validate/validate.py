"""From paths to findings: read everything, ask every rule, look up the lines of what matters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from statusbot.validate.finding import Finding, Severity
from statusbot.validate.given import Settings
from statusbot.validate.read import read
from statusbot.validate.routes import Routes
from statusbot.validate.rule import Hit, Rule
from statusbot.validate.rules import (
    alerts,
    contexts,
    filters,
    flux,
    kustomizations,
    providers,
    schema,
    secrets,
)

_THEMES = (alerts, filters, providers, secrets, kustomizations, contexts, flux)
RULES: dict[str, Rule] = {rule.name: rule for theme in (schema, *_THEMES) for rule in theme.RULES}


@dataclass(frozen=True, slots=True)
class Validation:
    """All findings in the order of the files and their lines, and how much was looked at.

    ``checked`` are the documents of kinds that statusbot reads.
    """

    findings: tuple[Finding, ...]
    files: int
    documents: int
    checked: int

    def count(self, severity: Severity) -> int:
        """How many findings are just as bad."""
        return sum(finding.severity is severity for finding in self.findings)


def validate(
    paths: Iterable[str],
    settings: Settings,
    *,
    ignore: Collection[str] = (),
    every: bool = False,
) -> Validation:
    """Check files, folders and ``-`` for standard input. Raises UsageError for an unreadable one.

    ``ignore`` are names of rules; ``every``: with what is only good to know.
    """
    found = read(paths, settings)
    hits = [*found.hits, *schema.duplicates(found.given), *_hits(Routes(found.given))]
    findings = [
        hit.finding()
        for hit in hits
        if hit.rule not in ignore and (every or hit.severity is not Severity.INFO)
    ]
    findings = _sorted(findings, {name: number for number, name in enumerate(found.files)})
    return Validation(tuple(findings), len(found.files), found.documents, found.checked)


def _hits(routes: Routes) -> Iterator[Hit]:
    for theme in _THEMES:
        yield from theme.check(routes)


def _sorted(findings: list[Finding], order: dict[str, int]) -> list[Finding]:
    """By place, each once; files stay in the order in which they were given."""
    worst = list(Severity)
    return sorted(
        dict.fromkeys(findings),
        key=lambda finding: (
            order.get(finding.where.file, -1),
            finding.where.line,
            finding.where.column,
            worst.index(finding.severity),
            finding.rule,
        ),
    )
