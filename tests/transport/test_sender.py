from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from statusbot import __version__
from statusbot.forges.base import Answer, Login, Request
from statusbot.forges.words import said
from statusbot.transport import AnswerLost, NotSent, Transport
from statusbot.transport.attempt import Attempt
from statusbot.transport.errors import Cause
from statusbot.transport.guards import Guard
from statusbot.transport.sender import _failure
from tests.transport.conftest import Serve, http

TOKEN = "t0ken-of-tests"
LOGIN = Login((("Authorization", f"Bearer {TOKEN}"),), (TOKEN,))
NOBODY = Login()


def get(url: str) -> Request:
    return Request("GET", url)


def post(url: str) -> Request:
    return Request("POST", url, {"state": "success", "description": "größer"})


def cut(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silent(connection: socket.socket) -> None:
    connection.recv(1)


def trickle(head: bytes, byte: bytes) -> Callable[[socket.socket], None]:
    """``head``, then one byte after the other without an end."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(byte)
            time.sleep(0.02)

    return talk


@pytest.mark.parametrize("status", [200, 201, 204, 400, 401, 404, 422, 429, 500, 503])
def test_every_status_is_an_answer(serve: Serve, transport: Transport, status: int) -> None:
    server = serve(http(status, b"" if status == 204 else b'{"a":1}', Retry_After="1"))
    answer = transport.send(post(server.url), LOGIN, timeout=5)
    assert answer.status == status


def test_an_answer_has_headers_body_and_the_address_that_answered(
    serve: Serve, transport: Transport
) -> None:
    url = serve(http(200, b"[1]", Link="<x>")).url + "/a?b=c"
    answer = transport.send(get(url), LOGIN, timeout=5)
    assert (answer.headers["link"], answer.json(), answer.url) == ("<x>", [1], url)


def test_a_body_goes_out_as_json_in_utf8(serve: Serve, transport: Transport) -> None:
    server = serve(http(201))
    transport.send(post(server.url), LOGIN, timeout=5)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert b"Content-Type: application/json" in head
    assert json.loads(body)["description"] == "größer"


def test_a_request_says_who_asks_and_with_which_login(serve: Serve, transport: Transport) -> None:
    server = serve(http(200))
    transport.send(get(server.url), LOGIN, timeout=5)
    assert f"User-Agent: statusbot/{__version__}".encode() in server.requests[0]
    assert f"Authorization: Bearer {TOKEN}".encode() in server.requests[0]


@pytest.mark.parametrize("login", [LOGIN, NOBODY], ids=["login", "nobody"])
def test_a_netrc_file_is_never_used(
    serve: Serve,
    transport: Transport,
    login: Login,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hunter22\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(http(200))
    transport.send(get(server.url), login, timeout=5)
    assert b"Basic" not in server.requests[0]


def test_cookies_are_not_kept(serve: Serve, transport: Transport) -> None:
    server = serve(http(200, Set_Cookie="session=1; Path=/"))
    for _ in range(2):
        transport.send(get(server.url), LOGIN, timeout=5)
    assert b"Cookie" not in server.requests[1]


def test_requests_of_one_login_share_a_connection(serve: Serve, transport: Transport) -> None:
    server = serve(http(200))
    for _ in range(3):
        transport.send(get(server.url), LOGIN, timeout=5)
    assert server.connections == 1


def test_two_logins_never_share_a_connection(serve: Serve, transport: Transport) -> None:
    server = serve(http(200))
    other = Login((("Authorization", "Bearer other"),))
    for login in (LOGIN, other, LOGIN, other):
        transport.send(get(server.url), login, timeout=5)
    assert server.connections == 2


def test_many_threads_may_send_at_once(serve: Serve, transport: Transport) -> None:
    server = serve(http(200))

    def send(number: int) -> Answer:
        return transport.send(get(f"{server.url}/{number}"), LOGIN, timeout=30)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(send, range(200)))
    assert {answer.url for answer in answers} == {f"{server.url}/{n}" for n in range(200)}


def test_what_a_forge_repeats_of_the_login_is_hidden(serve: Serve, transport: Transport) -> None:
    server = serve(http(401, f'{{"message":"bad {TOKEN}"}}'.encode(), X_Echo=f"<{TOKEN}>"))
    answer = transport.send(get(server.url), LOGIN, timeout=5)
    assert answer.json() == {"message": "bad ***"}
    assert answer.headers["x-echo"] == "<***>"


@pytest.mark.parametrize("form", ["p%C3%A4/ss%261", "p%C3%A4%2Fss%261", "p\\u00e4/ss\\u00261"])
def test_a_password_is_hidden_in_whatever_form_a_forge_repeats_it(
    serve: Serve, transport: Transport, form: str
) -> None:
    server = serve(http(401, f'{{"message":"bad {form}"}}'.encode()))
    login = Login((("Authorization", "Basic x"),), ("pä/ss&1",))
    assert said(transport.send(get(server.url), login, timeout=5)) == "bad ***"


def test_a_password_of_a_letter_does_not_spoil_what_a_forge_says(
    serve: Serve, transport: Transport
) -> None:
    server = serve(http(401, b'{"message":"bad"}'))
    login = Login((("Authorization", "Basic x"),), ("e",))
    assert transport.send(get(server.url), login, timeout=5).json() == {"message": "bad"}


def test_a_good_answer_keeps_the_words_that_are_also_a_password(
    serve: Serve, transport: Transport
) -> None:
    server = serve(http(200, b'[{"status":"success"}]'))
    login = Login((("Authorization", "Basic c3VjY2Vzcw=="),), ("success",))
    assert transport.send(get(server.url), login, timeout=5).json() == [{"status": "success"}]


def test_a_refused_connection_was_not_sent(serve: Serve, transport: Transport) -> None:
    server = serve(http(200))
    server.close()
    with pytest.raises(NotSent, match="cannot be reached: connection refused"):
        transport.send(post(server.url), LOGIN, timeout=5)


def test_a_connection_is_tried_three_times_whatever_the_method(
    serve: Serve, transport: Transport, pauses: list[float]
) -> None:
    server = serve(http(200))
    server.close()
    with pytest.raises(NotSent):
        transport.send(post(server.url), LOGIN, timeout=60)
    assert len(pauses) == 2


def test_a_name_that_does_not_resolve_was_not_sent(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    with pytest.raises(NotSent, match=r"forge\.invalid: .*its name does not resolve"):
        transport.send(post("http://forge.invalid/x"), LOGIN, timeout=5)


def test_an_address_that_is_none_was_not_sent(transport: Transport) -> None:
    with pytest.raises(NotSent):
        transport.send(post(f"http://{'a' * 70}.example/x"), LOGIN, timeout=5)


def test_a_write_without_an_answer_is_lost_and_not_repeated(
    serve: Serve, transport: Transport
) -> None:
    server = serve(cut)
    with pytest.raises(AnswerLost, match="the connection was cut"):
        transport.send(post(server.url), LOGIN, timeout=5)
    assert len(server.requests) == 1


def test_a_read_without_an_answer_is_repeated(serve: Serve, transport: Transport) -> None:
    server = serve(cut, cut, http(200))
    assert transport.send(get(server.url), LOGIN, timeout=60).status == 200


def test_a_read_is_repeated_twice_at_most(serve: Serve, transport: Transport) -> None:
    server = serve(cut)
    with pytest.raises(AnswerLost):
        transport.send(get(server.url), LOGIN, timeout=60)
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_read_is_repeated_when_the_forge_failed(
    serve: Serve, transport: Transport, status: int
) -> None:
    server = serve(http(status), http(200))
    assert transport.send(get(server.url), LOGIN, timeout=60).status == 200


def test_a_write_is_not_repeated_when_the_forge_failed(serve: Serve, transport: Transport) -> None:
    server = serve(http(502), http(201))
    assert transport.send(post(server.url), LOGIN, timeout=5).status == 502


def test_nothing_is_repeated_before_the_time_that_the_forge_names(
    serve: Serve, transport: Transport
) -> None:
    server = serve(http(503, Retry_After="30"), http(200))
    assert transport.send(get(server.url), LOGIN, timeout=60).status == 503


def test_nothing_is_repeated_when_no_time_is_left_for_it(
    serve: Serve, transport: Transport, pauses: list[float]
) -> None:
    server = serve(http(503), http(200))
    assert transport.send(get(server.url), LOGIN, timeout=0.2).status == 503
    assert pauses == []


@pytest.mark.parametrize(
    "half",
    [
        b"HTTP/1.1 201 Created\r\nContent-Length: 20\r\n\r\n{",
        b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"HTTP/1.1 2",
        b"HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        b"220 smtp.example ESMTP\r\n\r\n",
    ],
    ids=["length", "chunked", "head", "encoding", "no http"],
)
def test_half_an_answer_is_lost(serve: Serve, transport: Transport, half: bytes) -> None:
    server = serve(lambda connection: connection.sendall(half))
    with pytest.raises(AnswerLost):
        transport.send(post(server.url), LOGIN, timeout=5)


@pytest.mark.parametrize(
    ("head", "byte"),
    [
        (b"HTTP/1.1 201 Created\r\nContent-Length: 100000\r\n\r\n", b" "),
        (b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
        (b"HTTP/1.1 201 Created\r\n\r\n{}", b" "),
        (b"HTTP/1.1 201 Created\r\nX: ", b"x"),
        (b"", b"H"),
    ],
    ids=["length", "chunk", "until it closes", "header", "status line"],
)
def test_an_answer_that_trickles_ends_in_time(
    serve: Serve, transport: Transport, head: bytes, byte: bytes
) -> None:
    server = serve(trickle(head, byte))
    with pytest.raises(AnswerLost, match="did not answer in time"):
        transport.send(post(server.url), LOGIN, timeout=0.8)


def test_an_answer_that_never_begins_ends_in_time(serve: Serve, transport: Transport) -> None:
    server = serve(silent)
    with pytest.raises(AnswerLost, match="did not answer in time"):
        transport.send(post(server.url), LOGIN, timeout=0.6)


def test_a_body_that_is_too_long_is_lost(
    serve: Serve, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statusbot.transport.sender.MOST_BYTES", 1024 * 1024)
    server = serve(http(200, b" " * (1024 * 1024 + 1)))
    with pytest.raises(AnswerLost, match="longer than 1 MiB"):
        transport.send(post(server.url), LOGIN, timeout=5)


def test_after_an_answer_that_was_cut_short_the_next_request_works(
    serve: Serve, transport: Transport
) -> None:
    server = serve(
        trickle(b"HTTP/1.1 201 Created\r\nContent-Length: 9999\r\n\r\n", b" "), http(200)
    )
    with pytest.raises(AnswerLost):
        transport.send(post(server.url), LOGIN, timeout=0.6)
    assert transport.send(post(server.url), LOGIN, timeout=5).status == 200


def test_after_the_deadline_nothing_is_sent(serve: Serve) -> None:
    server = serve(http(200))
    with Transport(deadline=time.monotonic()) as transport:
        with pytest.raises(NotSent, match="no time is left"):
            transport.send(get(server.url), LOGIN, timeout=5)
    assert server.requests == []


def test_the_deadline_ends_an_answer_before_its_own_timeout(serve: Serve) -> None:
    server = serve(trickle(b"HTTP/1.1 201 Created\r\n\r\n", b" "))
    with Transport(deadline=time.monotonic() + 0.8) as transport:
        with pytest.raises(AnswerLost, match="in time"):
            transport.send(post(server.url), LOGIN, timeout=100)


def test_no_error_shows_the_login_or_holds_it(serve: Serve, transport: Transport) -> None:
    server = serve(cut)
    with pytest.raises(AnswerLost) as caught:
        transport.send(post(f"{server.url}/x"), LOGIN, timeout=5)
    assert TOKEN not in f"{caught.value!r} {caught.value}"
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_the_token_in_the_clear_is_warned_of_once(
    serve: Serve,
    transport: Transport,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", serve(http(200)).url)
    for path in "ab":
        transport.send(get(f"http://forge.invalid/{path}"), LOGIN, timeout=5)
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "http://forge.invalid:80 is not encrypted: anyone on the way can read the token"
    ]


def test_this_machine_is_not_warned_of(
    serve: Serve, transport: Transport, caplog: pytest.LogCaptureFixture
) -> None:
    transport.send(get(serve(http(200)).url), LOGIN, timeout=5)
    assert [record for record in caplog.records if record.levelname == "WARNING"] == []


def test_closing_ends_the_threads_of_the_transport(serve: Serve) -> None:
    before = {thread for thread in threading.enumerate() if thread.name == "watchdog"}
    with Transport() as transport:
        transport.send(get(serve(http(200)).url), LOGIN, timeout=5)
    assert {thread for thread in threading.enumerate() if thread.name == "watchdog"} == before


def test_importing_the_transport_does_not_import_requests() -> None:
    code = "import sys, statusbot.transport; sys.exit('requests' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_became_of_a_read_that_took_all_the_time_is_told(
    serve: Serve, transport: Transport
) -> None:
    """There would have been time for another try when this one began."""
    server = serve(silent)
    with pytest.raises(AnswerLost, match="in time"):
        transport.send(get(server.url), LOGIN, timeout=0.8)
    assert len(server.requests) == 1


def test_a_lost_answer_comes_with_its_way_out() -> None:
    attempt = Attempt(0.0, Guard(), "forge.example")
    attempt.sent = True
    error = _failure(Cause("TLS failed", "store a certificate"), attempt, "forge.example")
    assert str(error) == (
        "forge.example: the forge's answer was lost: TLS failed: store a certificate"
    )
