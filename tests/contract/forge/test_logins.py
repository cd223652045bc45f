from __future__ import annotations

import itertools

import pytest
import requests

from tests.support.forge_contract import Subject

UNKNOWN = "de" * 20
_NUMBERS = itertools.count(1)


def private(subject: Subject) -> tuple[str, str]:
    return subject.setup.new_repository(f"private-{next(_NUMBERS)}", private=True)


def raw(subject: Subject, authorization: str) -> requests.Response:
    headers = {"Authorization": authorization}
    path = f"statuses/{subject.commit}"
    return subject.send("POST", path, login=None, json={"state": "success"}, headers=headers)


@pytest.mark.parametrize("scheme", ["token", "Bearer", "bearer", "token "])
def test_both_schemes_carry_a_token(subject: Subject, scheme: str) -> None:
    assert raw(subject, f"{scheme} {subject.tokens['writer']}").status_code == 201


@pytest.mark.parametrize("login", ["{}:", "git:{}"])
def test_a_token_may_be_the_user_or_the_password_of_a_basic_login(
    subject: Subject, login: str
) -> None:
    user, _, password = login.format(subject.tokens["writer"]).partition(":")
    answer = subject.send(
        "POST", f"statuses/{subject.commit}", login=None, json={}, auth=(user, password)
    )
    assert answer.status_code == 201


@pytest.mark.parametrize("authorization", ["token ", "Foo abc"])
def test_an_empty_token_or_another_scheme_is_no_login(subject: Subject, authorization: str) -> None:
    answer = raw(subject, authorization)
    assert (answer.status_code, answer.json()["message"]) == (401, "token is required")


def test_writing_needs_a_login(subject: Subject) -> None:
    answer = subject.write(subject.commit, login=None)
    assert (answer.status_code, answer.json()["message"]) == (401, "token is required")


@pytest.mark.parametrize("path", ["commits/{}/status", "commits/{}/statuses", "statuses/{}"])
def test_reading_a_public_repository_needs_none(subject: Subject, path: str) -> None:
    assert subject.send("GET", path.format(subject.commit), login=None).status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_bad_token_is_refused_even_where_none_is_needed(subject: Subject, method: str) -> None:
    answer = subject.send(method, f"statuses/{subject.commit}", login="nobody", json={})
    assert answer.status_code == 401
    assert answer.json()["message"] == "invalid username, password or token"


@pytest.mark.parametrize("repository", [None, "acme/none"])
def test_a_token_without_the_scope_is_told_so_before_anything_else(
    subject: Subject, repository: str | None
) -> None:
    answer = subject.send(
        "POST", f"statuses/{UNKNOWN}", login="reader", repository=repository, json={}
    )
    assert answer.status_code == 403
    assert answer.json()["message"] == (
        "token does not have at least one of required scope(s), required=[write:repository],"
        " token scope=read:repository"
    )


def test_a_token_without_the_scope_to_write_may_read(subject: Subject) -> None:
    answer = subject.send("GET", f"commits/{subject.commit}/status", login="reader")
    assert answer.status_code == 200


def test_a_user_who_may_not_write_is_told_so_before_the_commit_is_looked_up(
    subject: Subject,
) -> None:
    answer = subject.write(UNKNOWN, login="visitor")
    assert answer.status_code == 403
    assert answer.json()["message"] == "user should have a permission to write to a repo"


@pytest.mark.parametrize("login", [None, "visitor"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_private_repository_does_not_exist_for_strangers(
    subject: Subject, login: str | None, method: str
) -> None:
    repository, sha = private(subject)
    answer = subject.send(method, f"statuses/{sha}", login=login, repository=repository, json={})
    assert (answer.status_code, answer.json()["message"]) == (404, "not found")


def test_a_private_repository_takes_its_owners_statuses(subject: Subject) -> None:
    repository, sha = private(subject)
    assert subject.write(sha, repository=repository).status_code == 201
