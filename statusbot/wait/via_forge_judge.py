"""How far each context has come with a commit, by what the forge shows on it and on later ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from statusbot.forges.base import Repository, Row
from statusbot.wait.verdict import Standing, Verdict
from statusbot.wait.via_forge_rows import Contexts, Said, Shown, Word, said

NOTHING_YET = "no status yet"
# Rows so close may be of one run, so that their times tell nothing of what they are about.
TOGETHER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Judge:
    """``follows`` tells of a commit's first digits whether that contains the one waited for.

    Without it (``--exact``) only the commit itself counts.
    """

    contexts: Contexts
    repository: Repository
    follows: Callable[[str], bool | None] | None = None

    def __call__(self, own: Shown, later: Sequence[Shown]) -> list[Verdict]:
        """One for each context; ``later`` commits contain the own one, newest first.

        The contexts are those that the commit shows. As long as it shows none that a pattern asks
        for, later ones may; and then the pattern itself is waited for. Nobody can know of a context
        that never appeared.
        """
        names = {key: self.contexts.name(row) for key, row in own.rows.items()}
        for pattern in self.contexts.missing(own.rows.values()):
            found = [each for each in later if pattern not in self._missing(each)]
            for key, row in (item for each in found for item in each.rows.items()):
                if pattern not in self.contexts.missing([row]):
                    names.setdefault(key, self.contexts.name(row))
        verdicts = [
            self._verdict(key, names[key], own, later)
            for key in sorted(names, key=lambda key: (names[key], key))
        ]
        shown = [row for each in (own, *later) for row in each.rows.values()]
        return [
            *verdicts,
            *(
                Verdict(pattern, Standing.WAITING, message=NOTHING_YET)
                for pattern in self.contexts.missing(shown)
            ),
        ]

    def _missing(self, shown: Shown) -> list[str]:
        return self.contexts.missing(shown.rows.values())

    def _verdict(self, key: str, name: str, own: Shown, later: Sequence[Shown]) -> Verdict:
        """Green where it once was live; red where the commit, or one that contains it, failed."""
        row = own.rows.get(key)
        told = said(row)
        others = [(each, each.rows[key]) for each in later if key in each.rows]
        if row is not None and told.word is Word.GREEN:
            return self._made(name, Standing.GREEN, own, row)
        for standing, (each, other) in _ends(row if told.word is Word.RED else None, others):
            if standing is Standing.RED and told.word is Word.RED:
                break  # its own red is what people look for
            return self._made(name, standing, each, other)
        if row is None:
            return Verdict(name, Standing.WAITING, message=NOTHING_YET)
        return self._made(name, self._standing(told), own, row)

    def _standing(self, told: Said) -> Standing:
        """Of a commit that is not green, and for which no later one answers."""
        if told.word is Word.SUPERSEDED:
            if self.follows is None or (told.by and self.follows(told.by) is False):
                return Standing.RED
            return Standing.WAITING
        return Standing.RED if told.word is Word.RED else Standing.WAITING

    def _made(self, name: str, standing: Standing, shown: Shown, row: Row) -> Verdict:
        url = row.url or self.repository.web(shown.sha)
        reason = str(row.state or "")
        return Verdict(name, standing, shown.sha, reason, row.description, url)


def _ends(
    red: Row | None, others: Sequence[tuple[Shown, Row]]
) -> Iterator[tuple[Standing, tuple[Shown, Row]]]:
    """The newest green, none older than the commit's own ``red``; then the newest red."""
    for each, row in others:
        if said(row).word is Word.GREEN and not _before(row, red):
            yield Standing.GREEN, (each, row)
    for each, row in others:
        if said(row).word is Word.RED:
            yield Standing.RED, (each, row)


def _before(row: Row, red: Row | None) -> bool:
    """Whether it is surely older; of what one run posts the newest commit comes first."""
    if not (red and red.created and row.created):
        return False
    return red.created - row.created > TOGETHER
