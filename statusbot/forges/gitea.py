"""Gitea and Forgejo, API v1 (read in 1.26.0's source).

Statuses are read from the plain list of a commit, newest index first. Unlike the list under
``/statuses`` it says when there is no such commit. The combined status would be shorter where a
context has many rows, but old versions answer it with an empty body where there is none.
``sort=leastindex`` is Gitea's name for the highest index first; by default rows come by their
second of creation, in no order within one second.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from statusbot.forges import refusal
from statusbot.forges.address import api_root, below
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
from statusbot.forges.logins import basic_login, first_of, token_login
from statusbot.forges.naming import owner_and_repo, root, web_host
from statusbot.forges.pages import next_page, number
from statusbot.forges.rows import body_of, row_of
from statusbot.forges.usual import Usual
from statusbot.forges.words import said

_HEADERS = {"Accept": "application/json"}
_EXAMPLE = "https://gitea.example/owner/repo"
_NEEDS = "a token needs the scope write:repository, its user write access to the code"
# A gate only reads; a run that may not read will want to post, too.
_NEEDS_TO_READ = (
    "to read, a token needs the scope read:repository and its user read access to the code, to "
    "post write:repository and write access"
)
# The words of modules/git.ErrNotExist, and those of older versions.
_NO_COMMIT = ("object does not exist", "sha not found")


class Gitea(Usual):
    """The adapter; it holds nothing."""

    type = "gitea"

    def repository(self, address: str, api_url: str | None = None) -> Repository:
        """The last two segments are ``owner/repo``; what stands before them is Gitea's sub-path."""
        place, before, path = owner_and_repo(address, _EXAMPLE)
        host = web_host(place, before)
        api = api_root(api_url) if api_url else f"{below(root(place), before)}/api/v1"
        return Repository(self.type, api, path, host)

    def authorization(self, secret: Mapping[str, str], username: str, api: str) -> Credential:
        """A token in the form that every version takes, else username and password.

        Flux sends every password as a token; real ones work by Basic only, and Gitea takes a token
        in the password's place there, whatever the username (``services/auth/basic.go``).
        """
        user = first_of(secret, "username") or username.strip()
        password = first_of(secret, "password")
        if user and password and not first_of(secret, "token"):
            return basic_login(user, password)
        return token_login(secret, "token")

    def write(self, repository: Repository, commit: str, row: Row) -> Request:
        """Every POST adds a row; the one with the highest index of a context counts."""
        url = f"{repository.api}/repos/{repository.path}/statuses/{commit}"
        return Request("POST", url, body_of(row), _HEADERS)

    def reads(
        self, repository: Repository, commit: str, keys: Collection[str]
    ) -> Sequence[Request]:
        """All rows, newest first, fifty to a page: the most that a Gitea gives by default."""
        commits = f"{repository.api}/repos/{repository.path}/commits"
        url = f"{commits}/{commit}/statuses?sort=leastindex&limit=50"
        return [Request("GET", url, None, _HEADERS)]

    def next_page(self, answer: Answer) -> str | None:
        """The page after ``answer``."""
        total = number(answer.headers.get("x-total-count", ""))
        return next_page(answer, len(self.rows(answer)), total)

    def rows(self, answer: Answer) -> list[Row]:
        """The rows of one page."""
        value = answer.json()
        items = value if isinstance(value, list) else ()
        # Answers say "status" where requests say "state".
        return [
            row_of(item, item.get("status") or item.get("state"))
            for item in items
            if isinstance(item, dict)
        ]

    def meaning(self, answer: Answer) -> Meaning:
        """201 with the row is the only success.

        A 500 may mean an unknown commit, or an error after the row was stored: a read tells.
        """
        if answer.status == 201 and isinstance(answer.json(), dict):
            return Stored()
        if _is_unknown_commit(answer):
            return refusal.unknown_commit(answer)
        return refusal.refusal(answer, _NEEDS)

    def read_meaning(self, answer: Answer) -> ReadMeaning:
        """404 with Git's words is a missing commit; any other may be one on another version."""
        if answer.status == 200 and isinstance(answer.json(), list):
            return Shown()
        if _is_unknown_commit(answer):
            return refusal.unknown_commit(answer)
        if answer.status == 404:
            return Missing(refusal.told("no such commit or repository for this login", answer))
        return refusal.refusal(answer, _NEEDS_TO_READ)

    def context_key(self, context: str, genre: str = "") -> str:
        """Gitea trims contexts and compares them exactly."""
        return context.strip()


def _is_unknown_commit(answer: Answer) -> bool:
    # An administrator's token sees Git's words in a 500 too, before anything was stored.
    message = said(answer).lower()
    return answer.status in (404, 500) and any(words in message for words in _NO_COMMIT)
