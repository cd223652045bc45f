"""Azure's own rules, which no document states: see the forge's dialect for their sources."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from statusbot.demo.forge import EmbeddedForge, Kind, Rights
from tests.support.forge import OTHER_SHA, REPOSITORY, SHA, TOKEN, UNKNOWN_SHA, forge

__all__ = ["forge"]

PROJECT, _, REPO = REPOSITORY.partition("/")
VERSION = {"api-version": "6.0"}
QUIET = {"X-TFS-FedAuthRedirect": "Suppress"}


def send(
    forge: EmbeddedForge,
    method: str,
    *,
    sha: str = SHA,
    repo: str = f"{PROJECT}/_apis/git/repositories/{REPO}",
    base: str = "DefaultCollection",
    token: str | None = TOKEN,
    **options: Any,
) -> requests.Response:
    url = f"{forge.url}/{base}/{repo}/commits/{sha}/statuses"
    options.setdefault("params", VERSION)
    auth = None if token is None else ("", token)
    return requests.request(method, url, auth=auth, timeout=5, allow_redirects=False, **options)


def write(forge: EmbeddedForge, body: dict[str, Any] | None = None, **options: Any) -> Any:
    known = {"state": "succeeded", "context": {"name": "c", "genre": "fluxcd"}}
    return send(forge, "POST", json=known | (body or {}), **options)


def read(forge: EmbeddedForge, **query: str | int) -> list[dict[str, Any]]:
    answer = send(forge, "GET", params=VERSION | query)
    assert answer.status_code == 200
    value = answer.json()
    assert value["count"] == len(value["value"])
    rows: list[dict[str, Any]] = value["value"]
    return rows


def test_a_stored_status_is_answered_with_what_was_sent(forge: EmbeddedForge) -> None:
    answer = write(forge, {"description": "größer ✓", "targetUrl": "https://e.example/"})
    assert answer.status_code == 201
    row = answer.json()
    assert row["context"] == {"name": "c", "genre": "fluxcd"}
    assert (row["state"], row["description"]) == ("succeeded", "größer ✓")
    assert row["targetUrl"] == "https://e.example/"
    assert row["creationDate"] == row["updatedDate"] == "2026-11-20T12:00:00.0000000Z"


def test_a_row_has_what_was_sent(forge: EmbeddedForge) -> None:
    write(forge, {"description": "d", "targetUrl": "https://e.example/"})
    (row,) = forge.rows(REPOSITORY, SHA)
    assert (row.genre, row.context, row.state) == ("fluxcd", "c", "succeeded")
    assert (row.description, row.url) == ("d", "https://e.example/")


def test_what_is_empty_is_left_out(forge: EmbeddedForge) -> None:
    row = write(forge, {"context": {"name": "c", "genre": None}, "description": ""}).json()
    assert row["context"] == {"name": "c"}
    assert not {"description", "targetUrl"} & set(row)


def test_a_write_tells_its_kind_and_its_context(forge: EmbeddedForge) -> None:
    write(forge)
    (call,) = forge.calls
    assert (call.dialect, call.kind, call.context) == ("azuredevops", Kind.WRITE, "c")
    assert (call.repository, call.commit) == (REPOSITORY, SHA)


@pytest.mark.parametrize("base", ["org", "tfs/DefaultCollection", "My%20Coll"])
def test_a_repository_is_in_whatever_collection(forge: EmbeddedForge, base: str) -> None:
    assert write(forge, base=base).status_code == 201


def test_a_repository_named_with_its_collection_is_in_that_one(forge: EmbeddedForge) -> None:
    forge.add_repository(f"org/{REPOSITORY}", {SHA})
    write(forge, base="org")
    assert len(forge.rows(f"org/{REPOSITORY}", SHA)) == 1
    assert forge.rows(REPOSITORY, SHA) == []


def test_names_are_percent_encoded(forge: EmbeddedForge) -> None:
    forge.add_repository("My Proj/Größe", {SHA})
    repo = "My%20Proj/_apis/git/repositories/Gr%C3%B6%C3%9Fe"
    assert write(forge, repo=repo).status_code == 201
    assert len(forge.rows("My Proj/Größe", SHA)) == 1


def test_every_write_adds_a_row(forge: EmbeddedForge) -> None:
    ids = [write(forge).json()["id"] for _ in range(3)]
    assert [row["id"] for row in read(forge)] == ids == [1, 2, 3]


def test_latest_only_is_the_newest_row_of_each_genre_and_name(forge: EmbeddedForge) -> None:
    for genre in ("a", "b", "a", ""):
        write(forge, {"context": {"name": "c", "genre": genre}})
    rows = read(forge, latestOnly="true")
    found = {row["context"].get("genre", ""): row["id"] for row in rows}
    assert (len(rows), found) == (3, {"a": 3, "b": 2, "": 4})


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({}, [1, 2, 3]),
        ({"top": 2}, [1, 2]),
        ({"top": 2, "skip": 2}, [3]),
        ({"skip": 3}, []),
        ({"top": "x", "skip": "-1"}, [1, 2, 3]),
    ],
)
def test_top_and_skip_cut_the_list(
    forge: EmbeddedForge, query: dict[str, str | int], ids: list[int]
) -> None:
    for _ in range(3):
        write(forge)
    assert [row["id"] for row in read(forge, **query)] == ids


def test_a_thousand_rows_are_a_page(forge: EmbeddedForge) -> None:
    repo = forge.store.find(REPOSITORY)
    assert repo is not None
    for _ in range(1001):
        forge.store.insert(repo, SHA, context="c", state="pending", description="", url="")
    assert len(read(forge)) == 1000


@pytest.mark.parametrize(
    "state", ["notSet", "pending", "succeeded", "failed", "error", "notApplicable"]
)
def test_every_state_of_the_document_is_stored(forge: EmbeddedForge, state: str) -> None:
    assert write(forge, {"state": state}).json()["state"] == state


@pytest.mark.parametrize(
    "body",
    [
        {"state": "success"},
        {"state": None},
        {"state": 1},
        {"context": None},
        {"context": "c"},
        {"context": {"name": ""}},
        {"context": {"genre": "g"}},
        {"context": {"name": "c", "genre": 1}},
        {"description": 5},
        {"targetUrl": []},
    ],
)
def test_a_wrong_field_is_a_bad_request(forge: EmbeddedForge, body: dict[str, Any]) -> None:
    assert write(forge, body).status_code == 400
    assert forge.stored == []


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [("application/json", b"{", 400), ("application/json", b"[]", 400), ("text/plain", b"{}", 415)],
)
def test_a_body_must_be_a_json_object(
    forge: EmbeddedForge, kind: str, body: bytes, status: int
) -> None:
    answer = send(forge, "POST", data=body, headers={"Content-Type": kind})
    assert answer.status_code == status


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_an_unknown_commit_is_not_found(forge: EmbeddedForge, method: str) -> None:
    body = {"state": "succeeded", "context": {"name": "c"}}
    answer = send(forge, method, sha=UNKNOWN_SHA, json=body)
    assert answer.status_code == 404
    assert answer.json()["typeKey"] == "GitCommitDoesNotExistException"


def test_a_commit_without_statuses_has_none(forge: EmbeddedForge) -> None:
    write(forge)
    assert send(forge, "GET", sha=OTHER_SHA).json() == {"count": 0, "value": []}


def test_an_unknown_repository_is_not_found(forge: EmbeddedForge) -> None:
    answer = write(forge, repo=f"{PROJECT}/_apis/git/repositories/none")
    assert (answer.status_code, answer.json()["typeKey"]) == (404, "GitRepositoryNotFoundException")
    assert answer.json()["message"].startswith("TF401019: ")


def test_an_unknown_project_is_not_found(forge: EmbeddedForge) -> None:
    answer = write(forge, repo="none/_apis/git/repositories/none")
    kind = "ProjectDoesNotExistWithNameException"
    assert (answer.status_code, answer.json()["typeKey"]) == (404, kind)


def test_a_disabled_repository_is_not_found(forge: EmbeddedForge) -> None:
    forge.add_repository(REPOSITORY, (), archived=True)
    assert write(forge).json()["message"].startswith("TF401019: ")


def test_a_renamed_repository_is_not_found_by_its_old_name(forge: EmbeddedForge) -> None:
    forge.rename(REPOSITORY, f"{PROJECT}/renamed")
    assert write(forge).status_code == 404
    assert write(forge, repo=f"{PROJECT}/_apis/git/repositories/renamed").status_code == 201


def test_a_repository_with_git_at_its_end_is_another_one(forge: EmbeddedForge) -> None:
    assert write(forge, repo=f"{PROJECT}/_apis/git/repositories/{REPO}.git").status_code == 404


@pytest.mark.parametrize("header", ["Basic OmZvcmdlLXRva2VuLWZvci10ZXN0cw==", f"Bearer {TOKEN}"])
def test_a_token_is_a_password_or_a_bearer_token(forge: EmbeddedForge, header: str) -> None:
    answer = write(forge, token=None, headers={"Authorization": header})
    assert answer.status_code == 201


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_bad_token_is_answered_with_a_page_to_sign_in_on(
    forge: EmbeddedForge, method: str
) -> None:
    answer = send(forge, method, token="wrong")
    assert answer.status_code == 203
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_bad_token_is_told_so_where_the_page_is_not_wanted(
    forge: EmbeddedForge, method: str
) -> None:
    answer = send(forge, method, token="wrong", headers=QUIET)
    assert (answer.status_code, answer.content) == (401, b"")


def test_a_write_without_a_token_is_refused(forge: EmbeddedForge) -> None:
    assert write(forge, token=None, headers=QUIET).status_code == 401


def test_a_public_repository_is_read_without_a_token(forge: EmbeddedForge) -> None:
    assert send(forge, "GET", token=None).status_code == 200


def test_a_token_without_the_scope_may_read_and_not_write(forge: EmbeddedForge) -> None:
    forge.add_token("reader", Rights.READ)
    answer = write(forge, token="reader")
    assert (answer.status_code, answer.json()["typeKey"]) == (401, "UnauthorizedRequestException")
    assert send(forge, "GET", token="reader").status_code == 200


def test_a_user_who_may_not_contribute_is_told_the_permission(forge: EmbeddedForge) -> None:
    forge.add_token("visitor", Rights.VISITOR)
    answer = write(forge, token="visitor")
    assert answer.status_code == 403
    assert "'GenericContribute'" in answer.json()["message"]


@pytest.mark.parametrize(("token", "status"), [(None, 401), ("visitor", 404), (TOKEN, 200)])
def test_a_private_repository_is_hidden_from_strangers(
    forge: EmbeddedForge, token: str | None, status: int
) -> None:
    forge.add_token("visitor", Rights.VISITOR)
    forge.add_repository("acme/secret", {SHA}, private=True)
    repo = "acme/_apis/git/repositories/secret"
    assert send(forge, "GET", repo=repo, token=token, headers=QUIET).status_code == status


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("", "VssVersionNotSpecifiedException"),
        ("new", "VssVersionNotSpecifiedException"),
        ("7.2", "VssVersionOutOfRangeException"),
        ("10.0", "VssVersionOutOfRangeException"),
        ("7.2-preview.2", "VssVersionOutOfRangeException"),
        ("6.1", "VssInvalidPreviewVersionException"),
    ],
)
def test_a_version_that_the_server_does_not_have_is_a_bad_request(
    forge: EmbeddedForge, version: str, kind: str
) -> None:
    answer = write(forge, params={"api-version": version})
    assert (answer.status_code, answer.json()["typeKey"]) == (400, kind)


@pytest.mark.parametrize("version", ["4.1", "6.0", "6.1-preview.1", "7.1"])
def test_the_versions_that_the_server_has(forge: EmbeddedForge, version: str) -> None:
    assert write(forge, params={"api-version": version}).status_code == 201


def test_a_read_may_go_without_a_version(forge: EmbeddedForge) -> None:
    assert send(forge, "GET", params={}).status_code == 200


@pytest.mark.parametrize(("method", "status"), [("PUT", 405), ("DELETE", 405)])
def test_statuses_cannot_be_changed_or_deleted(
    forge: EmbeddedForge, method: str, status: int
) -> None:
    assert send(forge, method).status_code == status


def test_other_paths_of_the_api_are_not_found(forge: EmbeddedForge) -> None:
    url = f"{forge.url}/org/_apis/projects"
    assert requests.get(url, auth=("", TOKEN), timeout=5).status_code == 404
    assert (forge.calls[0].dialect, forge.calls[0].kind) == ("azuredevops", Kind.OTHER)
