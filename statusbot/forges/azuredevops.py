"""Azure DevOps Services and Server: commit statuses of the Git REST API, version 6.0.

The path is the same from 4.1 to 7.2; 6.0 is a released version on Services and on every Server since
2020, while some later ones are previews. Every POST adds a row, and rows of one genre and name are
one context.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from statusbot.errors import StatusbotError
from statusbot.forges import address as addresses
from statusbot.forges.address import Place, parse
from statusbot.forges.azure_address import Named, api_root, encoded, git_api, named
from statusbot.forges.azure_login import login
from statusbot.forges.azure_words import HEADERS, refused
from statusbot.forges.base import (
    Answer,
    Credential,
    Meaning,
    Missing,
    ReadMeaning,
    Refused,
    Repository,
    Request,
    Row,
    Shown,
    Stored,
)
from statusbot.forges.naming import bad_address
from statusbot.forges.pages import MOST_PAGES, number
from statusbot.forges.refusal import told
from statusbot.forges.rows import row_of
from statusbot.forges.usual import Usual
from statusbot.results.state import State
from statusbot.text import utf16_length

_EXAMPLE = "https://dev.azure.com/organisation/project/_git/repo"
_PAGE = 1000
# Flux writes "error" for every failure (azure_devops.go, toAzureDevOpsState).
_WORDS = {
    State.SUCCESS: "succeeded",
    State.FAILURE: "error",
    State.ERROR: "error",
    State.PENDING: "pending",
}
# notSet, notApplicable and 7.2's partiallySucceeded are none of ours.
_STATES = {
    "succeeded": State.SUCCESS,
    "failed": State.FAILURE,
    "error": State.ERROR,
    "pending": State.PENDING,
}


class AzureDevOps(Usual):
    """The adapter; it holds nothing."""

    type = "azuredevops"
    patience = 35.0  # it delays calls by up to 30 s before it refuses any

    def length(self, text: str) -> int:
        """In UTF-16 units, as .NET counts; Azure publishes no limits."""
        return utf16_length(text)

    def canonical(self, place: Place) -> Place:
        """``host/collection/project/_git/repo``, on ``dev.azure.com`` where that is Services."""
        found = named(place)
        return found.place if found else place

    def genre(self, summary: str) -> str:
        """As Flux has it (``azure_devops.go:195-201``): the Alert's summary is a part of it."""
        return f"fluxcd:{summary}" if summary else "fluxcd"

    def repository(self, address: str, api_url: str | None = None) -> Repository:
        """A repository by its full or short address; ``api_url`` is the collection's root."""
        found = _named(address)
        host = "/".join((found.place.netloc, *found.base))
        path = f"{found.project}/_git/{found.repo}"
        pages = "/".join((found.api, encoded(found.project), "_git", encoded(found.repo)))
        api = _api(found, api_url) if api_url else found.api
        return Repository(self.type, api, path, host, f"{pages}/commit/", named=not found.has_guid)

    def authorization(self, secret: Mapping[str, str], username: str, api: str) -> Credential:
        """A personal access token, a token of Entra ID, or on a Server a user and a password."""
        return login(secret, username)

    def write(self, repository: Repository, commit: str, row: Row) -> Request:
        """Every POST adds a row; the newest of a genre and name counts.

        A POST with the ``id`` of an older row is said to replace it; no document says so, and so it
        is never sent.
        """
        context = {"name": row.context, "genre": row.genre}
        body: dict[str, Any] = {"state": _word(row), "context": context}
        if row.description:
            body["description"] = row.description
        if row.url:
            body["targetUrl"] = row.url
        return Request("POST", f"{_statuses(repository, commit)}?api-version=6.0", body, HEADERS)

    def reads(
        self, repository: Repository, commit: str, keys: Collection[str]
    ) -> Sequence[Request]:
        """The newest row of each genre and name, a thousand to a page."""
        query = f"top={_PAGE}&skip=0&latestOnly=true&api-version=6.0"
        return [Request("GET", f"{_statuses(repository, commit)}?{query}", None, HEADERS)]

    def next_page(self, answer: Answer) -> str | None:
        """The rows after those of ``answer``; a page that is not full is the last one."""
        parts = urlsplit(answer.url)
        query = parse_qs(parts.query, keep_blank_values=True)
        top = number(query.get("top", [""])[0]) or _PAGE
        skip = number(query.get("skip", [""])[0]) or 0
        if len(_items(answer) or ()) < top:
            return None
        if skip >= top * (MOST_PAGES - 1):
            raise StatusbotError(f"the list has more than {MOST_PAGES} pages", where=parts.netloc)
        query |= {"top": [str(top)], "skip": [str(skip + top)]}
        return urlunsplit(parts._replace(query=urlencode(query, doseq=True)))

    def rows(self, answer: Answer) -> list[Row]:
        """The rows of one page."""
        return [_row(item) for item in _items(answer) or () if isinstance(item, dict)]

    def meaning(self, answer: Answer) -> Meaning:
        """200 or 201 with the row: the document has the one, its examples the other."""
        if answer.status in (200, 201) and _is_row(answer.json()):
            return Stored()
        return refused(answer)

    def read_meaning(self, answer: Answer) -> ReadMeaning:
        """404 is a missing commit, a missing repository or a login that may not see it."""
        if answer.status == 200 and _items(answer) is not None:
            return Shown()
        meaning = refused(answer)
        if answer.status == 404 and isinstance(meaning, Refused) and not meaning.final:
            return Missing(told("no such commit or repository for this login", answer))
        return meaning

    def context_key(self, context: str, genre: str = "") -> str:
        """Genre and name together; nothing says that Azure folds case.

        Nor that it keeps white space around them, which a summary of several lines ends in: a row
        that was trimmed must be found again.
        """
        return f"{genre.strip()}\0{context.strip()}"

    def write_limits(self, repository: Repository) -> tuple[tuple[int, float], ...]:
        """Azure counts work, not calls, and says with ``Retry-After`` when it is too much."""
        return ()


