"""The show on a terminal: a table for each scene, which changes as recorded time goes by."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TextIO

from statusbot.demo.show.frame import Frame, Shown
from statusbot.demo.show.words import clock, status_of
from statusbot.text import printable

if TYPE_CHECKING:
    from rich.live import Live as RichLive
    from rich.text import Text

# What happened last, beneath the table.
LOG_LINES = 3
# Columns; a terminal that is narrower than all of them does without the Kustomization.
_HEADS = ("COMMIT", "KUSTOMIZATION", "FLUX SAYS", "FORGE")
_WIDTHS = (13, 22, 23, 10)
_WIDE = 80
_COLOURS = {"success": "green", "failure": "red", "error": "red", "pending": "yellow"}
_MARKS = {None: ("", ""), True: ("  ✔", "green"), False: ("  ✘", "bold red")}
_BAR = 24


class Live:
    """Draws with rich, which is imported here only."""

    def __init__(self, stream: TextIO) -> None:
        """On ``stream``, a terminal; NO_COLOR is rich's to honour."""
        from rich.console import Console

        self._console = Console(file=stream, highlight=False)
        self._live: RichLive | None = None
        self._log: deque[str] = deque(maxlen=LOG_LINES)

    def lines(self, lines: Iterable[str]) -> None:
        """As they are, also where the terminal is narrower."""
        for line in lines:
            self._console.print(line, markup=False, soft_wrap=True)

    def frame(self, frame: Frame) -> None:
        """Draw it over the one before."""
        from rich.console import Group
        from rich.live import Live as RichLive

        if self._live is None:
            self._log.clear()
            self._live = RichLive(
                console=self._console,
                auto_refresh=False,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()
        self._log.extend(frame.news)
        wide = self._console.width >= _WIDE
        drawn = Group(*table(frame, wide=wide), *(() if frame.over else _below(frame, self._log)))
        self._live.update(drawn, refresh=True)
        if frame.over:
            self.close()

    def close(self) -> None:
        """Leave the last frame where it is, and the cursor below it."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def table(frame: Frame, *, wide: bool = True) -> Iterator[Text]:
    """The scene's title, and two lines for each commit."""
    yield _line()
    yield _line((frame.scene.title, "bold"), (f"  {frame.scene.name}", "dim"))
    yield _line((frame.scene.story, ""))
    yield _line()
    yield _line(*_columns([(head, "dim") for head in _HEADS], wide))
    for shown in frame.commits:
        yield _first(shown, wide)
        yield _line((" " * _WIDTHS[0], ""), (status_of(shown), "dim"))


def _first(shown: Shown, wide: bool) -> Text:
    """The line with the columns; a commit that is not there yet has only its name."""
    there = bool(shown.flux)
    state = f"● {shown.state}" if shown.state else ""
    cells = [
        (f"{shown.label} {shown.commit[:8]}", "bold" if there else "dim"),
        (shown.object if there else "", ""),
        (shown.flux, "cyan"),
        (state, _COLOURS.get(shown.state, "")),
    ]
    at = "" if shown.at is None else clock(shown.at)
    return _line(*_columns(cells, wide), (f"{at:6}", "dim"), _MARKS[shown.right])


def _below(frame: Frame, log: deque[str]) -> Iterator[Text]:
    """The bar of time, how the forge is, and the last lines of the log."""
    done = _BAR * frame.second // frame.seconds
    polls = f"poll {frame.polls}" if frame.polls else "no poll yet"
    yield _line()
    yield _line(
        ("━" * done, "green"),
        ("━" * (_BAR - done), "dim"),
        (f" {clock(frame.second)} of {frame.seconds}  {polls}  ", ""),
        (f"the forge {frame.trouble or 'is up'}", "bold red" if frame.trouble else "dim"),
    )
    padded = [*log, *[""] * (LOG_LINES - len(log))]
    yield from (_line((printable(line), "dim")) for line in padded)


def _columns(cells: Iterable[tuple[str, str]], wide: bool) -> Iterator[tuple[str, str]]:
    for number, ((text, style), width) in enumerate(zip(cells, _WIDTHS, strict=True)):
        if wide or number != 1:
            text = printable(text)
            yield f"{text if len(text) < width else text[: width - 2] + '…':<{width}}", style


def _line(*parts: tuple[str, str]) -> Text:
    """One line, cut where the terminal ends."""
    from rich.text import Text

    return Text.assemble(" ", *parts, no_wrap=True, overflow="ellipsis")
