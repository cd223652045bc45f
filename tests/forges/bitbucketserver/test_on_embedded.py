"""The adapter through the real transport, on the embedded forge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from statusbot.demo.forge import EmbeddedForge, Rights, faults
from statusbot.forges import forge_of
from statusbot.forges.base import (
    Answer,
    Limited,
    Meaning,
    Missing,
    ReadMeaning,
    Refused,
    Row,
    Shown,
    Stored,
)
from statusbot.results.state import State
from statusbot.transport import AnswerLost, Transport
from tests.support.forge import OTHER_SHA, REPOSITORY, SHA, TOKEN, UNKNOWN_SHA, forge

__all__ = ["forge"]

SERVER = forge_of("bitbucketserver")
ROW = Row(
    "kustomization/apps/1f2e3d4c",
    State.FAILURE,
    "größer ✓ 😀",
    "https://ci.example/1",
    name="kustomization/apps",
    words="health check failed",
)
KEY = SERVER.context_key(ROW.context)


@dataclass(frozen=True)
class Talk:
    server: EmbeddedForge
    transport: Transport

    def write(self, row: Row, sha: str = SHA, *, token: str = TOKEN, **where: str) -> Meaning:
        there = SERVER.repository(self._address(**where))
        login = SERVER.authorization({"token": token}, "", there.api)
        request = SERVER.write(there, sha, row)
        return SERVER.meaning(self.transport.send(request, login, timeout=30))

    def answer(self, key: str = KEY, sha: str = SHA, *, token: str = TOKEN, **where: str) -> Answer:
        there = SERVER.repository(self._address(**where))
        (request,) = SERVER.reads(there, sha, [key])
        login = SERVER.authorization({"token": token}, "", there.api)
        return self.transport.send(request, login, timeout=30)

    def read(self, key: str = KEY, sha: str = SHA, **options: str) -> ReadMeaning:
        return SERVER.read_meaning(self.answer(key, sha, **options))

    def row(self, key: str = KEY, sha: str = SHA) -> Row:
        answer = self.answer(key, sha)
        assert SERVER.read_meaning(answer) == Shown()
        return SERVER.newest(SERVER.rows(answer))[key]

    def _address(self, context: str = "", repository: str = REPOSITORY) -> str:
        return f"{self.server.url}{context}/scm/{repository}.git"


@pytest.fixture
def talk(forge: EmbeddedForge) -> Iterator[Talk]:
    with Transport() as transport:
        yield Talk(forge, transport)


def refused(meaning: object) -> tuple[str, bool]:
    assert isinstance(meaning, Refused)
    return meaning.scope, meaning.final


def test_a_status_that_was_written_is_read_as_it_was_wanted(talk: Talk) -> None:
    assert talk.write(ROW) == Stored()
    row = talk.row()
    assert (row.state, row.description, row.url) == (ROW.state, ROW.description, ROW.url)
    assert row.name == "kustomization/apps [health check failed]"
    assert row.created == datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_without_a_url_the_page_of_the_commit_is_shown(talk: Talk) -> None:
    talk.write(Row("c", State.PENDING), context="/ctx")
    row = talk.row(SERVER.context_key("c"))
    page = f"/ctx/projects/acme/repos/fleet/commits/{SHA}"
    assert (row.description, row.url) == ("", talk.server.url + page)


def test_a_write_again_replaces_the_build(talk: Talk) -> None:
    for state in (State.PENDING, State.FAILURE, State.SUCCESS):
        talk.write(Row("c", state))
    assert talk.row(SERVER.context_key("c")).state is State.SUCCESS
    assert len(talk.server.rows(REPOSITORY, SHA)) == 1


def test_a_persons_repository_is_written_to(talk: Talk) -> None:
    talk.server.add_repository("~me/apps", {SHA})
    assert talk.write(ROW, repository="~me/apps") == Stored()
    assert len(talk.server.rows("~me/apps", SHA)) == 1


def test_300_contexts_of_a_commit_are_read(talk: Talk) -> None:
    contexts = {SERVER.context_key(f"c{number}"): f"c{number}" for number in range(300)}
    there = SERVER.repository(f"{talk.server.url}/scm/{REPOSITORY}.git")
    login = SERVER.authorization({"token": TOKEN}, "", there.api)
    for context in contexts.values():
        assert talk.write(Row(context, State.SUCCESS)) == Stored()
    found: list[Row] = []
    for request in SERVER.reads(there, SHA, contexts):
        found += SERVER.rows(talk.transport.send(request, login, timeout=30))
    assert set(SERVER.newest(found)) == set(contexts)


def test_a_build_that_nobody_wrote_is_missing(talk: Talk) -> None:
    talk.write(ROW)
    assert isinstance(talk.read("0" * 40), Missing)
    assert isinstance(talk.read(sha=OTHER_SHA), Missing)


def test_an_answer_that_was_lost_is_found_by_its_key(talk: Talk) -> None:
    talk.server.faults.first(1, fault=faults.reset(stored=True))
    with pytest.raises(AnswerLost):
        talk.write(ROW)
    assert talk.row().state is State.FAILURE


def test_an_unknown_commit_is_settled_by_a_write_and_by_a_read(talk: Talk) -> None:
    assert refused(talk.write(ROW, UNKNOWN_SHA)) == ("commit", True)
    assert refused(talk.read(sha=UNKNOWN_SHA)) == ("commit", True)


@pytest.mark.parametrize("repository", ["acme/none", "none/fleet"])
def test_an_unknown_repository_is_refused_for_the_run(talk: Talk, repository: str) -> None:
    assert refused(talk.write(ROW, repository=repository)) == ("repository", False)
    assert refused(talk.read(repository=repository)) == ("repository", False)


def test_a_token_that_nobody_has_is_refused_for_the_login(talk: Talk) -> None:
    assert refused(talk.write(ROW, token="nobodys")) == ("login", False)
    assert refused(talk.read(token="nobodys")) == ("login", False)


@pytest.mark.parametrize("rights", [Rights.READ, Rights.VISITOR])
def test_a_login_without_the_right_is_refused_for_the_repository(
    talk: Talk, rights: Rights
) -> None:
    talk.server.add_token("other", rights)
    meaning = talk.write(ROW, token="other")
    assert refused(meaning) == ("repository", False)
    assert "the login may not do this" in str(meaning)


def test_an_address_that_leads_to_no_bitbucket_is_told_so(talk: Talk) -> None:
    talk.server.faults.always(fault=faults.html(404))
    for meaning in (talk.write(ROW), talk.read()):
        assert refused(meaning) == ("repository", False)
        assert "no builds API" in str(meaning)


def test_a_limit_stores_nothing_and_names_its_time(talk: Talk) -> None:
    talk.server.faults.always(fault=faults.too_many(7))
    meaning = talk.write(ROW)
    assert isinstance(meaning, Limited)
    assert meaning.seconds == 7
    assert talk.server.stored == []


def test_username_and_password_let_in_too(talk: Talk) -> None:
    there = SERVER.repository(f"{talk.server.url}/scm/{REPOSITORY}.git")
    login = SERVER.authorization({"password": TOKEN}, "me", there.api)
    answer = talk.transport.send(SERVER.write(there, SHA, ROW), login, timeout=30)
    assert SERVER.meaning(answer) == Stored()
