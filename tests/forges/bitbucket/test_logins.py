from __future__ import annotations

import base64

import pytest

from statusbot.errors import StatusbotError
from statusbot.forges import forge_of
from statusbot.forges.base import Login

BITBUCKET = forge_of("bitbucket")
API_TOKEN = "ATATT3xFfGF0-abc_def=12AB34CD"
ACCESS_TOKEN = "ATCTT3xFfGN0-abc_def=56EF78AB"
APP_PASSWORD = "ATBBabcdefghij0123456789"
EMAIL = "bot@acme.example"


def login(of_the_provider: str = "", /, **secret: str) -> Login:
    made = BITBUCKET.authorization(secret, of_the_provider, "https://api.bitbucket.org/2.0")
    assert isinstance(made, Login)
    return made


def basic(text: str) -> tuple[tuple[str, str], ...]:
    return (("Authorization", f"Basic {base64.b64encode(text.encode()).decode()}"),)


def bearer(token: str) -> tuple[tuple[str, str], ...]:
    return (("Authorization", f"Bearer {token}"),)


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        ({"token": f"{EMAIL}:{API_TOKEN}"}, f"{EMAIL}:{API_TOKEN}"),
        ({"token": f" {EMAIL}:{API_TOKEN}\n"}, f"{EMAIL}:{API_TOKEN}"),
        ({"token": f"acme-bot:{APP_PASSWORD}"}, f"acme-bot:{APP_PASSWORD}"),
        ({"token": "acme-bot:pass:with=colons"}, "acme-bot:pass:with=colons"),
        ({"token": f"{EMAIL}:{API_TOKEN}", "username": "other"}, f"{EMAIL}:{API_TOKEN}"),
        ({"token": f"{EMAIL}:{API_TOKEN}", "password": "other"}, f"{EMAIL}:{API_TOKEN}"),
        ({"token": API_TOKEN, "username": EMAIL}, f"{EMAIL}:{API_TOKEN}"),
        ({"token": API_TOKEN, "username": EMAIL, "password": "x"}, f"{EMAIL}:{API_TOKEN}"),
        ({"token": "of-no-known-form", "username": EMAIL}, f"{EMAIL}:of-no-known-form"),
        ({"username": EMAIL, "password": API_TOKEN}, f"{EMAIL}:{API_TOKEN}"),
        ({"username": "acme-bot", "password": "a:b"}, "acme-bot:a:b"),
        ({"username": f"{EMAIL}\n", "password": f"{API_TOKEN}\n"}, f"{EMAIL}:{API_TOKEN}"),
        (
            {"token": " ", "username": "acme-bot", "password": APP_PASSWORD},
            f"acme-bot:{APP_PASSWORD}",
        ),
        ({"password": f"{EMAIL}:{API_TOKEN}"}, f"{EMAIL}:{API_TOKEN}"),
        ({"username": "größer", "password": "ß1234"}, "größer:ß1234"),
    ],
)
def test_an_account_logs_in_by_basic(secret: dict[str, str], expected: str) -> None:
    assert login(**secret).headers == basic(expected)


@pytest.mark.parametrize(
    "secret",
    [
        {"token": ACCESS_TOKEN},
        {"token": f"{ACCESS_TOKEN}\r\n"},
        {"token": ACCESS_TOKEN, "username": EMAIL},
        {"token": ACCESS_TOKEN, "username": "x-token-auth"},
        {"token": ACCESS_TOKEN, "password": "half a pair"},
        {"token": f"x-token-auth:{ACCESS_TOKEN}"},
        {"username": "x-token-auth", "password": ACCESS_TOKEN},
        {"username": "anything", "password": ACCESS_TOKEN},
        {"password": ACCESS_TOKEN},
    ],
)
def test_an_access_token_logs_in_by_bearer_whatever_stands_beside_it(
    secret: dict[str, str],
) -> None:
    assert login(**secret).headers == bearer(ACCESS_TOKEN)


def test_a_token_of_unknown_form_without_a_username_is_a_bearer() -> None:
    assert login(token="oauth-2-token").headers == bearer("oauth-2-token")


def test_an_access_token_may_hold_a_colon() -> None:
    assert login(token=f"{ACCESS_TOKEN}:x").headers == bearer(f"{ACCESS_TOKEN}:x")


def test_the_providers_username_stands_in_for_the_secrets() -> None:
    assert login(EMAIL, token=API_TOKEN).headers == basic(f"{EMAIL}:{API_TOKEN}")
    assert login(EMAIL, password=API_TOKEN).headers == basic(f"{EMAIL}:{API_TOKEN}")


def test_the_secrets_username_wins() -> None:
    expected = basic(f"{EMAIL}:{API_TOKEN}")
    assert login("other", token=API_TOKEN, username=EMAIL).headers == expected


def test_a_username_that_only_git_knows_is_none() -> None:
    secret = {"username": "x-bitbucket-api-token-auth", "password": API_TOKEN}
    assert login(EMAIL, **secret).headers == basic(f"{EMAIL}:{API_TOKEN}")


@pytest.mark.parametrize("secret", [{}, {"username": "me"}, {"token": " \n"}, {"password": ""}])
def test_a_secret_without_a_token_names_the_keys_that_are_wanted(secret: dict[str, str]) -> None:
    with pytest.raises(StatusbotError, match=r"email:token or an access token .* key token"):
        login(**secret)


@pytest.mark.parametrize(
    "secret",
    [
        {"token": API_TOKEN},
        {"password": API_TOKEN},
        {"token": APP_PASSWORD},
        {"token": f"x-bitbucket-api-token-auth:{API_TOKEN}"},
        {"username": "x-bitbucket-api-token-auth", "password": API_TOKEN},
    ],
)
def test_an_api_token_alone_is_told_to_need_its_email(secret: dict[str, str]) -> None:
    with pytest.raises(StatusbotError, match="email:token"):
        login(**secret)


@pytest.mark.parametrize(
    "secret",
    [
        {"token": f":{API_TOKEN}"},
        {"token": ":of-no-known-form"},
        {"token": f"{EMAIL}:"},
        {"token": ":"},
        {"username": "a:b", "password": API_TOKEN},
        {"token": "two words"},
        {"token": "umläut-without-user"},
    ],
)
def test_what_can_be_no_login_is_refused_without_showing_it(secret: dict[str, str]) -> None:
    with pytest.raises(StatusbotError) as caught:
        login(**secret)
    assert API_TOKEN not in str(caught.value)
    assert not any(value in str(caught.value) for value in secret.values() if len(value) > 3)


@pytest.mark.parametrize(
    "secret", [{"token": f"{EMAIL}:{API_TOKEN}"}, {"token": ACCESS_TOKEN}], ids=["basic", "bearer"]
)
def test_a_login_shows_nothing_and_knows_what_must_be_redacted(secret: dict[str, str]) -> None:
    made = login(**secret)
    token = secret["token"].partition(f"{EMAIL}:")[2] or secret["token"]
    assert token not in repr(made)
    assert token in made.secrets
    assert any(made.headers[0][1].endswith(text) for text in made.secrets)
