"""All builds of a commit on Bitbucket Data Center, by the older call that lists them.

The API of 7.4 shows a build by its key alone. ``build-status``, deprecated since 7.14, lists those
of a commit in every repository that has it, newest first and no more than a hundred.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from statusbot.forges import refusal
from statusbot.forges.base import Answer, ReadMeaning, Repository, Request, Row, Shown
from statusbot.forges.bitbucketserver_answers import NEEDS, is_build, own_words, row_of
from statusbot.forges.pages import number

_HEADERS = {"Accept": "application/json"}
_PAGE = 100


class BitbucketServerList:
    """The part of ``Forge`` that reads; it holds the name of the repository only."""

    reads_by_key = False

    def __init__(self, repository: Repository) -> None:
        """Builds that say that they are of another repository are left out."""
        self._name = repository.path.lower()

    def reads(
        self, repository: Repository, commit: str, keys: Collection[str]
    ) -> Sequence[Request]:
        """One, whatever the keys."""
        base = repository.api.removesuffix("/rest/api/latest")
        query = urlencode({"orderBy": "NEWEST", "start": 0, "limit": _PAGE})
        url = f"{base}/rest/build-status/1.0/commits/{commit}?{query}"
        return [Request("GET", url, None, _HEADERS)]

    def next_page(self, answer: Answer) -> str | None:
        """From where the server says that it goes on; never back."""
        value = answer.json()
        parts = urlsplit(answer.url)
        query = parse_qs(parts.query)
        start = number(query.get("start", [""])[0]) or 0
        follows = value.get("nextPageStart") if isinstance(value, dict) else None
        if value.get("isLastPage", True) or not isinstance(follows, int) or follows <= start:
            return None
        query["start"] = [str(follows)]
        return urlunsplit(parts._replace(query=urlencode(query, doseq=True)))

    def rows(self, answer: Answer) -> list[Row]:
        """The builds of one page, with their keys for contexts."""
        return [row_of(item) for item in _items(answer) or () if self._is_ours(item)]

    def read_meaning(self, answer: Answer) -> ReadMeaning:
        """A commit that nobody knows has an empty list."""
        if answer.status == 200 and _items(answer) is not None:
            return Shown()
        return own_words(answer) or refusal.refusal(answer, NEEDS)

    def _is_ours(self, item: Any) -> bool:
        if not is_build(item):
            return False
        key, slug = item.get("projectKey"), item.get("repositorySlug")
        return not key or not slug or f"{key}/{slug}".lower() == self._name


def _items(answer: Answer) -> list[Any] | None:
    value = answer.json()
    items = value.get("values") if isinstance(value, dict) else None
    return items if isinstance(items, list) else None
