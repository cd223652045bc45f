"""From a Secret's keys to an App, and what the answers of its exchange mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from statusbot.errors import StatusbotError
from statusbot.forges import forge_of
from statusbot.forges.base import Answer, App, Limited, Login, Refused, Unclear
from statusbot.forges.github_app import (
    installation_of,
    lookups,
    meaning,
    token_of,
    token_request,
)

API = "https://api.github.com"
DATE = "Fri, 20 Nov 2026 12:00:00 GMT"
NOW = 1795176000.0
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n"
BY_ID = {
    "githubAppID": "4711",
    "githubAppInstallationID": "99",
    "githubAppPrivateKey": PEM,
}
BY_OWNER = {
    "githubAppID": "4711",
    "githubAppInstallationOwner": "acme",
    "githubAppPrivateKey": PEM,
}
LONG = "ghs_4711_eyJhbGciOiJFUzI1NiJ9." + "a" * 300 + ".b-_"


def made(secret: Mapping[str, str], api: str = API) -> App:
    app = forge_of("github").authorization(secret, "", api)
    assert isinstance(app, App)
    return app


def refusal(secret: Mapping[str, str]) -> str:
    with pytest.raises(StatusbotError) as caught:
        made(secret)
    return str(caught.value)


def without(*keys: str, **more: str) -> dict[str, str]:
    return {key: value for key, value in (BY_ID | more).items() if key not in keys}


def answer(status: int, value: Any = None, **headers: str) -> Answer:
    headers = {name.replace("_", "-"): text for name, text in ({"Date": DATE} | headers).items()}
    return Answer(status, headers, b"" if value is None else json.dumps(value).encode())


def said(status: int, message: str, secret: Mapping[str, str] = BY_ID, now: float = NOW) -> str:
    found = meaning(answer(status, {"message": message}), made(secret), now)
    assert isinstance(found, Refused)
    assert (found.final, found.scope) == (False, "login")
    return found.why


def test_an_app_with_the_number_of_its_installation() -> None:
    assert made(BY_ID) == App("4711", "99", "", API, PEM)


def test_an_app_with_the_owner_of_its_installation() -> None:
    assert made(BY_OWNER) == App("4711", "", "acme", API, PEM)


def test_a_client_id_serves_as_well_as_a_number() -> None:
    assert made(BY_ID | {"githubAppID": "Iv23liAbC.d"}).id == "Iv23liAbC.d"


@pytest.mark.parametrize("key", ["token", "password"])
def test_a_token_and_a_password_win_over_an_app(key: str) -> None:
    login = forge_of("github").authorization(BY_ID | {key: "abc123"}, "", API)
    assert login == Login((("Authorization", "Bearer abc123"),), ("abc123",))


def test_an_app_wins_over_a_token_of_white_space() -> None:
    assert made(BY_ID | {"token": " \n"}).id == "4711"


@pytest.mark.parametrize("key", list(BY_ID))
def test_white_space_around_a_value_does_no_harm(key: str) -> None:
    assert made(BY_ID | {key: f" \r\n{BY_ID[key]}\r\n "}) == made(BY_ID)


@pytest.mark.parametrize(
    "pem",
    [
        PEM.replace("\n", "\r\n"),
        PEM.replace("\n", "\r"),
        PEM.replace("\n", "\n    "),
        PEM.replace("\n", "  \n\n"),
        PEM.replace("\n", "\\n"),
        f"\ufeff{PEM}",
    ],
    ids=["crlf", "cr", "indented", "trailing", "escaped", "mark"],
)
def test_white_space_within_a_private_key_does_no_harm(pem: str) -> None:
    assert made(BY_ID | {"githubAppPrivateKey": pem}).key == PEM


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        (without("githubAppID"), "the Secret has no githubAppID"),
        (without("githubAppPrivateKey"), "the Secret has no githubAppPrivateKey"),
        (
            without("githubAppInstallationID"),
            "neither githubAppInstallationID nor githubAppInstallationOwner",
        ),
        (
            without(githubAppInstallationOwner="acme"),
            "both githubAppInstallationID and githubAppInstallationOwner",
        ),
        (without(githubAppID="my app"), "githubAppID is not the App's number"),
        (without(githubAppInstallationID="acme"), "githubAppInstallationID is not the number"),
        (without(githubAppInstallationID="٣"), "githubAppInstallationID is not the number"),
        (without(githubAppInstallationID="../1"), "githubAppInstallationID is not the number"),
        (
            BY_OWNER | {"githubAppInstallationOwner": "acme/fleet"},
            "githubAppInstallationOwner is not the name of an organization or a user",
        ),
        (without(githubAppBaseURL="ghe.example"), "githubAppBaseURL is no http or https URL"),
        (without(githubAppBaseURL="ftp://ghe.example"), "githubAppBaseURL is no http or https URL"),
        ({"githubAppID": "1"}, "the Secret has no githubAppPrivateKey"),
    ],
)
def test_what_is_wrong_with_an_app_names_the_key_to_mend(
    secret: Mapping[str, str], words: str
) -> None:
    assert words in refusal(secret)


@pytest.mark.parametrize("value", ["x ghp_" + "a1" * 20, "https://me:hunter22@h x/"])
@pytest.mark.parametrize("key", ["githubAppID", "githubAppInstallationID", "githubAppBaseURL"])
def test_a_value_in_the_wrong_key_is_not_shown(key: str, value: str) -> None:
    text = refusal(BY_ID | {key: value})
    assert "a1a1" not in text
    assert "hunter22" not in text


def test_no_private_key_is_in_a_repr() -> None:
    assert "MIIE" not in repr(made(BY_ID))


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("", "https://here.example/api/v3"),
        (" \n", "https://here.example/api/v3"),
        ("https://ghe.example", "https://ghe.example/api/v3"),
        ("https://ghe.example/", "https://ghe.example/api/v3"),
        ("https://GHE.example:8443/api/v3/", "https://ghe.example:8443/api/v3"),
        ("https://ghe.example/git", "https://ghe.example/git/api/v3"),
        ("http://ghe.example", "http://ghe.example/api/v3"),
        ("https://api.ghe.example", "https://api.ghe.example"),
        ("https://github.com", "https://api.github.com"),
        ("https://www.github.com/", "https://api.github.com"),
        ("https://api.github.com/", "https://api.github.com"),
        ("https://octo.ghe.com", "https://api.octo.ghe.com"),
        ("https://api.octo.ghe.com", "https://api.octo.ghe.com"),
        ("https://me:hunter22@ghe.example?x=1#y", "https://ghe.example/api/v3"),
    ],
)
def test_where_the_tokens_come_from(url: str, api: str) -> None:
    secret = BY_ID | {"githubAppBaseURL": url}
    assert made(secret, "https://here.example/api/v3").api == api


def test_a_known_installation_is_not_looked_up() -> None:
    assert list(lookups(made(BY_ID))) == []


def test_an_owner_is_looked_up_as_an_organization_and_then_as_a_user() -> None:
    requests = lookups(made(BY_OWNER))
    assert [(request.method, request.url) for request in requests] == [
        ("GET", f"{API}/orgs/acme/installation"),
        ("GET", f"{API}/users/acme/installation"),
    ]


def test_a_token_is_asked_for_that_can_write_statuses_and_nothing_else() -> None:
    request = token_request(made(BY_ID), "99")
    assert (request.method, request.url) == (
        "POST",
        f"{API}/app/installations/99/access_tokens",
    )
    assert request.body == {"permissions": {"statuses": "write"}}


def test_requests_name_the_version_of_the_api() -> None:
    for request in (*lookups(made(BY_OWNER)), token_request(made(BY_ID), "99")):
        assert request.headers["X-GitHub-Api-Version"] == "2022-11-28"


@pytest.mark.parametrize(
    ("status", "value", "number"),
    [
        (200, {"id": 99}, "99"),
        (200, {"id": "99"}, None),
        (200, {"id": True}, None),
        (200, {}, None),
        (200, [], None),
        (404, {"id": 99}, None),
    ],
)
def test_the_installation_that_a_lookup_shows(status: int, value: Any, number: str | None) -> None:
    assert installation_of(answer(status, value)) == number


@pytest.mark.parametrize("text", ["ghs_" + "a1" * 18, LONG], ids=["short", "long"])
def test_a_token_of_any_length_is_one(text: str) -> None:
    found = token_of(answer(201, {"token": text, "expires_at": "2026-11-20T13:00:00Z"}))
    assert found is not None
    assert (found.text, found.seconds) == (text, 3600)


def test_a_token_is_not_in_a_repr() -> None:
    found = token_of(answer(201, {"token": LONG, "expires_at": "2026-11-20T13:00:00Z"}))
    assert found is not None
    assert "eyJ" not in repr(found)


def test_a_token_lasts_as_long_as_the_forges_clock_says() -> None:
    found = token_of(
        answer(
            201,
            {"token": "abc", "expires_at": "2020-01-01T01:00:00+00:00"},
            Date="Wed, 01 Jan 2020 00:30:00 GMT",
        )
    )
    assert found is not None
    assert found.seconds == 1800


@pytest.mark.parametrize(
    ("status", "value"),
    [
        (200, {"token": "abc", "expires_at": "2026-11-20T13:00:00Z"}),
        (201, {"token": "", "expires_at": "2026-11-20T13:00:00Z"}),
        (201, {"token": 5, "expires_at": "2026-11-20T13:00:00Z"}),
        (201, {"token": "a b", "expires_at": "2026-11-20T13:00:00Z"}),
        (201, {"token": "a\nb", "expires_at": "2026-11-20T13:00:00Z"}),
        (201, {"token": "ümlaut", "expires_at": "2026-11-20T13:00:00Z"}),
        (201, {"token": "abc", "expires_at": "soon"}),
        (201, {"token": "abc"}),
        (201, ["abc"]),
        (201, None),
    ],
)
def test_what_is_no_token(status: int, value: Any) -> None:
    assert token_of(answer(status, value)) is None


@pytest.mark.parametrize(
    ("status", "message", "secret", "key"),
    [
        (401, "A JSON web token could not be decoded", BY_ID, "githubAppPrivateKey"),
        (404, "Integration not found", BY_ID, "correct githubAppID"),
        (404, "Integration not found", BY_OWNER, "correct githubAppID"),
        (404, "Not Found", BY_ID, "correct githubAppInstallationID"),
        (404, "Not Found", BY_OWNER, "correct githubAppInstallationOwner"),
        (404, "", BY_OWNER, "correct githubAppBaseURL"),
        (403, "This installation has been suspended", BY_ID, "unsuspend"),
        (422, "The permissions requested are not granted", BY_ID, "Commit statuses: write"),
    ],
)
def test_a_refusal_is_the_logins_and_names_what_to_mend(
    status: int, message: str, secret: Mapping[str, str], key: str
) -> None:
    why = said(status, message, secret)
    assert message in why
    assert key in why


def test_another_refusal_keeps_the_forges_words() -> None:
    why = said(403, "Your IP address is not allowed")
    assert why == "no token for the GitHub App: Your IP address is not allowed (403)"


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(300, "our clock is 300 s ahead"), (-300, "our clock is 300 s behind"), (30, "PrivateKey")],
)
def test_a_jwt_is_refused_for_a_clock_that_is_wrong(ahead: float, words: str) -> None:
    assert words in said(401, "'exp' is too far in the future", now=NOW + ahead)


def test_what_there_is_to_mend_is_not_cut_off() -> None:
    message = (
        "'Expiration time' claim ('exp') must be a numeric value representing the future time"
        " at which the assertion expires"
    )
    assert said(401, message).endswith("correct githubAppPrivateKey or githubAppID")


def test_a_redirect_to_elsewhere_is_the_logins() -> None:
    found = meaning(answer(302, Location="https://login.example/x"), made(BY_ID), NOW)
    assert isinstance(found, Refused)
    assert (found.scope, "https://login.example/x" in found.why) == ("login", True)


def test_a_proxy_that_wants_a_login_is_named() -> None:
    found = meaning(answer(407), made(BY_ID), NOW)
    assert isinstance(found, Refused)
    assert (found.scope, "proxy" in found.why) == ("login", True)


def test_a_limit_is_one() -> None:
    found = meaning(answer(429, Retry_After="9"), made(BY_ID), NOW)
    assert isinstance(found, Limited)
    assert found.seconds == 9


@pytest.mark.parametrize("status", [500, 503, 200, 201])
def test_a_failure_and_what_is_no_api_are_unclear(status: int) -> None:
    assert isinstance(meaning(answer(status), made(BY_ID), NOW), Unclear)


def test_a_forge_that_shows_our_words_again_shows_no_secret() -> None:
    assert "eyJ" not in said(401, f"bad {LONG}")
