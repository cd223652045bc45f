"""Behind the front is the server itself, at another time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.real.apiserver import ApiServer
from tests.real.clock_front import ClockFront
from tests.support.kube import Client, config_map, core

THEN = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.fixture
def client(apiserver: ApiServer) -> Iterator[Client]:
    """The user admin, behind the front."""
    token = apiserver.tokens["admin"]
    with ClockFront(apiserver, lambda: THEN) as front, Client(front.url, token=token) as client:
        yield client


def test_its_date_is_that_of_the_clock(client: Client) -> None:
    assert client.get("/version").headers["Date"] == "Mon, 03 Feb 2031 04:05:06 GMT"


def test_what_it_answers_is_what_the_server_answers(client: Client, apiserver: ApiServer) -> None:
    answers = [one.get("/apis/kustomize.toolkit.fluxcd.io") for one in (client, apiserver.admin)]
    assert answers[0].ok() == answers[1].ok()


def test_what_is_written_arrives(client: Client, apiserver: ApiServer) -> None:
    namespace = apiserver.namespace()
    # More than one read of a socket.
    text = "x" * 200_000
    client.post(core("configmaps", namespace), config_map(namespace, "one", a=text)).ok()
    found = apiserver.admin.get(core("configmaps", namespace, "one")).ok()
    assert found["data"] == {"a": text}


def test_a_watch_tells_what_happens_while_it_lasts(client: Client, apiserver: ApiServer) -> None:
    namespace = apiserver.namespace()
    path = core("configmaps", namespace)
    version = apiserver.admin.get(path).ok()["metadata"]["resourceVersion"]
    with closing(client.events(path, resourceVersion=version)) as watch:
        told = []
        for name in ("one", "two"):
            apiserver.admin.post(path, config_map(namespace, name)).ok()
            told.append(next(watch)["object"]["metadata"]["name"])
    assert told == ["one", "two"]


def test_whoever_leaves_a_watch_holds_nothing_up(apiserver: ApiServer) -> None:
    path = core("configmaps", apiserver.namespace())
    version = apiserver.admin.get(path).ok()["metadata"]["resourceVersion"]
    token = apiserver.tokens["admin"]
    with ClockFront(apiserver, lambda: THEN) as front, Client(front.url, token=token) as client:
        apiserver.admin.post(path, config_map(path.split("/")[4], "one")).ok()
        with closing(client.events(path, resourceVersion=version, timeoutSeconds="600")) as watch:
            next(watch)
    # Here the front has waited for the threads of all its connections.
    assert front.connections == 1
