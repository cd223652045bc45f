"""Bitbucket Server and Data Center: the builds of a commit, by the REST API since 7.4.

A write replaces the build of its key, and a build is read by its key (since 7.14): no call lists
all of them. Of a context only its SHA-1 is sent, as the key.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from urllib.parse import urlencode

from statusbot.forges import refusal
from statusbot.forges.address import Place
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
from statusbot.forges.bitbucketserver_address import (
    base_of,
    named,
    people_see,
    read,
    repository_api,
)
from statusbot.forges.bitbucketserver_answers import NEEDS, is_build, no_api, own_words, row_of
from statusbot.forges.keys import hashed_key
from statusbot.forges.logins import basic_login, first_of, header_login, no_login
from statusbot.forges.usual import Usual
from statusbot.results.state import State
from statusbot.text import cut, utf16_length

NAME_LIMIT = 255
URL_LIMIT = 450

_HEADERS = {"Accept": "application/json"}
# Without it a server may take a write for one that a foreign page made a browser send.
_WRITE_HEADERS = {**_HEADERS, "X-Atlassian-Token": "no-check"}
_WORDS = {
    State.SUCCESS: "SUCCESSFUL",
    State.FAILURE: "FAILED",
    State.ERROR: "FAILED",
    State.PENDING: "INPROGRESS",
}


class BitbucketServer(Usual):
    """The adapter; it holds nothing."""

    type = "bitbucketserver"
    by_key = True
    reads_by_key = True

    def length(self, text: str) -> int:
        """As Java counts."""
        return utf16_length(text)

    def canonical(self, place: Place) -> Place:
        """``host[:port][/context]/KEY/slug``; what names no repository stays as it is."""
        found = named(place)
        if found is None:
            return place
        segments = (*found.context, found.key, found.slug)
        return Place(place.scheme, place.host, place.port, segments)

    def repository(self, address: str, api_url: str | None = None) -> Repository:
        """``KEY/slug``, of any address; an API's root may be written with or without ``/rest``."""
        place, found = read(address)
        base = base_of(api_url) if api_url else None
        host, pages = people_see(place, found, base)
        return Repository(
            self.type,
            f"{base or pages}/rest/api/latest",
            f"{found.key}/{found.slug}",
            host,
            f"{pages}/{found.pages}/commits/",
        )

    def authorization(self, secret: Mapping[str, str], username: str, api: str) -> Credential:
        """A token as bearer token, else username and password; half a pair beside it is no harm."""
        if token := first_of(secret, "token"):
            return header_login("Bearer", token)
        user = first_of(secret, "username") or username.strip()
        password = first_of(secret, "password")
        if user and password:
            return basic_login(user, password)
        raise no_login("store an HTTP access token under the key token, or username and password")

    def write(self, repository: Repository, commit: str, row: Row) -> Request:
        """The build of the key is replaced; a URL that is too long gives way to the commit's."""
        page = repository.web(commit)
        body = {
            "key": self.context_key(row.context),
            "state": _WORDS.get(row.state or State.PENDING),
            "name": _title(row),
            "url": row.url if 0 < utf16_length(row.url) <= URL_LIMIT else page,
        }
        if row.description:
            body["description"] = row.description
        return Request("POST", _builds(repository, commit), body, _WRITE_HEADERS)

    def reads(
        self, repository: Repository, commit: str, keys: Collection[str]
    ) -> Sequence[Request]:
        """One request for each key."""
        url = _builds(repository, commit)
        return [
            Request("GET", f"{url}?{urlencode({'key': key})}", None, _HEADERS)
            for key in sorted(keys)
        ]

    def next_page(self, answer: Answer) -> str | None:
        """A build has no second page."""
        return None

    def rows(self, answer: Answer) -> list[Row]:
        """The one build, with its key for a context."""
        value = answer.json()
        return [row_of(value)] if is_build(value) else []

    def meaning(self, answer: Answer) -> Meaning:
        """204 is the only success."""
        if answer.status == 204:
            return Stored()
        if answer.status == 405:
            return no_api(answer)
        return own_words(answer) or refusal.refusal(answer, NEEDS)

    def read_meaning(self, answer: Answer) -> ReadMeaning:
        """404 is a missing build where nothing else is said to be missing.

        405 comes from servers before 7.14, which show no builds, but take them since 7.4.
        """
        if answer.status == 200 and is_build(answer.json()):
            return Shown()
        if found := own_words(answer):
            return found
        if answer.status in (404, 405):
            return Missing(refusal.told("no such build", answer))
        return refusal.refusal(answer, NEEDS)

    def context_key(self, context: str, genre: str = "") -> str:
        """The key under which Flux stores a context, too."""
        return hashed_key(context)

    def row_key(self, row: Row) -> str:
        """A row shows the key."""
        return row.context


def _builds(repository: Repository, commit: str) -> str:
    return f"{repository_api(repository)}/commits/{commit}/builds"


def _title(row: Row) -> str:
    """Flux's title, ``kind/name [reason in words]``."""
    title = f"{row.name} [{row.words}]" if row.words else row.name
    return cut(title or row.context, NAME_LIMIT, utf16_length)
