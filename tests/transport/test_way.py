from __future__ import annotations

import base64
import ssl
from pathlib import Path

import pytest

from statusbot.errors import StatusbotError
from statusbot.forges.base import Login, Request
from statusbot.transport import AnswerLost, NotSent, Transport, Way, way_of
from tests.transport.conftest import RawServer, Serve, http

LOGIN = Login((("Authorization", "Bearer abc12345"),), ("abc12345",))


@pytest.fixture
def secure(serve: Serve, certificates: Path) -> RawServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.crt", certificates / "server.key")
    return serve(http(200), tls=context)


@pytest.fixture
def mutual(serve: Serve, certificates: Path) -> RawServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.crt", certificates / "server.key")
    context.load_verify_locations(certificates / "ca.crt")
    context.verify_mode = ssl.CERT_REQUIRED
    return serve(http(200), tls=context)


@pytest.fixture
def ca(certificates: Path) -> str:
    return (certificates / "ca.crt").read_text()


def pair(certificates: Path, key: str = "client.key") -> tuple[str, str]:
    return (certificates / "client.crt").read_text(), (certificates / key).read_text()


def status(transport: Transport, url: str, way: Way) -> int:
    return transport.send(Request("GET", url), LOGIN, timeout=5, way=way).status


def test_a_server_of_the_providers_ca_is_trusted(
    secure: RawServer, transport: Transport, ca: str
) -> None:
    assert status(transport, secure.url, Way(ca=ca)) == 200


def test_a_server_of_an_unknown_ca_is_sent_nothing(secure: RawServer, transport: Transport) -> None:
    with pytest.raises(NotSent, match=r"not trusted: .* put the CA .* certSecretRef"):
        status(transport, secure.url, Way())
    assert secure.requests == []


