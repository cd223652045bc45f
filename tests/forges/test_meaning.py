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
from statusbot.forges.limits import cooldown

GITHUB = forge_of("github")
GITEA = forge_of("gitea")
BOTH = pytest.mark.parametrize("forge", [GITHUB, GITEA], ids=["github", "gitea"])
DATE = "Fri, 20 Nov 2026 12:00:00 GMT"
SECONDARY = "https://docs.github.com/rest/overview#about-secondary-rate-limits"
CAP = "This SHA and context has reached the maximum number of statuses."


def answer(status: int, value: Any = None, **headers: str) -> Answer:
    body = b"" if value is None else json.dumps(value).encode()
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, names, body)


def said(message: str) -> dict[str, Any]:
    return {"message": message}


@BOTH
def test_201_with_the_row_is_stored(forge: Any) -> None:
    assert forge.meaning(answer(201, {"id": 1})) == Stored()


@BOTH
@pytest.mark.parametrize(
    "unclear",
    [
        answer(201),
        answer(200, {"id": 1}),
        answer(202),
        Answer(200, {"Content-Type": "text/html"}, b"<html>Sign in</html>"),
        answer(408),
        answer(409, said("Conflict")),
        answer(500, said("")),
        answer(502),
        answer(503),
        answer(504),
        answer(599),
    ],
    ids=lambda a: str(a.status),
)
def test_what_may_have_been_stored_is_unclear(forge: Any, unclear: Answer) -> None:
    assert isinstance(forge.meaning(unclear), Unclear)


@BOTH
@pytest.mark.parametrize(
    ("got", "scope", "final"),
    [
        (answer(400, said("Problems parsing JSON")), "status", True),
        (answer(401, said("Bad credentials")), "login", False),
        (
            answer(403, said("Resource not accessible by personal access token")),
            "repository",
            False,
        ),
        (answer(404, said("Not Found")), "repository", False),
        (answer(405), "status", False),
        (answer(407), "login", False),
        (answer(410), "repository", False),
        (answer(418), "status", False),
        (answer(422, said("Validation Failed")), "status", True),
        (answer(423, said("repo is archived")), "repository", True),
        (answer(301, Location="https://new.example/"), "repository", False),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Answer) else str(value),
)
def test_what_a_refusal_makes_hopeless(forge: Any, got: Answer, scope: Scope, final: bool) -> None:
    meaning = forge.meaning(got)
    assert isinstance(meaning, Refused)
    assert (meaning.scope, meaning.final) == (scope, final)


def test_githubs_unknown_commit_is_settled() -> None:
    meaning = GITHUB.meaning(answer(422, said("No commit found for SHA: 5f5f")))
    assert meaning == Refused(
        "the forge does not know this commit: No commit found for SHA: 5f5f (422)", True, "commit"
    )


def test_githubs_cap_of_rows_is_settled_for_this_status_only() -> None:
    value = {"message": "Validation Failed", "errors": [{"code": "custom", "message": CAP}]}
    meaning = GITHUB.meaning(answer(422, value))
    assert isinstance(meaning, Refused)
    assert (meaning.scope, meaning.final) == ("status", True)
    assert CAP[:40] in meaning.why


def test_githubs_archived_repository_is_settled() -> None:
    meaning = GITHUB.meaning(answer(403, said("Repository was archived so is read-only.")))
    assert isinstance(meaning, Refused)
    assert (meaning.scope, meaning.final) == ("repository", True)


def test_githubs_empty_repository_may_be_filled_later() -> None:
    meaning = GITHUB.read_meaning(answer(409, said("Git Repository is empty.")))
    assert isinstance(meaning, Refused)
    assert (meaning.scope, meaning.final) == ("repository", False)


def test_github_names_the_permission_that_is_missing() -> None:
    value = said("Resource not accessible by integration")
    meaning = GITHUB.meaning(answer(403, value, X_Accepted_GitHub_Permissions="statuses=write"))
    assert isinstance(meaning, Refused)
    assert "it needs the permission statuses=write" in meaning.why


def test_gitea_tells_which_scope_a_token_needs() -> None:
    meaning = GITEA.meaning(answer(403, said("token does not have the scope")))
    assert isinstance(meaning, Refused)
    assert "write:repository" in meaning.why


@pytest.mark.parametrize(
    ("forge", "right"), [(GITHUB, "Commit statuses: read"), (GITEA, "read:repository")]
)
def test_who_may_not_read_is_told_the_right_to_read_first(forge: Any, right: str) -> None:
    meaning = forge.read_meaning(answer(403, said("you may not")))
    assert "; to read, a token needs" in meaning.why
    assert right in meaning.why.partition("to post")[0]


@pytest.mark.parametrize("status", [404, 500])
def test_gitea_and_forgejo_tell_an_unknown_commit_in_gits_words(status: int) -> None:
    value = {"message": "not found", "errors": ["object does not exist [id: 5f, rel_path: ]"]}
    meaning = GITEA.meaning(answer(status, value))
    assert isinstance(meaning, Refused)
    assert (meaning.scope, meaning.final) == ("commit", True)


@BOTH
def test_a_503_keeps_the_time_that_it_asks_for(forge: Any) -> None:
    assert forge.meaning(answer(503, Retry_After="9")).seconds == 9


