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
from statusbot.forges.graph import NEWEST, ContainsMeaning, Failure, NoCall, Related
from statusbot.forges.usual_graph import UsualGraph, full, unknown


class BitbucketServerGraph(UsualGraph):
    """It holds nothing."""

    needs = NEEDS
    sha = "id"
    page = "values"

    def commit(self, repository: Repository, sha: str) -> Request:
        """The commit alone."""
        return self.get(f"{repository_api(repository)}/commits/{quote(sha, safe='')}")

    def contains(self, repository: Repository, commit: str, ancestor: str) -> Sequence[Request]:
        """The merge base, then what the ancestor has that the commit has not."""
        commits = f"{repository_api(repository)}/commits"
        missing = urlencode({"since": commit, "until": ancestor, "limit": 1})
        return [
            self.get(f"{commits}/{ancestor}/merge-base?{urlencode({'otherCommitId': commit})}"),
            self.get(f"{commits}?{missing}"),
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
        return NoCall("it knows no merge bases") if no_route(answer) else self.failure(answer)

    def newest(self, repository: Repository, branch: str, after: str) -> Request:
        """Only those that ``after`` does not contain; without a branch, of the default one."""
        query = {"since": after, **({"until": branch} if branch else {}), "limit": NEWEST}
        return self.get(f"{repository_api(repository)}/commits?{urlencode(query)}")

    def failure(self, answer: Answer) -> Failure:
        """404 names its exception."""
        if is_unknown_commit(answer):
            return unknown(answer)
        return own_words(answer) or super().failure(answer)
