from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import requests

from statusbot.demo.forge import Call, EmbeddedForge, Fault, Kind, faults
from tests.support.forge import OTHER_SHA, REPOSITORY, SHA, TOKEN, Clock, forge

__all__ = ["forge"]

HEADERS = {"Authorization": f"Bearer {TOKEN}"}


def write(forge: EmbeddedForge, sha: str = SHA, context: str = "c") -> requests.Response:
    url = f"{forge.url}/api/v3/repos/{REPOSITORY}/statuses/{sha}"
    body = {"state": "success", "context": context}
    return requests.post(url, json=body, headers=HEADERS, timeout=5, allow_redirects=False)


def read(forge: EmbeddedForge, sha: str = SHA) -> requests.Response:
    url = f"{forge.url}/api/v3/repos/{REPOSITORY}/commits/{sha}/statuses"
    return requests.get(url, headers=HEADERS, timeout=5)


def asked(forge: EmbeddedForge) -> socket.socket:
    """A connection on which a read was asked for, by hand, to see its bytes as they come."""
    parts = urlsplit(forge.url)
    raw = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60)
    path = f"/repos/{REPOSITORY}/commits/{SHA}/statuses"
    raw.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\n\r\n".encode())
    return raw


def test_a_request_that_ends_within_its_body_is_no_call(forge: EmbeddedForge) -> None:
    parts = urlsplit(forge.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60) as raw:
        path = f"/repos/{REPOSITORY}/statuses/{SHA}"
        raw.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{{".encode())
        raw.shutdown(socket.SHUT_WR)
        assert raw.recv(1) == b""
    assert forge.calls == []


def test_a_fault_comes_at_the_call_it_is_planned_for(forge: EmbeddedForge) -> None:
    forge.faults.at(2, fault=faults.answer(500))
    assert [write(forge).status_code for _ in range(3)] == [201, 500, 201]


def test_calls_are_counted_from_the_moment_of_planning(forge: EmbeddedForge) -> None:
    write(forge)
    forge.faults.at(1, fault=faults.answer(500))
    assert write(forge).status_code == 500


def test_reads_are_not_counted_by_a_plan_for_writes(forge: EmbeddedForge) -> None:
    forge.faults.at(1, fault=faults.answer(500), on=Kind.WRITE)
    assert read(forge).status_code == 200
    assert write(forge).status_code == 500


def test_a_plan_without_a_kind_counts_reads_and_writes(forge: EmbeddedForge) -> None:
    forge.faults.at(2, fault=faults.answer(500), on=None)
    assert [read(forge).status_code, write(forge).status_code] == [200, 500]


def test_the_first_calls_fail_and_later_ones_do_not(forge: EmbeddedForge) -> None:
    forge.faults.first(2, fault=faults.answer(502))
    assert [write(forge).status_code for _ in range(3)] == [502, 502, 201]


def test_a_predicate_sees_repository_commit_and_context(forge: EmbeddedForge) -> None:
    seen: list[tuple[str, str, str]] = []

    def applies(call: Call) -> bool:
        seen.append((call.repository, call.commit, call.context))
        return call.commit == OTHER_SHA

    forge.faults.when(applies, fault=faults.answer(403))
    assert [write(forge).status_code, write(forge, OTHER_SHA, "d").status_code] == [201, 403]
    assert seen == [(REPOSITORY, SHA, "c"), (REPOSITORY, OTHER_SHA, "d")]


def test_a_predicate_can_apply_a_limited_number_of_times(forge: EmbeddedForge) -> None:
    forge.faults.when(lambda call: True, fault=faults.answer(503), times=1)
    assert [write(forge).status_code, write(forge).status_code] == [503, 201]


def test_a_window_of_time_ends_before_its_end(forge: EmbeddedForge) -> None:
    clock = forge.clock
    assert isinstance(clock, Clock)
    start = clock() + timedelta(seconds=10)
    forge.faults.between(start, start + timedelta(seconds=10), fault=faults.answer(503))
    codes = []
    for _ in range(4):
        codes.append(write(forge).status_code)
        clock.advance(seconds=5)
    assert codes == [201, 201, 503, 503]
    assert write(forge).status_code == 201


def test_the_rule_that_was_planned_first_decides(forge: EmbeddedForge) -> None:
    forge.faults.at(1, fault=faults.answer(500))
    forge.faults.always(fault=faults.answer(502))
    assert [write(forge).status_code, write(forge).status_code] == [500, 502]


def test_a_rule_that_did_not_decide_keeps_its_turns(forge: EmbeddedForge) -> None:
    forge.faults.at(1, fault=faults.answer(500))
    forge.faults.first(1, fault=faults.answer(502))
    assert [write(forge).status_code for _ in range(3)] == [500, 502, 201]


def test_a_cleared_plan_lets_everything_go_well(forge: EmbeddedForge) -> None:
    forge.faults.always(fault=faults.answer(500))
    forge.faults.clear()
    assert write(forge).status_code == 201


@pytest.mark.parametrize(
    "fault",
    [
        faults.answer(500),
        faults.too_many(3),
        faults.secondary_limit(),
        faults.html(),
        faults.redirect("http://elsewhere.example/"),
        faults.reset(stored=False),
    ],
)
def test_nothing_is_stored_by_a_refused_write(forge: EmbeddedForge, fault: Fault) -> None:
    forge.faults.at(1, fault=fault)
    try:
        write(forge)
    except requests.ConnectionError:
        assert fault.ending is faults.Ending.RESET
    assert (forge.stored, forge.writes) == ([], 1)


def test_an_error_can_come_after_the_row_was_stored(forge: EmbeddedForge) -> None:
    forge.faults.at(1, fault=faults.answer(500, stored=True))
    assert write(forge).status_code == 500
    assert len(forge.stored) == 1


def test_too_many_names_the_seconds_to_wait(forge: EmbeddedForge) -> None:
    forge.faults.at(1, fault=faults.too_many(7))
    answer = write(forge)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")


def test_a_secondary_limit_is_a_403_that_says_so(forge: EmbeddedForge) -> None:
    forge.faults.at(1, fault=faults.secondary_limit(60))
    answer = write(forge)
    assert answer.status_code == 403
    assert "secondary rate limit" in answer.json()["message"]
    assert answer.headers["Retry-After"] == "60"


def test_a_primary_limit_names_the_epoch_second_of_its_end(forge: EmbeddedForge) -> None:
    forge.faults.at(1, fault=faults.primary_limit(forge.clock()))
    answer = write(forge)
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    assert answer.headers["X-RateLimit-Reset"] == str(int(forge.clock().timestamp()))


def test_a_page_for_people_comes_instead_of_json(forge: EmbeddedForge) -> None:
    forge.faults.at(1, fault=faults.html(203))
    answer = write(forge)
    assert answer.status_code == 203
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_redirect_names_another_place(forge: EmbeddedForge) -> None:
    forge.faults.at(1, fault=faults.redirect("http://elsewhere.example/x", 307))
    answer = write(forge)
    assert (answer.status_code, answer.headers["Location"]) == (307, "http://elsewhere.example/x")


def test_a_reset_before_storing_is_a_reset_connection(forge: EmbeddedForge) -> None:
    forge.faults.at(1, fault=faults.reset(stored=False))
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        write(forge)


def test_an_answer_can_be_lost_after_storing(forge: EmbeddedForge) -> None:
    forge.faults.at(1, fault=faults.reset(stored=True))
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        write(forge)
    assert [stored.row.context for stored in forge.stored] == ["c"]


def test_a_call_that_got_no_answer_has_no_status(forge: EmbeddedForge) -> None:
    forge.faults.at(1, fault=faults.reset(stored=True))
    with pytest.raises(requests.ConnectionError):
        write(forge)
    write(forge)
    assert [call.status for call in forge.calls] == [None, 201]


def test_half_a_body_is_shorter_than_was_promised(forge: EmbeddedForge) -> None:
    forge.faults.at(1, fault=faults.half_body())
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        write(forge)
    assert len(forge.stored) == 1


def test_a_trickled_body_is_whole_in_the_end(forge: EmbeddedForge) -> None:
    forge.faults.at(1, fault=faults.trickle(0))
    assert write(forge).json()["context"] == "c"


def test_a_trickled_body_comes_a_byte_at_a_time_until_the_forge_closes() -> None:
    with EmbeddedForge() as forge:
        forge.add_repository(REPOSITORY)
        forge.faults.always(fault=faults.trickle(3600))
        raw = asked(forge)
        received = b""
        while not received.endswith(b"\r\n\r\n"):
            received += raw.recv(1)
        assert raw.recv(100) == b"["
    with raw, pytest.raises(ConnectionResetError):
        raw.recv(100)


def test_closing_ends_an_answer_that_would_take_hours() -> None:
    arrived = threading.Event()
    with EmbeddedForge() as forge:
        forge.add_repository(REPOSITORY)
        forge.faults.always(fault=Fault(delay=3600, after=arrived.set))
        raw = asked(forge)
        assert arrived.wait(60)
    with raw, pytest.raises(ConnectionResetError):
        raw.recv(1)


def test_a_delayed_answer_is_stored_at_once(forge: EmbeddedForge) -> None:
    stored: list[int] = []
    fault = Fault(delay=0.01, after=lambda: stored.append(len(forge.stored)))
    forge.faults.at(1, fault=fault)
    assert write(forge).status_code == 201
    assert stored == [1]


def test_a_callback_runs_before_the_row_is_stored(forge: EmbeddedForge) -> None:
    seen: list[int] = []
    forge.faults.at(1, fault=faults.calling(lambda: seen.append(len(forge.stored)), stored=False))
    assert write(forge).status_code == 201
    assert seen == [0]


def test_a_callback_runs_after_the_row_is_stored(forge: EmbeddedForge) -> None:
    seen: list[int] = []
    forge.faults.at(1, fault=faults.calling(lambda: seen.append(len(forge.stored)), stored=True))
    assert write(forge).status_code == 201
    assert seen == [1]


@pytest.mark.parametrize("stored", [False, True])
def test_a_client_is_killed_before_or_after_its_row_is_stored(
    forge: EmbeddedForge, stored: bool
) -> None:
    code = (
        "import sys, urllib.request\n"
        "sys.stdin.readline()\n"
        'urllib.request.urlopen(urllib.request.Request(sys.argv[1], data=b\'{"state": "success"}\','
        f" headers={{'Authorization': 'Bearer {TOKEN}'}}))"
    )
    url = f"{forge.url}/api/v3/repos/{REPOSITORY}/statuses/{SHA}"
    with subprocess.Popen([sys.executable, "-c", code, url], stdin=subprocess.PIPE) as client:
        assert client.stdin is not None
        forge.faults.at(1, fault=faults.kill(client.pid, stored=stored))
        client.stdin.write(b"\n")
        client.stdin.close()
        assert client.wait(60) == -signal.SIGKILL
    assert len(forge.stored) == (1 if stored else 0)


def test_any_signal_can_be_sent(forge: EmbeddedForge) -> None:
    got = threading.Event()
    before = signal.signal(signal.SIGUSR1, lambda *_: got.set())
    try:
        forge.faults.at(1, fault=faults.kill(os.getpid(), stored=True, sig=signal.SIGUSR1))
        with pytest.raises(requests.ConnectionError):
            write(forge)
        assert got.wait(60)
    finally:
        signal.signal(signal.SIGUSR1, before)
