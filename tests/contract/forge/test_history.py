"""What the graphs find out: on the embedded forge in all dialects, and on the real Gitea."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from statusbot.demo.forge import EmbeddedForge
from statusbot.forges import FORGES, forge_of
from statusbot.forges.base import Answer, Login, Refused, Repository, Request, Unclear
from statusbot.forges.graph import Graph, Known, Listed, Related, Unknown
from statusbot.forges.graphs import graph_of
from statusbot.transport import Transport
from tests.support.forge_history import UNKNOWN, History, pushed_to_embedded, pushed_to_gitea

_REAL = pytest.param("gitea on gitea", marks=pytest.mark.timeout(1800))
# In these places the embedded forge speaks their dialects.
ADDRESSES = {
    "github": ("{url}/{repository}", None),
    "gitea": ("{url}/{repository}", None),
    "gitlab": ("{url}/{repository}", None),
    "bitbucket": ("{url}/{repository}", "{url}/2.0"),
    "bitbucketserver": ("{url}/scm/{repository}.git", None),
    "azuredevops": ("{url}/collection/acme/_git/{name}", None),
}


@dataclass(frozen=True)
class Asked:
    """One graph, one forge, and the transport between them."""

    type: str
    graph: Graph
    repository: Repository
    history: History
    transport: Transport

    def send(self, request: Request) -> Answer:
        return self.transport.send(request, Login(), timeout=30)

    def commit(self, sha: str, repository: Repository | None = None) -> object:
        answer = self.send(self.graph.commit(repository or self.repository, sha))
        return self.graph.commit_meaning(answer, sha)

    def contains(self, commit: str, ancestor: str) -> list[object]:
        """What each of the requests tells."""
        one, other = self.history.sha(commit), self.history.sha(ancestor)
        answers = map(self.send, self.graph.contains(self.repository, one, other))
        return [self.graph.contains_meaning(answer, one, other) for answer in answers]

    def newest(self, branch: str, after: str = "root") -> object:
        request = self.graph.newest(self.repository, branch, self.history.sha(after))
        return self.graph.newest_meaning(self.send(request))


def repository_of(forge_type: str, url: str, name: str) -> Repository:
    address, api = ADDRESSES[forge_type]
    words = {"url": url, "repository": name, "name": name.rpartition("/")[2]}
    return forge_of(forge_type).repository(address.format(**words), api and api.format(**words))


@pytest.fixture(scope="module", params=[*(f"{name} on embedded" for name in FORGES), _REAL])
def asked(request: pytest.FixtureRequest) -> Iterator[Asked]:
    forge_type, _, server = request.param.partition(" on ")
    with Transport() as transport:
        if server == "gitea":
            gitea = request.getfixturevalue("gitea")
            yield _asked(forge_type, gitea.url, pushed_to_gitea(gitea), transport)
            return
        with EmbeddedForge() as forge:
            yield _asked(forge_type, forge.url, pushed_to_embedded(forge), transport)


def _asked(forge_type: str, url: str, history: History, transport: Transport) -> Asked:
    repository = repository_of(forge_type, url, history.repository)
    return Asked(forge_type, graph_of(forge_type), repository, history, transport)


def test_a_commit_is_known_by_its_full_sha(asked: Asked) -> None:
    assert asked.commit(asked.history.middle) == Known(asked.history.middle)


def test_a_commit_is_known_by_a_short_sha(asked: Asked) -> None:
    if asked.type == "azuredevops":
        pytest.skip("nothing is published about short SHAs there")
    assert asked.commit(asked.history.middle[:8]) == Known(asked.history.middle)


def test_a_strange_commit_is_unknown(asked: Asked) -> None:
    assert isinstance(asked.commit(UNKNOWN), Unknown)


def test_a_strange_short_sha_is_unknown(asked: Asked) -> None:
    assert isinstance(asked.commit(UNKNOWN[:8]), Unknown)


def test_a_strange_repository_is_no_unknown_commit(asked: Asked) -> None:
    strange = replace(asked.repository, path=asked.repository.path + "-none")
    meaning = asked.commit(asked.history.middle, strange)
    assert isinstance(meaning, Refused)
    assert meaning.scope in ("repository", "commit")


@pytest.mark.parametrize(
    ("commit", "ancestor", "contains"),
    [
        ("head", "root", True),
        ("head", "middle", True),
        ("head", "head", True),
        ("root", "head", False),
        ("middle", "head", False),
        ("beside", "root", True),
        ("beside", "middle", False),
        ("head", "beside", False),
    ],
)
def test_who_contains_whom(asked: Asked, commit: str, ancestor: str, contains: bool) -> None:
    assert set(asked.contains(commit, ancestor)) == {Related(contains)}


@pytest.mark.parametrize(("commit", "ancestor"), [("head", "stranger"), ("stranger", "head")])
def test_commits_without_a_common_ancestor_do_not_contain_each_other(
    asked: Asked, commit: str, ancestor: str
) -> None:
    if asked.type == "bitbucket":
        pytest.skip("what comes then is nowhere written")
    told = asked.contains(commit, ancestor)
    assert Related(True) not in told
    assert Related(False) in told


@pytest.mark.parametrize(("commit", "ancestor"), [("head", "unknown"), ("unknown", "head")])
def test_with_a_strange_commit_nothing_is_told(asked: Asked, commit: str, ancestor: str) -> None:
    assert all(isinstance(each, Unknown | Unclear) for each in asked.contains(commit, ancestor))


def test_a_strange_ancestor_is_unknown(asked: Asked) -> None:
    assert isinstance(asked.contains("head", "unknown")[0], Unknown)


@pytest.mark.parametrize("branch", ["", "main"])
def test_the_newest_commits_come_newest_first(asked: Asked, branch: str) -> None:
    listed = asked.newest(branch)
    assert isinstance(listed, Listed)
    history = asked.history
    mine = [each.sha for each in listed.commits if each.sha in (history.middle, history.head)]
    assert mine == [history.head, history.middle]


def test_another_branch_has_other_commits(asked: Asked) -> None:
    listed = asked.newest("side")
    assert isinstance(listed, Listed)
    assert listed.one_head
    assert [each.sha for each in listed.commits][:1] == [asked.history.beside]
    assert asked.history.head not in [each.sha for each in listed.commits]


def test_the_parents_are_told(asked: Asked) -> None:
    if asked.type == "azuredevops":
        pytest.skip("its lists leave them out")
    listed = asked.newest("main")
    assert isinstance(listed, Listed)
    parents = {each.sha: each.parents for each in listed.commits}
    assert parents[asked.history.head] == (asked.history.middle,)


def test_without_a_branch_bitbucket_lists_all_of_them(asked: Asked) -> None:
    listed = asked.newest("")
    assert isinstance(listed, Listed)
    assert listed.one_head is (asked.type != "bitbucket")


def test_a_strange_branch_lists_nothing(asked: Asked) -> None:
    listed = asked.newest("no-such-branch")
    assert not isinstance(listed, Listed) or not listed.commits
