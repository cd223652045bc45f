from __future__ import annotations

import base64

import pytest

from statusbot.errors import StatusbotError
from statusbot.forges import forge_of
from statusbot.forges.base import Login

ME = base64.b64encode("me:pass wört".encode()).decode()


def login(forge: str, secret: dict[str, str], username: str = "") -> Login:
    made = forge_of(forge).authorization(secret, username, "")
    assert isinstance(made, Login)
    return made


@pytest.mark.parametrize(
    ("forge", "secret", "header"),
    [
        ("github", {"token": "abc123"}, "Bearer abc123"),
        ("github", {"password": "abc123"}, "Bearer abc123"),
        ("github", {"token": "abc123", "password": "other"}, "Bearer abc123"),
        ("github", {"token": " \n", "password": "abc123"}, "Bearer abc123"),
        ("github", {"token": "abc123\n"}, "Bearer abc123"),
        ("github", {"token": "abc123", "githubAppID": "1"}, "Bearer abc123"),
        ("gitea", {"token": "abc123\r\n"}, "token abc123"),
        ("gitea", {"password": "abc123"}, "token abc123"),
        ("gitea", {"token": "abc123", "username": "me", "password": "p"}, "token abc123"),
        ("gitea", {"token": "abc123", "username": "me"}, "token abc123"),
        ("gitea", {"username": "me\n", "password": "pass wört\n"}, f"Basic {ME}"),
        ("gitea", {"token": "\n", "username": "me", "password": "pass wört"}, f"Basic {ME}"),
    ],
)
def test_the_login_of_a_secret(forge: str, secret: dict[str, str], header: str) -> None:
    assert login(forge, secret).headers == (("Authorization", header),)


def test_the_providers_username_stands_in_for_the_secrets_own() -> None:
    secret = {"password": "pass wört"}
    assert login("gitea", secret, " me ").headers == (("Authorization", f"Basic {ME}"),)
    own = login("gitea", {**secret, "username": "me"}, "other")
    assert own.headers == (("Authorization", f"Basic {ME}"),)


@pytest.mark.parametrize("forge", ["github", "gitea"])
def test_a_secret_without_a_token_names_the_keys_that_are_wanted(forge: str) -> None:
    with pytest.raises(StatusbotError, match=r"key token \(or password\)"):
        forge_of(forge).authorization({"username": "me"}, "", "")


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "umläut", "nul\0"])
def test_a_token_that_no_header_can_carry_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(StatusbotError) as caught:
        forge_of("github").authorization({"token": token}, "", "")
    assert token not in str(caught.value)


def test_a_login_does_not_show_its_token() -> None:
    assert "abc123" not in repr(forge_of("github").authorization({"token": "abc123"}, "", ""))


def test_a_login_knows_what_must_be_redacted() -> None:
    assert login("gitea", {"token": "abc123"}).secrets == ("abc123",)


@pytest.mark.parametrize("forge", ["azuredevops", "bitbucket"])
def test_bytes_of_the_environment_that_are_no_text_are_no_login(forge: str) -> None:
    with pytest.raises(StatusbotError, match="no UTF-8 text"):
        login(forge, {"token": "me:\udcff\udcfe"})
