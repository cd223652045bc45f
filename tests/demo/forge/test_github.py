"""GitHub's own rules, which no document states: see the forge's dialect for their sources."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from statusbot.demo.forge import EmbeddedForge, Rights
from statusbot.demo.forge.dialects import github
from tests.support.forge import REPOSITORY, SHA, TOKEN, UNKNOWN_SHA, Clock, forge

__all__ = ["forge"]


def send(
    forge: EmbeddedForge, method: str, path: str, *, token: str | None = TOKEN, **options: Any
) -> requests.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    headers |= options.pop("headers", {})
    url = f"{forge.url}/api/v3{path}"
    return requests.request(
        method, url, headers=headers, timeout=5, allow_redirects=False, **options
    )


def write(forge: EmbeddedForge, sha: str = SHA, **body: Any) -> requests.Response:
    options = {key: body.pop(key) for key in ("token", "headers") if key in body}
    body = {"state": "success", "context": "c", **body}
    return send(forge, "POST", f"/repos/{REPOSITORY}/statuses/{sha}", json=body, **options)


def read(forge: EmbeddedForge, what: str, **query: str | int) -> requests.Response:
    return send(forge, "GET", f"/repos/{REPOSITORY}/commits/{SHA}/{what}", params=query)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"description": "x" * 141}, "description"),
        ({"context": "x" * 256}, "context"),
        ({"target_url": "ftp://e.example/"}, "target_url"),
        ({"target_url": "e.example"}, "target_url"),
        ({"state": "skipped"}, "state"),
        ({"state": None}, "state"),
        ({"description": 5}, "description"),
        ({"context": []}, "context"),
    ],
)
def test_a_wrong_field_is_unprocessable_and_named(
    forge: EmbeddedForge, body: dict[str, Any], field: str
) -> None:
    answer = write(forge, **body)
    assert (answer.status_code, answer.json()["message"]) == (422, "Validation Failed")
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert forge.stored == []


def test_limits_are_counted_in_characters(forge: EmbeddedForge) -> None:
    assert write(forge, description="é" * 140, context="😀" * 255).status_code == 201


def test_a_status_without_a_context_has_the_default_one(forge: EmbeddedForge) -> None:
    assert write(forge, context=None).json()["context"] == "default"


def test_what_is_empty_is_shown_as_null(forge: EmbeddedForge) -> None:
    row = write(forge, description="", target_url="").json()
    assert (row["description"], row["target_url"]) == (None, None)


def test_an_unknown_commit_is_unprocessable(forge: EmbeddedForge) -> None:
    answer = write(forge, UNKNOWN_SHA)
    message = f"No commit found for SHA: {UNKNOWN_SHA}"
    assert (answer.status_code, answer.json()["message"]) == (422, message)


def test_a_thousand_rows_of_one_context_are_all_there_can_be(forge: EmbeddedForge) -> None:
    repo = forge.store.find(REPOSITORY)
    assert repo is not None
    for _ in range(github.MOST_PER_CONTEXT - 1):
        forge.store.insert(repo, SHA, context="C", state="success", description="", url="")
    assert [write(forge).status_code for _ in range(2)] == [201, 422]
    assert write(forge, context="other").status_code == 201


def test_a_body_that_is_no_json_is_a_bad_request(forge: EmbeddedForge) -> None:
    answer = send(forge, "POST", f"/repos/{REPOSITORY}/statuses/{SHA}", data="{")
    assert (answer.status_code, answer.json()["message"]) == (400, "Problems parsing JSON")


def test_a_client_without_a_name_is_refused(forge: EmbeddedForge) -> None:
    assert write(forge, headers={"User-Agent": ""}).status_code == 403


def test_a_bad_token_is_refused(forge: EmbeddedForge) -> None:
    answer = write(forge, token="wrong")
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_a_write_without_a_token_is_refused(forge: EmbeddedForge) -> None:
    assert write(forge, token=None).status_code == 401


def test_a_token_without_the_permission_is_told_which_one(forge: EmbeddedForge) -> None:
    forge.add_token("reader", Rights.READ)
    answer = write(forge, token="reader")
    assert answer.status_code == 403
    assert answer.headers["X-Accepted-GitHub-Permissions"] == "statuses=write"


def test_who_may_not_write_does_not_learn_that_the_repository_exists(forge: EmbeddedForge) -> None:
    forge.add_token("visitor", Rights.VISITOR)
    assert write(forge, token="visitor").status_code == 404


def test_an_archived_repository_takes_nothing(forge: EmbeddedForge) -> None:
    forge.add_repository(REPOSITORY, (), archived=True)
    answer = write(forge)
    assert (answer.status_code, "archived" in answer.json()["message"]) == (403, True)


def test_an_unknown_repository_is_not_found(forge: EmbeddedForge) -> None:
    answer = send(forge, "POST", f"/repos/acme/none/statuses/{SHA}", json={"state": "success"})
    assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")


@pytest.mark.parametrize(("method", "status"), [("POST", 307), ("GET", 301)])
def test_a_renamed_repository_redirects_to_its_number(
    forge: EmbeddedForge, method: str, status: int
) -> None:
    forge.rename(REPOSITORY, "acme/renamed")
    body = {"state": "success"}
    answer = send(forge, method, f"/repos/{REPOSITORY}/statuses/{SHA}", json=body)
    assert answer.status_code == status
    assert answer.headers["Location"] == f"{forge.url}/api/v3/repositories/1/statuses/{SHA}"


def test_the_number_of_a_repository_is_as_good_as_its_name(forge: EmbeddedForge) -> None:
    answer = send(forge, "POST", f"/repositories/1/statuses/{SHA}", json={"state": "success"})
    assert answer.status_code == 201
    assert len(forge.rows(REPOSITORY, SHA)) == 1


def test_the_list_is_newest_first_also_within_a_second(forge: EmbeddedForge) -> None:
    for context in "abc":
        write(forge, context=context)
    assert [row["context"] for row in read(forge, "statuses").json()] == ["c", "b", "a"]


@pytest.mark.parametrize("what", ["status", "statuses"])
def test_a_page_has_thirty_rows_unless_told_and_a_hundred_at_most(
    forge: EmbeddedForge, what: str
) -> None:
    for number in range(101):
        write(forge, context=str(number))
    sizes = []
    for size in (30, 100):
        value = read(forge, what, **({} if size == 30 else {"per_page": 1000})).json()
        sizes.append(len(value if what == "statuses" else value["statuses"]))
    assert sizes == [30, 100]


@pytest.mark.parametrize("what", ["status", "statuses"])
def test_the_links_lead_through_all_pages(forge: EmbeddedForge, what: str) -> None:
    for number in range(5):
        write(forge, context=str(number))
    answer = read(forge, what, per_page=2)
    seen = [answer]
    while "next" in answer.links:
        path = answer.links["next"]["url"].removeprefix(f"{forge.url}/api/v3")
        assert path.startswith("/repositories/1/")
        answer = send(forge, "GET", path)
        seen.append(answer)
    rows = [
        row
        for page in seen
        for row in (page.json() if what == "statuses" else page.json()["statuses"])
    ]
    assert sorted(row["id"] for row in rows) == [1, 2, 3, 4, 5]
    assert [list(page.links) for page in seen] == [
        ["next", "last"],
        ["prev", "next", "last", "first"],
        ["prev", "first"],
    ]


def test_contexts_that_differ_in_case_are_one(forge: EmbeddedForge) -> None:
    for context in ("CI", "ci"):
        write(forge, context=context)
    value = read(forge, "status").json()
    assert ([row["context"] for row in value["statuses"]], value["total_count"]) == (["ci"], 1)


@pytest.mark.parametrize(
    ("states", "combined"),
    [
        ([], "pending"),
        (["success"], "success"),
        (["success", "pending"], "pending"),
        (["success", "error"], "failure"),
        (["pending", "failure"], "failure"),
    ],
)
def test_the_worst_state_is_the_combined_one(
    forge: EmbeddedForge, states: list[str], combined: str
) -> None:
    for number, state in enumerate(states):
        write(forge, context=str(number), state=state)
    assert read(forge, "status").json()["state"] == combined


def test_a_time_is_in_whole_seconds_of_utc(forge: EmbeddedForge) -> None:
    assert isinstance(forge.clock, Clock)
    forge.clock.advance(seconds=0.7)
    assert write(forge).json()["created_at"] == "2026-11-20T12:00:00Z"
