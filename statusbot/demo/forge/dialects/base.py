"""What a dialect is, and the paging that several of them share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from urllib.parse import urlencode

from statusbot.demo.forge.calls import Call, Kind, Reply
from statusbot.demo.forge.logins import Rights
from statusbot.demo.forge.rows import Store

Item = TypeVar("Item")


@dataclass(frozen=True)
class Route:
    """What a path asks for: ``operation`` is the dialect's own word."""

    operation: str
    kind: Kind
    repository: str
    ref: str = ""


class Dialect(Protocol):
    """One forge's API, spoken from the rows of a ``Store``."""

    name: str

    def route(self, method: str, path: str, store: Store) -> Route | None:
        """What the path asks for, None when it is no path of this forge's API.

        The path is as it was sent: GitLab, for one, tells ``%2F`` from a slash.
        """

    def answer(self, call: Call, route: Route, store: Store, rights: Rights) -> Reply:
        """Do the work and say what the forge would say; called at most once per call."""


@dataclass(frozen=True)
class Page:
    """Where in a list a client is: ``number`` from 1, ``size`` items at most."""

    number: int
    size: int

    @classmethod
    def of(cls, query: Mapping[str, str], size_name: str, default: int, most: int) -> Page:
        """From a query; what is no positive number counts as not given."""
        size = _positive(query.get(size_name, ""), default)
        return cls(_positive(query.get("page", ""), 1), min(size, most))

    def cut(self, items: Sequence[Item]) -> Sequence[Item]:
        """This page's part of all items."""
        return items[(self.number - 1) * self.size : self.number * self.size]

    def pages(self, total: int) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-total // self.size))


def _positive(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and int(text) > 0 else default


def link(call: Call, path: str, pages: Mapping[str, int], join: str) -> dict[str, str]:
    """The ``Link`` header: relation to page number, in order; nothing without a relation.

    ``path`` is the one to link to. Parameters are sorted by name, as Go writes them.
    """
    if not pages:
        return {}
    parts = (
        f'<{call.origin}{path}?{urlencode(sorted({**call.query, "page": str(page)}.items()))}>; rel="{relation}"'
        for relation, page in pages.items()
    )
    return {"Link": join.join(parts)}
