"""Bitbucket Cloud's own rules, which no document states: see the forge's dialect for their sources."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from statusbot.demo.forge import EmbeddedForge, Rights
from statusbot.demo.forge.dialects import DIALECTS
from statusbot.demo.forge.dialects.bitbucket import Bitbucket
from statusbot.demo.forge.rows import Repo, Row
from tests.support.forge import OTHER_SHA, REPOSITORY, SHA, TOKEN, UNKNOWN_SHA, Clock, forge

__all__ = ["forge"]

ROOT = "/2.0/repositories"


def send(
    forge: EmbeddedForge, method: str, path: str, *, token: str | None = TOKEN, **options: Any
) -> requests.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return requests.request(
        method, f"{forge.url}{path}", headers=headers, timeout=5, allow_redirects=False, **options
    )


def write(forge: EmbeddedForge, sha: str = SHA, **body: Any) -> requests.Response:
    options = {key: body.pop(key) for key in ("token", "repository") if key in body}
    name = options.pop("repository", REPOSITORY)
    body = {"key": "k", "state": "SUCCESSFUL", "url": "https://ci.example/1", **body}
    return send(forge, "POST", f"{ROOT}/{name}/commit/{sha}/statuses/build", json=body, **options)


def read(forge: EmbeddedForge, sha: str = SHA, **query: str | int) -> requests.Response:
    return send(forge, "GET", f"{ROOT}/{REPOSITORY}/commit/{sha}/statuses", params=query)


def keys(answer: requests.Response) -> list[str]:
    return [row["key"] for row in answer.json()["values"]]


def message(answer: requests.Response) -> tuple[int, str]:
    assert answer.json()["type"] == "error"
    return answer.status_code, answer.json()["error"]["message"]


def test_a_key_has_one_row_whatever_is_written(forge: EmbeddedForge) -> None:
    for state in ("INPROGRESS", "FAILED", "SUCCESSFUL"):
        assert write(forge, state=state).status_code == 201
    assert [row["state"] for row in read(forge).json()["values"]] == ["SUCCESSFUL"]
    assert [row.state for row in forge.rows(REPOSITORY, SHA)] == ["SUCCESSFUL"]


def test_a_key_is_one_of_its_commit(forge: EmbeddedForge) -> None:
    write(forge)
    write(forge, OTHER_SHA, state="FAILED")
    assert [row.state for row in forge.rows(REPOSITORY, SHA)] == ["SUCCESSFUL"]


def test_what_is_left_out_of_an_overwrite_is_empty(forge: EmbeddedForge) -> None:
    write(forge, description="d", name="n")
    row = write(forge).json()
    assert (row["description"], row["name"]) == ("", "")


def test_an_overwrite_keeps_the_time_of_creation(forge: EmbeddedForge) -> None:
    write(forge)
    assert isinstance(forge.clock, Clock)
    forge.clock.advance(seconds=60)
    row = write(forge).json()
    assert row["created_on"] == "2026-11-20T12:00:00.000000+00:00"
    assert row["updated_on"] == "2026-11-20T12:01:00.000000+00:00"


def test_nothing_is_written_between_looking_for_a_key_and_writing_it(
    forge: EmbeddedForge, monkeypatch: pytest.MonkeyPatch
) -> None:
    (dialect,) = (one for one in DIALECTS if isinstance(one, Bitbucket))
    rows, held = forge.store.rows, []

    def looked(repo: Repo, sha: str) -> list[Row]:
        held.append(dialect._lock.locked())
        return rows(repo, sha)

    monkeypatch.setattr(forge.store, "rows", looked)
    write(forge)
    assert held == [True]


def test_only_its_creator_may_overwrite_a_row(forge: EmbeddedForge) -> None:
    forge.add_token("other", Rights.WRITE)
    write(forge)
    assert message(write(forge, state="FAILED", token="other"))[0] == 403
    assert write(forge, key="mine", token="other").status_code == 201
    assert [row.state for row in forge.rows(REPOSITORY, SHA)] == ["SUCCESSFUL"] * 2


def test_a_row_holds_no_login_of_its_creator(forge: EmbeddedForge) -> None:
    write(forge)
    assert TOKEN not in repr(forge.rows(REPOSITORY, SHA))


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("key", "x" * 41, "Ensure this value has at most 40 characters (it has 41)."),
        ("key", "", "This field is required."),
        ("key", None, "This field is required."),
        ("key", 7, "Not a valid string."),
        ("name", "x" * 256, "Ensure this value has at most 255 characters (it has 256)."),
        ("description", 5, "Not a valid string."),
        ("state", "", "This field is required."),
        ("state", "CANCELLED", "Select a valid choice. CANCELLED is not one of the available choices."),
        ("url", None, "This field is required."),
        ("url", "/relative", "Enter a valid URL."),
        ("url", "http://jenkins:8080/job/1", "Enter a valid URL."),
        ("url", "ftp://ci.example/", "Enter a valid URL."),
        ("url", "https://ci.example/{x}", "Enter a valid URL."),
        ("url", "https://ci.example/{", "Enter a valid URL."),
        ("url", "https://c.example/" + "x" * 433, "Ensure this value has at most 450 characters (it has 451)."),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(forge: EmbeddedForge, field: str, value: Any, reason: str) -> None:
    answer = write(forge, **{field: value})
    assert message(answer) == (400, f"{field}: {reason}")
    assert answer.json()["error"]["fields"] == {field: [reason]}
    assert forge.stored == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:3000/acme/fleet",
        "http://localhost:3000",
        "https://ci.example/{repository.full_name}/{commit.hash}",
    ],
)
def test_links_that_are_good(forge: EmbeddedForge, url: str) -> None:
    assert write(forge, url=url).json()["url"] == url


def test_limits_are_counted_in_characters(forge: EmbeddedForge) -> None:
    assert write(forge, key="é" * 40, name="😀" * 255).status_code == 201


@pytest.mark.parametrize("body", ["{", "[]", ""])
def test_a_body_that_is_no_object_is_a_bad_request(forge: EmbeddedForge, body: str) -> None:
    path = f"{ROOT}/{REPOSITORY}/commit/{SHA}/statuses/build"
    assert message(send(forge, "POST", path, data=body)) == (400, "Bad request")


def test_an_unknown_commit_is_not_found_by_writes_and_reads(forge: EmbeddedForge) -> None:
    for answer in (write(forge, UNKNOWN_SHA), read(forge, UNKNOWN_SHA)):
        assert message(answer) == (404, "Commit not found")


@pytest.mark.parametrize("rights", [Rights.VISITOR, None])
def test_a_private_repository_is_hidden(forge: EmbeddedForge, rights: Rights | None) -> None:
    forge.add_repository("acme/secret", {SHA}, private=True)
    forge.add_token("stranger", rights or Rights.WRITE)
    path = f"{ROOT}/acme/secret/commit/{SHA}/statuses"
    answer = send(forge, "GET", path, token="stranger" if rights else None)
    assert answer.status_code == 404
    missing = send(forge, "GET", path.replace("secret", "none"))
    assert message(answer) == message(missing)


def test_who_has_no_token_may_read_but_not_write(forge: EmbeddedForge) -> None:
    assert send(forge, "GET", f"{ROOT}/{REPOSITORY}/commit/{SHA}/statuses", token=None).ok
    answer = write(forge, token=None)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_a_bad_token_is_refused_for_reads_too(forge: EmbeddedForge) -> None:
    path = f"{ROOT}/{REPOSITORY}/commit/{SHA}/statuses"
    for answer in (write(forge, token="wrong"), send(forge, "GET", path, token="wrong")):
        assert message(answer)[0] == 401


def test_a_token_without_the_scope_is_told_which_one(forge: EmbeddedForge) -> None:
    forge.add_token("reader", Rights.READ)
    answer = write(forge, token="reader")
    assert answer.status_code == 403
    assert answer.json()["error"]["detail"]["required"] == ["write:repository:bitbucket"]


def test_a_page_has_ten_rows_unless_told_and_a_hundred_at_most(forge: EmbeddedForge) -> None:
    for number in range(101):
        write(forge, key=str(number))
    assert len(keys(read(forge))) == 10
    assert len(keys(read(forge, pagelen=100))) == 100
    assert message(read(forge, pagelen=101)) == (400, "Invalid pagelen")


def test_next_leads_through_all_pages(forge: EmbeddedForge) -> None:
    for number in range(5):
        write(forge, key=str(number))
    answer, seen = read(forge, pagelen=2), []
    while True:
        seen += keys(answer)
        if "next" not in answer.json():
            break
        answer = send(forge, "GET", answer.json()["next"].removeprefix(forge.url))
    assert seen == ["0", "1", "2", "3", "4"]
    assert {name: answer.json()[name] for name in ("size", "page", "pagelen")} == {
        "size": 5,
        "page": 3,
        "pagelen": 2,
    }
    assert answer.json()["previous"].endswith("pagelen=2&page=2")


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("created_on", ["a", "b"]),
        ("-created_on", ["b", "a"]),
        ("updated_on", ["b", "a"]),
        ("-updated_on", ["a", "b"]),
    ],
)
def test_the_orders_of_the_list(forge: EmbeddedForge, sort: str, expected: list[str]) -> None:
    assert isinstance(forge.clock, Clock)
    for key in ("a", "b", "a"):
        write(forge, key=key)
        forge.clock.advance(seconds=1)
    assert keys(read(forge, sort=sort)) == expected


def test_an_order_that_there_is_not_is_a_bad_request(forge: EmbeddedForge) -> None:
    assert read(forge, sort="colour").status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/2.0/user", 404),
        ("POST", f"{ROOT}/{REPOSITORY}/commit/{SHA}/statuses", 405),
        ("DELETE", f"{ROOT}/{REPOSITORY}/commit/{SHA}/statuses/build", 405),
    ],
)
def test_what_the_api_has_not(forge: EmbeddedForge, method: str, path: str, status: int) -> None:
    assert message(send(forge, method, path))[0] == status


def test_workspace_and_slug_are_found_in_any_case(forge: EmbeddedForge) -> None:
    assert write(forge, repository="ACME/Fleet").status_code == 201


def test_a_repository_is_found_by_its_uuid(forge: EmbeddedForge) -> None:
    uuid = "%7B00000000-0000-4000-8000-000000000001%7D"
    assert write(forge, repository=f"%7B%7D/{uuid}").status_code == 201
    assert write(forge, repository=f"acme/{uuid[:-4]}2%7D").status_code == 404
    assert [row.context for row in forge.rows(REPOSITORY, SHA)] == ["k"]
