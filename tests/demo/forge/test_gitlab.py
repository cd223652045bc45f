"""GitLab's own rules of projects, fields, rights and lists; see the dialect for their sources."""

from __future__ import annotations

from typing import Any

import pytest

from statusbot.demo.forge import EmbeddedForge, Rights
from tests.support.forge import REPOSITORY, SHA, UNKNOWN_SHA, forge
from tests.support.forge_gitlab import ENCODED, read, send, shown, write

__all__ = ["forge"]


@pytest.mark.parametrize("project", [ENCODED, "ACME%2ffleet", "1"])
def test_a_project_is_its_encoded_path_or_its_number(forge: EmbeddedForge, project: str) -> None:
    assert write(forge, project=project).status_code == 201
    assert len(read(forge, project).json()) == 1


def test_a_path_with_plain_slashes_is_no_address_of_the_api(forge: EmbeddedForge) -> None:
    answer = write(forge, project=REPOSITORY)
    assert (answer.status_code, answer.json()) == (404, {"error": "404 Not Found"})


@pytest.mark.parametrize("project", ["acme%2Fnone", "2", "fleet"])
def test_an_unknown_project_is_not_found(forge: EmbeddedForge, project: str) -> None:
    for answer in (write(forge, project=project), read(forge, project)):
        assert (answer.status_code, answer.json()) == (404, {"message": "404 Project Not Found"})


def test_an_unknown_commit_is_not_found(forge: EmbeddedForge) -> None:
    path = f"{ENCODED}/repository/commits/{UNKNOWN_SHA}/statuses"
    for answer in (write(forge, sha=UNKNOWN_SHA), send(forge, "GET", path)):
        assert (answer.status_code, answer.json()) == (404, {"message": "404 Commit Not Found"})


LONG = "is too long (maximum is 255 characters)"
BLOCKED = "is blocked: Only allowed schemes are http, https"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("description", "x" * 256, [LONG]),
        ("ref", "x" * 256, [LONG]),
        ("target_url", "https://x.example/".ljust(256, "x"), [LONG]),
        ("target_url", "ftp://x.example/", [BLOCKED]),
        ("target_url", "x" * 256, [LONG, BLOCKED]),
    ],
)
def test_a_wrong_field_is_a_bad_request_and_named(
    forge: EmbeddedForge, field: str, value: str, words: list[str]
) -> None:
    answer = write(forge, **{field: value})
    assert (answer.status_code, answer.json()) == (400, {"message": {field: words}})
    assert forge.stored == []


def test_limits_are_counted_in_characters(forge: EmbeddedForge) -> None:
    assert write(forge, description="😀" * 255).status_code == 201


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"name": "c"}, "state is missing, state does not have a valid value"),
        ({"state": "failure"}, "state does not have a valid value"),
        ({"state": "success", "description": 5}, "description is invalid"),
        ([], "message body does not match declared format"),
    ],
)
def test_a_wrong_body_is_a_bad_request(forge: EmbeddedForge, body: Any, words: str) -> None:
    answer = send(forge, "POST", f"{ENCODED}/statuses/{SHA}", json=body)
    assert (answer.status_code, answer.json()) == (400, {"error": words})


def test_a_body_that_is_no_json_is_a_bad_request(forge: EmbeddedForge) -> None:
    answer = send(forge, "POST", f"{ENCODED}/statuses/{SHA}", data="{")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("body", "name"),
    [({"name": None}, "default"), ({"name": None, "context": "x"}, "x"), ({"context": "x"}, "c")],
)
def test_name_and_context_are_one_and_name_wins(
    forge: EmbeddedForge, body: dict[str, Any], name: str
) -> None:
    assert write(forge, **body).json()["name"] == name


@pytest.mark.parametrize("token", [None, "wrong"])
def test_who_is_unknown_may_neither_write_nor_read(forge: EmbeddedForge, token: str | None) -> None:
    path = f"{ENCODED}/repository/commits/{SHA}/statuses"
    for answer in (write(forge, token=token), send(forge, "GET", path, token=token)):
        assert (answer.status_code, answer.json()) == (401, {"message": "401 Unauthorized"})


