"""GitHub and GitHub Enterprise Server: the REST API's commit statuses, version 2022-11-28.

Statuses are read from the combined status: it holds the newest row of each context, with its time,
so a hundred contexts are one page however often each was written. The plain list would cost a page
for every hundred rows, and a commit may have a thousand for each context.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from statusbot.forges import refusal
from statusbot.forges.address import Place, api_root
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
from statusbot.forges.github_app import HEADERS, app_of, has_app
from statusbot.forges.logins import first_of, token_login
from statusbot.forges.naming import bad_address, owner_and_repo, root, web_host
from statusbot.forges.pages import next_page
from statusbot.forges.rows import body_of, row_of
from statusbot.forges.usual import Usual
from statusbot.forges.words import said

_EXAMPLE = "https://github.com/owner/repo"
_NEEDS = "a token needs Commit statuses: write (classic: repo:status)"
# A gate only reads; a run that may not read will want to post, too.
_NEEDS_TO_READ = (
    "to read, a token needs Commit statuses: read, to post Commit statuses: write (classic: "
    "repo:status)"
)


class GitHub(Usual):
    """The adapter; it holds nothing."""

    type = "github"
    description_limit = 140

    def repository(self, address: str, api_url: str | None = None) -> Repository:
        """``owner/repo`` on github.com, a ``*.ghe.com`` or an Enterprise Server."""
        place, before, path = owner_and_repo(address, _EXAMPLE)
        if before and not api_url:
            raise bad_address(
                address, "has more than owner/repo", f"{_EXAMPLE}, or name the API's root"
            )
        api = api_root(api_url) if api_url else _api(place)
        return Repository(self.type, api, path, web_host(place, before))

    def authorization(self, secret: Mapping[str, str], username: str, api: str) -> Credential:
        """A token or a password as bearer token, else a GitHub App.

        The order is Flux's (``internal/notifier/github_helpers.go:130-145``).
        """
        if has_app(secret) and not first_of(secret, "token", "password"):
            return app_of(secret, api)
        return token_login(secret, "Bearer")

    def write(self, repository: Repository, commit: str, row: Row) -> Request:
        """Every POST adds a row; the newest of a context counts."""
        url = f"{repository.api}/repos/{repository.path}/statuses/{commit}"
        return Request("POST", url, body_of(row), HEADERS)

    def reads(
        self, repository: Repository, commit: str, keys: Collection[str]
    ) -> Sequence[Request]:
        """The newest row of each context, a hundred contexts to a page."""
        url = f"{repository.api}/repos/{repository.path}/commits/{commit}/status?per_page=100"
        return [Request("GET", url, None, HEADERS)]

    def next_page(self, answer: Answer) -> str | None:
        """The page after ``answer``."""
        value = answer.json()
        total = value.get("total_count") if isinstance(value, dict) else None
        return next_page(answer, len(self.rows(answer)), total if isinstance(total, int) else None)

    def rows(self, answer: Answer) -> list[Row]:
        """The contexts of one page of the combined status."""
        value = answer.json()
        items = value["statuses"] if _is_combined(value) else ()
        return [row_of(item, item.get("state")) for item in items if isinstance(item, dict)]

    def meaning(self, answer: Answer) -> Meaning:
        """201 with the row is the only success."""
        if answer.status == 201 and isinstance(answer.json(), dict):
            return Stored()
        return _own_words(answer) or refusal.refusal(answer, _needs(answer))

    def read_meaning(self, answer: Answer) -> ReadMeaning:
        """404 is a missing commit, a missing repository or a login that may not see it."""
        if answer.status == 200 and _is_combined(answer.json()):
            return Shown()
        if found := _own_words(answer):
            return found
        if answer.status == 404:
            return Missing(refusal.told("no such commit or repository for this login", answer))
        return refusal.refusal(answer, _needs(answer, _NEEDS_TO_READ))

    def context_key(self, context: str, genre: str = "") -> str:
        """GitHub compares contexts without case."""
        return context.strip().lower()

    def write_limits(self, repository: Repository) -> tuple[tuple[int, float], ...]:
        """What GitHub publishes for requests that create content; an Enterprise Server has none."""
        hosted = repository.api == "https://api.github.com" or repository.api.endswith(".ghe.com")
        return ((80, 60.0), (500, 3600.0)) if hosted else ()


def _api(place: Place) -> str:
    if place.host == "github.com":
        return "https://api.github.com"
    if place.host.endswith(".ghe.com"):
        return f"https://api.{place.host}"
    return f"{root(place)}/api/v3"


def _is_combined(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("statuses"), list)


def _own_words(answer: Answer) -> Refused | None:
    """What only GitHub's message tells."""
    message = said(answer).lower()
    if answer.status == 422 and "no commit found" in message:
        return refusal.unknown_commit(answer)
    if answer.status == 403 and "archived" in message:
        return refusal.archived(answer)
    if answer.status == 409 and "repository is empty" in message:
        return refusal.no(refusal.told("the repository is empty", answer), "repository")
    return None


def _needs(answer: Answer, right: str = _NEEDS) -> str:
    wanted = answer.headers.get("x-accepted-github-permissions", "")
    return f"it needs the permission {wanted}" if wanted else right
