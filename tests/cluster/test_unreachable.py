"""What the libraries raise, in words for who set up the address and the network."""

from __future__ import annotations

import ssl

from urllib3 import exceptions

from statusbot.cluster.unreachable import unanswered

SERVER = "https://127.0.0.1:6443"


def test_an_answer_that_breaks_off_tells_the_systems_reason() -> None:
    reset = ConnectionResetError(104, "Connection reset by peer")
    error = unanswered(exceptions.ProtocolError("Connection aborted.", reset), SERVER)
    assert error.what == f"{SERVER} broke off its answer: connection reset by peer"


def test_https_to_a_server_without_tls_is_told_as_that() -> None:
    inner = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)")
    inner.reason = "WRONG_VERSION_NUMBER"
    error = unanswered(exceptions.SSLError(inner), SERVER)
    assert error.what == f"cannot reach {SERVER}: it does not speak TLS"
    assert "http://" in error.todo
