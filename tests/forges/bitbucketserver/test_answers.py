from __future__ import annotations

import json
from typing import Any

import pytest

from statusbot.forges.base import Answer, Limited, Missing, Refused, Scope, Shown, Stored, Unclear
from statusbot.forges.bitbucketserver import BitbucketServer
from statusbot.forges.limits import cooldown

SERVER = BitbucketServer()
BUILD = {"key": "a" * 40, "state": "FAILED", "url": "https://x.example/"}
CONTAINER = b'<?xml version="1.0"?><status><status-code>404</status-code></status>'
LOGIN = "auth.IncorrectPasswordAuthenticationException"
USER = {"X-AUSERNAME": "bot"}


def answer(status: int, value: Any = None, **headers: str) -> Answer:
    body = b"" if value is None else json.dumps(value).encode()
    return Answer(status, {name.replace("_", "-"): text for name, text in headers.items()}, body)


def error(status: int, exception: str | None = None, message: str = "no", **headers: str) -> Answer:
    name = f"com.atlassian.bitbucket.{exception}" if exception else None
    item = {"context": None, "message": message, "exceptionName": name}
    return answer(status, {"errors": [item]}, **headers)


def refused(meaning: object) -> Refused:
    assert isinstance(meaning, Refused)
    return meaning


def test_204_is_stored() -> None:
    assert SERVER.meaning(answer(204)) == Stored()


@pytest.mark.parametrize(
    "unclear",
    [
        answer(200),
        answer(200, BUILD),
        answer(201, BUILD),
        Answer(200, {"Content-Type": "text/html"}, b"<html>Log in</html>"),
        error(408),
        error(409),
        error(500),
        error(502, "commit.NoSuchCommitException"),
        answer(503),
    ],
    ids=lambda got: str(got.status),
)
def test_what_may_have_been_stored_is_unclear(unclear: Answer) -> None:
    assert isinstance(SERVER.meaning(unclear), Unclear)


@pytest.mark.parametrize(
    ("got", "scope", "final"),
    [
        (error(400, None, "The key is too long."), "status", True),
        (error(400, "commit.NoSuchCommitException"), "commit", True),
        (error(404, "commit.NoSuchCommitException"), "commit", True),
        (error(404, "repository.NoSuchRepositoryException"), "repository", False),
        (error(404, "project.NoSuchProjectException"), "repository", False),
        (error(404), "repository", False),
        (answer(404), "repository", False),
        (answer(405), "repository", False),
        (Answer(404, {}, CONTAINER), "repository", False),
        (answer(404, {"message": "null for uri: x", "status-code": 404}), "repository", False),
        (error(401, LOGIN), "login", False),
        (error(401), "login", False),
        (answer(401), "login", False),
        (error(401, "AuthorisationException"), "repository", False),
        (error(401, X_AUSERNAME="bot"), "repository", False),
        (error(401, X_AUSERNAME="anonymous"), "login", False),
        (error(401, X_AUSERNAME=" "), "login", False),
        (error(403), "repository", False),
        (answer(302, Location="https://sso.example/login"), "repository", False),
    ],
)
def test_what_a_refusal_makes_hopeless(got: Answer, scope: Scope, final: bool) -> None:
    meaning = refused(SERVER.meaning(got))
    assert (meaning.scope, meaning.final) == (scope, final)


def test_an_unknown_commit_is_told_in_the_servers_words() -> None:
    got = error(404, "commit.NoSuchCommitException", "Commit 'x' does not exist in repository 'r'.")
    assert refused(SERVER.meaning(got)).why == (
        "the forge does not know this commit: Commit 'x' does not exist in repository 'r'. (404)"
    )


def test_an_unknown_repository_tells_the_right_that_its_login_may_lack() -> None:
    got = error(404, "repository.NoSuchRepositoryException", "Repository K/r does not exist.")
    assert refused(SERVER.meaning(got)).why == (
        "no such repository for this login: Repository K/r does not exist. (404);"
        " a token needs Repository read, its user read access"
    )


def test_a_401_that_names_nobody_may_mean_the_login_and_the_right() -> None:
    why = refused(SERVER.meaning(error(401, LOGIN, "Authentication failed."))).why
    assert why == (
        "the forge does not accept the login, or it may not do this: Authentication failed. (401);"
        " a token needs Repository read, its user read access"
    )