def _named(address: str) -> Named:
    # Azure's names hold spaces, and people write them as they are.
    place = parse(address.strip().replace(" ", "%20"))
    if not address.strip():
        raise StatusbotError("there is no address", todo=f"write it like {_EXAMPLE}")
    if place is None:
        raise bad_address(address, "is not an https, http or ssh address", _EXAMPLE)
    found = named(place)
    if found is None:
        raise bad_address(address, "names no project/_git/repo", _EXAMPLE)
    return found


def _api(found: Named, api_url: str) -> str:
    place = parse(api_url.strip().replace(" ", "%20"))
    # What is no http or https URL gets the common sentence.
    return (
        api_root(found, place) if place and place.scheme != "ssh" else addresses.api_root(api_url)
    )


def _statuses(repository: Repository, commit: str) -> str:
    return f"{git_api(repository)}/commits/{commit}/statuses"


def _word(row: Row) -> str:
    return _WORDS[row.state or State.ERROR]


def _is_row(value: Any) -> bool:
    """Whether it is a row, no list and nothing of a server before the API: no field is sure."""
    return isinstance(value, dict) and not {"id", "state", "context"}.isdisjoint(value)


def _items(answer: Answer) -> list[Any] | None:
    """The document has a bare list, the service an object around it."""
    value = answer.json()
    items = value.get("value") if isinstance(value, dict) else value
    return items if isinstance(items, list) else None


def _row(item: dict[str, Any]) -> Row:
    context = item.get("context")
    context = context if isinstance(context, dict) else {}
    genre, word = context.get("genre"), item.get("state")
    flat = {
        "context": context.get("name"),
        "description": item.get("description"),
        "target_url": item.get("targetUrl"),
        "created_at": item.get("creationDate"),
        "id": item.get("id"),
    }
    state = _STATES.get(word) if isinstance(word, str) else None
    return replace(row_of(flat, state), genre=genre if isinstance(genre, str) else "")
