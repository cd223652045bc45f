"""SOCKS proxies, and the logins of proxies, on loopback."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from statusbot.forges.base import Answer, Login, Request
from statusbot.transport import NotSent, Transport, Way
from tests.real.network import Socks
from tests.transport.conftest import RawServer, Serve, http

LOGIN = Login((("Authorization", "Bearer abc12345"),), ("abc12345",))
PASSWORD = "p@ss:/w%rd é"
WRITTEN = "p%40ss%3A%2Fw%25rd%20%C3%A9"


@pytest.fixture
def forge(serve: Serve) -> RawServer:
    return serve(http(200))


@pytest.fixture
def socks() -> Iterator[Socks]:
    with Socks() as server:
        yield server


@pytest.fixture
def strict() -> Iterator[Socks]:
    """One that wants a login."""
    with Socks(f"me@home:{PASSWORD}") as server:
        yield server


def get(transport: Transport, url: str, proxy: str = "", ca: str = "") -> Answer:
    way = Way(ca=ca, proxy=proxy)
    return transport.send(Request("GET", url), LOGIN, timeout=5, way=way)


def address(server: Socks, login: str = "", scheme: str = "socks5") -> str:
    return f"{scheme}://{login}{'@' if login else ''}127.0.0.1:{server.port}"


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "SOCKS5"])
def test_a_name_is_resolved_at_the_proxy(
    forge: RawServer, socks: Socks, transport: Transport, scheme: str
) -> None:
    url = f"http://forge.invalid:{forge.port}/x"
    assert get(transport, url, address(socks, scheme=scheme)).status == 200
    assert socks.asked == [f"forge.invalid:{forge.port}"]
    assert forge.requests[0].startswith(b"GET /x ")


@pytest.fixture
def secure(serve: Serve, certificates: Path) -> RawServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.crt", certificates / "server.key")
    return serve(http(200), tls=context)


def test_tls_goes_through_to_the_forge_itself(
    secure: RawServer, socks: Socks, transport: Transport, certificates: Path
) -> None:
    ca = (certificates / "ca.crt").read_text()
    assert get(transport, secure.url, address(socks), ca).status == 200
    assert socks.asked == [f"127.0.0.1:{secure.port}"]


@pytest.mark.parametrize("name", ["ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"])
def test_a_socks_proxy_of_the_environment_is_used(
    forge: RawServer,
    socks: Socks,
    transport: Transport,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.setenv(name, address(socks))
    assert get(transport, f"http://forge.invalid:{forge.port}/").status == 200
    assert socks.asked == [f"forge.invalid:{forge.port}"]


def test_the_environments_proxy_for_https_is_used_for_https(
    secure: RawServer, socks: Socks, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address(socks))
    with pytest.raises(NotSent, match="its certificate is not trusted"):
        get(transport, f"https://forge.invalid:{secure.port}/")
    assert socks.asked == [f"forge.invalid:{secure.port}"]


@pytest.mark.parametrize("no_proxy", ["forge.invalid", ".invalid", "invalid", "*"])
def test_no_proxy_keeps_a_host_from_a_socks_proxy(
    forge: RawServer,
    socks: Socks,
    transport: Transport,
    monkeypatch: pytest.MonkeyPatch,
    no_proxy: str,
) -> None:
    monkeypatch.setenv("ALL_PROXY", address(socks))
    monkeypatch.setenv("NO_PROXY", no_proxy)
    with pytest.raises(NotSent, match="its name does not resolve"):
        get(transport, f"http://forge.invalid:{forge.port}/")
    assert socks.asked == []


def test_a_login_reaches_a_socks_proxy_decoded(
    forge: RawServer, strict: Socks, transport: Transport
) -> None:
    url = f"http://forge.invalid:{forge.port}/"
    assert get(transport, url, address(strict, f"me%40home:{WRITTEN}")).status == 200


def test_a_login_reaches_a_socks_proxy_of_the_environment_decoded(
    forge: RawServer, strict: Socks, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", address(strict, f"me%40home:{WRITTEN}"))
    assert get(transport, f"http://forge.invalid:{forge.port}/").status == 200


def test_a_login_reaches_an_http_proxy_decoded(serve: Serve, transport: Transport) -> None:
    proxy = serve(http(200))
    url = proxy.url.replace("//", "//me%40home:p%40ss%3A%2Fw%25rd@")
    get(transport, "http://forge.invalid/", url)
    sent = base64.b64encode(b"me@home:p@ss:/w%rd")
    assert b"Proxy-Authorization: Basic " + sent + b"\r\n" in proxy.requests[0]


def test_a_login_reaches_a_tunnel_decoded(serve: Serve, transport: Transport) -> None:
    proxy = serve(http(407))
    url = proxy.url.replace("//", "//me%40home:p%40ss%3A%2Fw%25rd@")
    with pytest.raises(NotSent, match="the proxy refused: 407"):
        get(transport, "https://forge.invalid/", url)
    sent = base64.b64encode(b"me@home:p@ss:/w%rd")
    assert b"Proxy-Authorization: Basic " + sent + b"\r\n" in proxy.requests[0]


@pytest.mark.parametrize("login", ["me:hunter22", ""])
def test_a_login_that_a_socks_proxy_does_not_know_is_one_sentence(
    forge: RawServer, strict: Socks, transport: Transport, login: str
) -> None:
    with pytest.raises(NotSent) as caught:
        get(transport, f"http://forge.invalid:{forge.port}/", address(strict, login))
    text = str(caught.value)
    assert "the proxy does not accept the login: correct its username and password" in text
    assert "hunter22" not in text
    assert (strict.asked, forge.requests) == ([], [])


def test_a_login_that_a_proxy_does_not_know_is_not_tried_again(
    forge: RawServer, strict: Socks, transport: Transport, pauses: list[float]
) -> None:
    with pytest.raises(NotSent):
        get(transport, f"http://forge.invalid:{forge.port}/", address(strict, "me:hunter22"))
    assert pauses == []


def test_a_socks_proxy_that_nobody_is_at_is_named(serve: Serve, transport: Transport) -> None:
    other = serve(http(200))
    other.close()
    with pytest.raises(NotSent, match="its proxy fails: connection refused: see to the proxy"):
        get(transport, "http://forge.invalid/", f"socks5://127.0.0.1:{other.port}")
