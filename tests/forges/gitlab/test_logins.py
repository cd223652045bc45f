from __future__ import annotations

import pytest

from statusbot.errors import StatusbotError
from statusbot.forges.base import Login
from statusbot.forges.gitlab import GitLab

GITLAB = GitLab()
API = "https://gitlab.com/api/v4"


def login(secret: dict[str, str], username: str = "") -> Login:
    made = GITLAB.authorization(secret, username, API)
    assert isinstance(made, Login)
    return made


@pytest.mark.parametrize(
    "secret",
    [
        {"token": "glpat-abc123"},
        {"token": " glpat-abc123\r\n"},
        {"password": "glpat-abc123\n"},
        {"token": "glpat-abc123", "password": "other"},
        {"token": "\n", "password": "glpat-abc123"},
        {"token": "glpat-abc123", "username": "me"},
        {"username": "me", "password": "glpat-abc123"},
        {"token": "glpat-abc123", "bearerToken": "other", "githubAppID": "1"},
    ],
)
def test_the_login_of_a_secret_is_its_token_as_bearer(secret: dict[str, str]) -> None:
    assert login(secret).headers == (("Authorization", "Bearer glpat-abc123"),)


def test_the_providers_username_changes_nothing() -> None:
    assert login({"password": "abc123"}, "me") == login({"password": "abc123"})


@pytest.mark.parametrize("secret", [{}, {"username": "me"}, {"token": " "}, {"bearerToken": "x"}])
def test_a_secret_without_a_token_names_the_keys_that_are_wanted(secret: dict[str, str]) -> None:
    with pytest.raises(StatusbotError, match=r"key token \(or password\)"):
        login(secret, "me")


def test_a_login_shows_its_token_nowhere_and_knows_that_it_must_not() -> None:
    made = login({"token": "glpat-abc123"})
    assert "abc123" not in repr(made)
    assert made.secrets == ("glpat-abc123",)
