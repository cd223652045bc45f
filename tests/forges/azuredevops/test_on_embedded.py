"""The adapter through the real transport, on the embedded forge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from statusbot.demo.forge import EmbeddedForge, Rights, faults
from statusbot.forges import forge_of
from statusbot.forges.address import Relation, relation
from statusbot.forges.base import Answer, Limited, Meaning, Missing, Refused, Row, Shown, Stored
from statusbot.forges.limits import cooldown
from statusbot.results.state import State
from statusbot.transport import AnswerLost, Transport
from tests.support.forge import OTHER_SHA, REPOSITORY, SHA, TOKEN, UNKNOWN_SHA, forge

__all__ = ["forge"]

PROJECT, _, REPO = REPOSITORY.partition("/")
AZURE = forge_of("azuredevops")
ROW = Row(
    "kustomization/apps/1f2e3d4c",
    State.FAILURE,
    "größer ✓",
    "https://ci.example/1",
    genre="fluxcd:prod",
)


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
        repo: str = REPO,
        project: str = PROJECT,
    ) -> Answer:
        """A write of ``row``, without one the first page of a read."""
        there = AZURE.repository(f"{self.server.url}/tfs/Coll/{project}/_git/{repo}")
        request = AZURE.write(there, sha, row) if row else AZURE.reads(there, sha, ())[0]
        login = AZURE.authorization({"token": token}, "", there.api)
        return self.transport.send(request, login, timeout=30)

    def write(self, row: Row, sha: str = SHA, **options: str) -> Meaning:
        return AZURE.meaning(self.answer(row, sha, **options))

    def newest(self, sha: str = SHA) -> dict[str, Row]:
        rows: list[Row] = []
        answer = self.answer(None, sha)
        for _ in range(5):
            assert AZURE.read_meaning(answer) == Shown()
            rows += AZURE.rows(answer)
            url = AZURE.next_page(answer)
            if url is None:
                return AZURE.newest(rows)
            there = AZURE.repository(f"{self.server.url}/tfs/Coll/{PROJECT}/_git/{REPO}")
            (request,) = AZURE.reads(there, sha, ())
            login = AZURE.authorization({"token": TOKEN}, "", there.api)
            answer = self.transport.send(replace(request, url=url), login, timeout=30)
        raise AssertionError("the list does not end")


@pytest.fixture
def talk(forge: EmbeddedForge) -> Iterator[Talk]:
    with Transport() as transport:
        yield Talk(forge, transport)


def refused(meaning: object) -> tuple[str, bool]:
    assert isinstance(meaning, Refused)
    return meaning.scope, meaning.final


def test_a_status_that_was_written_is_read_as_it_was_wanted(talk: Talk) -> None:
    assert talk.write(ROW) == Stored()
    shown = talk.newest()[AZURE.context_key(ROW.context, ROW.genre)]
    # Flux's one word for both reds is "error".
    assert replace(shown, created=None, id=0) == replace(ROW, state=State.ERROR)
    assert shown.created == talk.server.clock()


def test_what_was_left_out_is_read_as_empty(talk: Talk) -> None:
    talk.write(Row("c", State.PENDING))
    (row,) = talk.newest().values()
    assert (row.description, row.url, row.genre) == ("", "", "")


def test_of_rows_within_one_second_the_last_one_counts(talk: Talk) -> None:
    for state in (State.PENDING, State.FAILURE, State.SUCCESS):
        talk.write(replace(ROW, state=state))
    assert [row.state for row in talk.newest().values()] == [State.SUCCESS]


def test_three_hundred_contexts_are_one_read(talk: Talk) -> None:
    for number in range(300):
        assert talk.write(Row(f"c{number}", State.SUCCESS, genre="fluxcd")) == Stored()
    assert len(talk.newest()) == 300
    assert talk.server.reads == 1


def test_more_contexts_than_a_page_holds_are_all_read(talk: Talk) -> None:
    repo = talk.server.store.find(REPOSITORY)
    assert repo is not None
    for number in range(2100):
        talk.server.store.insert(
            repo, SHA, context=f"c{number}", state="succeeded", description="", url=""
        )
    assert len(talk.newest()) == 2100
    assert talk.server.reads == 3


def test_a_commit_without_statuses_reads_as_none(talk: Talk) -> None:
    talk.write(ROW)
    assert talk.newest(OTHER_SHA) == {}


def test_a_name_that_needs_encoding_is_found(talk: Talk) -> None:
    talk.server.add_repository("My Proj/Größe #1", {SHA})
    assert talk.write(ROW, project="My Proj", repo="Größe%20%231") == Stored()


def test_an_answer_that_was_lost_is_found_by_a_read(talk: Talk) -> None:
    talk.server.faults.at(1, fault=faults.reset(stored=True))
    with pytest.raises(AnswerLost):
        talk.write(ROW)
    assert list(talk.newest()) == [AZURE.context_key(ROW.context, ROW.genre)]


def test_an_unknown_commit_is_settled(talk: Talk) -> None:
    assert refused(talk.write(ROW, UNKNOWN_SHA)) == ("commit", True)
    assert refused(AZURE.read_meaning(talk.answer(None, UNKNOWN_SHA))) == ("commit", True)


@pytest.mark.parametrize("names", [{"repo": "none"}, {"project": "none"}])
def test_an_unknown_repository_is_refused_for_the_run(talk: Talk, names: dict[str, str]) -> None:
    assert refused(talk.write(ROW, **names)) == ("repository", False)
    assert isinstance(AZURE.read_meaning(talk.answer(None, SHA, **names)), Missing)


def test_a_token_that_nobody_has_is_refused_for_the_login(talk: Talk) -> None:
    assert refused(talk.write(ROW, token="nobody")) == ("login", False)
    assert refused(AZURE.read_meaning(talk.answer(None, token="nobody"))) == ("login", False)


def test_a_token_without_the_scope_is_refused_for_the_login(talk: Talk) -> None:
    talk.server.add_token("reader", Rights.READ)
    assert refused(talk.write(ROW, token="reader")) == ("login", False)


def test_a_user_who_may_not_contribute_is_refused_for_the_repository(talk: Talk) -> None:
    talk.server.add_token("visitor", Rights.VISITOR)
    assert refused(talk.write(ROW, token="visitor")) == ("repository", False)


def test_a_page_to_sign_in_on_is_no_success(talk: Talk) -> None:
    talk.server.faults.at(1, fault=faults.html(203))
    assert refused(talk.write(ROW)) == ("login", False)


def test_a_redirect_to_a_sign_in_page_of_another_host_is_not_followed(talk: Talk) -> None:
    there = "https://spsprodweu1.vssps.visualstudio.com/_signin?realm=dev.azure.com"
    talk.server.faults.at(1, fault=faults.redirect(there))
    assert refused(talk.write(ROW)) == ("login", False)


def test_a_redirect_to_a_sign_in_page_of_the_same_host_is_no_success(talk: Talk) -> None:
    talk.server.faults.at(1, fault=faults.redirect("/_signin"))
    talk.server.faults.when(lambda call: call.path == "/_signin", fault=faults.html(200))
    assert refused(talk.write(ROW)) == ("login", False)


def test_a_blocked_request_waits_as_long_as_it_is_told(talk: Talk) -> None:
    body = '{"message":"TF400733: The request has been canceled: Request was blocked"}'
    talk.server.faults.at(1, fault=faults.too_many(9, body))
    meaning = talk.write(ROW)
    assert isinstance(meaning, Limited)
    assert meaning.seconds == 9.0


def test_a_good_answer_may_ask_for_a_pause(talk: Talk) -> None:
    body = '{"id":1,"state":"error","context":{"name":"c"}}'
    talk.server.faults.at(1, fault=faults.answer(200, body, {"Retry-After": "12"}))
    answer = talk.answer(ROW)
    assert (AZURE.meaning(answer), cooldown(answer)) == (Stored(), 12.0)


def test_a_source_by_ssh_is_the_repository_on_its_port(talk: Talk) -> None:
    there = AZURE.repository(f"{talk.server.url}/tfs/Coll/{PROJECT}/_git/{REPO}")
    url = f"ssh://127.0.0.1:22/tfs/Coll/{PROJECT}/_ssh/{REPO}"
    assert relation(there, url, AZURE.canonical) is Relation.SAME
