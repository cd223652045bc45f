from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from statusbot.errors import StatusbotError
from statusbot.forges.azure_login import is_jwt
from statusbot.forges.azuredevops import AzureDevOps
from statusbot.forges.base import Login

PAT = "2abcdefghijklmnopqrstuvwxyz3456789pat"


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


JWT = f"{part({'typ': 'JWT', 'alg': 'RS256', 'x': 'ü?>'})}.{part({'aud': 'a'})}.c2lnbmF0dXJl"


def basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


def login(secret: dict[str, str], username: str = "") -> Login:
    made = AzureDevOps().authorization(secret, username, "")
    assert isinstance(made, Login)
    return made


@pytest.mark.parametrize(
    ("secret", "username", "header"),
    [
        ({"token": PAT}, "", basic(f":{PAT}")),
        ({"token": f" {PAT}\r\n"}, "", basic(f":{PAT}")),
        ({"token": JWT}, "", f"Bearer {JWT}"),
        ({"token": f"{JWT}\n"}, "", f"Bearer {JWT}"),
        ({"bearerToken": f"{PAT}\n"}, "", f"Bearer {PAT}"),
        ({"bearerToken": JWT}, "", f"Bearer {JWT}"),
        ({"password": PAT}, "", basic(f":{PAT}")),
        ({"password": JWT}, "", f"Bearer {JWT}"),
        ({"username": "DOM\\jörg", "password": "pä:ss"}, "", basic("DOM\\jörg:pä:ss")),
        ({"username": " me\n", "password": "pass\n"}, "", basic("me:pass")),
        ({"username": "me", "password": JWT}, "", basic(f"me:{JWT}")),
        ({"password": "pass"}, " me ", basic("me:pass")),
        ({"username": "me", "password": "pass"}, "other", basic("me:pass")),
        # A token wins, whatever else is there, and half a pair beside it harms nobody.
        ({"token": PAT, "bearerToken": JWT}, "", basic(f":{PAT}")),
        ({"token": PAT, "username": "me", "password": "pass"}, "", basic(f":{PAT}")),
        ({"token": PAT, "username": "me"}, "", basic(f":{PAT}")),
        ({"token": PAT, "password": "pass"}, "me", basic(f":{PAT}")),
        ({"bearerToken": JWT, "username": "me", "password": "pass"}, "", f"Bearer {JWT}"),
        ({"token": " \n", "bearerToken": JWT}, "", f"Bearer {JWT}"),
        ({"token": "", "password": PAT}, "", basic(f":{PAT}")),
    ],
)
def test_the_login_of_a_secret(secret: dict[str, str], username: str, header: str) -> None:
    assert login(secret, username).headers == (("Authorization", header),)


@pytest.mark.parametrize("secret", [{}, {"username": "me"}, {"token": " "}, {"githubAppID": "1"}])
def test_a_secret_without_a_token_names_the_key_that_is_wanted(secret: dict[str, str]) -> None:
    with pytest.raises(StatusbotError, match="a personal access token under the key token"):
        login(secret, "me")


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "umläut"])
def test_a_bearer_token_that_no_header_can_carry_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(StatusbotError) as caught:
        login({"bearerToken": token})
    assert token not in str(caught.value)


@pytest.mark.parametrize(
    "token",
    [
        "",
        PAT,
        f"{part({'alg': 'RS256'})}.{part({})}",
        f"{part({'alg': 'RS256'})}..sig",
        f"{part({'alg': 'RS256'})}.{part({})}.sig.more",
        f"{part({'typ': 'JWT'})}.{part({})}.sig",
        f"{part(['alg'])}.{part({})}.sig",
        f"{part('alg')}.{part({})}.sig",
        "!!!.payload.sig",
        "bm8ganNvbg.payload.sig",
        "_w.payload.sig",
        "ü.payload.sig",
    ],
)
def test_what_is_no_json_web_token(token: str) -> None:
    assert not is_jwt(token)


@pytest.mark.parametrize("length", range(6))
def test_a_json_web_token_is_one_whatever_padding_its_head_would_need(length: int) -> None:
    assert is_jwt(f"{part({'alg': 'x' * length})}.e30.sig")


@pytest.mark.parametrize("secret", [{"token": PAT}, {"token": JWT}, {"bearerToken": JWT}])
def test_a_login_does_not_show_its_token(secret: dict[str, str]) -> None:
    (token,) = secret.values()
    assert token not in repr(login(secret))


@pytest.mark.parametrize("secret", [{"token": PAT}, {"token": JWT}, {"password": PAT}])
def test_a_login_knows_what_must_be_redacted(secret: dict[str, str]) -> None:
    made = login(secret)
    assert set(secret.values()) <= set(made.secrets)
    assert made.headers[0][1].partition(" ")[2] in made.secrets
