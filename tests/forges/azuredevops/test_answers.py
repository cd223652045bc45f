from __future__ import annotations

import json
from typing import Any

import pytest

from statusbot.forges.azuredevops import AzureDevOps
from statusbot.forges.base import (
    Answer,
    Limited,
    Meaning,
    Missing,
    Refused,
    Scope,
    Shown,
    Stored,
    Unclear,
)

AZURE = AzureDevOps()
URL = "https://dev.azure.com/o/p/_apis/git/repositories/r/commits/abc/statuses?api-version=6.0"
SIGN_IN = "https://spsprodweu1.vssps.visualstudio.com/_signin?realm=dev.azure.com"
PAGE = b"<html><title>Sign In</title></html>"
BLOCKED = (
    "TF400733: The request has been canceled: Request was blocked due to exceeding usage of"
    " resource 'Concurrency' in namespace 'User'."
)
NO_RIGHT = "TF401027: You need the Git 'GenericContribute' permission to perform this action."
NO_REPOSITORY = "TF401019: The Git repository with name or identifier r does not exist"


def answer(status: int, value: Any = None, **headers: str) -> Answer:
    body = b"" if value is None else json.dumps(value).encode()
    kind = {} if value is None else {"Content-Type": "application/json; charset=utf-8"}
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, kind | names, body, URL)


def error(status: int, kind: str = "", message: str = "no", **headers: str) -> Answer:
    value = {"$id": "1", "message": message, "typeKey": kind, "errorCode": 0, "eventId": 3000}
    return answer(status, value, **headers)


def html(status: int) -> Answer:
    return Answer(status, {"Content-Type": "text/html; charset=utf-8"}, PAGE, URL)


def refused(meaning: object) -> Refused:
    assert isinstance(meaning, Refused)
    return meaning


@pytest.mark.parametrize("status", [200, 201])
def test_the_row_is_stored_whichever_of_the_two_codes_says_so(status: int) -> None:
    assert AZURE.meaning(answer(status, {"id": 1, "state": "succeeded"})) == Stored()


@pytest.mark.parametrize(
    "unclear",
    [
        answer(200),
        answer(204),
        answer(200, {"count": 0, "value": []}),
        answer(201, []),
        answer(200, {}),
        answer(200, {"message": "welcome"}),
        answer(202, {"id": 1}),
        Answer(201, {"Content-Type": "application/json"}, b'{"id": 1', URL),
        answer(408),
        error(409),
        error(500),
        answer(502),
        html(503),
    ],
    ids=lambda a: str(a.status),
)
def test_what_may_have_been_stored_is_unclear(unclear: Answer) -> None:
    assert isinstance(AZURE.meaning(unclear), Unclear)


TABLE: list[tuple[Answer, Scope, bool]] = [
    (html(203), "login", False),
    (answer(203), "login", False),
    (html(200), "login", False),
    (html(201), "login", False),
    (Answer(200, {"Content-Type": "text/plain"}, b"hello", URL), "login", False),
    (answer(302, Location=SIGN_IN), "login", False),
    (answer(302, Location="/_signin?realm=tfs.example"), "login", False),
    (answer(302), "login", False),
    (answer(303, Location="https://[bad"), "login", False),
    (answer(307, Location=SIGN_IN), "login", False),
    (answer(302, Location=f"http://other.example{URL[21:]}"), "repository", False),
    (answer(301, Location="https://new.example/x"), "repository", False),
    (answer(401), "login", False),
    (error(401, "UnauthorizedRequestException", "TF400813: The user is not"), "login", False),
    (error(403, "GitNeedsPermissionException", NO_RIGHT), "repository", False),
    (error(404, "GitRepositoryNotFoundException", NO_REPOSITORY), "repository", False),
    (error(404, "ProjectDoesNotExistWithNameException", "TF200016"), "repository", False),
    (error(404, "ProjectDoesNotExistException", "VS800075"), "repository", False),
    (html(404), "repository", False),
    (answer(404), "repository", False),
    (error(404, "GitCommitDoesNotExistException"), "commit", True),
    (error(404, "GitUnresolvableToCommitException"), "commit", True),
    (error(500, "GitObjectDoesNotExistException", "TF401035"), "commit", True),
    (error(404, "SomeNewException"), "commit", False),
    (error(400, "VssVersionOutOfRangeException"), "repository", False),
    (error(400, "VssInvalidPreviewVersionException"), "repository", False),
    (error(400, "VssPropertyValidationException"), "status", True),
    (error(405), "status", False),
    (error(410), "repository", False),
]


@pytest.mark.parametrize(
    ("got", "scope", "final"), TABLE, ids=[f"{a.status}-{n}" for n, (a, *_) in enumerate(TABLE)]
)
def test_what_a_refusal_makes_hopeless(got: Answer, scope: Scope, final: bool) -> None:
    meaning = refused(AZURE.meaning(got))
    assert (meaning.scope, meaning.final) == (scope, final)


