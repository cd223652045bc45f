from __future__ import annotations

import json
from typing import Any

import pytest

from statusbot.forges.base import Answer
from statusbot.forges.limits import cooldown
from statusbot.forges.words import said, what_came, whither

URL = "Enter a valid URL."
DATE = "Fri, 20 Nov 2026 12:00:00 GMT"


def words(value: Any) -> str:
    return said(Answer(400, {}, json.dumps(value).encode()))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"message": "Repository x not found"}, "Repository x not found"),
        ({"message": "Bad", "detail": "no API here"}, "Bad; no API here"),
        ({"message": f"url: {URL}", "fields": {"url": [URL]}}, f"url: {URL}"),
        ({"message": "Bad request", "fields": {"url": [URL]}}, f"Bad request; url: {URL}"),
        ({"message": "Bad request", "fields": {"url": URL}}, f"Bad request; url: {URL}"),
        ({"message": "Bad", "detail": {"required": ["repository"]}}, "Bad"),
        ({"message": None, "fields": {"url": [None, 3]}}, ""),
        ({"fields": ["url"]}, ""),
    ],
)
def test_an_error_that_is_an_object_says_its_message_detail_and_fields(
    error: dict[str, Any], expected: str
) -> None:
    assert words({"type": "error", "error": error}) == expected


@pytest.mark.parametrize(("reset", "seconds"), [("745", 746), ("1795176060", 61)])
def test_a_reset_is_a_time_to_wait_or_an_instant(reset: str, seconds: float) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset, "Date": DATE}
    assert cooldown(Answer(429, headers)) == seconds


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"message": {"name": ["is taken"]}}, "name is taken"),
        ({"message": {"a": ["is x", "is y"], "b": "is z"}}, "a is x; a is y; b is z"),
        ({"message": {"a": [None, 3, {"b": "c"}]}}, ""),
        ({"message": ["one", "two", 3]}, "one; two"),
        ({"error": "invalid_token", "error_description": "Revoked."}, "invalid_token; Revoked."),
        ({"error": "404 Not Found"}, "404 Not Found"),
        ({"error_description": ["x"]}, ""),
    ],
)
def test_gitlab_says_what_is_wrong_by_field_or_as_oauth_does(value: Any, expected: str) -> None:
    assert words(value) == expected


PASSWORD = 'pä&ss/"w0rd'


@pytest.mark.parametrize(
    "body",
    [json.dumps({"message": f"bad {PASSWORD}!"}), '{"message":"bad p\\u00e4\\u0026ss/\\"w0rd!"}'],
)
def test_a_password_is_hidden_however_json_writes_it(body: str) -> None:
    assert said(Answer(401, {}, body.encode(), secrets=(PASSWORD,))) == "bad ***!"


def test_a_password_in_a_header_is_hidden() -> None:
    headers = {"Location": "https://h.example/s3cr3t/x", "Content-Type": "text/s3cr3t"}
    answer = Answer(302, headers, secrets=("s3cr3t",))
    assert whither(answer) == "https://h.example/***/x"
    assert what_came(answer) == "302 with text/***"
