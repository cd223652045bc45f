from __future__ import annotations

import math
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import urllib3

from statusbot.cluster import connection as module
from statusbot.cluster.clock import Deadline
from statusbot.cluster.errors import Forbidden, Rejected, TimedOut, Unanswered
from statusbot.cluster.live import LiveCluster
from statusbot.demo.kube import Answer, EmbeddedKubernetes, Fault, Faults, failing, garbled
from statusbot.errors import ClusterError, UsageError

Connect = Callable[..., LiveCluster]
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def test_now_is_the_servers_clock(connect: Connect) -> None:
    with EmbeddedKubernetes(clock=lambda: NOW) as kube:
        assert abs((connect(kube).now() - NOW).total_seconds()) < 60


def test_now_asks_the_server_once(kube: EmbeddedKubernetes, cluster: LiveCluster) -> None:
    cluster.now()
    cluster.now()
    assert [request.path for request in kube.requests] == ["/version"]


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(
    code: int, kube: EmbeddedKubernetes, cluster: LiveCluster, pauses: list[float]
) -> None:
    kube.faults.fail = Faults.first(2, failing(code))
    assert cluster.connection.request("GET", "/version").status == 200
    assert pauses == list(module.PAUSES[:2])


def test_a_server_that_stays_busy_is_an_error_with_its_words(
    kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    kube.faults.fail = lambda request: failing(503, message="etcd has no leader")
    with pytest.raises(Rejected, match="answered 503: etcd has no leader"):
        cluster.connection.request("GET", "/version")
    assert len(kube.requests) == 4


def test_retry_after_is_waited_for(
    kube: EmbeddedKubernetes, cluster: LiveCluster, pauses: list[float]
) -> None:
    kube.faults.fail = Faults.first(1, failing(429, headers={"Retry-After": "3"}))
    cluster.connection.request("GET", "/version")
    assert pauses == [3.0]


def test_a_server_that_wants_minutes_is_not_waited_for(
    kube: EmbeddedKubernetes, cluster: LiveCluster, pauses: list[float]
) -> None:
    kube.faults.fail = Faults.first(1, failing(429, headers={"Retry-After": "120"}))
    with pytest.raises(ClusterError, match="answered 429"):
        cluster.connection.request("GET", "/version")
    assert pauses == []


@pytest.mark.parametrize("code", [500, 503])
def test_a_write_is_not_repeated_when_it_may_have_been_done(
    code: int, kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    kube.faults.fail = Faults.first(1, failing(code))
    with pytest.raises(ClusterError, match=str(code)):
        cluster.connection.request("POST", "/api/v1/namespaces/apps/configmaps", body=b"{}")
    assert len(kube.requests) == 1


def test_a_write_whose_answer_was_lost_is_not_repeated(
    kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    kube.faults.fail = Faults.first(1, Fault(reset=True))
    with pytest.raises(Unanswered, match="broke off"):
        cluster.connection.request("PUT", "/api/v1/namespaces/apps/configmaps/x", body=b"{}")
    assert len(kube.requests) == 1


def test_a_write_that_never_left_is_repeated(
    kube: EmbeddedKubernetes, connect: Connect, pauses: list[float]
) -> None:
    cluster = connect(kube)
    with socket.create_server(("127.0.0.1", 0)) as free:
        cluster.connection._login.server = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ClusterError, match="cannot reach"):
        cluster.connection.request("PUT", "/api/v1/namespaces/apps/configmaps/x", body=b"{}")
    assert pauses == list(module.PAUSES)


def test_a_write_that_was_turned_away_is_repeated(
    kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    kube.faults.fail = Faults.first(1, failing(429))
    made = cluster.connection.request("POST", "/api/v1/namespaces/apps/configmaps", body=b"{}")
    assert made.status in (400, 404, 422)
    assert len(kube.requests) == 2


@pytest.mark.parametrize(
    "fault", [Fault(reset=True), Fault(cut=10), Fault(cut=10, cut_politely=True)]
)
def test_a_read_that_broke_off_is_repeated(
    fault: Fault, kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    kube.faults.fail = Faults.first(1, fault)
    assert "gitVersion" in cluster.connection.request("GET", "/version").json()


def test_half_an_answer_is_never_taken_for_a_whole(
    kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    kube.faults.fail = lambda request: Fault(cut=10, cut_politely=True)
    with pytest.raises(Unanswered, match=r"http://127.0.0.1:\d+ broke off its answer"):
        cluster.connection.request("GET", "/version")


def test_a_server_that_is_not_there_is_a_sentence(
    kube: EmbeddedKubernetes, connect: Connect, pauses: list[float]
) -> None:
    cluster = connect(kube)
    with socket.create_server(("127.0.0.1", 0)) as free:
        cluster.connection._login.server = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(
        ClusterError, match=r"cannot reach http://127.0.0.1:\d+: connection refused"
    ):
        cluster.connection.request("GET", "/version")
    assert pauses == list(module.PAUSES)


@pytest.mark.parametrize("server", ["http://[bad", "http://127.0.0.1:99999", "http://a b"])
def test_an_address_that_is_none_is_a_sentence(
    server: str, kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    cluster.connection._login.server = server
    with pytest.raises(ClusterError, match="cannot reach"):
        cluster.connection.request("GET", "/version")


def test_a_redirect_is_not_followed(kube: EmbeddedKubernetes, cluster: LiveCluster) -> None:
    away = Answer(302, b"", headers={"Location": "https://evil.example/login"})
    kube.faults.fail = lambda request: Fault(answer=away)
    with pytest.raises(ClusterError, match=r"redirects \(302\)"):
        cluster.connection.request("GET", "/version")
    assert len(kube.requests) == 1


def test_refused_credentials_are_for_the_user_to_put_right(
    kube: EmbeddedKubernetes, connect: Connect
) -> None:
    cluster = connect(kube, token="expired")
    with pytest.raises(UsageError, match=r"refuses the credentials of .*kubeconfig"):
        cluster.connection.request("GET", "/apis")


def test_forbidden_tells_who_asked_and_the_line_that_helps(connect: Connect) -> None:
    users = {"robot-token": "system:serviceaccount:flux-system:statusbot"}
    with EmbeddedKubernetes(users=users, authorize=lambda *asked: False) as kube:
        cluster = connect(kube, token="robot-token")
        with pytest.raises(Forbidden, match="--serviceaccount=flux-system:statusbot"):
            cluster.connection.request("GET", "/api/v1/namespaces/apps/secrets/x")


@pytest.mark.parametrize("code", [404, 409, 410, 422])
def test_answers_that_mean_something_to_the_caller_come_back(
    code: int, kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    kube.faults.fail = lambda request: failing(code, message="so it is")
    answer = cluster.connection.request("GET", "/version")
    assert (answer.status, answer.words()) == (code, "so it is")


def test_a_server_that_hangs_does_not_outlive_the_deadline(
    kube: EmbeddedKubernetes, connect: Connect
) -> None:
    kube.faults.fail = lambda request: Fault(hang=math.inf)
    cluster = connect(kube, deadline=Deadline(0.3))
    with pytest.raises(TimedOut, match="raise --timeout"):
        cluster.connection.request("GET", "/version")


def test_no_call_waits_longer_than_what_is_left(
    kube: EmbeddedKubernetes, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = connect(kube, deadline=Deadline(2, lambda: 0.0))
    pool = cluster.connection._login.pool
    waited: list[urllib3.Timeout] = []
    really = pool.request

    def request(*what: Any, timeout: urllib3.Timeout, **how: Any) -> Any:
        waited.append(timeout)
        return really(*what, timeout=timeout, **how)

    monkeypatch.setattr(pool, "request", request)
    cluster.connection.request("GET", "/version")
    assert [(each.connect_timeout, each.read_timeout) for each in waited] == [(2, 2)]


def test_who_has_time_of_his_own_calls_when_that_of_the_others_is_over(
    kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    cluster.connection.deadline.restart(0)
    with pytest.raises(TimedOut):
        cluster.connection.request("GET", "/version")
    assert cluster.connection.within(60).request("GET", "/version").status == 200
    with pytest.raises(TimedOut):
        cluster.connection.within(0).request("GET", "/version")


def test_the_clock_is_the_same_for_all(kube: EmbeddedKubernetes, cluster: LiveCluster) -> None:
    cluster.connection.within(60).now()
    cluster.connection.now()
    assert len(kube.requests) == 1


def test_a_pause_longer_than_what_is_left_is_not_waited_for(
    kube: EmbeddedKubernetes, connect: Connect, pauses: list[float]
) -> None:
    kube.faults.fail = lambda request: failing(503, headers={"Retry-After": "4"})
    cluster = connect(kube, deadline=Deadline(2, lambda: 0.0))
    with pytest.raises(TimedOut, match=r"answered 503.*, and the time given for it is over"):
        cluster.connection.request("GET", "/version")
    assert pauses == []


def test_an_answer_of_any_length_is_not_read_to_its_end(
    kube: EmbeddedKubernetes, cluster: LiveCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BODY", 1000)
    kube.faults.fail = lambda request: garbled(b"x" * 100_000)
    with pytest.raises(ClusterError, match="more than 1000 bytes"):
        cluster.connection.request("GET", "/version")


def test_connections_are_used_again(kube: EmbeddedKubernetes, cluster: LiveCluster) -> None:
    for _ in range(3):
        cluster.connection.request("GET", "/version")
    (pool,) = cluster.connection._login.pool.pools._container.values()
    assert pool.num_connections == 1


def test_a_stream_that_is_left_early_frees_its_socket(
    kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    lines = cluster.connection.stream("/version")
    assert next(lines)
    lines.close()
    with pytest.raises(StopIteration):
        next(lines)


def test_a_stream_that_is_refused_has_its_status(
    kube: EmbeddedKubernetes, cluster: LiveCluster
) -> None:
    kube.faults.fail = lambda request: failing(422, message="forbidden for watch")
    with pytest.raises(Rejected, match="forbidden for watch") as caught:
        next(cluster.connection.stream("/version"))
    assert caught.value.status == 422
