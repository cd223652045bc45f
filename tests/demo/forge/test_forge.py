from __future__ import annotations

import contextlib
import http.client
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from statusbot.demo.forge import EmbeddedForge, Kind, Rights
from tests.support.forge import OTHER_SHA, REPOSITORY, SHA, TOKEN, UNKNOWN_SHA, Clock, forge

__all__ = ["forge"]

ROOTS = ["/api/v3", "", "/api/v1"]


def write(forge: EmbeddedForge, root: str = "/api/v3", **body: str) -> requests.Response:
    return requests.post(
        f"{forge.url}{root}/repos/{REPOSITORY}/statuses/{SHA}",
        json={"state": "success", "context": "c", **body},
        headers={"Authorization": f"token {TOKEN}"},
        timeout=5,
    )


@pytest.mark.parametrize("root", ROOTS)
def test_a_row_has_what_was_sent(forge: EmbeddedForge, root: str) -> None:
    write(forge, root, state="failure", description="no", target_url="https://e.example/")
    (row,) = forge.rows(REPOSITORY, SHA)
    assert (row.state, row.context, row.description) == ("failure", "c", "no")
    assert row.url == "https://e.example/"


def test_a_row_is_dated_by_the_forges_clock(forge: EmbeddedForge) -> None:
    write(forge)
    assert forge.rows(REPOSITORY, SHA)[0].created == forge.clock()


def test_both_dialects_show_the_same_rows(forge: EmbeddedForge) -> None:
    write(forge, "/api/v1", context="from-gitea")
    url = f"{forge.url}/api/v3/repos/{REPOSITORY}/commits/{SHA}/statuses"
    assert [row["context"] for row in requests.get(url, timeout=5).json()] == ["from-gitea"]


def test_the_latest_row_of_each_context_counts(forge: EmbeddedForge) -> None:
    for context, state in (("a", "pending"), ("b", "success"), ("a", "failure")):
        write(forge, context=context, state=state)
    latest = forge.latest(REPOSITORY, SHA)
    assert {context: row.state for context, row in latest.items()} == {
        "a": "failure",
        "b": "success",
    }


def test_everything_stored_is_told_in_order(forge: EmbeddedForge) -> None:
    for context in "abc":
        write(forge, context=context)
    assert [(s.repository, s.commit, s.row.context) for s in forge.stored] == [
        (REPOSITORY, SHA, context) for context in "abc"
    ]


def test_reads_and_writes_are_counted(forge: EmbeddedForge) -> None:
    write(forge)
    requests.get(f"{forge.url}/repos/{REPOSITORY}/commits/{SHA}/status", timeout=5)
    requests.get(forge.url, timeout=5)
    assert (forge.writes, forge.reads) == (1, 1)
    assert [call.kind for call in forge.calls] == [Kind.WRITE, Kind.READ, Kind.OTHER]


def test_a_call_does_not_show_its_token(forge: EmbeddedForge) -> None:
    write(forge)
    assert forge.calls[0].token == TOKEN
    assert TOKEN not in repr(forge.calls)


def test_logins_do_not_show_their_tokens(forge: EmbeddedForge) -> None:
    assert TOKEN not in repr(forge.logins)


def test_without_a_token_everybody_may_write() -> None:
    with EmbeddedForge() as forge:
        forge.add_repository(REPOSITORY)
        url = f"{forge.url}/api/v1/repos/{REPOSITORY}/statuses/{SHA}"
        assert requests.post(url, json={"state": "success"}, timeout=5).status_code == 201


def test_a_repository_without_a_list_of_commits_has_every_commit() -> None:
    with EmbeddedForge() as forge:
        forge.add_repository(REPOSITORY)
        for sha in (UNKNOWN_SHA, "ab" * 32):
            url = f"{forge.url}/repos/{REPOSITORY}/statuses/{sha}"
            assert requests.post(url, json={"state": "success"}, timeout=5).status_code == 201


def test_commits_can_be_added_later(forge: EmbeddedForge) -> None:
    forge.add_repository(REPOSITORY, {UNKNOWN_SHA})
    shown = requests.get(f"{forge.url}/repos/{REPOSITORY}/commits/{UNKNOWN_SHA}/status", timeout=5)
    still = requests.get(f"{forge.url}/repos/{REPOSITORY}/commits/{OTHER_SHA}/status", timeout=5)
    assert (shown.status_code, still.status_code) == (200, 200)


def test_a_private_repository_is_hidden_from_strangers(forge: EmbeddedForge) -> None:
    forge.add_repository("acme/secret", {SHA}, private=True)
    url = f"{forge.url}/api/v3/repos/acme/secret/commits/{SHA}/status"
    assert requests.get(url, timeout=5).status_code == 404
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert requests.get(url, headers=headers, timeout=5).status_code == 200


def test_a_password_is_a_token(forge: EmbeddedForge) -> None:
    forge.add_token("other", Rights.WRITE)
    url = f"{forge.url}/api/v1/repos/{REPOSITORY}/statuses/{SHA}"
    body = {"state": "success"}
    assert requests.post(url, json=body, auth=("git", "other"), timeout=5).status_code == 201
    assert requests.post(url, json=body, auth=("git", "wrong"), timeout=5).status_code == 401


def test_a_connection_is_kept_for_the_next_call(forge: EmbeddedForge) -> None:
    host = forge.url.removeprefix("http://")
    with contextlib.closing(http.client.HTTPConnection(host, timeout=5)) as connection:
        connection.connect()
        first = connection.sock
        for _ in range(3):
            connection.request("GET", "/")
            assert connection.getresponse().read()
            assert connection.sock is first


def test_the_answers_are_dated_by_the_forges_clock(forge: EmbeddedForge) -> None:
    assert requests.get(forge.url, timeout=5).headers["Date"] == "Fri, 20 Nov 2026 12:00:00 GMT"


def test_many_connections_wait_for_their_answers_at_the_same_time() -> None:
    together = threading.Barrier(50, timeout=60)
    with EmbeddedForge(clock=Clock()) as forge:
        forge.add_repository(REPOSITORY)
        from statusbot.demo.forge.faults import calling

        # Every answer waits until all have arrived: it would time out if they came one by one.
        forge.faults.always(fault=calling(together.wait, stored=False))
        with ThreadPoolExecutor(50) as pool:
            codes = list(pool.map(lambda i: write(forge, context=str(i)).status_code, range(50)))
    assert codes == [201] * 50
    assert sorted(stored.row.id for stored in forge.stored) == list(range(1, 51))


def test_latency_is_added_to_every_answer() -> None:
    with EmbeddedForge(latency=3600) as forge, pytest.raises(requests.ReadTimeout):
        requests.get(forge.url, timeout=0.2)


def test_the_port_is_free_again_afterwards() -> None:
    with EmbeddedForge() as forge:
        url = forge.url
    with pytest.raises(requests.ConnectionError, match="refused"):
        requests.get(url, timeout=5)


def test_an_unknown_path_of_an_api_is_not_found(forge: EmbeddedForge) -> None:
    for path in ("/api/v3/user", "/repos/a"):
        answer = requests.get(f"{forge.url}{path}", timeout=5)
        assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")


def test_a_body_that_is_too_long_is_refused(forge: EmbeddedForge) -> None:
    assert write(forge, description="x" * (1 << 20)).status_code == 413
