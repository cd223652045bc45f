from __future__ import annotations

import json
from typing import Any

import pytest

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
from statusbot.forges.gitlab import GitLab

GITLAB = GitLab()
DATE = "Fri, 20 Nov 2026 12:00:00 GMT"
SCOPE = {
    "error": "insufficient_scope",
    "error_description": "The request requires higher privileges than provided by the access token.",
    "scope": "api",
}
BUSY = "Another update to this commit status is in progress"


def answer(status: int, value: Any = None, **headers: str) -> Answer:
    body = b"" if value is None else json.dumps(value).encode()
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, names, body)


def said(status: int, message: Any) -> Answer:
    return answer(status, {"message": message})


def step(event: str, before: str, reason: bool = True) -> Answer:
    text = f"Cannot transition status via :{event} from :{before}"
    end = f' (Reason(s): Status cannot transition via "{event}")' if reason else ""
    return said(400, text + end)


@pytest.mark.parametrize("status", [200, 201])
def test_the_row_is_stored(status: int) -> None:
    assert GITLAB.meaning(answer(status, {"id": 1, "status": "success"})) == Stored()


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ("enqueue", "pending"),
        ("run", "running"),
        ("drop", "failed"),
        ("success", "success"),
        ("cancel", "canceled"),
        ("skip", "skipped"),
    ],
)
def test_a_step_to_where_it_is_already_is_stored(event: str, state: str) -> None:
    assert GITLAB.meaning(step(event, state)) == Stored()


def test_a_step_is_understood_in_the_words_of_old_versions() -> None:
    assert GITLAB.meaning(step("enqueue", "pending", reason=False)) == Stored()


@pytest.mark.parametrize(
    ("event", "before"),
    [
        ("enqueue", "running"),
        ("run", "success"),
        ("success", "canceled"),
        ("skip", "running"),
        ("other", "pending"),
        ("other", "other"),
    ],
)
def test_a_step_that_cannot_be_made_is_settled_for_this_status(event: str, before: str) -> None:
    meaning = GITLAB.meaning(step(event, before))
    assert isinstance(meaning, Refused)
    assert (meaning.scope, meaning.final) == ("status", True)
    assert f":{event} from :{before}" in meaning.why


def test_a_step_is_only_what_begins_so() -> None:
    quoted = "name: Cannot transition status via :enqueue from :pending"
    assert isinstance(GITLAB.meaning(said(400, quoted)), Refused)


def test_a_step_is_only_a_bad_request() -> None:
    assert not isinstance(GITLAB.meaning(answer(500, step("run", "running").json())), Stored)


@pytest.mark.parametrize(
    ("got", "scope", "final"),
    [
        (said(400, {"description": ["is too long (maximum is 255 characters)"]}), "status", True),
        (said(400, {"name": ["has already been taken"]}), "status", True),
        (answer(400, {"error": "state does not have a valid value"}), "status", True),
        (said(401, "401 Unauthorized"), "login", False),
        (answer(401, {"error": "invalid_token", "error_description": "Revoked."}), "login", False),
        (said(403, "403 Forbidden"), "commit", False),
        (answer(403, SCOPE), "login", False),
        (said(404, "404 Project Not Found"), "repository", False),
        (answer(404, {"error": "404 Not Found"}), "repository", False),
        (said(404, "404 Pipeline for pipeline_id, sha and ref Not Found"), "repository", False),
        (said(404, "404 Commit Not Found"), "commit", True),
        (said(404, "404 References for commit Not Found"), "commit", True),
        (said(405, "Non GET methods are not allowed for moved projects"), "repository", False),
        (said(422, "The number of jobs has exceeded the limit"), "status", True),
        (answer(301, Location="https://new.example/"), "repository", False),
    ],
    ids=lambda value: str(value.json()) if isinstance(value, Answer) else str(value),
)
def test_what_a_refusal_makes_hopeless(got: Answer, scope: Scope, final: bool) -> None:
    meaning = GITLAB.meaning(got)
    assert isinstance(meaning, Refused)
    assert (meaning.scope, meaning.final) == (scope, final)


def why(meaning: Meaning) -> str:
    assert isinstance(meaning, Refused)
    return meaning.why


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (
            said(400, {"description": ["is too long (maximum is 255 characters)"]}),
            "the forge does not take this status: description is too long (maximum is 255"
            " characters) (400)",
        ),
        (
            said(403, "403 Forbidden"),
            "the login may not do this: 403 Forbidden (403); a token needs the scope api, its user"
            " the role Developer, on a protected branch Maintainer or the right to push",
        ),
        (
            answer(403, SCOPE),
            "the login may not do this: insufficient_scope; The request requires higher privileges"
            " than provided by the access token. (403); the token needs the scope api",
        ),
        (
            said(404, "404 Commit Not Found"),
            "the forge does not know this commit: 404 Commit Not Found (404)",
        ),
        (
            answer(404, {"error": "404 Not Found"}),
            "no such repository for this login: 404 Not Found (404); if a proxy decodes %2F on the"
            " way, write the address as https://host/<project id>",
        ),
        (
            said(405, "Non GET methods are not allowed for moved projects"),
            "the project has moved: correct the address: Non GET methods are not allowed for moved"
            " projects (405)",
        ),
    ],
    ids=lambda value: str(value.json()) if isinstance(value, Answer) else "",
)
def test_a_refusal_says_in_one_sentence_what_to_do(got: Answer, words: str) -> None:
    assert why(GITLAB.meaning(got)) == words


