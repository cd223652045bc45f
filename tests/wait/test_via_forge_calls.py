from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from statusbot.demo.forge import Fault, Kind, Reply
from statusbot.errors import StatusbotError, UsageError
from statusbot.forges.base import Answer, Limited, Login, Refused, Unclear
from statusbot.results.state import State
from statusbot.transport import Transport
from statusbot.wait.verdict import Standing
from statusbot.wait.via_forge_calls import ForgeCalls, access_of
from tests.support.asked_forge import Site, site

JSON = {"Content-Type": "application/json"}
APPS = "kustomization/apps/1f2e3d4c"


@pytest.fixture
def github() -> Iterator[Site]:
    with site("github") as made:
        yield made


def ask(there: Site) -> Answer | Limited | Refused | Unclear:
    access = there.calls.access
    return there.calls.ask(access.graph.commit(access.repository, there.history.head))


# --- conditions


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"ETag": 'W/"1"'}, {"if-none-match": 'W/"1"'}),
        (
            {"Last-Modified": "Fri, 20 Nov 2026 12:00:00 GMT"},
            {"if-modified-since": "Fri, 20 Nov 2026 12:00:00 GMT"},
        ),
        (
            {"ETag": '"1"', "Last-Modified": "Fri, 20 Nov 2026 12:00:00 GMT"},
            {"if-none-match": '"1"'},
        ),
        ({}, {}),
    ],
)
def test_an_answer_is_asked_for_under_its_condition(
    github: Site, given: dict[str, str], asked: dict[str, str]
) -> None:
    first = Fault(answer=Reply(200, b'{"sha": "a"}', JSON | given))
    github.forge.faults.first(1, fault=first, on=Kind.READ)
    ask(github)
    ask(github)
    headers = github.forge.calls[1].headers
    assert {name: headers[name] for name in headers if name.startswith("if-")} == asked


def test_what_did_not_change_is_what_it_was(github: Site) -> None:
    body = json.dumps({"sha": github.history.head}).encode()
    github.forge.faults.at(
        1, fault=Fault(answer=Reply(200, body, JSON | {"ETag": '"1"'})), on=Kind.READ
    )
    github.forge.faults.at(2, 3, fault=Fault(answer=Reply(304)), on=Kind.READ)
    answers = [ask(github) for _ in range(3)]
    assert [answer.status for answer in answers if isinstance(answer, Answer)] == [200] * 3
    assert [answer.body for answer in answers if isinstance(answer, Answer)] == [body] * 3


def test_what_changed_is_what_it_is_now(github: Site) -> None:
    old = Fault(answer=Reply(200, b'{"sha": "a"}', JSON | {"ETag": '"1"'}))
    github.forge.faults.first(1, fault=old, on=Kind.READ)
    ask(github)
    answer = ask(github)
    assert isinstance(answer, Answer)
    assert answer.json()["sha"] == github.history.head


def test_a_failure_is_not_kept(github: Site) -> None:
    github.forge.faults.first(
        1, fault=Fault(answer=Reply(404, b"{}", JSON | {"ETag": '"1"'})), on=Kind.READ
    )
    ask(github)
    ask(github)
    assert "if-none-match" not in github.forge.calls[1].headers


def test_a_gate_goes_on_with_what_did_not_change(github: Site) -> None:
    head = github.history.head
    row = {"id": 1, "context": APPS, "state": "pending", "description": "", "target_url": ""}
    body = json.dumps({"statuses": [row], "total_count": 1, "sha": head}).encode()

    def is_status(call: object) -> bool:
        return str(getattr(call, "path", "")).endswith("/status")

    kept = Fault(answer=Reply(200, body, JSON | {"ETag": '"1"'}))
    github.forge.faults.when(is_status, fault=kept, times=1)
    github.forge.faults.when(is_status, fault=Fault(answer=Reply(304)), times=1)
    gate = github.gate(head, exact=True)
    for _ in range(2):
        assert [verdict.standing for verdict in gate.look(60.0)] == [Standing.WAITING]
        github.ticks.now += 60
    github.post(head, APPS, State.SUCCESS)
    assert [verdict.standing for verdict in gate.look(60.0)] == [Standing.GREEN]


# --- what does not come


def test_a_forge_that_asks_for_a_pause_gets_one(github: Site) -> None:
    head = github.history.head
    body = json.dumps({"sha": head}).encode()
    full = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "60"}
    github.forge.faults.first(1, fault=Fault(answer=Reply(200, body, JSON | full)), on=Kind.READ)
    assert isinstance(ask(github), Answer)
    assert github.calls.rest() == 61.0
    assert ask(github) == Limited(61.0, "the forge asks for a pause")
    assert len(github.forge.calls) == 1


def test_a_forge_that_is_not_there_is_unclear() -> None:
    with site("github") as gone:
        pass
    with Transport(pause=lambda seconds: None) as transport:
        calls = ForgeCalls(transport, gone.calls.access)
        access = calls.access
        answer = calls.ask(access.graph.commit(access.repository, gone.history.head))
    assert isinstance(answer, Unclear)
    assert "cannot be reached" in answer.why


def test_an_address_that_no_forge_has_is_refused() -> None:
    with Transport() as transport:
        access = access_of("http://169.254.169.254/acme/fleet", "gitea", None, "")
        calls = ForgeCalls(transport, access)
        answer = calls.ask(access.graph.commit(access.repository, "a" * 40))
    assert isinstance(answer, Refused)
    assert answer.scope == "login"


# --- whom to ask


@pytest.mark.parametrize(
    ("address", "forge_type"),
    [
        ("https://github.com/my-org/my-repo", "github"),
        ("git@gitlab.com:my-org/my-repo.git", "gitlab"),
        ("https://codeberg.org/my-org/my-repo", "gitea"),
        ("https://bitbucket.org/my-org/my-repo", "bitbucket"),
        ("https://dev.azure.com/my-org/my-project/_git/my-repo", "azuredevops"),
        ("https://my-org.visualstudio.com/my-project/_git/my-repo", "azuredevops"),
    ],
)
def test_a_well_known_host_tells_its_forge(address: str, forge_type: str) -> None:
    access = access_of(address, "", None, "token-of-nobody")
    assert access.forge.type == access.repository.type == forge_type


def test_another_host_does_not() -> None:
    with pytest.raises(UsageError, match="--provider-type"):
        access_of("https://forge.example/my-org/my-repo", "", None, "token-of-nobody")


def test_an_unknown_type_is_an_error() -> None:
    with pytest.raises(StatusbotError, match="use one of github"):
        access_of("https://forge.example/my-org/my-repo", "svn", None, "token-of-nobody")


@pytest.mark.parametrize("token", ["", "  \n"])
def test_without_a_token_everybody_asks(token: str) -> None:
    access = access_of("https://github.com/my-org/my-repo", "", None, token)
    assert access.credential == Login()
