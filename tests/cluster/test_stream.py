from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from statusbot.cluster import login
from statusbot.cluster.clock import Deadline
from statusbot.cluster.connection import Connection
from statusbot.cluster.errors import TimedOut
from statusbot.cluster.kubeconfig import Place
from statusbot.cluster.live import LiveCluster
from statusbot.cluster.login import Login
from statusbot.cluster.stream import Grip, Stream
from statusbot.demo.kube import EmbeddedKubernetes
from tests.support.kube import STREAMING_LIST, core

CALL = (core("configmaps"), STREAMING_LIST)
Write = Callable[..., str]


@pytest.fixture
def stream(kube: EmbeddedKubernetes, cluster: LiveCluster) -> Iterator[Stream]:
    """A watch that has told all there is, and from now on is silent."""
    opened = cluster.connection.stream(*CALL)
    assert b"initial-events-end" in next(opened)
    yield opened
    opened.close()


def grip(stream: Stream) -> Any:
    return stream._grip


def wait_for(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set as soon as somebody waits for bytes."""
    waits, really = threading.Event(), Grip.wait

    def wait(grip: Grip, seconds: float) -> None:
        really(grip, seconds)
        waits.set()

    monkeypatch.setattr(Grip, "wait", wait)
    return waits


def test_a_reader_in_another_thread_is_told_that_there_is_no_more(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream.allow(300)
    waits = wait_for(monkeypatch)
    with ThreadPoolExecutor(1) as other:
        read = other.submit(lambda: list(stream))
        assert waits.wait(60)
        stream.close()
        assert read.result(60) == []


def test_a_reader_of_an_encrypted_stream_is_told_so_too(
    certificates: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = certificates / "server.crt", certificates / "server.key"
    with EmbeddedKubernetes(tls=pair) as kube:
        cluster = {"server": kube.url, "certificate-authority": str(certificates / "ca.crt")}
        with Connection(Login(Place((write({}, cluster),)))) as connection:
            stream = connection.stream(*CALL, 300)
            next(stream)
            waits = wait_for(monkeypatch)
            with ThreadPoolExecutor(1) as other:
                read = other.submit(lambda: list(stream))
                assert waits.wait(60)
                stream.close()
                assert read.result(60) == []


def test_a_stream_that_is_closed_frees_its_socket(stream: Stream) -> None:
    connection = grip(stream)._socket
    stream.close()
    assert (connection.fileno(), grip(stream)._held) == (-1, None)


def test_a_stream_that_was_closed_while_it_was_read_frees_its_socket(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream.allow(300)
    connection = grip(stream)._socket
    waits = wait_for(monkeypatch)
    with ThreadPoolExecutor(1) as other:
        read = other.submit(lambda: list(stream))
        assert waits.wait(60)
        stream.close()
        read.result(60)
    assert (connection.fileno(), grip(stream)._held) == (-1, None)


def test_a_stream_that_is_closed_just_before_a_line_came_frees_its_socket() -> None:
    freed: list[Grip] = []

    def lines(grip: Grip) -> Generator[bytes, None, None]:
        try:
            made.close()
            yield b"line"
        finally:
            freed.append(grip)

    made = Stream(Grip(Deadline(), 300), lines)
    next(made)
    assert len(freed) == 1


def test_a_connection_that_stands_after_the_end_ends_too() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        grip = Grip(Deadline(), 300)
        grip.end()
        grip.take(ours)
        assert theirs.recv(1) == b""
        grip.let_go()


def test_how_long_to_wait_is_not_said_after_the_last_byte(
    kube: EmbeddedKubernetes, cluster: LiveCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[float] = []
    monkeypatch.setattr(Grip, "wait", lambda grip, seconds: said.append(seconds))
    list(cluster.connection.stream("/version"))
    assert said == [60.0]


def test_a_stream_that_was_refused_holds_nothing(
    kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    stream = cluster.connection.stream("/nowhere")
    with pytest.raises(Exception, match="404"):
        next(stream)
    assert grip(stream)._held is None


def test_a_stream_that_was_never_read_asks_nothing(
    kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    stream = cluster.connection.stream(*CALL)
    stream.close()
    assert (list(stream), kube.requests) == ([], [])


def test_its_reader_waits_no_longer_than_the_deadline_leaves(
    kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    cluster.connection.deadline = Deadline(7, lambda: 0.0)
    stream = cluster.connection.stream(*CALL)
    next(stream)
    assert grip(stream)._socket.gettimeout() == 7
    stream.close()


def test_a_deadline_that_is_over_ends_it(kube: EmbeddedKubernetes, cluster: LiveCluster) -> None:
    ticks = [0.0]
    cluster.connection.deadline = Deadline(7, lambda: ticks[0])
    stream = cluster.connection.stream(*CALL)
    next(stream)
    ticks[0] = 8.0
    with pytest.raises(TimedOut):
        next(stream)
    assert grip(stream)._held is None


def test_what_it_is_allowed_later_holds_from_the_next_read_on(
    kube: EmbeddedKubernetes, stream: Stream
) -> None:
    stream.allow(300)
    kube.apply(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "b"}}
    )
    next(stream)
    assert grip(stream)._socket.gettimeout() == 300


def test_the_kernel_asks_a_silent_server_whether_it_lives(stream: Stream) -> None:
    connection = grip(stream)._socket
    assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    if hasattr(socket, "TCP_KEEPIDLE"):
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30


def test_other_calls_go_on_beside_it(
    kube: EmbeddedKubernetes, cluster: LiveCluster, stream: Stream
) -> None:
    assert cluster.connection.request("GET", "/version").status == 200
    stream.close()
    assert cluster.connection.request("GET", "/version").status == 200


def test_a_connection_that_served_a_stream_to_its_end_serves_others(
    kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    stream = cluster.connection.stream("/version")
    list(stream)
    stream.close()
    assert cluster.connection.request("GET", "/version").status == 200
    (pool,) = cluster.connection._login.pool.pools._container.values()
    assert pool.num_connections == 1


def test_a_stream_refused_late_is_repeated_with_the_new_credentials(tmp_path: Path) -> None:
    ticks = [0.0]
    with EmbeddedKubernetes(users={"new": "admin"}) as kube:
        path = kube.kubeconfig(tmp_path / "config", token="old")
        with Connection(Login(Place((str(path),)), lambda: ticks[0])) as connection:
            kube.kubeconfig(path, token="new")
            ticks[0] = login.RENEW_AFTER
            stream = connection.stream(*CALL)
            assert len(list(islice(stream, 1))) == 1
            stream.close()
