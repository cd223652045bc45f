from __future__ import annotations

import pytest

from statusbot.forges.base import Login, Request
from statusbot.transport import Transport
from statusbot.transport.redirects import origin
from tests.transport.conftest import Serve, http

LOGIN = Login((("Authorization", "Bearer abc12345"),), ("abc12345",))
POST = {"state": "success"}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_on_the_same_host_keeps_method_body_and_login(
    serve: Serve, transport: Transport, status: int
) -> None:
    server = serve(http(status, Location="/new?x=1"), http(201))
    answer = transport.send(Request("POST", f"{server.url}/old", POST), LOGIN, timeout=5)
    request = server.requests[1]
    assert (answer.status, answer.url) == (201, f"{server.url}/new?x=1")
    assert request.startswith(b"POST /new?x=1 ")
    assert request.endswith(b'{"state": "success"}')
    assert b"Authorization: Bearer abc12345" in request


def test_a_redirect_by_a_full_address_of_the_same_host_is_followed(
    serve: Serve, transport: Transport
) -> None:
    second = http(200)
    server = serve(b"", second)
    server.talks = (http(301, Location=f"{server.url}/new"), second)
    assert transport.send(Request("GET", server.url), LOGIN, timeout=5).status == 200


def test_a_redirect_to_another_port_is_not_followed(serve: Serve, transport: Transport) -> None:
    other = serve(http(201))
    server = serve(http(307, Location=f"{other.url}/x"))
    assert transport.send(Request("POST", server.url, POST), LOGIN, timeout=5).status == 307
    assert other.requests == []


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/",
        "//evil.example/x",
        "https://127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://[::x]/",
        "ftp://127.0.0.1/",
        "",
    ],
)
def test_a_redirect_elsewhere_is_an_answer(
    serve: Serve, transport: Transport, location: str
) -> None:
    server = serve(http(302, Location=location))
    assert transport.send(Request("POST", server.url, POST), LOGIN, timeout=5).status == 302


def test_a_303_would_turn_a_write_into_a_read_and_is_an_answer(
    serve: Serve, transport: Transport
) -> None:
    server = serve(http(303, Location="/new"), http(200))
    assert transport.send(Request("POST", server.url, POST), LOGIN, timeout=5).status == 303


def test_a_303_is_followed_by_a_read(serve: Serve, transport: Transport) -> None:
    server = serve(http(303, Location="/new"), http(200))
    assert transport.send(Request("GET", server.url), LOGIN, timeout=5).status == 200


def test_redirects_in_a_circle_end(serve: Serve, transport: Transport) -> None:
    server = serve(http(302, Location="/again"))
    assert transport.send(Request("GET", server.url), LOGIN, timeout=5).status == 302
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Forge.Example/x", "https://forge.example:443"),
        ("http://me:secret@h:80/", "http://h:80"),
        ("http://[::1]:3000/", "http://[::1]:3000"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, expected: str) -> None:
    assert origin(url) == expected
