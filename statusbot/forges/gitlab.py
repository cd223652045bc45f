"""GitLab, gitlab.com and self-managed: the REST API v4 (read in 17's and 19's source).

A status is a job of an external pipeline. While it is pending or running, a write changes it;
after that a write adds a job and hides the older one. One commit may have several pipelines, each
with a job of the same name: the one with the highest id counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Any
from urllib.parse import quote

from statusbot.errors import StatusbotError
from statusbot.forges import refusal
from statusbot.forges.address import Place, api_root, parse
from statusbot.forges.base import (
    Answer,
    Credential,
    Limited,
    Meaning,
    Missing,
    ReadMeaning,
    Refused,
    Repository,
    Request,
    Row,
    Shown,
    Stored,
    Unclear,
)
from statusbot.forges.logins import token_login
from statusbot.forges.naming import bad_address, root, web_host
from statusbot.forges.pages import next_page
from statusbot.forges.rows import newest_by_id, row_of
from statusbot.forges.words import said, sentence
from statusbot.results.state import State

_HEADERS = {"Accept": "application/json"}
_EXAMPLE = "https://gitlab.com/group/project"
_NAME = re.compile(r"(?!(?:\.{1,2}|-)$)[A-Za-z0-9._-]{1,255}")
_API_END = re.compile(r"/api(?:/v4(?:/projects)?)?$")
_LONGEST_URL = 255

_WORDS = {
    State.PENDING: "pending",
    State.SUCCESS: "success",
    State.FAILURE: "failed",
    State.ERROR: "failed",
}
# What has not ended yet is pending to us; canceled, skipped, manual and the rest are none of ours.
_STATES = {
    "pending": State.PENDING,
    "running": State.PENDING,
    "success": State.SUCCESS,
    "failed": State.FAILURE,
}

# app/models/commit_status.rb: the events of its state machine, and the states that they lead to.
_TRANSITION = re.compile(r"Cannot transition status via :(\w+) from :(\w+)")
_LEADS_TO = {
    "enqueue": "pending",
    "run": "running",
    "success": "success",
    "drop": "failed",
    "cancel": "canceled",
    "skip": "skipped",
}
_NO_COMMIT = ("404 commit not found", "404 references for commit not found")
# The server has waited ten seconds for its lock by then (CreateCommitStatusService).
_BUSY_SECONDS = 1.0

_NEEDS_RIGHT = (
    "a token needs the scope api, its user the role Developer, "
    "on a protected branch Maintainer or the right to push"
)
_NEEDS_SCOPE = "the token needs the scope api"
_NEEDS_NUMBER = "if a proxy decodes %2F on the way, write the address as https://host/<project id>"


class GitLab:
    """The adapter; it holds nothing."""

    type = "gitlab"
    description_limit = 255
    context_limit = 255
    by_key = False

    def length(self, text: str) -> int:
        """In code points, as Ruby counts."""
        return len(text)

    def canonical(self, place: Place) -> Place:
        """Pages inside a project (``/-/tree/main``) name the project."""
        return replace(place, segments=_project(place.segments))

    def genre(self, summary: str) -> str:
        """There is none."""
        return ""

    def repository(self, address: str, api_url: str | None = None) -> Repository:
        """``group/…/project`` at any depth, or the number of a project.

        A relative URL root looks like a group: only ``api_url`` can tell it, with or without
        ``/api/v4`` at its end.
        """
        place = _place(address)
        base = _base(place, api_url)
        if place.scheme == "ssh" and place.host == base.host:
            # SSH says nothing of the port of the pages.
            place = replace(place, port=base.port)
        names = _project(_below(place, base.segments))
        if not names:
            raise bad_address(address, "names no group/project", _EXAMPLE)
        if not all(_NAME.fullmatch(name) for name in names):
            raise bad_address(address, "holds characters that no project's path has", _EXAMPLE)
        number = len(names) == 1
        if number and not _is_number(names[0]):
            raise bad_address(address, "names no group/project", _EXAMPLE)
        path, host = "/".join(names), web_host(place, base.segments)
        scheme = base.scheme if place.scheme == "ssh" else place.scheme
        # The page of a numbered project leads to the project by its name, not to a commit.
        page = f"projects/{path}?commit=" if number else f"{path}/-/commit/"
        api = "/".join((root(base), *base.segments, "api", "v4"))
        return Repository(
            self.type, api, path, host, pages=f"{scheme}://{host}/{page}", named=not number
        )

    def authorization(self, secret: Mapping[str, str], username: str, api: str) -> Credential:
        """A token, else a password, as Flux has it; both are access tokens.

        As bearer, which GitLab takes for personal, project, group and OAuth tokens alike, while
        ``PRIVATE-TOKEN`` is for the first three only.
        """
        return token_login(secret, "Bearer")

    def write(self, repository: Repository, commit: str, row: Row) -> Request:
        """The context goes into ``name``, as in Flux. A URL that is too long is left out."""
        body: dict[str, Any] = {"state": _WORDS[row.state or State.ERROR], "name": row.context}
        if row.description:
            body["description"] = row.description
        if row.url and len(row.url) <= _LONGEST_URL:
            body["target_url"] = row.url
        return Request("POST", f"{_api_of(repository)}/statuses/{commit}", body, _HEADERS)

    def reads(
        self, repository: Repository, commit: str, keys: Collection[str]
    ) -> Sequence[Request]:
        """The newest job of each name and pipeline, a hundred to a page.

        Newest first: what is written meanwhile moves rows to later pages, never to earlier ones,
        so none is missed. Servers that do not know ``sort`` yet give the oldest first.
        """
        url = f"{_api_of(repository)}/repository/commits/{commit}/statuses"
        return [Request("GET", f"{url}?sort=desc&per_page=100", None, _HEADERS)]

    def next_page(self, answer: Answer) -> str | None:
        """The page after ``answer``; some proxies drop the ``Link``, and leave ``X-Next-Page``."""
        if answer.headers.get("x-next-page", "more").strip() == "":
            return None
        return next_page(answer, len(self.rows(answer)), None)

    def rows(self, answer: Answer) -> list[Row]:
        """The rows of one page, with the builds of GitLab's own CI."""
        value = answer.json()
        items = value if isinstance(value, list) else ()
        return [_row(item) for item in items if isinstance(item, dict)]

    def meaning(self, answer: Answer) -> Meaning:
        """200 (the document) or 201 (the servers) with the row, or that it is so already."""
        if answer.status in (200, 201) and _is_row(answer.json()):
            return Stored()
        return _own_words(answer) or _refusal(answer)

    def read_meaning(self, answer: Answer) -> ReadMeaning:
        """404 says what is missing: the commit or the project."""
        if answer.status == 200 and isinstance(answer.json(), list):
            return Shown()
        if _is_unknown_commit(answer):
            return refusal.unknown_commit(answer)
        if answer.status == 404:
            return Missing(refusal.told("no such project for this login", answer, _needs(answer)))
        return _refusal(answer)

    def context_key(self, context: str, genre: str = "") -> str:
        """GitLab compares names exactly."""
        return context

    def row_key(self, row: Row) -> str:
        """A row shows the name as it was written."""
        return self.context_key(row.context)

    def newest(self, rows: Sequence[Row]) -> dict[str, Row]:
        """Ids grow over all of a GitLab."""
        return newest_by_id(rows, self.row_key)

    def write_limits(self, repository: Repository) -> tuple[tuple[int, float], ...]:
        """gitlab.com's for all calls of a user; a self-managed one has none unless it is told to."""
        return ((2000, 60.0),) if repository.api == "https://gitlab.com/api/v4" else ()


