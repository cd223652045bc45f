from __future__ import annotations

import http.client
import socket
import ssl

import pytest
import socks  # type: ignore[import-untyped]
import urllib3

from statusbot.transport.causes import cause_of
from statusbot.transport.errors import Cause


def alert(words: str) -> ssl.SSLError:
    return ssl.SSLError(1, f"[SSL] {words} (_ssl.c:2658)")


def at_proxy(error: BaseException) -> Exception:
    """As urllib3 does where the connection to the proxy never stood."""
    return wrapped(urllib3.exceptions.ProxyError("Unable to connect to proxy", Exception(error)))


def wrapped(error: BaseException) -> Exception:
    """As requests and the library below it wrap: in arguments, in ``reason``, in the context."""
    inner = Exception("https://me:hunter22@h.example", error)
    outer = Exception("outer")
    outer.reason = inner  # type: ignore[attr-defined]
    return outer


@pytest.mark.parametrize(
    ("error", "what", "again"),
    [
        (socket.gaierror(-2, "Name or service not known"), "its name does not resolve", True),
        (TimeoutError("timed out"), "it did not answer in time", True),
        (ConnectionResetError(104, "reset"), "the connection was cut", True),
        (ConnectionRefusedError(111, "Connection refused"), "connection refused", True),
        (OSError(113, "No route to host"), "no route to host", True),
        (OSError("Tunnel connection failed: 503 Down"), "the proxy refused: 503 Down", False),
        (http.client.IncompleteRead(b""), "it ended too early", True),
        (http.client.BadStatusLine("220 smtp"), "that is no HTTP", False),
        (Exception("anything"), "the connection failed", True),
        (
            ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)"),
            "TLS failed: wrong version number",
            False,
        ),
        (ssl.SSLEOFError(8, "[SSL] unexpected eof"), "TLS failed: unexpected eof", True),
        (
            alert("tlsv13 alert certificate required"),
            "it wants a client certificate, under tls.crt and tls.key in the Provider's"
            " certSecretRef",
            False,
        ),
        (
            alert("tlsv1 alert unknown ca"),
            "it does not accept the client certificate: tlsv1 alert unknown ca",
            False,
        ),
        (
            socks.SOCKS5AuthError("SOCKS5 authentication failed"),
            "the proxy does not accept the login",
            False,
        ),
        (socks.SOCKS5Error("0x04: Host unreachable"), "the proxy refused: host unreachable", True),
    ],
)
def test_the_reason_at_the_bottom_of_an_exception(
    error: BaseException, what: str, again: bool
) -> None:
    cause = cause_of(wrapped(error))
    assert (cause.what, cause.again) == (what, again)


def test_what_fails_at_the_proxy_is_not_put_down_to_the_forge() -> None:
    assert cause_of(at_proxy(ConnectionRefusedError(111, "Connection refused"))) == Cause(
        "its proxy fails: connection refused", "see to the proxy", again=True
    )
    name = cause_of(at_proxy(socket.gaierror(-2, "Name or service not known")))
    assert (name.what, name.todo) == (
        "its proxy fails: its name does not resolve",
        "see to the proxy",
    )


def test_a_proxy_whose_certificate_is_not_trusted_needs_a_ca_too() -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    cause = cause_of(at_proxy(error))
    assert cause.what == "its proxy fails: its certificate is not trusted: self-signed certificate"
    assert "ca.crt" in cause.todo


def test_a_handshake_that_older_tls_ends_without_a_reason_names_the_likely_one() -> None:
    assert "client certificate" in cause_of(alert("sslv3 alert handshake failure")).todo


def test_exceptions_that_name_each_other_come_to_an_end() -> None:
    one, two = Exception("one"), Exception("two")
    one.__context__, two.__context__ = two, one
    assert cause_of(one) == Cause("the connection failed", again=True)


@pytest.mark.parametrize(
    ("code", "words", "todo"),
    [
        (20, "unable to get local issuer certificate", "put the CA"),
        (18, "self-signed certificate", "put the CA"),
        (10, "certificate has expired", "renew"),
        (9, "certificate is not yet valid", "renew"),
        (62, "Hostname mismatch, certificate is not valid for 'h'.", "correct the address"),
        (64, "IP address mismatch, certificate is not valid for '::1'.", "correct the address"),
    ],
)
def test_only_an_unknown_authority_is_mended_by_its_certificate(
    code: int, words: str, todo: str
) -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, words
    cause = cause_of(wrapped(error))
    assert cause.todo.startswith(todo)
    assert cause.what == f"its certificate is not trusted: {words.removesuffix('.')}"
