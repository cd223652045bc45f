"""The pages for people, cut into what tests look at: blocks, headings, links, words in code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_HEADING = re.compile(r"^#{1,6} +(.*)$")
_FENCE = re.compile(r"^```(\S*)$")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Block:
    """What stands between two fences; ``number`` counts those under the heading, from 1."""

    page: str
    heading: str
    number: int
    language: str
    text: str

    @property
    def name(self) -> str:
        """As ``docs/new.md#in-configmaps-1``."""
        return f"{self.page}#{anchor(self.heading)}-{self.number}"


@dataclass(frozen=True)
class Page:
    """``prose`` is all but the blocks."""

    path: str
    prose: str
    headings: tuple[str, ...]
    blocks: tuple[Block, ...]

    def links(self) -> list[str]:
        """The targets of its links and pictures."""
        return _LINK.findall(_CODE.sub("", self.prose))

    def code(self) -> list[str]:
        """What its sentences and tables have in backticks."""
        return [" ".join(text.split()) for text in _CODE.findall(self.prose)]


def pages() -> dict[str, Page]:
    """Every page that a reader is led to, by its path."""
    files = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
    files += [ROOT / "CHANGELOG.md", ROOT / "tests/real/README.md"]
    made = [page(str(file.relative_to(ROOT)), file.read_text()) for file in files]
    return {each.path: each for each in made}


def page(path: str, text: str) -> Page:
    """A page of Markdown as GitHub reads it, as far as ours go."""
    prose: list[str] = []
    headings: list[str] = []
    blocks: list[Block] = []
    heading, number = "", 0
    lines = iter(text.splitlines())
    for line in lines:
        if found := _FENCE.match(line):
            number += 1
            blocks.append(Block(path, heading, number, found[1], _inside(lines)))
            continue
        if found := _HEADING.match(line):
            heading, number = found[1], 0
            headings.append(heading)
        prose.append(line)
    return Page(path, "\n".join(prose), tuple(headings), tuple(blocks))


def _inside(lines: Iterator[str]) -> str:
    inside: list[str] = []
    for line in lines:
        if line == "```":
            return "\n".join(inside) + "\n"
        inside.append(line)
    raise AssertionError("a block without an end")


def anchor(heading: str) -> str:
    """What GitHub makes of a heading for links."""
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.replace(" ", "-")