def test_the_providers_ca_takes_the_place_of_the_usual_ones(
    secure: RawServer, transport: Transport, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = "requests.adapters.DEFAULT_CA_BUNDLE_PATH"
    monkeypatch.setattr(usual, str(certificates / "ca.crt"))
    other = (certificates / "client.crt").read_text()
    with pytest.raises(NotSent, match="not trusted"):
        status(transport, secure.url, Way(ca=other))


def test_an_environments_ca_does_not_displace_the_providers(
    secure: RawServer,
    transport: Transport,
    certificates: Path,
    ca: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates / "client.crt"))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "client.crt"))
    assert status(transport, secure.url, Way(ca=ca)) == 200


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_without_a_ca_of_the_provider_the_environments_counts(
    secure: RawServer,
    transport: Transport,
    certificates: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.setenv(name, str(certificates / "ca.crt"))
    assert status(transport, secure.url, Way()) == 200


def test_an_environments_ca_that_is_no_file_is_a_sentence(
    secure: RawServer, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    with pytest.raises(NotSent, match="SSL_CERT_FILE names no readable file"):
        status(transport, secure.url, Way())


def test_a_client_certificate_is_shown(
    mutual: RawServer, transport: Transport, ca: str, certificates: Path
) -> None:
    assert status(transport, mutual.url, Way(ca, *pair(certificates))) == 200


def test_a_missing_client_certificate_is_an_error_of_the_connection(
    mutual: RawServer, transport: Transport, ca: str
) -> None:
    with pytest.raises((NotSent, AnswerLost)):
        status(transport, mutual.url, Way(ca=ca))
    assert mutual.requests == []


def test_ways_never_share_a_connection(
    mutual: RawServer, transport: Transport, ca: str, certificates: Path
) -> None:
    status(transport, mutual.url, Way(ca, *pair(certificates)))
    with pytest.raises((NotSent, AnswerLost)):
        status(transport, mutual.url, Way(ca=ca))


def test_a_key_with_a_passphrase_is_a_sentence_not_a_question(
    transport: Transport, ca: str, certificates: Path
) -> None:
    with pytest.raises(StatusbotError, match="unencrypted key"):
        status(transport, "https://127.0.0.1:1/", Way(ca, *pair(certificates, "locked.key")))


@pytest.mark.parametrize("text", ["nonsense", "-----BEGIN CERTIFICATE-----\nAA\n", "ümlaut"])
def test_a_ca_that_is_no_pem_is_a_sentence(transport: Transport, text: str) -> None:
    with pytest.raises(StatusbotError, match=r"ca\.crt holds no PEM certificate"):
        status(transport, "https://127.0.0.1:1/", Way(ca=text))


def test_a_tls_handshake_that_never_ends_was_not_sent(serve: Serve, ca: str) -> None:
    server = serve(http(200))  # it waits for a request's end, so it never answers the handshake
    with Transport() as transport, pytest.raises(NotSent, match="in time"):
        url = server.url.replace("http", "https")
        transport.send(Request("GET", url), LOGIN, timeout=0.2, way=Way(ca=ca))


def test_the_keys_of_a_secret_are_fluxs() -> None:
    secret = {"ca.crt": "A", "tls.crt": "C", "tls.key": "K", "token": "x"}
    assert way_of(secret, " http://proxy.example:3128\n") == Way(
        "A", "C", "K", "http://proxy.example:3128"
    )


def test_legacy_keys_count_where_todays_are_absent() -> None:
    secret = {"caFile": "old", "certFile": "C", "keyFile": "K"}
    assert way_of(secret) == Way("old", "C", "K")
    assert way_of({**secret, "ca.crt": "new"}).ca == "new"


@pytest.mark.parametrize("secret", [{"tls.crt": "C"}, {"tls.key": "K"}])
def test_half_a_client_certificate_is_a_sentence(secret: dict[str, str]) -> None:
    with pytest.raises(StatusbotError, match=r"both tls\.crt and tls\.key"):
        way_of(secret)


@pytest.mark.parametrize("proxy", ["proxy.example:3128", "ftp://p:1", "http://", "http://h:x/"])
def test_a_proxy_that_is_no_url_is_a_sentence(proxy: str) -> None:
    with pytest.raises(StatusbotError, match="no URL of a proxy"):
        Way(proxy=proxy)


@pytest.mark.parametrize(
    "proxy",
    [
        "ftp://me:hunter22@proxy.example:3128",
        "me:hunter22@proxy.example:3128",
        "http://me:ab/hunter22@proxy.example:x",
        "http://me:hunter22@",
    ],
)
def test_a_proxys_password_is_in_no_message(proxy: str) -> None:
    with pytest.raises(StatusbotError) as caught:
        Way(proxy=proxy)
    assert "hunter22" not in str(caught.value)


def test_a_proxys_password_is_redacted_as_it_is_and_as_it_is_written() -> None:
    assert set(Way(proxy="http://me:hunter%2F22@p:1").secrets) == {"hunter%2F22", "hunter/22"}


def test_a_way_shows_neither_key_nor_proxy() -> None:
    shown = repr(Way("A", "C", "secret-key", "http://me:hunter22@p:1"))
    assert "secret-key" not in shown
    assert "hunter22" not in shown


def test_the_environments_proxy_is_used(
    serve: Serve, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(http(200))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    assert status(transport, "http://forge.invalid/x", Way()) == 200
    assert proxy.requests[0].startswith(b"GET http://forge.invalid/x ")


@pytest.mark.parametrize("no_proxy", ["127.0.0.2", None])
def test_this_machine_and_no_proxy_are_reached_without_the_environments_proxy(
    serve: Serve, transport: Transport, monkeypatch: pytest.MonkeyPatch, no_proxy: str | None
) -> None:
    proxy, forge = serve(http(200)), serve(http(200))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    assert status(transport, forge.url, Way()) == 200
    assert (len(proxy.requests), len(forge.requests)) == (0, 1)


def test_no_proxy_names_hosts_that_are_reached_directly(
    serve: Serve, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(http(200))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", "forge.invalid")
    with pytest.raises(NotSent):
        status(transport, "http://forge.invalid/x", Way())
    assert proxy.requests == []


def test_the_providers_proxy_is_used_whatever_the_environment_says(
    serve: Serve, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(http(200))
    monkeypatch.setenv("NO_PROXY", "*")
    assert status(transport, "http://127.0.0.1:1/x", Way(proxy=proxy.url)) == 200


def test_a_proxy_is_logged_in_to(serve: Serve, transport: Transport) -> None:
    proxy = serve(http(200))
    url = proxy.url.replace("//", "//me:hunter22@")
    status(transport, "http://127.0.0.1:1/x", Way(proxy=url))
    assert b"Proxy-Authorization: Basic" in proxy.requests[0]


@pytest.mark.parametrize(
    ("login", "told"), [("me", "me:"), ("me:p%40ss%20%C3%BC%E6%97%A5", "me:p@ss ü日")]
)
def test_a_proxys_login_is_told_in_utf8(
    serve: Serve, transport: Transport, login: str, told: str
) -> None:
    proxy = serve(http(200))
    status(transport, "http://127.0.0.1:1/x", Way(proxy=proxy.url.replace("//", f"//{login}@")))
    encoded = base64.b64encode(told.encode())
    assert b"Proxy-Authorization: Basic %s\r\n" % encoded in proxy.requests[0]


def test_a_proxy_that_refuses_a_tunnel_was_sent_nothing(serve: Serve, transport: Transport) -> None:
    proxy = serve(http(407))
    url = proxy.url.replace("//", "//me:hunter22@")
    with pytest.raises(NotSent, match="the proxy refused: 407") as caught:
        status(transport, "https://127.0.0.1:1/x", Way(proxy=url))
    assert "hunter22" not in str(caught.value)
    assert b"abc12345" not in proxy.requests[0]


def test_a_proxy_that_speaks_tls_is_trusted_by_the_providers_ca(
    secure: RawServer, transport: Transport, ca: str
) -> None:
    way = Way(ca=ca, proxy=secure.url)
    assert status(transport, "http://forge.invalid/x", way) == 200


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_speaks_tls_with_an_unknown_ca_is_sent_nothing(
    secure: RawServer, transport: Transport, scheme: str
) -> None:
    with pytest.raises(NotSent, match="its proxy fails: its certificate is not trusted"):
        status(transport, f"{scheme}://forge.invalid/x", Way(proxy=secure.url))
    assert secure.requests == []


def test_a_proxy_that_nobody_is_at_is_named(transport: Transport, serve: Serve) -> None:
    gone = serve(http(200))
    gone.close()
    with pytest.raises(NotSent, match="its proxy fails: connection refused: see to the proxy"):
        status(transport, "http://forge.invalid/x", Way(proxy=gone.url))


def test_the_environments_proxy_needs_no_scheme(
    serve: Serve, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(http(200))
    monkeypatch.setenv("HTTP_PROXY", f"me:hunter22@127.0.0.1:{proxy.port}")
    assert status(transport, "http://forge.invalid/x", Way()) == 200
    assert b"Proxy-Authorization: Basic" in proxy.requests[0]


@pytest.mark.parametrize("proxy", ["http://[", "ftp://proxy.example:1"])
def test_a_proxy_of_the_environment_that_is_no_url_is_a_sentence(
    transport: Transport, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy)
    with pytest.raises(NotSent, match=r"the environment: the proxy .* is no URL of a proxy"):
        status(transport, "http://forge.invalid/x", Way())
