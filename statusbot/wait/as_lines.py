"""A wait as lines, one for each change: for the log of a CI job."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from statusbot.wait.verdict import Verdict
from statusbot.wait.wait import Outcome
from statusbot.wait.words import elapsed, last_words, line, name


@dataclass(slots=True)
class AsLines:
    """``Show``; ``write`` takes one line without its end."""

    write: Callable[[str], None]
    _shown: dict[str, str] = field(default_factory=dict)

    def progress(self, verdicts: Sequence[Verdict], seconds: float) -> None:
        """Whoever changed, with the time that has passed."""
        shown = {name(verdict): line(verdict) for verdict in verdicts}
        for who, said in shown.items():
            if self._shown.get(who) != said:
                self.write(f"{elapsed(seconds)}: {said}")
        for who in self._shown.keys() - shown.keys():
            self.write(f"{elapsed(seconds)}: {who} is not waited for any more")
        self._shown = shown

    def end(self, outcome: Outcome) -> None:
        """The last words."""
        for said in last_words(outcome):
            self.write(said)
