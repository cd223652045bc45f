"""Bitbucket Data Center's history: commits, and the merge base of two.

Servers without that call tell it by what one commit has that the other has not: ``since`` is left
out with all that it contains, ``until`` is the newest.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from statusbot.forges.base import Answer, Repository, Request
from statusbot.forges.bitbucketserver_address import repository_api
from statusbot.forges.bitbucketserver_answers import NEEDS, is_unknown_commit, no_route, own_words
from statusbot.forges.graph import (
    NEWEST,
    CommitMeaning,
    ContainsMeaning,
    Failure,
    Listed,
    ListMeaning,
    NoCall,
    Related,
    failure,
    found,
    full,
    known,
    unknown,
)

_HEADERS = {"Accept": "application/json"}


class BitbucketServerGraph:
    """It holds nothing."""

    def commit(self, repository: Repository, sha: str) -> Request:
        """The commit alone."""
        return _get(f"{repository_api(repository)}/commits/{quote(sha, safe='')}")

    def commit_meaning(self, answer: Answer, sha: str) -> CommitMeaning:
        """404 names its exception."""
        value = answer.json()
        if answer.status == 200 and isinstance(value, dict):
            return found(answer, value.get("id"), sha, NEEDS)
        return _failure(answer)

    def contains(self, repository: Repository, commit: str, ancestor: str) -> Sequence[Request]:
        """The merge base, then what the ancestor has that the commit has not."""
        commits = f"{repository_api(repository)}/commits"
        missing = urlencode({"since": commit, "until": ancestor, "limit": 1})
        return [
            _get(f"{commits}/{ancestor}/merge-base?{urlencode({'otherCommitId': commit})}"),
            _get(f"{commits}?{missing}"),
        ]

    def contains_meaning(self, answer: Answer, commit: str, ancestor: str) -> ContainsMeaning:
        """204: they have nothing in common."""
        if answer.status == 204:
            return Related(False)
        value = answer.json()
        if answer.status == 200 and isinstance(value, dict):
            if isinstance(value.get("values"), list):
                return Related(not value["values"])
            if base := full(value.get("id")):
                return Related(base == ancestor)
        return NoCall("it knows no merge bases") if no_route(answer) else _failure(answer)

    def newest(self, repository: Repository, branch: str, after: str) -> Request:
        """Only those that ``after`` does not contain; without a branch, of the default one."""
        query = {"since": after, **({"until": branch} if branch else {}), "limit": NEWEST}
        return _get(f"{repository_api(repository)}/commits?{urlencode(query)}")

    def newest_meaning(self, answer: Answer) -> ListMeaning:
        """A page, with parents."""
        value = answer.json()
        items = value.get("values") if isinstance(value, dict) else None
        if answer.status == 200 and isinstance(items, list):
            return Listed(known(items, "id", "parents", "id"))
        return _failure(answer)


def _get(url: str) -> Request:
    return Request("GET", url, None, _HEADERS)


def _failure(answer: Answer) -> Failure:
    if is_unknown_commit(answer):
        return unknown(answer)
    return own_words(answer) or failure(answer, NEEDS)
