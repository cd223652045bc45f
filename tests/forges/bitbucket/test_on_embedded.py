"""The adapter through the real transport, on the embedded forge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from statusbot.demo.forge import EmbeddedForge, Rights, faults
from statusbot.demo.forge.dialects.bitbucket_shapes import uuid_of
from statusbot.forges import forge_of
from statusbot.forges.base import Answer, Limited, Meaning, Missing, Refused, Row, Shown, Stored
from statusbot.results.state import State
from statusbot.transport import AnswerLost, Transport
from tests.support.forge import OTHER_SHA, REPOSITORY, SHA, TOKEN, UNKNOWN_SHA, Clock, forge

__all__ = ["forge"]

BITBUCKET = forge_of("bitbucket")
EMAIL = "bot@acme.example"
ROW = Row(
    "kustomization/apps/1f2e3d4c",
    State.FAILURE,
    "größer ✓",
    "https://ci.example/1",
    name="kustomization/apps",
)
KEY = BITBUCKET.context_key(ROW.context)


@dataclass(frozen=True)
class Talk:
    server: EmbeddedForge
    transport: Transport

    def answer(
        self,
        row: Row | None,
        sha: str = SHA,
        *,
        token: str = TOKEN,
        repository: str = REPOSITORY,
        url: str | None = None,
    ) -> Answer:
        """A write of ``row``, without one a page of a read."""
        there = BITBUCKET.repository(f"{self.server.url}/{repository}")
        request = BITBUCKET.write(there, sha, row) if row else BITBUCKET.reads(there, sha, ())[0]
        login = BITBUCKET.authorization({"token": token}, "", there.api)
        return self.transport.send(replace(request, url=url or request.url), login, timeout=30)

    def write(self, row: Row, sha: str = SHA, **options: str) -> Meaning:
        return BITBUCKET.meaning(self.answer(row, sha, **options))

    def newest(self, sha: str = SHA) -> dict[str, Row]:
        rows: list[Row] = []
        url: str | None = None
        while True:
            answer = self.answer(None, sha, url=url)
            assert BITBUCKET.read_meaning(answer) == Shown()
            rows += BITBUCKET.rows(answer)
            url = BITBUCKET.next_page(answer)
            if url is None:
                return BITBUCKET.newest(rows)


@pytest.fixture
def talk(forge: EmbeddedForge) -> Iterator[Talk]:
    with Transport() as transport:
        yield Talk(forge, transport)


def refused(meaning: object) -> tuple[str, bool]:
    assert isinstance(meaning, Refused)
    return meaning.scope, meaning.final


def test_a_status_that_was_written_is_read_as_it_was_wanted(talk: Talk) -> None:
    assert talk.write(ROW) == Stored()
    assert talk.newest() == {KEY: replace(ROW, context=KEY, created=talk.server.clock())}


def test_what_was_left_out_is_read_as_the_commits_page_and_its_context(talk: Talk) -> None:
    assert talk.write(Row("c", State.PENDING)) == Stored()
    (row,) = talk.newest().values()
    page = f"{talk.server.url}/{REPOSITORY}/commits/{SHA}"
    assert (row.description, row.url, row.name) == ("", page, "c")


def test_a_status_that_is_written_again_replaces_the_first(talk: Talk) -> None:
    for state in (State.PENDING, State.FAILURE, State.SUCCESS):
        assert talk.write(replace(ROW, state=state)) == Stored()
    assert [row.state for row in talk.newest().values()] == [State.SUCCESS]


def test_a_status_is_as_old_as_what_it_says(talk: Talk) -> None:
    talk.write(ROW)
    assert isinstance(talk.server.clock, Clock)
    talk.server.clock.advance(seconds=60)
    talk.write(replace(ROW, state=State.SUCCESS))
    assert talk.newest()[KEY].created == talk.server.clock()


def test_three_hundred_contexts_are_read_in_three_pages(talk: Talk) -> None:
    for number in range(300):
        assert talk.write(Row(f"c{number}", State.SUCCESS)) == Stored()
    expected = {BITBUCKET.context_key(f"c{number}") for number in range(300)}
    assert talk.newest().keys() == expected
    assert talk.server.reads == 3


def test_a_status_that_is_overwritten_between_two_pages_is_not_missed(talk: Talk) -> None:
    for number in range(101):
        talk.write(Row(f"c{number}", State.PENDING))
    first = talk.answer(None)
    assert isinstance(talk.server.clock, Clock)
    talk.server.clock.advance(seconds=1)
    talk.write(Row("c0", State.SUCCESS))
    second = talk.answer(None, url=BITBUCKET.next_page(first))
    rows = BITBUCKET.newest([*BITBUCKET.rows(first), *BITBUCKET.rows(second)])
    assert len(rows) == 101


def test_a_commit_without_statuses_reads_as_none(talk: Talk) -> None:
    talk.write(ROW)
    assert talk.newest(OTHER_SHA) == {}


def test_a_hostile_next_page_gets_no_call_and_no_login(talk: Talk) -> None:
    with EmbeddedForge() as evil:
        page = {"values": [{"key": "k", "state": "FAILED"}], "next": f"{evil.url}/2.0/x?page=2"}
        fault = faults.answer(200, json.dumps(page))
        talk.server.faults.at(1, fault=fault, on=None)
        assert talk.newest() == {}.fromkeys(["k"], Row("k", State.FAILURE))
        assert evil.calls == []
    assert [call.query.get("page") for call in talk.server.calls] == [None, "2"]


def test_an_api_token_goes_with_its_email(talk: Talk) -> None:
    assert talk.write(ROW, token=f"{EMAIL}:{TOKEN}") == Stored()
    (call,) = talk.server.calls
    assert call.headers["authorization"].startswith("Basic ")
    assert call.token == TOKEN


def test_an_access_token_goes_as_a_bearer(talk: Talk) -> None:
    talk.server.add_token("ATCTT3xFfGN0=1", Rights.WRITE)
    assert talk.write(ROW, token="ATCTT3xFfGN0=1") == Stored()
    assert talk.server.calls[0].headers["authorization"] == "Bearer ATCTT3xFfGN0=1"


def test_a_repository_is_found_by_its_uuid(talk: Talk) -> None:
    repo = talk.server.store.find(REPOSITORY)
    assert repo is not None
    assert talk.write(ROW, repository=f"acme/{uuid_of(repo)}") == Stored()
    assert list(talk.newest()) == [KEY]


def test_an_answer_that_was_lost_is_found_by_a_read(talk: Talk) -> None:
    talk.server.faults.at(1, fault=faults.reset(stored=True))
    with pytest.raises(AnswerLost):
        talk.write(ROW)
    assert list(talk.newest()) == [KEY]


def test_an_unknown_commit_is_settled(talk: Talk) -> None:
    assert refused(talk.write(ROW, UNKNOWN_SHA)) == ("commit", True)
    assert refused(BITBUCKET.read_meaning(talk.answer(None, UNKNOWN_SHA))) == ("commit", True)


def test_an_unknown_repository_is_refused_for_the_run(talk: Talk) -> None:
    assert refused(talk.write(ROW, repository="acme/none")) == ("repository", False)
    answer = talk.answer(None, repository="acme/none")
    assert isinstance(BITBUCKET.read_meaning(answer), Missing)


def test_a_token_that_nobody_has_is_refused_for_the_login(talk: Talk) -> None:
    assert refused(talk.write(ROW, token="nobody")) == ("login", False)
    assert refused(BITBUCKET.read_meaning(talk.answer(None, token="nobody"))) == ("login", False)


def test_a_token_without_the_scope_is_refused_for_the_repository(talk: Talk) -> None:
    talk.server.add_token("reader", Rights.READ)
    assert refused(talk.write(ROW, token="reader")) == ("repository", False)


def test_a_user_without_access_is_refused_for_the_repository(talk: Talk) -> None:
    talk.server.add_token("visitor", Rights.VISITOR)
    assert refused(talk.write(ROW, token="visitor")) == ("repository", False)


def test_a_status_that_another_account_made_is_refused_for_itself_only(talk: Talk) -> None:
    talk.server.add_token("rotated", Rights.WRITE)
    talk.write(ROW)
    assert refused(talk.write(ROW, token="rotated")) == ("status", False)
    assert talk.write(Row("other", State.SUCCESS), token="rotated") == Stored()


def test_a_limit_without_a_time_lets_minutes_pass(talk: Talk) -> None:
    body = "Rate limit for this resource has been exceeded"
    talk.server.faults.at(1, fault=faults.too_many(body=body))
    meaning = talk.write(ROW)
    assert isinstance(meaning, Limited)
    assert (meaning.seconds, body in meaning.why) == (300.0, True)
