"""Bitbucket Cloud, REST API 2.0 (Data Center is ``bitbucketserver``).

A commit has one status for each key, and a POST with the same key overwrites it. Atlassian's
document says which account may: the one that created it, and the repository's administrators
("Change notice - Updating commit status permissions", 2021). Every call of ``/2.0/repositories``
counts: a thousand in a rolling hour for each identity, reads and writes alike.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from statusbot.forges import bitbucket_address as address_
from statusbot.forges import bitbucket_answers as answers
from statusbot.forges.base import (
    Answer,
    Credential,
    Meaning,
    Missing,
    ReadMeaning,
    Repository,
    Request,
    Row,
    Shown,
    Stored,
)
from statusbot.forges.bitbucket_login import login
from statusbot.forges.keys import hashed_key
from statusbot.forges.pages import next_page
from statusbot.forges.refusal import told
from statusbot.forges.rows import instant, text
from statusbot.forges.usual import Usual
from statusbot.results.state import State
from statusbot.text import cut

_HEADERS = {"Accept": "application/json"}
_WORDS = {
    State.SUCCESS: "SUCCESSFUL",
    State.FAILURE: "FAILED",
    State.ERROR: "FAILED",
    State.PENDING: "INPROGRESS",
}
# STOPPED is none of ours.
_STATES = {"SUCCESSFUL": State.SUCCESS, "FAILED": State.FAILURE, "INPROGRESS": State.PENDING}
_LONGEST_NAME = 255
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Bitbucket(Usual):
    """The adapter; it holds nothing."""

    type = "bitbucket"
    by_key = True

    def repository(self, address: str, api_url: str | None = None) -> Repository:
        """``workspace/slug`` on bitbucket.org, or on the host of an isolated cloud."""
        return address_.repository(self.type, address, api_url)

    def authorization(self, secret: Mapping[str, str], username: str, api: str) -> Credential:
        """An API token with the account's email, or an access token alone."""
        return login(secret, username)

    def write(self, repository: Repository, commit: str, row: Row) -> Request:
        """A POST creates the status of the key, or overwrites it."""
        body: dict[str, Any] = {
            "key": hashed_key(row.context),
            "state": _WORDS.get(row.state) if row.state else None,
            "name": cut(row.name or row.context, _LONGEST_NAME),
            "url": address_.link(row.url) or repository.web(commit),
        }
        if row.description:
            body["description"] = row.description
        return Request("POST", f"{_statuses(repository, commit)}/build", body, _HEADERS)

    def reads(
        self, repository: Repository, commit: str, keys: Collection[str]
    ) -> Sequence[Request]:
        """All rows, a hundred to a page: the most it gives.

        The oldest creation first: a status that is written meanwhile moves no other to a page
        that was read already.
        """
        url = f"{_statuses(repository, commit)}?pagelen=100&sort=created_on"
        return [Request("GET", url, None, _HEADERS)]

    def next_page(self, answer: Answer) -> str | None:
        """``next`` only says whether there is one: the address is ours, with the next number."""
        value = answer.json()
        more = isinstance(value, dict) and bool(value.get("next"))
        return next_page(answer, len(self.rows(answer)), None) if more else None

    def rows(self, answer: Answer) -> list[Row]:
        """The rows of one page, with their keys for contexts."""
        value = answer.json()
        items = value.get("values") if isinstance(value, dict) else None
        found = items if isinstance(items, list) else ()
        return [_row(item) for item in found if isinstance(item, dict)]

    def meaning(self, answer: Answer) -> Meaning:
        """201 with the row; 200, as for an update, says the same."""
        if answer.status in (200, 201) and _is_row(answer.json()):
            return Stored()
        return answers.own_words(answer, write=True) or answers.refusal_of(answer)

    def read_meaning(self, answer: Answer) -> ReadMeaning:
        """404 names the commit where the repository is there."""
        value = answer.json()
        if answer.status == 200 and isinstance(value, dict) and _is_list(value):
            return Shown()
        if found := answers.own_words(answer, write=False):
            return found
        if answer.status == 404:
            return Missing(told("no such commit or repository for this login", answer))
        return answers.refusal_of(answer)

    def context_key(self, context: str, genre: str = "") -> str:
        """The SHA-1 of the context, as Flux makes it."""
        return hashed_key(context)

    def row_key(self, row: Row) -> str:
        """A row shows its key for a context."""
        return row.context

    def newest(self, rows: Sequence[Row]) -> dict[str, Row]:
        """A commit has one row of a key; two pages may show it before and after a write."""
        by_time = sorted(rows, key=lambda row: row.created or _LONG_AGO)
        return {row.context: row for row in by_time}

    def write_limits(self, repository: Repository) -> tuple[tuple[int, float], ...]:
        """Four fifths of the thousand calls an hour: reads count too, and others share a login.

        Access tokens of large workspaces have up to ten thousand; no answer tells before the end.
        """
        return ((800, 3600.0),) if repository.api == address_.API else ()


def _statuses(repository: Repository, commit: str) -> str:
    path = quote(repository.path, safe="/")
    return f"{repository.api}/repositories/{path}/commit/{commit}/statuses"


def _row(item: dict[str, Any]) -> Row:
    return Row(
        context=text(item.get("key")),
        state=_STATES.get(text(item.get("state"))),
        description=text(item.get("description")),
        url=text(item.get("url")),
        # created_on stays when a row is overwritten.
        created=instant(item.get("updated_on")) or instant(item.get("created_on")),
        name=text(item.get("name")),
    )


def _is_row(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("key"), str)


def _is_list(value: dict[str, Any]) -> bool:
    return isinstance(value.get("values"), list)