@pytest.mark.parametrize(
    "got",
    [html(203), answer(302, Location=SIGN_IN), answer(401), error(403, "x", NO_RIGHT)],
    ids=lambda a: str(a.status),
)
def test_a_login_that_does_not_suffice_is_told_the_scope(got: Answer) -> None:
    why = refused(AZURE.meaning(got)).why
    assert why.endswith("; a token needs the scope Code (Status)")


def test_the_scope_is_told_after_the_longest_message_too() -> None:
    why = refused(AZURE.meaning(error(403, "x", "word " * 100))).why
    assert why.endswith("(403); a token needs the scope Code (Status)")


def test_a_sign_in_page_is_told_as_what_it_is() -> None:
    why = refused(AZURE.meaning(html(203))).why
    assert why.startswith("the forge answered 203 with text/html: it does not accept the login")


def test_a_sign_in_redirect_does_not_show_its_address() -> None:
    assert "signin" not in refused(AZURE.meaning(answer(302, Location=SIGN_IN))).why


def test_an_old_server_is_told_as_such() -> None:
    message = "The requested REST API version of 6.0 is out of range for this server."
    why = refused(AZURE.meaning(error(400, "VssVersionOutOfRangeException", message))).why
    assert why.startswith(f"this server is older than API 6.0: {message}")


@pytest.mark.parametrize(
    ("got", "seconds"),
    [
        (error(429, "", BLOCKED, Retry_After="30"), 30.0),
        (error(429, "", BLOCKED), 60.0),
        (error(403, "", BLOCKED), 60.0),
        (error(503, "", BLOCKED, Retry_After="7"), 7.0),
        (answer(429, Retry_After="5"), 5.0),
        (answer(429), None),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Answer) else str(value),
)
def test_how_long_a_limit_lasts(got: Answer, seconds: float | None) -> None:
    meanings = (AZURE.meaning(got), AZURE.read_meaning(got))
    assert [isinstance(meaning, Limited) and meaning.seconds for meaning in meanings] == [
        seconds,
        seconds,
    ]


def test_a_limit_is_told_in_azures_words() -> None:
    meaning = AZURE.meaning(error(429, "", BLOCKED))
    assert isinstance(meaning, Limited)
    assert "TF400733" in meaning.why and len(meaning.why) <= 200


def test_a_good_answer_with_a_retry_after_is_stored_nonetheless() -> None:
    got = answer(201, {"id": 1}, Retry_After="20", X_RateLimit_Remaining="0")
    assert AZURE.meaning(got) == Stored()


@pytest.mark.parametrize("value", [[], {"count": 0, "value": []}, {"value": [1]}])
def test_a_read_of_a_list_is_shown_with_or_without_an_object_around_it(value: Any) -> None:
    assert AZURE.read_meaning(answer(200, value)) == Shown()


@pytest.mark.parametrize("value", [None, "x", 1, {"message": "x"}, {"value": None}])
def test_a_read_of_anything_else_is_unclear(value: Any) -> None:
    assert isinstance(AZURE.read_meaning(answer(200, value)), Unclear)


@pytest.mark.parametrize(
    "got",
    [
        error(404, "GitRepositoryNotFoundException", NO_REPOSITORY),
        error(404, "SomeNewException"),
        html(404),
    ],
    ids=["repository", "unknown", "page"],
)
def test_a_reads_404_leaves_it_to_the_write(got: Answer) -> None:
    assert isinstance(AZURE.read_meaning(got), Missing)


def test_a_read_tells_an_unknown_commit() -> None:
    meaning = refused(AZURE.read_meaning(error(404, "GitCommitDoesNotExistException")))
    assert (meaning.scope, meaning.final) == ("commit", True)


@pytest.mark.parametrize(
    ("got", "scope"),
    [(html(203), "login"), (answer(401), "login"), (error(403, "x", NO_RIGHT), "repository")],
    ids=["203", "401", "403"],
)
def test_reads_are_refused_as_writes_are(got: Answer, scope: Scope) -> None:
    assert refused(AZURE.read_meaning(got)).scope == scope


@pytest.mark.parametrize("status", [203, 302, 400, 401, 403, 404, 429, 500])
def test_a_hostile_message_becomes_one_short_line(status: int) -> None:
    message = "\x1b[31mred\n" + "x" * 5000
    meaning: Meaning = AZURE.meaning(error(status, "x", message, Location="http://\x1b[31m/x"))
    assert isinstance(meaning, Refused | Limited | Unclear)
    assert meaning.why.isprintable() and len(meaning.why) <= 200


@pytest.mark.parametrize("kind", [None, 5, [], {"a": 1}])
def test_a_type_key_that_is_no_text_is_none(kind: Any) -> None:
    meaning = refused(AZURE.meaning(answer(404, {"message": "x", "typeKey": kind})))
    assert meaning.scope == "repository"