def test_a_401_that_names_the_user_is_about_a_right() -> None:
    why = refused(SERVER.meaning(error(401, X_AUSERNAME="bot"))).why
    assert why == (
        "the login may not do this: no (401); a token needs Repository read, its user read access"
    )


@pytest.mark.parametrize("got", [answer(405), Answer(404, {}, CONTAINER)])
def test_a_server_without_the_builds_api_is_told_so(got: Answer) -> None:
    why = refused(SERVER.meaning(got)).why
    assert why == (
        f"the forge has no builds API there ({got.status}):"
        " is the address right, and Bitbucket 7.4 or newer?"
    )


def test_a_build_is_shown() -> None:
    assert SERVER.read_meaning(answer(200, BUILD)) == Shown()


def test_a_build_with_another_code_is_unclear() -> None:
    assert isinstance(SERVER.read_meaning(answer(203, BUILD)), Unclear)


@pytest.mark.parametrize("value", [None, 1, "x", [], [BUILD], {}, {"key": None}, {"values": []}])
def test_a_read_of_anything_else_is_unclear(value: Any) -> None:
    assert isinstance(SERVER.read_meaning(answer(200, value)), Unclear)


@pytest.mark.parametrize(
    "got",
    [error(404), error(404, "build.AnyException"), answer(404), answer(405)],
    ids=["no name", "another name", "no body", "before 7.14"],
)
def test_a_build_that_is_not_there_is_missing(got: Answer) -> None:
    assert isinstance(SERVER.read_meaning(got), Missing)


@pytest.mark.parametrize(
    ("got", "scope", "final"),
    [
        (error(404, "commit.NoSuchCommitException"), "commit", True),
        (error(404, "repository.NoSuchRepositoryException"), "repository", False),
        (error(404, "project.NoSuchProjectException"), "repository", False),
        (Answer(404, {}, CONTAINER), "repository", False),
        (error(401, LOGIN), "login", False),
        (error(401, X_AUSERNAME="bot"), "repository", False),
        (error(400), "status", True),
    ],
)
def test_a_read_tells_what_else_is_missing(got: Answer, scope: Scope, final: bool) -> None:
    meaning = refused(SERVER.read_meaning(got))
    assert (meaning.scope, meaning.final) == (scope, final)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "7", "X_RateLimit_Remaining": "0"}, 7),
        ({"Retry_After": "0", "X_RateLimit_Remaining": "1"}, 1),
        ({"X_RateLimit_Remaining": "0", "X_RateLimit_Interval_Seconds": "1"}, 60),
        ({}, None),
    ],
)
def test_how_long_a_limit_lasts(headers: dict[str, str], seconds: float | None) -> None:
    for meaning in (
        SERVER.meaning(answer(429, {"message": "Rate limited."}, **headers)),
        SERVER.read_meaning(answer(429, {"message": "Rate limited."}, **headers)),
    ):
        assert meaning == Limited(seconds, "the forge limits our calls: Rate limited. (429)")


def test_a_good_answer_that_says_how_many_calls_are_left_asks_for_no_pause() -> None:
    headers = {"X_RateLimit_Limit": "60", "X_RateLimit_Remaining": "59", "Retry_After": "0"}
    assert cooldown(answer(204, **headers)) is None


def test_a_good_answer_after_which_no_call_is_left_asks_for_a_pause() -> None:
    assert cooldown(answer(204, X_RateLimit_Remaining="0", Retry_After="3")) == 3


@pytest.mark.parametrize(
    "errors", [None, 5, "x", {"exceptionName": "x"}, [None, 5], [{"exceptionName": 5}], [{}]]
)
def test_errors_of_any_shape_are_an_error(errors: Any) -> None:
    for status in (400, 401, 404):
        refused(SERVER.meaning(answer(status, {"errors": errors})))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500])
def test_a_hostile_message_becomes_one_short_line(status: int) -> None:
    words = "\x1b[31mred\u202e BBDC-token ghp_0123456789abcdefghij0123 " + "long " * 100
    meaning = SERVER.meaning(error(status, None, words))
    assert not isinstance(meaning, Stored)
    assert meaning.why.isprintable()
    assert len(meaning.why) <= 200
    assert "ghp_" not in meaning.why
