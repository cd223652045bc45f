"""The history of Azure DevOps: commits, and the merge bases of two.

Merge bases are a released call since 7.0. Servers before that tell the common commit with the
differences of two commits, which are released at every version and cost them more.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from statusbot.forges.azure_address import git_api
from statusbot.forges.azure_words import HEADERS, is_unknown_commit, is_wrong_version, refused
from statusbot.forges.base import Answer, Repository, Request
from statusbot.forges.graph import NEWEST, ContainsMeaning, Failure, NoCall, Related
from statusbot.forges.usual_graph import UsualGraph, full, unknown


class AzureGraph(UsualGraph):
    """It holds nothing."""

    needs = "a token needs the scope Code (Read)"
    sha = "commitId"
    page = "value"
    headers = HEADERS

    def commit(self, repository: Repository, sha: str) -> Request:
        """The commit without its changes."""
        url = f"{git_api(repository)}/commits/{quote(sha, safe='')}"
        return self.get(f"{url}?api-version=6.0")

    def contains(self, repository: Repository, commit: str, ancestor: str) -> Sequence[Request]:
        """The merge bases, then the differences."""
        bases = urlencode({"otherCommitId": commit, "api-version": "7.0"})
        both = urlencode(
            {
                "baseVersion": ancestor,
                "baseVersionType": "commit",
                "targetVersion": commit,
                "targetVersionType": "commit",
                "$top": 1,
                "api-version": "6.0",
            }
        )
        root = git_api(repository)
        return [
            self.get(f"{root}/commits/{ancestor}/mergebases?{bases}"),
            self.get(f"{root}/diffs/commits?{both}"),
        ]

    def contains_meaning(self, answer: Answer, commit: str, ancestor: str) -> ContainsMeaning:
        """Criss-cross merges have several bases."""
        value = answer.json()
        if answer.status == 200 and isinstance(value, dict) and full(value.get("commonCommit")):
            return Related(full(value["commonCommit"]) == ancestor)
        if (items := self.items(answer)) is not None:
            return Related(ancestor in [base.sha for base in self.known(items)])
        if is_wrong_version(answer):
            return NoCall("it is older than API 7.0")
        return self.failure(answer)

    def newest(self, repository: Repository, branch: str, after: str) -> Request:
        """Without a branch, Azure takes the default one."""
        version = "searchCriteria.itemVersion.version"
        query = {version: branch, f"{version}Type": "branch"} if branch else {}
        query |= {"searchCriteria.$top": str(NEWEST), "api-version": "6.0"}
        return self.get(f"{git_api(repository)}/commits?{urlencode(query)}")

    def failure(self, answer: Answer) -> Failure:
        """404 names its kind."""
        if is_unknown_commit(answer):
            return unknown(answer)
        if answer.status in (400, 422) and not is_wrong_version(answer):
            return super().failure(answer)
        return refused(answer, self.needs)
