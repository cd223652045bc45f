"""The endpoints of GitHub Apps, with JWTs that are made by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import requests

from statusbot.demo.forge import EmbeddedForge
from statusbot.demo.forge.apps import Installation
from tests.support.forge import REPOSITORY, SHA, Clock, forge
from tests.support.forge_documents import of_schema
from tests.support.github_app import (
    APP_ID,
    CLIENT_ID,
    INSTALLATION_ID,
    key,
    registered,
    signed,
)

__all__ = ["forge"]

USER = Installation(7, "somebody", organization=False)
READER = Installation(8, "reader", permissions={"statuses": "read"})
SUSPENDED = Installation(9, "gone", suspended=True)


@pytest.fixture(autouse=True)
def app(forge: EmbeddedForge) -> None:
    acme = Installation(INSTALLATION_ID, "acme")
    forge.store.apps.add(registered(acme, USER, READER, SUSPENDED))


def now(forge: EmbeddedForge) -> int:
    return int(forge.clock().timestamp())


def send(
    forge: EmbeddedForge, method: str, path: str, token: str | None = None, body: Any = None
) -> requests.Response:
    if token is None:
        token = signed({"iat": now(forge) - 60, "exp": now(forge) + 300, "iss": str(APP_ID)})
    return requests.request(
        method,
        f"{forge.url}/api/v3{path}",
        headers={"Authorization": f"Bearer {token}"},
        json=body,
        timeout=5,
    )


def ask(forge: EmbeddedForge, number: int = INSTALLATION_ID, **options: Any) -> requests.Response:
    return send(forge, "POST", f"/app/installations/{number}/access_tokens", **options)


def claimed(forge: EmbeddedForge, **claims: Any) -> dict[str, Any]:
    return {"iat": now(forge) - 60, "exp": now(forge) + 300, "iss": str(APP_ID)} | claims


def write(forge: EmbeddedForge, token: str, repository: str = REPOSITORY) -> int:
    body = {"state": "success"}
    return send(forge, "POST", f"/repos/{repository}/statuses/{SHA}", token, body).status_code


def said(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["message"]


def test_a_token_lasts_an_hour_of_the_forges_clock(forge: EmbeddedForge) -> None:
    assert isinstance(forge.clock, Clock)
    answer = ask(forge).json()
    until = datetime.fromisoformat(answer["expires_at"])
    assert (until - forge.clock()).total_seconds() == 3600
    forge.clock.advance(seconds=3599)
    assert write(forge, answer["token"]) == 201
    forge.clock.advance(seconds=1)
    assert write(forge, answer["token"]) == 401


def test_a_token_has_the_long_form(forge: EmbeddedForge) -> None:
    token = ask(forge).json()["token"]
    assert token.startswith(f"ghs_{APP_ID}_eyJ")
    assert len(token) > 255


def test_a_token_that_was_taken_back_is_as_bad_as_an_expired_one(forge: EmbeddedForge) -> None:
    token = ask(forge).json()["token"]
    forge.store.apps.revoke()
    assert write(forge, token) == 401


def test_a_token_is_good_for_its_account_only(forge: EmbeddedForge) -> None:
    forge.add_repository("other/repo", {SHA})
    assert write(forge, ask(forge).json()["token"], "other/repo") == 404


def test_a_token_of_an_installation_that_may_only_read_writes_nothing(
    forge: EmbeddedForge,
) -> None:
    forge.add_repository("reader/repo", {SHA})
    assert write(forge, ask(forge, READER.id).json()["token"], "reader/repo") == 403


def test_a_token_ends_with_its_installation(forge: EmbeddedForge) -> None:
    token = ask(forge).json()["token"]
    installation = forge.store.apps.apps[0].installations[0]
    installation.suspended = True
    assert write(forge, token) == 401


def test_a_token_has_the_permissions_that_were_asked_for(forge: EmbeddedForge) -> None:
    body = {"permissions": {"statuses": "read"}}
    answer = ask(forge, body=body)
    assert answer.json()["permissions"] == {"metadata": "read", "statuses": "read"}
    assert write(forge, answer.json()["token"]) == 403


@pytest.mark.parametrize("wanted", [{"statuses": "write"}, {"contents": "read"}])
def test_permissions_that_were_not_granted_are_not_given(
    forge: EmbeddedForge, wanted: dict[str, str]
) -> None:
    status, message = said(ask(forge, READER.id, body={"permissions": wanted}))
    assert (status, "not granted to this installation" in message) == (422, True)


@pytest.mark.parametrize("issuer", [APP_ID, str(APP_ID), CLIENT_ID])
def test_an_app_says_its_number_or_its_client_id(forge: EmbeddedForge, issuer: Any) -> None:
    token = signed(claimed(forge, iss=str(issuer)))
    assert ask(forge, token=token).status_code == 201


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"exp": 0}, "'exp'"),
        ({"exp": 601}, "too far in the future"),
        ({"iat": 1}, "'iat'"),
    ],
)
def test_a_jwt_for_another_time_is_refused(
    forge: EmbeddedForge, claims: dict[str, int], words: str
) -> None:
    at = {name: now(forge) + offset for name, offset in claims.items()}
    status, message = said(ask(forge, token=signed(claimed(forge, **at))))
    assert (status, words in message) == (401, True)


@pytest.mark.parametrize("claims", [{"exp": 600}, {"iat": 0}, {"exp": 1}])
def test_a_jwt_at_the_edge_of_its_time_is_taken(
    forge: EmbeddedForge, claims: dict[str, int]
) -> None:
    at = {name: now(forge) + offset for name, offset in claims.items()}
    assert ask(forge, token=signed(claimed(forge, **at))).status_code == 201


def test_a_jwt_of_another_key_is_refused(forge: EmbeddedForge) -> None:
    token = signed(claimed(forge), key("another"))
    assert said(ask(forge, token=token)) == (401, "A JSON web token could not be decoded")


def test_a_jwt_whose_claims_were_changed_is_refused(forge: EmbeddedForge) -> None:
    head, _, sign = signed(claimed(forge)).split(".")
    _, claims, _ = signed(claimed(forge, exp=now(forge) + 400)).split(".")
    assert ask(forge, token=f"{head}.{claims}.{sign}").status_code == 401


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "e30.e30.e30", ".."])
def test_what_is_no_jwt_is_refused(forge: EmbeddedForge, token: str) -> None:
    assert said(ask(forge, token=token)) == (401, "A JSON web token could not be decoded")


def test_an_unknown_app_is_not_found(forge: EmbeddedForge) -> None:
    token = signed(claimed(forge, iss="12"))
    assert said(ask(forge, token=token)) == (404, "Integration not found")


def test_an_unknown_installation_is_not_found(forge: EmbeddedForge) -> None:
    assert said(ask(forge, 12345)) == (404, "Not Found")


def test_a_suspended_installation_is_given_nothing(forge: EmbeddedForge) -> None:
    assert said(ask(forge, SUSPENDED.id)) == (403, "This installation has been suspended")


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("/orgs/acme/installation", INSTALLATION_ID),
        ("/orgs/ACME/installation", INSTALLATION_ID),
        ("/users/somebody/installation", USER.id),
        (f"/repos/{REPOSITORY}/installation", INSTALLATION_ID),
    ],
)
def test_an_installation_is_found_by_its_owner(
    forge: EmbeddedForge, path: str, number: int
) -> None:
    answer = send(forge, "GET", path)
    assert (answer.status_code, answer.json()["id"]) == (200, number)
    assert of_schema("github", "installation", answer.json()) == []


@pytest.mark.parametrize(
    "path",
    [
        "/orgs/somebody/installation",
        "/users/acme/installation",
        "/orgs/nobody/installation",
        "/repos/acme/none/installation",
    ],
)
def test_whoever_did_not_install_it_is_not_found(forge: EmbeddedForge, path: str) -> None:
    assert said(send(forge, "GET", path)) == (404, "Not Found")


def test_the_token_and_its_answer_are_as_documented(forge: EmbeddedForge) -> None:
    assert of_schema("github", "installation-token", ask(forge).json()) == []


def test_a_body_that_is_no_json_is_a_bad_request(forge: EmbeddedForge) -> None:
    url = f"{forge.url}/api/v3/app/installations/{INSTALLATION_ID}/access_tokens"
    headers = {"Authorization": f"Bearer {signed(claimed(forge))}"}
    answer = requests.post(url, data="{", headers=headers, timeout=5)
    assert said(answer) == (400, "Problems parsing JSON")