def _place(address: str) -> Place:
    place = parse(address)
    if not address.strip():
        raise StatusbotError("there is no address", todo=f"write it like {_EXAMPLE}")
    if place is None:
        raise bad_address(address, "is not an https, http or ssh address", _EXAMPLE)
    return place


def _base(place: Place, api_url: str | None) -> Place:
    """Where the API is: its segments are the relative URL root."""
    if not api_url:
        scheme = "http" if place.scheme == "http" else "https"
        return Place(scheme, place.host, place.port, ())
    base = parse(_API_END.sub("", api_root(api_url)))
    assert base is not None  # a URL stays one without its end
    return base


def _below(place: Place, prefix: tuple[str, ...]) -> tuple[str, ...]:
    # A path by SSH never holds the root.
    begins = tuple(name.lower() for name in place.segments[: len(prefix)])
    if place.scheme == "ssh" or begins != tuple(name.lower() for name in prefix):
        return place.segments
    return place.segments[len(prefix) :]


def _project(segments: tuple[str, ...]) -> tuple[str, ...]:
    """The names of a project. ``-`` and ``projects`` are GitLab's own, no group has them."""
    names = tuple(takewhile(lambda name: name != "-", segments))
    if len(names) == 2 and names[0] == "projects" and _is_number(names[1]):
        return names[1:]
    return names


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdecimal()


def _api_of(repository: Repository) -> str:
    return f"{repository.api}/projects/{quote(repository.path, safe='')}"


def _row(item: dict[str, Any]) -> Row:
    # A row that was pending keeps its time of creation; when it became what it is counts.
    instants = (item.get(key) for key in ("finished_at", "started_at", "created_at"))
    when = next((instant for instant in instants if instant), None)
    word = item.get("status") or item.get("state")
    state = _STATES.get(word) if isinstance(word, str) else None
    return row_of({**item, "context": item.get("name"), "created_at": when}, state)


def _is_row(value: Any) -> bool:
    return isinstance(value, dict) and "id" in value


def _own_words(answer: Answer) -> Stored | Limited | Refused | None:
    """What only GitLab's message tells."""
    message = said(answer)
    if answer.status == 400 and (found := _TRANSITION.match(message)):
        # The event tells what was wanted. Where that is what it is, there is nothing to do.
        return Stored() if _LEADS_TO.get(found[1]) == found[2] else None
    if _is_unknown_commit(answer):
        return refusal.unknown_commit(answer)
    if answer.status == 405:
        moved = refusal.told("the project has moved: correct the address", answer)
        return refusal.no(moved, "repository")
    if answer.status == 409 and "in progress" in message:
        # It did not get the commit's lock, so nothing was stored.
        busy = refusal.told("the forge is busy with this commit", answer)
        return Limited(_BUSY_SECONDS, sentence(busy), alone=True)
    return None


def _is_unknown_commit(answer: Answer) -> bool:
    return answer.status == 404 and said(answer).lower() in _NO_COMMIT


def _refusal(answer: Answer) -> Limited | Refused | Unclear:
    if answer.status == 403 and said(answer).startswith("insufficient_scope"):
        told = refusal.told("the login may not do this", answer, _NEEDS_SCOPE)
        return refusal.no(told, "login")
    return refusal.refusal(answer, _needs(answer))


def _needs(answer: Answer) -> str:
    # No route of the API: a project that is not there is "404 Project Not Found".
    return _NEEDS_NUMBER if said(answer) == "404 Not Found" else _NEEDS_RIGHT
