"""GitLab, gitlab.com and self-managed: the REST API v4 (the source of 17, the API document of 19.5).

A status is a job of an external pipeline. While it is pending or running, a write changes it;
after that a write adds a job and hides the older one. One commit may have several pipelines, each
with a job of the same name: the one with the highest id counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from statusbot.forges import gitlab_answers
from statusbot.forges.address import Place
from statusbot.forges.base import (
    Answer,
    Credential,
    Meaning,
    ReadMeaning,
    Repository,
    Request,
    Row,
)
from statusbot.forges.gitlab_address import project_api, project_of, project_segments
from statusbot.forges.logins import token_login
from statusbot.forges.pages import next_page
from statusbot.forges.rows import row_of
from statusbot.forges.usual import Usual
from statusbot.results.state import State

_HEADERS = {"Accept": "application/json"}
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


class GitLab(Usual):
    """The adapter; it holds nothing."""

    type = "gitlab"

    def canonical(self, place: Place) -> Place:
        """Pages inside a project (``/-/tree/main``) name the project."""
        return replace(place, segments=project_segments(place.segments))

    def repository(self, address: str, api_url: str | None = None) -> Repository:
        """``group/…/project`` at any depth, or the number of a project.

        A relative URL root looks like a group: only ``api_url`` can tell it, with or without
        ``/api/v4`` at its end.
        """
        return project_of(address, api_url)

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
        return Request("POST", f"{project_api(repository)}/statuses/{commit}", body, _HEADERS)

    def reads(
        self, repository: Repository, commit: str, keys: Collection[str]
    ) -> Sequence[Request]:
        """The newest job of each name and pipeline, a hundred to a page.

        Newest first: what is written meanwhile moves rows to later pages, never to earlier ones,
        so none is missed. Servers that do not know ``sort`` yet give the oldest first.
        """
        url = f"{project_api(repository)}/repository/commits/{commit}/statuses"
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
        """The row as it is now, or that it was so already, is the only success."""
        return gitlab_answers.of_write(answer)

    def read_meaning(self, answer: Answer) -> ReadMeaning:
        """A missing commit is told from a missing project."""
        return gitlab_answers.of_read(answer)

    def write_limits(self, repository: Repository) -> tuple[tuple[int, float], ...]:
        """gitlab.com's for all calls of a user; a self-managed one has none unless it is told to."""
        return ((2000, 60.0),) if repository.api == "https://gitlab.com/api/v4" else ()


def _row(item: dict[str, Any]) -> Row:
    # A row that was pending keeps its time of creation; when it became what it is counts.
    instants = (item.get(key) for key in ("finished_at", "started_at", "created_at"))
    when = next((instant for instant in instants if instant), None)
    word = item.get("status") or item.get("state")
    state = _STATES.get(word) if isinstance(word, str) else None
    return row_of({**item, "context": item.get("name"), "created_at": when}, state)
