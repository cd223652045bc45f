"""GitHub's history: commits, and the comparison of two.

Of a comparison the second page is asked for: the first one holds up to 300 diffs. With the base
first and the head second, ``ahead`` and ``identical`` say that the head contains the base; commits
without a common ancestor are answered 404, with words of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from statusbot.forges.base import Answer, Repository, Request, Unclear
from statusbot.forges.github_app import HEADERS
from statusbot.forges.graph import NEWEST, ContainsMeaning, Failure, Related
from statusbot.forges.usual_graph import UsualGraph, unknown
from statusbot.forges.words import said

_STATUSES = {"ahead": True, "identical": True, "behind": False, "diverged": False}


class GitHubGraph(UsualGraph):
    """It holds nothing."""

    needs = "a token needs Contents: read (classic: repo)"
    headers = HEADERS

    def commit(self, repository: Repository, sha: str) -> Request:
        """Of its files one is enough."""
        return self.get(f"{_root(repository)}/commits/{quote(sha, safe='')}?per_page=1")

    def contains(self, repository: Repository, commit: str, ancestor: str) -> Sequence[Request]:
        """The ancestor is the base."""
        url = f"{_root(repository)}/compare/{ancestor}...{commit}"
        return [self.get(f"{url}?per_page=1&page=2")]

    def contains_meaning(self, answer: Answer, commit: str, ancestor: str) -> ContainsMeaning:
        """404 is a commit that is missing; which one, nobody says."""
        value = answer.json()
        word = value.get("status") if isinstance(value, dict) else None
        if answer.status == 200 and isinstance(word, str) and word in _STATUSES:
            return Related(_STATUSES[word])
        if answer.status == 404 and "no common ancestor" in said(answer).lower():
            return Related(False)
        return unknown(answer) if answer.status == 404 else self.failure(answer)

    def newest(self, repository: Repository, branch: str, after: str) -> Request:
        """Without a branch, GitHub takes the default one."""
        query = {"sha": branch} if branch else {}
        return self.get(f"{_root(repository)}/commits?{urlencode({**query, 'per_page': NEWEST})}")

    def failure(self, answer: Answer) -> Failure:
        """422 is an unknown commit, 404 a repository that is not there for this login."""
        if answer.status == 422 and "no commit found" in said(answer).lower():
            return unknown(answer)
        if answer.status == 409 and "repository is empty" in said(answer).lower():
            return Unclear("the repository is empty")
        return super().failure(answer)


def _root(repository: Repository) -> str:
    return f"{repository.api}/repos/{repository.path}"
