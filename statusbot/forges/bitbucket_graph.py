"""Bitbucket Cloud's history: commits, and the merge base of two.

The merge base of an ancestor and what grew from it is the ancestor. Without a branch the commits of
all branches are listed: to learn the main one would take a call of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from statusbot.forges import bitbucket_answers as answers
from statusbot.forges.base import Answer, Repository, Request
from statusbot.forges.graph import NEWEST, ContainsMeaning, Failure, Listed, ListMeaning, Related
from statusbot.forges.usual_graph import UsualGraph, full, unknown
from statusbot.forges.words import said


class BitbucketGraph(UsualGraph):
    """It holds nothing."""

    needs = "a token needs read:repository:bitbucket (access token: repository)"
    sha = "hash"
    page = "values"

    def commit(self, repository: Repository, sha: str) -> Request:
        """The commit alone."""
        return self.get(f"{_root(repository)}/commit/{quote(sha, safe='')}")

    def contains(self, repository: Repository, commit: str, ancestor: str) -> Sequence[Request]:
        """In either order."""
        return [self.get(f"{_root(repository)}/merge-base/{ancestor}..{commit}")]

    def contains_meaning(self, answer: Answer, commit: str, ancestor: str) -> ContainsMeaning:
        """404 is a commit that is missing; what comes without a merge base is nowhere written."""
        value = answer.json()
        if answer.status == 200 and isinstance(value, dict) and (base := full(value.get("hash"))):
            return Related(base == ancestor)
        return self.failure(answer)

    def newest(self, repository: Repository, branch: str, after: str) -> Request:
        """Of one branch, or of all."""
        path = f"commits/{quote(branch, safe='')}" if branch else "commits"
        return self.get(f"{_root(repository)}/{path}?pagelen={NEWEST}")

    def newest_meaning(self, answer: Answer) -> ListMeaning:
        """Of all branches there is no first one that contains the others."""
        found = super().newest_meaning(answer)
        one = not answer.url.partition("?")[0].endswith("/commits")
        return replace(found, one_head=one) if isinstance(found, Listed) else found

    def failure(self, answer: Answer) -> Failure:
        """404 names the commit where the repository is there."""
        if answer.status in (400, 404) and "commit not found" in said(answer).lower():
            return unknown(answer)
        return answers.own_words(answer, write=False) or super().failure(answer)


def _root(repository: Repository) -> str:
    return f"{repository.api}/repositories/{quote(repository.path, safe='/')}"
