from __future__ import annotations

import base64

import pytest

from statusbot.errors import StatusbotError
from statusbot.forges.base import Login
from statusbot.forges.bitbucketserver import BitbucketServer


def login(secret: dict[str, str], username: str = "") -> Login:
    made = BitbucketServer().authorization(secret, username, "")
    assert isinstance(made, Login)
    return made


def basic(pair: str) -> str:
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


@pytest.mark.parametrize(
    ("secret", "username", "header"),
    [
        ({"token": "BBDC-abc123"}, "", "Bearer BBDC-abc123"),
        ({"token": " BBDC-abc123\r\n"}, "", "Bearer BBDC-abc123"),
        ({"token": "BBDC-abc123"}, "me", "Bearer BBDC-abc123"),
        ({"token": "t0", "username": "me", "password": "pw"}, "", "Bearer t0"),
        ({"token": "t0", "username": "me"}, "", "Bearer t0"),
        ({"token": "t0", "password": "pw"}, "", "Bearer t0"),
        ({"token": " \n", "username": "me", "password": "pw"}, "", basic("me:pw")),
        ({"username": "me", "password": "pw"}, "", basic("me:pw")),
        ({"username": "me\n", "password": "pw\n"}, "", basic("me:pw")),
        ({"username": "me", "password": "pw"}, "other", basic("me:pw")),
        ({"password": "pw"}, "me", basic("me:pw")),
        ({"password": "pw"}, " me ", basic("me:pw")),
        ({"username": " ", "password": "pw"}, "me", basic("me:pw")),
        ({"username": "jürgen", "password": "pä:ss"}, "", basic("jürgen:pä:ss")),
    ],
)
def test_the_login_of_a_secret(secret: dict[str, str], username: str, header: str) -> None:
    assert login(secret, username).headers == (("Authorization", header),)


@pytest.mark.parametrize(
    "secret",
    [
        {},
        {"username": "me"},
        {"password": "pw"},
        {"token": " "},
        {"username": " ", "password": "p"},
    ],
)
def test_a_secret_without_a_login_names_the_keys_that_are_wanted(secret: dict[str, str]) -> None:
    with pytest.raises(StatusbotError, match="the key token, or username and password"):
        login(secret)


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "umläut"])
def test_a_token_that_no_header_can_carry_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(StatusbotError) as caught:
        login({"token": token})
    assert token not in str(caught.value)


def test_a_login_does_not_show_its_secrets() -> None:
    made = login({"username": "me", "password": "abc123"})
    assert "abc123" not in repr(made)
    assert basic("me:abc123") not in repr(made)


def test_a_login_knows_what_must_be_redacted() -> None:
    assert login({"token": "abc123"}).secrets == ("abc123",)
    assert "pw1234" in login({"username": "me", "password": "pw1234"}).secrets
