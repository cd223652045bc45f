"""Bitbucket Data Center's own rules: see the forge's dialect for their sources."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from statusbot.demo.forge import EmbeddedForge, Kind, Rights
from statusbot.demo.forge.dialects import bitbucketserver
from tests.support.forge import OTHER_SHA, REPOSITORY, SHA, TOKEN, UNKNOWN_SHA, Clock, forge

__all__ = ["forge"]

ROOT = "/rest/api/latest"
BITBUCKET = "com.atlassian.bitbucket"


def send(
    forge: EmbeddedForge, method: str, path: str, *, token: str | None = TOKEN, **options: Any
) -> requests.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    url = f"{forge.url}{path}"
    return requests.request(
        method, url, headers=headers, timeout=5, allow_redirects=False, **options
    )


def builds(sha: str = SHA, *, root: str = ROOT, repository: str = REPOSITORY) -> str:
    project, _, slug = repository.partition("/")
    return f"{root}/projects/{project}/repos/{slug}/commits/{sha}/builds"


def write(
    forge: EmbeddedForge, path: str | None = None, *, token: str | None = TOKEN, **body: Any
) -> requests.Response:
    body = {"key": "k", "state": "SUCCESSFUL", "url": "https://x.example/", **body}
    return send(forge, "POST", path or builds(), token=token, json=body)


def read(
    forge: EmbeddedForge, key: str = "k", path: str | None = None, *, token: str | None = TOKEN
) -> requests.Response:
    return send(forge, "GET", path or builds(), token=token, params={"key": key})


def error(answer: requests.Response) -> dict[str, Any]:
    (found,) = answer.json()["errors"]
    assert set(found) == {"context", "message", "exceptionName"}
    assert isinstance(found["message"], str)
    return dict(found)


def test_a_stored_build_is_answered_with_nothing(forge: EmbeddedForge) -> None:
    answer = write(forge)
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_build_is_shown_in_full(forge: EmbeddedForge) -> None:
    write(forge, name="größer", description="d", state="FAILED")
    assert read(forge).json() == {
        "key": "k",
        "state": "FAILED",
        "name": "größer",
        "description": "d",
        "url": "https://x.example/",
        "createdDate": 1795176000000,
        "updatedDate": 1795176000000,
        "buildNumber": None,
        "duration": None,
        "parent": None,
        "testResults": None,
    }


def test_a_text_that_was_not_given_is_left_out(forge: EmbeddedForge) -> None:
    write(forge)
    assert not {"name", "description"} & set(read(forge).json())


def test_a_second_write_of_a_key_takes_the_place_of_the_first(forge: EmbeddedForge) -> None:
    write(forge, state="INPROGRESS")
    assert isinstance(forge.clock, Clock)
    forge.clock.advance(seconds=60)
    write(forge, state="CANCELLED")
    assert read(forge).json()["state"] == "CANCELLED"
    assert read(forge).json()["updatedDate"] == 1795176060000
    assert [row.state for row in forge.rows(REPOSITORY, SHA)] == ["CANCELLED"]


def test_keys_are_builds_of_their_own_and_compare_exactly(forge: EmbeddedForge) -> None:
    write(forge, key="k", state="FAILED")
    write(forge, key="K", state="UNKNOWN")
    assert [read(forge, key).json()["state"] for key in ("k", "K")] == ["FAILED", "UNKNOWN"]


@pytest.mark.parametrize("root", ["/ctx/rest/api/latest", "/a/b/rest/api/latest", "/rest/api/1.0"])
def test_the_api_is_below_whatever_context_path(forge: EmbeddedForge, root: str) -> None:
    assert write(forge, builds(root=root)).status_code == 204
    assert read(forge, path=builds(root=root)).status_code == 200


def test_a_persons_project_has_a_tilde(forge: EmbeddedForge) -> None:
    forge.add_repository("~me/apps", {SHA})
    assert write(forge, builds(repository="~me/apps")).status_code == 204


def test_names_are_percent_decoded(forge: EmbeddedForge) -> None:
    # Asked for directly: clients decode the tilde before they send it.
    path = builds(repository="%7Eme/apps")
    route = bitbucketserver.BitbucketServer().route("GET", path, forge.store)
    assert route is not None
    assert route.repository == "~me/apps"


def test_a_call_tells_its_kind_its_commit_and_its_key(forge: EmbeddedForge) -> None:
    write(forge)
    read(forge)
    calls = [(c.kind, c.dialect, c.repository, c.commit, c.status) for c in forge.calls]
    assert calls == [
        (Kind.WRITE, "bitbucketserver", REPOSITORY, SHA, 204),
        (Kind.READ, "bitbucketserver", REPOSITORY, SHA, 200),
    ]
    assert forge.calls[0].context == "k"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"key": None}, "key"),
        ({"key": " "}, "key"),
        ({"key": 5}, "key"),
        ({"key": "x" * 256}, "key"),
        ({"state": None}, "state"),
        ({"state": "STOPPED"}, "state"),
        ({"state": "successful"}, "state"),
        ({"state": []}, "state"),
        ({"url": None}, "url"),
        ({"url": ""}, "url"),
        ({"url": "/relative"}, "url"),
        ({"url": "https://x.example/" + "x" * 433}, "url"),
        ({"name": "x" * 256}, "name"),
        ({"name": "😀" * 128}, "name"),
        ({"name": []}, "name"),
        ({"description": "x" * 256}, "description"),
        ({"buildNumber": "x" * 256}, "buildNumber"),
        ({"parent": "x" * 1025}, "parent"),
        ({"ref": "main"}, "ref"),
        ({"ref": "refs/" + "x" * 1020}, "ref"),
    ],
)
def test_a_wrong_field_is_a_bad_request_and_named(
    forge: EmbeddedForge, body: dict[str, Any], field: str
) -> None:
    answer = write(forge, **body)
    assert answer.status_code == 400
    assert error(answer)["context"] == field
    assert forge.stored == []


@pytest.mark.parametrize(
    "body",
    [
        {"key": "x" * 255},
        {"url": "https://x.example/" + "x" * 432},
        {"name": "😀" * 127 + "x", "description": "é" * 255},
        {"ref": "refs/heads/main", "parent": "x" * 1024, "buildNumber": "1"},
        {"name": None, "description": None, "ref": None},
        {"duration": 5, "lastUpdated": None, "testResults": {"failed": 0}},
    ],
)
def test_what_is_within_the_limits_is_stored(forge: EmbeddedForge, body: dict[str, Any]) -> None:
    assert write(forge, **body).status_code == 204


@pytest.mark.parametrize("data", ["{", "[]", '"x"', ""])
def test_a_body_must_be_a_json_object(forge: EmbeddedForge, data: str) -> None:
    answer = send(forge, "POST", builds(), data=data)
    assert (answer.status_code, error(answer)["context"]) == (400, None)


@pytest.mark.parametrize("key", ["", " ", "x" * 256])
def test_a_read_must_name_a_key(forge: EmbeddedForge, key: str) -> None:
    answer = read(forge, key)
    assert (answer.status_code, error(answer)["context"]) == (400, "key")


@pytest.mark.parametrize("sha", [UNKNOWN_SHA, SHA[:12], "main"])
def test_what_is_no_commit_of_the_repository_is_named(forge: EmbeddedForge, sha: str) -> None:
    for answer, status in ((write(forge, builds(sha)), 400), (read(forge, "k", builds(sha)), 404)):
        assert answer.status_code == status
        assert error(answer)["exceptionName"] == f"{BITBUCKET}.commit.NoSuchCommitException"
        assert error(answer)["message"] == f"Commit '{sha}' does not exist in repository 'fleet'."


def test_a_commit_has_no_build_of_a_key_that_nobody_wrote(forge: EmbeddedForge) -> None:
    write(forge)
    for answer in (read(forge, "other"), read(forge, path=builds(OTHER_SHA))):
        assert answer.status_code == 404
        assert error(answer)["exceptionName"] is None


@pytest.mark.parametrize(
    ("repository", "exception", "message"),
    [
        (
            "acme/none",
            "repository.NoSuchRepositoryException",
            "Repository acme/none does not exist.",
        ),
        ("none/fleet", "project.NoSuchProjectException", "Project none does not exist."),
    ],
)
def test_an_unknown_repository_is_not_found(
    forge: EmbeddedForge, repository: str, exception: str, message: str
) -> None:
    path = builds(repository=repository)
    for answer in (write(forge, path), read(forge, path=path)):
        assert answer.status_code == 404
        assert error(answer)["exceptionName"] == f"{BITBUCKET}.{exception}"
        assert error(answer)["message"] == message


def test_a_bad_token_is_told_so_and_names_nobody(forge: EmbeddedForge) -> None:
    for answer in (write(forge, token="wrong"), read(forge, token="wrong")):
        assert answer.status_code == 401
        assert error(answer)["exceptionName"].endswith("IncorrectPasswordAuthenticationException")
        assert "X-AUSERNAME" not in answer.headers


def test_a_password_is_taken_as_well(forge: EmbeddedForge) -> None:
    answer = requests.get(
        f"{forge.url}{builds()}", params={"key": "k"}, auth=("me", TOKEN), timeout=5
    )
    assert answer.status_code == 404


@pytest.mark.parametrize("rights", [Rights.READ, Rights.VISITOR])
def test_a_missing_right_is_a_401_too_but_names_the_user(
    forge: EmbeddedForge, rights: Rights
) -> None:
    forge.add_token("other", rights)
    answer = write(forge, token="other")
    assert answer.status_code == 401
    assert error(answer)["exceptionName"] == f"{BITBUCKET}.AuthorisationException"
    assert answer.headers["X-AUSERNAME"]
    assert forge.stored == []


def test_a_write_without_a_token_is_refused_and_names_nobody(forge: EmbeddedForge) -> None:
    answer = write(forge, token=None)
    assert answer.status_code == 401
    assert "X-AUSERNAME" not in answer.headers


def test_a_public_repository_is_read_without_a_token(forge: EmbeddedForge) -> None:
    write(forge)
    assert read(forge, token=None).status_code == 200


@pytest.mark.parametrize("token", [None, "visitor"])
def test_a_private_repository_is_for_those_who_may_see_it(
    forge: EmbeddedForge, token: str | None
) -> None:
    forge.add_token("visitor", Rights.VISITOR)
    forge.add_repository("acme/secret", {SHA}, private=True)
    path = builds(repository="acme/secret")
    for answer in (read(forge, path=path, token=token), write(forge, path, token=token)):
        assert answer.status_code == 401


def test_to_delete_takes_an_administrator(forge: EmbeddedForge) -> None:
    write(forge)
    assert send(forge, "DELETE", builds(), params={"key": "k"}).status_code == 401
    assert read(forge).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{ROOT}/projects/acme/repos/fleet", 404),
        ("POST", f"/ctx/rest/build-status/1.0/commits/{SHA}", 404),
        ("PUT", builds(), 405),
    ],
)
def test_where_no_route_leads_the_container_answers(
    forge: EmbeddedForge, method: str, path: str, status: int
) -> None:
    answer = send(forge, method, path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/xml")
    assert f"<status-code>{status}</status-code>" in answer.text
