"""Secrets are told in every form in which somebody might print them, each once."""

from __future__ import annotations

import base64

import pytest

from statusbot import masks
from statusbot.demo.forge import EmbeddedForge
from statusbot.forges.base import Request
from statusbot.forges.logins import basic_login
from statusbot.transport import Transport


def told(*secrets: str) -> list[str]:
    found: list[str] = []
    with masks.told_to(found.append):
        masks.hide(*secrets)
    return found


def value(key: str, text: bytes) -> list[str]:
    found: list[str] = []
    with masks.told_to(found.append):
        masks.hide_value(key, text)
    return found


def test_a_secret_is_told_as_it_is_and_encoded() -> None:
    encoded = base64.b64encode(b"s3cret/+").decode()
    assert told("s3cret/+\n") == ["s3cret/+", encoded, "s3cret%2F%2B"]


def test_each_form_is_told_once() -> None:
    assert len(told("s3cret", "s3cret")) == 2


def test_lines_are_told_one_by_one_without_those_that_every_key_has() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nAAAA1\nBBBB2\n-----END RSA PRIVATE KEY-----\n"
    assert told(key)[:2] == ["AAAA1", "BBBB2"]
    assert not any("\n" in form for form in told(key))


@pytest.mark.parametrize("secret", ["", "   ", "abc"])
def test_what_is_too_short_would_spoil_every_line(secret: str) -> None:
    assert told(secret) == []


@pytest.mark.parametrize("key", ["username", "ca.crt", "githubAppID"])
def test_what_everybody_may_know_is_not_told(key: str) -> None:
    assert value(key, b"git-user") == []


def test_of_an_address_its_password_is_told() -> None:
    assert "hunter22" in value("proxy", b"http://me:hunter22@proxy.example:3128")
    assert value("address", b"https://git.example/my-org/my-repo") == []


@pytest.mark.parametrize("key", ["token", "password", "tls.key", "anything"])
def test_every_other_value_is_told(key: str) -> None:
    assert value(key, b"s3cret")[0] == "s3cret"


def test_without_a_listener_nothing_is_kept() -> None:
    masks.hide("s3cret")
    assert told("s3cret")


def test_a_login_is_told_before_it_is_sent() -> None:
    found: list[str] = []
    encoded = base64.b64encode(b"me:s3cret").decode()
    with EmbeddedForge(token="x") as forge, masks.told_to(found.append), Transport() as transport:
        transport.send(Request("GET", f"{forge.url}/x"), basic_login("me", "s3cret"), timeout=10)
    assert {"s3cret", encoded} <= set(found)
