"""Gitea's and Forgejo's history: commits, and what one has that another has not.

``commits?sha=A&not=B`` is empty when B contains A (``rev-list A --not B``, since 1.20). A server
that does not know ``not`` lists A itself, which is a no at worst. The call ``compare`` would be a
yes there: without a common ancestor it lists no commits before 1.25 (``GetCompareInfo``), fails with
500 since, and where A is far ahead it sends all commits with their diffs.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from statusbot.forges.base import Answer, Repository, Request, Unclear
from statusbot.forges.graph import NEWEST, ContainsMeaning, Failure, Related
from statusbot.forges.usual_graph import UsualGraph, unknown
from statusbot.forges.words import said

# What would cost the server most; old ones do not know these.
_BRIEF = {"stat": "false", "verification": "false", "files": "false"}
# modules/git.ErrNotExist, GetSingleCommit, and older versions of both.
_NO_COMMIT = ("object does not exist", "commit doesn't exist", "sha not found")


class GiteaGraph(UsualGraph):
    """It holds nothing."""

    needs = "a token needs the scope read:repository, its user read access to the code"

    def commit(self, repository: Repository, sha: str) -> Request:
        """The commit alone."""
        url = f"{_root(repository)}/git/commits/{quote(sha, safe='')}"
        return self.get(f"{url}?{urlencode(_BRIEF)}")

    def contains(self, repository: Repository, commit: str, ancestor: str) -> Sequence[Request]:
        """One commit that is missing is enough for a no."""
        query = urlencode({"sha": ancestor, "not": commit, "limit": 1, **_BRIEF})
        return [self.get(f"{_root(repository)}/commits?{query}")]

    def contains_meaning(self, answer: Answer, commit: str, ancestor: str) -> ContainsMeaning:
        """An unknown ancestor is a 404; an unknown commit a 500 without words, which says nothing."""
        value = answer.json()
        if answer.status == 200 and isinstance(value, list):
            return Related(not value)
        return self.failure(answer)

    def newest(self, repository: Repository, branch: str, after: str) -> Request:
        """Without a branch, Gitea takes the default one."""
        query = {"sha": branch} if branch else {}
        query |= {"limit": str(NEWEST), **_BRIEF}
        return self.get(f"{_root(repository)}/commits?{urlencode(query)}")

    def failure(self, answer: Answer) -> Failure:
        """404 names the commit where that is what is missing."""
        words = said(answer).lower()
        if answer.status in (404, 500) and any(known in words for known in _NO_COMMIT):
            return unknown(answer)
        if answer.status == 404 and answer.body.strip() == b"null":
            # A list from a commit or a branch that is not there; a repository would have words.
            return unknown(answer)
        if answer.status == 409 and "empty" in words:
            # Gitea says so for a moment after the first push, too.
            return Unclear("the repository is empty")
        return super().failure(answer)


def _root(repository: Repository) -> str:
    return f"{repository.api}/repos/{repository.path}"
