"""Markdown for the page of a CI system, into which no text from elsewhere can write.

Tables are HTML, as GitHub's own toolkit makes them: in a block of HTML nothing is Markdown, so the
five characters that mean something in HTML are all there is to escape. Text from elsewhere stands
in ``<code>``, where GitHub looks for no mention, issue, commit, address or emoji.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import islice
from urllib.parse import urlsplit

from statusbot.text import cut, one_line, redact

# Of one table: GitHub takes 1 MiB from a step, and nobody reads more.
ROWS = 100
# Of one text in a cell: more belongs into the report. And of one address, which cannot be cut.
LONGEST = 300
LONGEST_URL = 500


def code(text: str) -> str:
    """Text from elsewhere, on one line and as it is; empty where it says nothing."""
    shown = escape(cut(redact(one_line(text)), LONGEST))
    return f"<code>{shown}</code>" if shown else ""


def link(text: str, url: str) -> str:
    """The same, which leads to ``url`` where that is http or https, and of an address's length."""
    try:
        parts = urlsplit(url)
        good = (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
        )
    except ValueError:
        good = False
    if len(url) > LONGEST_URL:
        good = False
    return f'<a href="{escape(one_line(url))}">{code(text)}</a>' if good else code(text)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], of: int) -> Iterator[str]:
    """Lines of a table, whose cells are ours, ``code`` or ``link``; an empty line ends it.

    ``of`` is how many rows there are in all; no more than ``ROWS`` are shown.
    """
    shown = [_row("td", row) for row in islice(rows, ROWS)]
    if shown:
        yield from ("<table>", _row("th", head), *shown, "</table>", "")
    if of > len(shown):
        yield from (f"{of - len(shown)} more are in the report.", "")


def _row(tag: str, cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"
