from __future__ import annotations

import json
from typing import Any

import pytest

from statusbot.forges import forge_of
from statusbot.forges.base import (
    Answer,
    Limited,
    Missing,
    Refused,
    Scope,
    Shown,
    Stored,
    Unclear,
)

BITBUCKET = forge_of("bitbucket")
ROW = {"type": "build", "key": "k", "state": "SUCCESSFUL"}
SCOPES = "Your credentials lack one or more required privilege scopes."
GONE = "You may not have access to this repository or it no longer exists in this workspace."
LIMIT = "Rate limit for this resource has been exceeded"
EMPTY: dict[str, Any] = {"values": [], "size": 0, "page": 1, "pagelen": 100}


def answer(status: int, value: Any = None, **headers: str) -> Answer:
    body = b"" if value is None else json.dumps(value).encode()
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, names, body)


def error(message: str, **more: Any) -> dict[str, Any]:
    return {"type": "error", "error": {"message": message, **more}}


NO_SCOPE = answer(
    403, error(SCOPES, detail={"granted": ["email"], "required": ["read:repository:bitbucket"]})
)
NO_COMMIT = answer(404, error("Commit not found", data={"shas": ["5f5f"]}))


@pytest.mark.parametrize("status", [201, 200])
def test_a_row_that_comes_back_is_stored(status: int) -> None:
    assert BITBUCKET.meaning(answer(status, ROW)) == Stored()


@pytest.mark.parametrize(
    "unclear",
    [
        answer(201),
        answer(201, []),
        answer(200, {"values": []}),
        answer(200, {"key": None}),
        answer(202, ROW),
        answer(204),
        Answer(200, {"Content-Type": "text/html"}, b"<html>Log in</html>"),
        answer(408),
        answer(409, error("Conflict")),
        answer(500, error("Something went wrong", id="1cd96f")),
        answer(502),
        answer(503),
        answer(504),
    ],
    ids=lambda a: str(a.status),
)
def test_what_may_have_been_stored_is_unclear(unclear: Answer) -> None:
    assert isinstance(BITBUCKET.meaning(unclear), Unclear)


@pytest.mark.parametrize(
    ("got", "scope", "final"),
    [
        (answer(400, error("url: Enter a valid URL.")), "status", True),
        (answer(401, error("Token is invalid, expired, or not supported.")), "login", False),
        (answer(401), "login", False),
        (NO_SCOPE, "repository", False),
        (answer(403, error(SCOPES)), "repository", False),
        (answer(403, error("Forbidden")), "status", False),
        (answer(403), "status", False),
        (answer(403, error("x", detail={"required": "all"})), "status", False),
        (answer(403, error("x", detail={"required": [7, "a b"]})), "status", False),
        (answer(404, error(GONE)), "repository", False),
        (NO_COMMIT, "commit", True),
        (answer(400, error("Commit not found")), "commit", True),
        (answer(404), "repository", False),
        (answer(410, error("This workspace has been deleted")), "repository", False),
        (answer(302, Location="https://id.atlassian.com/login"), "repository", False),
        (answer(405), "status", False),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Answer) else str(value),
)
def test_what_a_refusal_makes_hopeless(got: Answer, scope: Scope, final: bool) -> None:
    meaning = BITBUCKET.meaning(got)
    assert isinstance(meaning, Refused)
    assert (meaning.scope, meaning.final) == (scope, final)


@pytest.mark.parametrize(
    ("got", "why"),
    [
        (
            answer(400, error("Bad request", fields={"key": ["at most 40"], "url": ["no URL"]})),
            "the forge does not take this status: Bad request; key: at most 40; url: no URL (400)",
        ),
        (
            answer(401, error("Token is invalid, expired, or not supported for this endpoint.")),
            "the login is refused: Token is invalid, expired, or not supported for this endpoint."
            " (401); API tokens go as email:token; app passwords ended 2026-07-28",
        ),
        (NO_SCOPE, f"the token lacks a scope: {SCOPES} (403); it needs read:repository:bitbucket"),
        (
            answer(403, error(SCOPES)),
            f"the token lacks a scope: {SCOPES} (403); it needs read:repository:bitbucket"
            " (access token: repository)",
        ),
        (
            answer(403, error("Forbidden")),
            "not allowed: Forbidden (403); only a status's author or an admin may overwrite it",
        ),
        (
            answer(404, error("Repository acme/x not found")),
            "no such repository for this login: Repository acme/x not found (404); a token needs"
            " read:repository:bitbucket (access token: repository)",
        ),
        (NO_COMMIT, "the forge does not know this commit: Commit not found (404)"),
    ],
    ids=["400", "401", "scope", "some scope", "author", "404", "commit"],
)
def test_a_refusal_says_what_would_help(got: Answer, why: str) -> None:
    meaning = BITBUCKET.meaning(got)
    assert isinstance(meaning, Refused)
    assert meaning.why == why


