"""What answers about the history mean, where the forges of the contract tests never go."""

from __future__ import annotations

import json

import pytest

from statusbot.forges import FORGES
from statusbot.forges.base import Answer, Limited, Refused, Unclear
from statusbot.forges.graph import Known, Listed, NoCall, Related, Unknown
from statusbot.forges.graphs import graph_of

A, B = "a0" * 20, "b1" * 20
JSON = {"Content-Type": "application/json"}
EACH = pytest.mark.parametrize("forge_type", FORGES)
SHA_KEYS = {
    "github": "sha",
    "gitea": "sha",
    "gitlab": "id",
    "bitbucket": "hash",
    "bitbucketserver": "id",
    "azuredevops": "commitId",
}


def answer(status: int, value: object, **headers: str) -> Answer:
    return Answer(status, JSON | headers, json.dumps(value).encode(), "https://forge.example/x")


def meanings(forge_type: str, found: Answer) -> list[object]:
    graph = graph_of(forge_type)
    return [
        graph.commit_meaning(found, A),
        graph.contains_meaning(found, B, A),
        graph.newest_meaning(found),
    ]


@EACH
def test_every_forge_has_a_graph(forge_type: str) -> None:
    assert graph_of(forge_type)


@EACH
@pytest.mark.parametrize("value", [None, [], {}, "x", 1, [1], {"sha": 1}, {"id": "x"}, [[]]])
def test_nothing_that_comes_makes_a_commit_known(forge_type: str, value: object) -> None:
    assert not isinstance(graph_of(forge_type).commit_meaning(answer(200, value), A), Known)


@EACH
@pytest.mark.parametrize("value", [None, {}, "x", 1, {"id": "x"}, {"status": []}, {"values": 1}])
def test_nothing_that_comes_says_yes(forge_type: str, value: object) -> None:
    told = graph_of(forge_type).contains_meaning(answer(200, value), B, A)
    assert told != Related(True)


@EACH
@pytest.mark.parametrize("status", [200, 500, 502])
def test_a_page_for_people_is_unclear(forge_type: str, status: int) -> None:
    page = Answer(status, {"Content-Type": "text/html"}, b"<html>", "https://forge.example/x")
    for meaning in meanings(forge_type, page):
        # On Azure a page is how a bad login is answered.
        assert isinstance(meaning, Unclear) or (forge_type, status) == ("azuredevops", 200)


@EACH
def test_a_refused_login_is_refused(forge_type: str) -> None:
    for meaning in meanings(forge_type, answer(401, {"message": "Bad credentials"})):
        assert isinstance(meaning, Refused)
        assert meaning.scope == "login"


@EACH
def test_too_many_calls_are_limited(forge_type: str) -> None:
    for meaning in meanings(forge_type, answer(429, {"message": "slow"}, **{"Retry-After": "7"})):
        assert isinstance(meaning, Limited)
        assert meaning.seconds == 7.0


@EACH
def test_a_missing_right_is_refused_with_the_right_that_it_takes(forge_type: str) -> None:
    found = answer(403, {"message": "no", "error": {"message": "no"}, "errors": []})
    for meaning in meanings(forge_type, found):
        assert isinstance(meaning, Refused)
        assert "read" in meaning.why.lower()


@EACH
def test_a_bad_request_is_no_status_that_is_not_taken(forge_type: str) -> None:
    for meaning in meanings(forge_type, answer(400, {"message": "odd"})):
        assert isinstance(meaning, Refused)
        assert "status" not in meaning.why


@EACH
def test_a_branch_that_is_called_like_a_sha_is_no_commit(forge_type: str) -> None:
    found = answer(200, {SHA_KEYS[forge_type]: B})
    told = graph_of(forge_type).commit_meaning(found, "a0a0a0a")
    assert isinstance(told, Unknown)
    assert "name" in told.why


@EACH
def test_a_sha_in_upper_case_is_shown_in_lower_case(forge_type: str) -> None:
    found = answer(200, {SHA_KEYS[forge_type]: A.upper()})
    assert graph_of(forge_type).commit_meaning(found, A) == Known(A)


@EACH
def test_a_list_holds_commits_only(forge_type: str) -> None:
    items: list[object] = [{SHA_KEYS[forge_type]: A}, {SHA_KEYS[forge_type]: "x"}, None, 1, "x", []]
    value = {"value": items, "values": items}
    listed = graph_of(forge_type).newest_meaning(
        answer(200, value if "b" in forge_type[:1] or forge_type == "azuredevops" else items)
    )
    assert isinstance(listed, Listed)
    assert listed.commits == (Known(A),)


@pytest.mark.parametrize(
    ("word", "contains"),
    [("ahead", True), ("identical", True), ("behind", False), ("diverged", False)],
)
def test_githubs_words(word: str, contains: bool) -> None:
    told = graph_of("github").contains_meaning(answer(200, {"status": word}), B, A)
    assert told == Related(contains)


def test_githubs_hidden_repository_is_no_unknown_commit() -> None:
    told = graph_of("github").commit_meaning(answer(404, {"message": "Not Found"}), A)
    assert isinstance(told, Refused)
    assert told.scope == "repository"


def test_one_of_azures_merge_bases_is_enough() -> None:
    value = {"value": [{"commitId": B}, {"commitId": A}]}
    assert graph_of("azuredevops").contains_meaning(answer(200, value), B, A) == Related(True)


def test_azures_common_commit_tells_too() -> None:
    graph = graph_of("azuredevops")
    assert graph.contains_meaning(answer(200, {"commonCommit": A}), B, A) == Related(True)
    assert graph.contains_meaning(answer(200, {"commonCommit": B}), B, A) == Related(False)


def test_a_data_center_without_the_call_is_asked_in_another_way() -> None:
    page = Answer(404, {"Content-Type": "application/xml"}, b"<status/>", "https://forge.example")
    assert isinstance(graph_of("bitbucketserver").contains_meaning(page, B, A), NoCall)


@EACH
def test_a_branch_of_any_name_stays_in_its_place(forge_type: str) -> None:
    from statusbot.forges import forge_of

    address = {
        "bitbucketserver": "https://forge.example/scm/KEY/repo.git",
        "azuredevops": "https://dev.azure.com/org/project/_git/repo",
        "bitbucket": "https://bitbucket.org/my-org/my-repo",
    }.get(forge_type, "https://forge.example/my-org/my-repo")
    request = graph_of(forge_type).newest(forge_of(forge_type).repository(address), "a/b?c&d#e", A)
    assert request.url.count("?") == 1
    assert "#" not in request.url
    assert "a%2Fb%3Fc%26d%23e" in request.url
