"""GitLab's history: commits, and the merge base of two (``lib/api/repositories.rb``).

The merge base of an ancestor and what grew from it is the ancestor. Its ``refs`` are sent as
``refs[]``, which every version takes; the document's own form, ``refs=a,b``, only newer ones do.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from statusbot.forges.base import Answer, Repository, Request
from statusbot.forges.gitlab_address import project_api
from statusbot.forges.graph import NEWEST, ContainsMeaning, Failure, Related
from statusbot.forges.usual_graph import UsualGraph, full, unknown
from statusbot.forges.words import said


class GitLabGraph(UsualGraph):
    """It holds nothing."""

    needs = "a token needs the scope read_api, its user the role Reporter"
    sha = "id"
    parents = "parent_ids"

    def commit(self, repository: Repository, sha: str) -> Request:
        """Without the numbers of changed lines, which Git would have to count."""
        return self.get(f"{_root(repository)}/commits/{quote(sha, safe='')}?stats=false")

    def contains(self, repository: Repository, commit: str, ancestor: str) -> Sequence[Request]:
        """In either order."""
        query = urlencode([("refs[]", ancestor), ("refs[]", commit)])
        return [self.get(f"{_root(repository)}/merge_base?{query}")]

    def contains_meaning(self, answer: Answer, commit: str, ancestor: str) -> ContainsMeaning:
        """Without a merge base they have nothing in common; 400 names a commit that is missing."""
        value, words = answer.json(), said(answer).lower()
        if answer.status == 200 and isinstance(value, dict) and (base := full(value.get("id"))):
            return Related(base == ancestor)
        if answer.status == 404 and "merge base not found" in words:
            return Related(False)
        if answer.status == 400 and words.startswith("could not find ref"):
            return unknown(answer)
        return self.failure(answer)

    def newest(self, repository: Repository, branch: str, after: str) -> Request:
        """Without a branch, GitLab takes the default one."""
        query = {"ref_name": branch} if branch else {}
        return self.get(f"{_root(repository)}/commits?{urlencode({**query, 'per_page': NEWEST})}")

    def failure(self, answer: Answer) -> Failure:
        """404 says what is missing: the commit or the project."""
        if answer.status == 404 and said(answer).lower() == "404 commit not found":
            return unknown(answer)
        return super().failure(answer)


def _root(repository: Repository) -> str:
    return f"{project_api(repository)}/repository"
