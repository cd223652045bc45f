"""What the libraries raise, in words for who set up the address and the network."""

from __future__ import annotations

import ssl

import pytest
from urllib3 import exceptions

from statusbot.cluster.errors import Unanswered
from statusbot.cluster.unreachable import unanswered

SERVER = "https://127.0.0.1:6443"


def test_an_answer_that_breaks_off_tells_the_systems_reason() -> None:
    reset = ConnectionResetError(104, "Connection reset by peer")
    error = unanswered(exceptions.ProtocolError("Connection aborted.", reset), SERVER)
    assert error.what == f"{SERVER} broke off its answer: connection reset by peer"


def test_a_server_that_ends_while_tls_is_begun_may_do_better_soon() -> None:
    """As a load balancer does that has nobody behind it yet."""
    text = "[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol (_ssl.c:1006)"
    error = unanswered(exceptions.SSLError(ssl.SSLEOFError(8, text)), SERVER)
    assert isinstance(error, Unanswered)
    assert (error.todo, "_ssl" in error.what) == ("try again later", False)


def test_what_tls_says_is_told_without_a_place_in_pythons_source() -> None:
    text = (
        "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required (_ssl.c:2590)"
    )
    inner = ssl.SSLError(1, text)
    inner.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    error = unanswered(exceptions.SSLError(inner), SERVER)
    assert error.what == f"cannot reach {SERVER}: tlsv13 alert certificate required"


@pytest.mark.parametrize("reason", ["WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"])
def test_https_to_a_server_without_tls_is_told_as_that(reason: str) -> None:
    inner = ssl.SSLError(1, f"[SSL: {reason}] {reason.lower()} (_ssl.c:1006)")
    inner.reason = reason
    error = unanswered(exceptions.SSLError(inner), SERVER)
    assert error.what == f"cannot reach {SERVER}: it does not speak TLS"
    assert "http://" in error.todo
