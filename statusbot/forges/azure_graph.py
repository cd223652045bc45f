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

_NEEDS = "a token needs the scope Code (Read)"


class AzureGraph:
    """It holds nothing."""

    def commit(self, repository: Repository, sha: str) -> Request:
        """The commit without its changes."""
        url = f"{git_api(repository)}/commits/{quote(sha, safe='')}"
        return _get(f"{url}?api-version=6.0")

    def commit_meaning(self, answer: Answer, sha: str) -> CommitMeaning:
        """404 names its kind."""
        value = answer.json()
        if answer.status == 200 and isinstance(value, dict) and "commitId" in value:
            return found(answer, value["commitId"], sha, _NEEDS)
        return _failure(answer)

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
            _get(f"{root}/commits/{ancestor}/mergebases?{bases}"),
            _get(f"{root}/diffs/commits?{both}"),
        ]

    def contains_meaning(self, answer: Answer, commit: str, ancestor: str) -> ContainsMeaning:
        """Criss-cross merges have several bases."""
        value = answer.json()
        if answer.status == 200 and isinstance(value, dict) and full(value.get("commonCommit")):
            return Related(full(value["commonCommit"]) == ancestor)
        items = value.get("value") if isinstance(value, dict) else value
        if answer.status == 200 and isinstance(items, list):
            return Related(ancestor in [base.sha for base in known(items, "commitId", "parents")])
        if is_wrong_version(answer):
            return NoCall("it is older than API 7.0")
        return _failure(answer)

    def newest(self, repository: Repository, branch: str, after: str) -> Request:
        """Without a branch, Azure takes the default one."""
        version = "searchCriteria.itemVersion.version"
        query = {version: branch, f"{version}Type": "branch"} if branch else {}
        query |= {"searchCriteria.$top": str(NEWEST), "api-version": "6.0"}
        return _get(f"{git_api(repository)}/commits?{urlencode(query)}")

    def newest_meaning(self, answer: Answer) -> ListMeaning:
        """A list, mostly without parents."""
        value = answer.json()
        items = value.get("value") if isinstance(value, dict) else value
        if answer.status == 200 and isinstance(items, list):
            return Listed(known(items, "commitId", "parents"))
        return _failure(answer)


def _get(url: str) -> Request:
    return Request("GET", url, None, HEADERS)


def _failure(answer: Answer) -> Failure:
    if is_unknown_commit(answer):
        return unknown(answer)
    if answer.status in (400, 422) and not is_wrong_version(answer):
        return failure(answer, _NEEDS)
    return refused(answer, _NEEDS)
