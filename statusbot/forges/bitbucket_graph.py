"""Bitbucket Cloud's history: commits, and the merge base of two.

The merge base of an ancestor and what grew from it is the ancestor. Without a branch the commits of
all branches are listed: to learn the main one would take a call of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from statusbot.forges import bitbucket_answers as answers
from statusbot.forges.base import Answer, Repository, Request
from statusbot.forges.graph import (
    NEWEST,
    CommitMeaning,
    ContainsMeaning,
    Failure,
    Listed,
    ListMeaning,
    Related,
    failure,
    found,
    full,
    known,
    unknown,
)
from statusbot.forges.words import said

_HEADERS = {"Accept": "application/json"}
_NEEDS = "a token needs read:repository:bitbucket (access token: repository)"


class BitbucketGraph:
    """It holds nothing."""

    def commit(self, repository: Repository, sha: str) -> Request:
        """The commit alone."""
        return _get(f"{_root(repository)}/commit/{quote(sha, safe='')}")

    def commit_meaning(self, answer: Answer, sha: str) -> CommitMeaning:
        """404 names the commit where the repository is there."""
        value = answer.json()
        if answer.status == 200 and isinstance(value, dict):
            return found(answer, value.get("hash"), sha, _NEEDS)
        return _failure(answer)

    def contains(self, repository: Repository, commit: str, ancestor: str) -> Sequence[Request]:
        """In either order."""
        return [_get(f"{_root(repository)}/merge-base/{ancestor}..{commit}")]

    def contains_meaning(self, answer: Answer, commit: str, ancestor: str) -> ContainsMeaning:
        """404 is a commit that is missing; what comes without a merge base is nowhere written."""
        value = answer.json()
        if answer.status == 200 and isinstance(value, dict) and (base := full(value.get("hash"))):
            return Related(base == ancestor)
        return _failure(answer)

    def newest(self, repository: Repository, branch: str, after: str) -> Request:
        """Of one branch, or of all."""
        path = f"commits/{quote(branch, safe='')}" if branch else "commits"
        return _get(f"{_root(repository)}/{path}?pagelen={NEWEST}")

    def newest_meaning(self, answer: Answer) -> ListMeaning:
        """A page, with parents."""
        value = answer.json()
        items = value.get("values") if isinstance(value, dict) else None
        if answer.status == 200 and isinstance(items, list):
            one = not answer.url.partition("?")[0].endswith("/commits")
            return Listed(known(items, "hash", "parents", "hash"), one)
        return _failure(answer)


def _root(repository: Repository) -> str:
    return f"{repository.api}/repositories/{quote(repository.path, safe='/')}"


def _get(url: str) -> Request:
    return Request("GET", url, None, _HEADERS)


def _failure(answer: Answer) -> Failure:
    if answer.status in (400, 404) and "commit not found" in said(answer).lower():
        return unknown(answer)
    return answers.own_words(answer, write=False) or failure(answer, _NEEDS)