def test_several_scopes_are_all_named() -> None:
    detail = {"required": ["read:repository:bitbucket", "evil\x1b[31m", "repository"]}
    meaning = BITBUCKET.meaning(answer(403, error("x", detail=detail)))
    assert isinstance(meaning, Refused)
    assert meaning.why.endswith("it needs read:repository:bitbucket, repository")


@pytest.mark.parametrize(
    ("got", "seconds"),
    [
        (Answer(429, {"Content-Type": "text/plain"}, LIMIT.encode()), 300),
        (answer(429, error(LIMIT)), 300),
        (answer(429), 300),
        (answer(429, Retry_After="7"), 7),
        (answer(429, X_RateLimit_Remaining="0", X_RateLimit_Reset="745"), 746),
        (answer(403, error(LIMIT)), 300),
        (answer(403, error("x"), Retry_After="9"), 9),
        (answer(403, error("x"), X_RateLimit_Remaining="0", X_RateLimit_Reset="45"), 46),
    ],
)
def test_how_long_a_limit_lasts(got: Answer, seconds: float) -> None:
    for meaning in (BITBUCKET.meaning(got), BITBUCKET.read_meaning(got)):
        assert isinstance(meaning, Limited)
        assert meaning.seconds == seconds


def test_a_limit_says_so_in_bitbuckets_words() -> None:
    meaning = BITBUCKET.meaning(answer(429, error(LIMIT)))
    assert isinstance(meaning, Limited)
    assert meaning.why == f"the forge limits our calls: {LIMIT} (429)"


def test_a_read_of_a_page_is_shown() -> None:
    assert BITBUCKET.read_meaning(answer(200, EMPTY)) == Shown()


@pytest.mark.parametrize("value", [None, "x", [], {}, {"values": None}, error("x")])
def test_a_read_of_anything_else_is_unclear(value: Any) -> None:
    assert isinstance(BITBUCKET.read_meaning(answer(200, value)), Unclear)


def test_a_page_in_another_answer_than_200_is_not_shown() -> None:
    assert isinstance(BITBUCKET.read_meaning(answer(206, EMPTY)), Unclear)


def test_a_read_tells_an_unknown_commit_from_an_unknown_repository() -> None:
    commit = BITBUCKET.read_meaning(NO_COMMIT)
    assert isinstance(commit, Refused)
    assert (commit.scope, commit.final) == ("commit", True)
    assert isinstance(BITBUCKET.read_meaning(answer(404, error(GONE))), Missing)


@pytest.mark.parametrize(
    ("got", "scope"),
    [(answer(401), "login"), (NO_SCOPE, "repository"), (answer(403, error("x")), "repository")],
    ids=["401", "scope", "403"],
)
def test_a_read_that_is_refused_is_nothing_of_one_status(got: Answer, scope: Scope) -> None:
    meaning = BITBUCKET.read_meaning(got)
    assert isinstance(meaning, Refused)
    assert (meaning.scope, meaning.final) == (scope, False)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500])
def test_a_hostile_message_becomes_one_short_line(status: int) -> None:
    value = error("\x1b[31mred\u202e ATCTT3xFfGN0-0123456789abcdef " + "long " * 100)
    meaning = BITBUCKET.meaning(answer(status, value))
    assert not isinstance(meaning, Stored)
    assert meaning.why.isprintable()
    assert len(meaning.why) <= 200
    assert "ATCTT" not in meaning.why


@pytest.mark.parametrize("value", [[1], {"error": []}, {"error": {"message": {}}}, {"error": None}])
def test_an_error_of_another_shape_says_nothing(value: Any) -> None:
    meaning = BITBUCKET.meaning(answer(403, value))
    assert isinstance(meaning, Refused)
