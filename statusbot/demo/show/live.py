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
# Columns: the commit, its Kustomization, what Flux says, what the forge shows; then when.
_WIDTHS = (13, 22, 23, 10)
_COLOURS = {"success": "green", "failure": "red", "error": "red", "pending": "yellow"}
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
        drawn = Group(*table(frame), *(() if frame.over else _below(frame, self._log)))
        self._live.update(drawn, refresh=True)
        if frame.over:
            self.close()

    def close(self) -> None:
        """Leave the last frame where it is, and the cursor below it."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def table(frame: Frame) -> Iterator[Text]:
    """The scene's title, and two lines for each commit."""
    yield _line()
    yield _line((frame.scene.title, "bold"), (f"  {frame.scene.name}", "dim"))
    yield _line((frame.scene.story, ""))
    yield _line()
    heads = ("COMMIT", "KUSTOMIZATION", "FLUX SAYS", "FORGE")
    yield _line(
        *((_column(head, width), "dim") for head, width in zip(heads, _WIDTHS, strict=True))
    )
    for shown in frame.commits:
        yield _first(shown)
        yield _line((" " * _WIDTHS[0], ""), (status_of(shown), "dim"))


def _first(shown: Shown) -> Text:
    """The line with the columns; a commit that is not there yet has only its name."""
    commit, object_, flux, forge = _WIDTHS
    there = bool(shown.flux)
    mark = {None: ("", ""), True: ("  ✔", "green"), False: ("  ✘", "bold red")}[shown.right]
    return _line(
        (_column(f"{shown.label} {shown.commit[:8]}", commit), "bold" if there else "dim"),
        (_column(shown.object if there else "", object_), ""),
        (_column(shown.flux, flux), "cyan"),
        (_column(f"● {shown.state}" if shown.state else "", forge), _COLOURS.get(shown.state, "")),
        (f"{'' if shown.at is None else clock(shown.at):6}", "dim"),
        mark,
    )


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


def _column(text: str, width: int) -> str:
    text = printable(text)
    return f"{text if len(text) < width else text[: width - 2] + '…':<{width}}"


def _line(*parts: tuple[str, str]) -> Text:
    """One line, cut where the terminal ends."""
    from rich.text import Text

    return Text.assemble(" ", *parts, no_wrap=True, overflow="ellipsis")
