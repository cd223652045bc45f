from __future__ import annotations

import http.client
import socket
import ssl

import pytest

from statusbot.transport.causes import cause_of
from statusbot.transport.errors import Cause


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
    ],
)
def test_the_reason_at_the_bottom_of_an_exception(
    error: BaseException, what: str, again: bool
) -> None:
    cause = cause_of(wrapped(error))
    assert (cause.what, cause.again) == (what, again)


def test_exceptions_that_name_each_other_come_to_an_end() -> None:
    one, two = Exception("one"), Exception("two")
    one.__context__, two.__context__ = two, one
    assert cause_of(one) == Cause("the connection failed", again=True)