def test_a_token_without_the_scope_is_told_which_one(forge: EmbeddedForge) -> None:
    forge.add_token("reader", Rights.READ)
    answer = write(forge, token="reader")
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")
    assert answer.json()["scope"] == "api"


@pytest.mark.parametrize(("private", "status"), [(False, 403), (True, 404)])
def test_who_may_not_write_learns_of_public_projects_only(
    forge: EmbeddedForge, private: bool, status: int
) -> None:
    forge.add_repository("acme/other", {SHA}, private=private)
    forge.add_token("visitor", Rights.VISITOR)
    answer = write(forge, token="visitor", project="acme%2Fother")
    assert answer.status_code == status


def test_an_archived_project_takes_nothing(forge: EmbeddedForge) -> None:
    forge.add_repository(REPOSITORY, (), archived=True)
    answer = write(forge)
    assert (answer.status_code, answer.json()) == (403, {"message": "403 Forbidden"})


def test_a_renamed_project_is_not_written_under_its_old_name(forge: EmbeddedForge) -> None:
    forge.rename(REPOSITORY, "acme/renamed")
    answer = write(forge)
    message = "Non GET methods are not allowed for moved projects"
    assert (answer.status_code, answer.json()) == (405, {"message": message})


def test_a_read_of_a_renamed_project_is_redirected_to_its_number(forge: EmbeddedForge) -> None:
    forge.rename(REPOSITORY, "acme/renamed")
    answer = read(forge)
    location = f"/api/v4/projects/1/repository/commits/{SHA}/statuses"
    assert (answer.status_code, answer.headers["Location"]) == (301, location)


def test_another_method_is_not_allowed(forge: EmbeddedForge) -> None:
    answer = send(forge, "PUT", f"{ENCODED}/statuses/{SHA}", json={"state": "success"})
    assert (answer.status_code, answer.json()) == (405, {"error": "405 Not Allowed"})


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["b", "a", "c"]),
        ({"sort": "desc"}, ["c", "a", "b"]),
        ({"order_by": "pipeline_id", "sort": "desc"}, ["a", "c", "b"]),
        ({"name": "a"}, ["a"]),
        ({"ref": "main"}, ["b", "c"]),
    ],
)
def test_the_list_is_oldest_first_unless_told(
    forge: EmbeddedForge, query: dict[str, str], names: list[str]
) -> None:
    for name, ref in (("b", "main"), ("a", "other"), ("c", "main")):
        write(forge, name=name, ref=ref)
    assert shown(forge, "name", **query) == names


@pytest.mark.parametrize(("query", "rows"), [({}, 20), ({"per_page": 1000}, 100)])
def test_a_page_has_twenty_rows_unless_told_and_a_hundred_at_most(
    forge: EmbeddedForge, query: dict[str, Any], rows: int
) -> None:
    for number in range(101):
        write(forge, name=str(number))
    assert len(shown(forge, "id", **query)) == rows


def test_the_links_lead_through_all_pages(forge: EmbeddedForge) -> None:
    for number in range(5):
        write(forge, name=str(number))
    answer = read(forge, per_page=2)
    pages = [answer]
    while "next" in answer.links:
        path = answer.links["next"]["url"].removeprefix(f"{forge.url}/api/v4/projects/")
        assert path.startswith(f"{ENCODED}/")
        answer = send(forge, "GET", path)
        pages.append(answer)
    assert [row["name"] for page in pages for row in page.json()] == list("01234")
    assert [list(page.links) for page in pages] == [
        ["next", "first", "last"],
        ["prev", "next", "first", "last"],
        ["prev", "first", "last"],
    ]
    assert [page.headers["X-Next-Page"] for page in pages] == ["2", "3", ""]


def test_rows_of_other_dialects_are_shown_in_gitlabs_words(forge: EmbeddedForge) -> None:
    repo = forge.store.find(REPOSITORY)
    assert repo is not None
    for state in ("failure", "error", "pending"):
        forge.store.insert(repo, SHA, context=state, state=state, description="", url="")
    assert shown(forge, "status") == ["failed", "failed", "pending"]
