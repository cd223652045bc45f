"""A wait as a table that is drawn anew: for who sits in front of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from statusbot.wait.verdict import Standing, Verdict
from statusbot.wait.wait import Outcome
from statusbot.wait.words import counts, elapsed, last_words, message, name, short

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

_STYLES = {Standing.GREEN: "green", Standing.RED: "bold red", Standing.WAITING: "yellow"}
_MARKS = {Standing.GREEN: "✓", Standing.RED: "✗", Standing.WAITING: "…"}
# Who may still fail the gate comes first where there is no room for all.
_ORDER = (Standing.RED, Standing.WAITING, Standing.GREEN)
_NAME, _STATE, _COMMIT, _GAP = "Kustomization", 9, 8, 2
# Lines for the head, the title and the count of those that are left out.
_FRAME = 5


class AsTable:
    """``Show`` on a terminal; from ``start`` to ``stop`` the table is drawn at every second."""

    def __init__(self, sha: str, stream: TextIO, *, errors: bool) -> None:
        """``errors``: stderr is the same terminal, so what is written there goes above the table."""
        from rich.console import Console
        from rich.live import Live

        self._sha = sha
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False)
        self._verdicts: Sequence[Verdict] = ()
        self._since: dict[str, tuple[Standing, float]] = {}  # how long each took, or takes
        self._began = time.monotonic()
        self._seconds: float | None = None  # at the end
        self._live = Live(
            console=self._console,
            refresh_per_second=1,
            redirect_stdout=False,
            redirect_stderr=errors,
            get_renderable=self._draw,
        )

    @property
    def usable(self) -> bool:
        """Whether the terminal can move its cursor."""
        return self._console.is_terminal and not self._console.is_dumb_terminal

    def start(self) -> None:
        """Begin to draw."""
        self._live.start(refresh=True)

    def stop(self) -> None:
        """Leave the last table in its place."""
        self._live.stop()

    def progress(self, verdicts: Sequence[Verdict], seconds: float) -> None:
        """Draw what changed at once."""
        self._began = time.monotonic() - seconds
        changed = list(verdicts) != list(self._verdicts)
        self._verdicts = verdicts
        for verdict in verdicts:
            before = self._since.get(verdict.name)
            if before is None or before[0] is not verdict.standing:
                self._since[verdict.name] = (verdict.standing, seconds)
        if changed:
            self._live.refresh()

    def end(self, outcome: Outcome) -> None:
        """The whole table, and below it the last words."""
        self._seconds = outcome.seconds
        self.stop()
        for said in last_words(outcome):
            self._console.print(said, soft_wrap=True)

    def _draw(self) -> Group:
        from rich.console import Group
        from rich.text import Text

        seconds = self._seconds if self._seconds is not None else time.monotonic() - self._began
        # Nothing at all is never green, so it is that nothing has been read yet, or all was deleted.
        told = self._since or self._seconds is not None
        done = counts(self._verdicts) if told else "reading …"
        title = f"{done} at {short(self._sha)} after {elapsed(seconds)}"
        shown = self._shown()
        drawn = [Text(title, "bold", no_wrap=True, overflow="ellipsis")]
        rest = len(self._verdicts) - len(shown)
        more = [Text(f"and {rest} more", "dim", no_wrap=True)] if rest else []
        return Group(*drawn, self._table(shown, seconds), *more)

    def _table(self, shown: Sequence[Verdict], seconds: float) -> Table:
        from rich.cells import cell_len
        from rich.table import Table
        from rich.text import Text

        names = [_NAME, *map(name, shown)]
        took = [elapsed(self._took(one, seconds)) for one in shown]
        widest = min(max(map(cell_len, names)), max(self._console.width // 3, len(_NAME)))
        widths = [widest, _STATE, _COMMIT, max(map(len, ["time", *took]))]
        rest = self._console.width - sum(widths) - _GAP * len(widths)
        table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), collapse_padding=True)
        for head, width in zip([_NAME, "state", "commit", "time"], widths, strict=True):
            table.add_column(head, no_wrap=True, overflow="ellipsis", width=width)
        table.add_column("message", no_wrap=True, overflow="ellipsis", width=max(rest, _GAP))
        for one, time_ in zip(shown, took, strict=True):
            state = Text(f"{_MARKS[one.standing]} {one.standing}", _STYLES[one.standing])
            cells = name(one), state, short(one.commit), time_, message(one)
            table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in cells))
        return table

    def _shown(self) -> list[Verdict]:
        ordered = sorted(self._verdicts, key=lambda one: (_ORDER.index(one.standing), one.name))
        if self._seconds is not None:
            return sorted(self._verdicts, key=lambda one: one.name)
        room = max(self._console.height - _FRAME, 1)
        # Where all of them fit, none jumps to another place.
        fits = len(ordered) <= room
        return sorted(ordered, key=lambda one: one.name) if fits else ordered[:room]

    def _took(self, verdict: Verdict, seconds: float) -> float:
        standing, since = self._since.get(verdict.name, (verdict.standing, seconds))
        return seconds if standing is Standing.WAITING else since