@pytest.mark.parametrize(
    ("got", "seconds"),
    [
        (answer(429, Retry_After="7"), 7),
        (answer(429, Retry_After="0.5"), 1),
        (answer(429, Retry_After="-3"), 1),
        (answer(429, Retry_After="1e99"), 86400),
        (answer(429, Retry_After="Fri, 20 Nov 2026 12:01:30 GMT", Date=DATE), 90),
        (answer(429, Retry_After="Fri, 20 Nov 2026 12:01:30 GMT"), 60),
        (answer(429, Retry_After="soon"), None),
        (answer(429, Retry_After="nan"), None),
        (answer(429), None),
        (answer(403, Retry_After="30"), 30),
        (answer(403, X_RateLimit_Remaining="0", X_RateLimit_Reset="1795176060", Date=DATE), 61),
        (answer(403, X_RateLimit_Remaining="0", X_RateLimit_Reset="1795176060"), 60),
        (answer(403, X_RateLimit_Remaining="0", X_RateLimit_Reset="x", Date=DATE), 60),
        (answer(403, {"message": "Slow down", "documentation_url": SECONDARY}), 60),
        (answer(403, said("You have exceeded a secondary rate limit.")), 60),
        (answer(403, said("abuse"), Retry_After="5", X_RateLimit_Remaining="0"), 5),
    ],
)
def test_how_long_a_limit_lasts(got: Answer, seconds: float | None) -> None:
    meaning = GITHUB.meaning(got)
    assert isinstance(meaning, Limited)
    assert meaning.seconds == seconds


@pytest.mark.parametrize(
    ("got", "seconds"),
    [
        (answer(200), None),
        (answer(200, Retry_After="12.5"), 12.5),
        (answer(201, X_RateLimit_Remaining="0", X_RateLimit_Reset="1795176060", Date=DATE), 61),
        (answer(201, RateLimit_Remaining="0", RateLimit_Reset="1795176060", Date=DATE), 61),
        (answer(201, X_RateLimit_Remaining="0"), None),
        (answer(201, X_RateLimit_Remaining="1", X_RateLimit_Reset="1795176060", Date=DATE), None),
    ],
)
def test_a_good_answer_may_ask_for_a_pause(got: Answer, seconds: float | None) -> None:
    assert cooldown(got) == seconds


def test_a_403_with_calls_left_is_about_permissions() -> None:
    meaning = GITHUB.meaning(answer(403, said("no"), X_RateLimit_Remaining="4999"))
    assert isinstance(meaning, Refused)


@BOTH
def test_a_read_of_a_page_is_shown(forge: Any) -> None:
    value = {"statuses": []} if forge is GITHUB else []
    assert forge.read_meaning(answer(200, value)) == Shown()


@BOTH
@pytest.mark.parametrize("value", [None, "x", {"message": "x"}, {"statuses": None}])
def test_a_read_of_anything_else_is_unclear(forge: Any, value: Any) -> None:
    assert isinstance(forge.read_meaning(answer(200, value)), Unclear)


@BOTH
@pytest.mark.parametrize(("value", "words"), [("x", "not what was asked for"), (None, "not JSON")])
def test_what_is_json_but_not_the_apis_is_not_called_no_json(
    forge: Any, value: Any, words: str
) -> None:
    meaning = forge.read_meaning(answer(200, value))
    assert f", {words}: is that its API?" in meaning.why


@BOTH
def test_a_reads_404_does_not_tell_commit_from_repository(forge: Any) -> None:
    assert isinstance(forge.read_meaning(answer(404, said("Not Found"))), Missing)


def test_giteas_read_tells_an_unknown_commit() -> None:
    value = {"message": "not found", "errors": ["object does not exist [id: 5f, rel_path: ]"]}
    meaning = GITEA.read_meaning(answer(404, value))
    assert isinstance(meaning, Refused)
    assert meaning.scope == "commit"


@BOTH
@pytest.mark.parametrize(
    ("got", "kind"),
    [(answer(401), Refused), (answer(429), Limited), (answer(500), Unclear)],
    ids=["401", "429", "500"],
)
def test_reads_fail_as_writes_do(forge: Any, got: Answer, kind: type) -> None:
    assert isinstance(forge.read_meaning(got), kind)


@BOTH
@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_page_in_place_of_the_apis_answer_settles_nothing(forge: Any, status: int) -> None:
    page = b"<title>400 No required SSL certificate was sent</title>"
    meaning = forge.meaning(Answer(status, {"Content-Type": "text/html"}, page))
    assert isinstance(meaning, Refused)
    assert not meaning.final


def test_a_proxy_that_wants_a_login_is_not_taken_for_the_forge() -> None:
    assert "the proxy wants a username" in GITEA.meaning(answer(407)).why  # type: ignore[union-attr]


def test_a_redirect_is_told_without_what_may_be_secret_in_it() -> None:
    target = "https://me:hunter22@sso.example/login?code=s3cr3t#x"
    meaning = GITHUB.meaning(answer(302, Location=target))
    assert isinstance(meaning, Refused)
    assert meaning.why == "the forge redirects to https://sso.example/login: correct the address"


@BOTH
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500])
def test_a_hostile_message_becomes_one_short_line(forge: Any, status: int) -> None:
    value = said("\x1b[31mred\u202e ghp_0123456789abcdefghij0123 " + "long " * 100)
    meaning = forge.meaning(answer(status, value))
    assert meaning.why.isprintable()
    assert len(meaning.why) <= 200
    assert "ghp_" not in meaning.why


@BOTH
def test_deeply_nested_json_is_no_json(forge: Any) -> None:
    assert isinstance(forge.meaning(Answer(201, {}, b"[" * 100_000)), Unclear)


def test_the_names_of_headers_compare_without_case() -> None:
    assert Answer(429, {"RETRY-AFTER": "3"}).headers["Retry-After"] == "3"