def test_a_read_says_as_well_that_the_scope_is_missing() -> None:
    meaning = GITLAB.read_meaning(answer(403, SCOPE))
    assert isinstance(meaning, Refused)
    assert meaning.scope == "login"
    assert meaning.why.endswith("; the token needs the scope read_api to read, api to post")


def test_a_read_says_the_right_to_read_first() -> None:
    meaning = GITLAB.read_meaning(said(403, "403 Forbidden"))
    assert isinstance(meaning, Refused)
    assert meaning.why.endswith(
        "; to read, a token needs the scope read_api and its user the role Reporter, to post api"
        " and Developer"
    )


def test_a_write_that_met_another_was_not_stored_and_comes_back_alone() -> None:
    assert GITLAB.meaning(said(409, BUSY)) == Limited(
        1.0, f"the forge is busy with this commit: {BUSY} (409)", alone=True
    )


@pytest.mark.parametrize(
    "unclear",
    [
        answer(200),
        answer(200, []),
        answer(200, {"message": "x"}),
        answer(201),
        answer(201, "x"),
        answer(202),
        answer(204),
        answer(408),
        said(409, "409 Conflict"),
        answer(409),
        said(500, "500 Internal Server Error"),
        said(500, "404 Commit Not Found"),
        answer(502),
        answer(503),
        Answer(200, {"Content-Type": "text/html"}, b"<html>Sign in</html>"),
    ],
    ids=lambda a: f"{a.status} {a.body!r}",
)
def test_what_may_have_been_stored_is_unclear(unclear: Answer) -> None:
    assert isinstance(GITLAB.meaning(unclear), Unclear)


def test_a_limit_in_plain_text_is_quoted() -> None:
    got = Answer(429, {"Content-Type": "text/plain", "Retry-After": "37"}, b"Retry later\n")
    assert GITLAB.meaning(got) == Limited(37, "the forge limits our calls: Retry later (429)")


def test_a_limit_may_tell_its_end_by_gitlabs_own_headers() -> None:
    headers = {"RateLimit_Remaining": "0", "RateLimit_Reset": "1795176060", "Date": DATE}
    meaning = GITLAB.meaning(answer(429, **headers))
    assert isinstance(meaning, Limited)
    assert meaning.seconds == 61


def test_a_page_is_shown() -> None:
    assert GITLAB.read_meaning(answer(200, [])) == Shown()


@pytest.mark.parametrize("value", [None, "x", {}, {"message": "x"}])
def test_a_read_of_anything_else_is_unclear(value: Any) -> None:
    assert isinstance(GITLAB.read_meaning(answer(200, value)), Unclear)


def test_a_read_tells_an_unknown_commit() -> None:
    meaning = GITLAB.read_meaning(said(404, "404 Commit Not Found"))
    assert isinstance(meaning, Refused)
    assert (meaning.scope, meaning.final) == ("commit", True)


@pytest.mark.parametrize(
    "got", [said(404, "404 Project Not Found"), answer(404, {"error": "404 Not Found"})]
)
def test_a_read_leaves_a_missing_project_to_the_write(got: Answer) -> None:
    assert isinstance(GITLAB.read_meaning(got), Missing)


@pytest.mark.parametrize(
    ("got", "kind"),
    [
        (said(401, "401 Unauthorized"), Refused),
        (said(403, "403 Forbidden"), Refused),
        (answer(429), Limited),
        (answer(502), Unclear),
        (step("enqueue", "pending"), Refused),
    ],
)
def test_reads_fail_as_writes_do(got: Answer, kind: type) -> None:
    assert isinstance(GITLAB.read_meaning(got), kind)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 422, 429, 500])
@pytest.mark.parametrize("field", ["message", "error_description"])
def test_a_hostile_message_becomes_one_short_line(field: str, status: int) -> None:
    text = "\x1b[31mred\u202e glpat-0123456789abcdefghij in progress " + "long " * 100
    for value in ({field: text}, {"message": {text: [text] * 50}}):
        meaning = GITLAB.meaning(answer(status, value))
        assert not isinstance(meaning, Stored)
        assert meaning.why.isprintable()
        assert len(meaning.why) <= 200
        assert "glpat-" not in meaning.why


def test_deeply_nested_json_is_no_json() -> None:
    assert isinstance(GITLAB.meaning(Answer(201, {}, b"[" * 100_000)), Unclear)
