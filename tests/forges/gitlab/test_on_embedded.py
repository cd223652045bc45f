"""The adapter through the real transport, on the embedded forge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from statusbot.demo.forge import EmbeddedForge, Fault, Rights, faults
from statusbot.forges import forge_of
from statusbot.forges.base import Answer, Limited, Meaning, Missing, Refused, Row, Shown, Stored
from statusbot.results.state import State
from statusbot.transport import AnswerLost, Transport
from tests.support.forge import OTHER_SHA, REPOSITORY, SHA, TOKEN, UNKNOWN_SHA, forge

__all__ = ["forge"]

GITLAB = forge_of("gitlab")
DEEP = "acme/platform/clusters/fleet"
ROW = Row("kustomization/apps/1f2e3d4c", State.FAILURE, "größer ✓", "https://ci.example/1")
PENDING = replace(ROW, state=State.PENDING)


@dataclass(frozen=True)
class Talk:
    server: EmbeddedForge
    transport: Transport

    def answer(
        self, row: Row | None, sha: str = SHA, *, token: str = TOKEN, project: str = REPOSITORY
    ) -> Answer:
        """A write of ``row``, without one the first page of a read."""
        there = GITLAB.repository(f"{self.server.url}/{project}")
        request = GITLAB.write(there, sha, row) if row else GITLAB.reads(there, sha, ())[0]
        login = GITLAB.authorization({"token": token}, "", there.api)
        return self.transport.send(request, login, timeout=30)

    def write(self, row: Row, sha: str = SHA, **options: str) -> Meaning:
        return GITLAB.meaning(self.answer(row, sha, **options))

    def newest(self, sha: str = SHA, project: str = REPOSITORY) -> dict[str, Row]:
        there = GITLAB.repository(f"{self.server.url}/{project}")
        login = GITLAB.authorization({"token": TOKEN}, "", there.api)
        (request,) = GITLAB.reads(there, sha, ())
        rows: list[Row] = []
        while True:
            answer = self.transport.send(request, login, timeout=30)
            assert GITLAB.read_meaning(answer) == Shown()
            rows += GITLAB.rows(answer)
            url = GITLAB.next_page(answer)
            if url is None:
                return GITLAB.newest(rows)
            request = replace(request, url=url)


@pytest.fixture
def talk(forge: EmbeddedForge) -> Iterator[Talk]:
    forge.add_repository(DEEP, {SHA})
    with Transport() as transport:
        yield Talk(forge, transport)


def refused(meaning: object) -> tuple[str, bool]:
    assert isinstance(meaning, Refused)
    return meaning.scope, meaning.final


@pytest.mark.parametrize("project", [REPOSITORY, DEEP, "1", "2", "ACME/Fleet"])
def test_a_status_that_was_written_is_read_as_it_was_wanted(talk: Talk, project: str) -> None:
    assert talk.write(ROW, project=project) == Stored()
    (shown,) = talk.newest(project=project).values()
    assert replace(shown, created=None, id=0) == ROW
    assert shown.created == talk.server.clock()


def test_the_path_of_a_project_arrives_as_one_segment(talk: Talk) -> None:
    talk.answer(ROW, project=DEEP)
    talk.answer(None, project=DEEP)
    root = "/api/v4/projects/acme%2Fplatform%2Fclusters%2Ffleet"
    assert [call.target.partition("?")[0] for call in talk.server.calls] == [
        f"{root}/statuses/{SHA}",
        f"{root}/repository/commits/{SHA}/statuses",
    ]


def test_what_was_left_out_is_read_as_empty(talk: Talk) -> None:
    talk.write(Row("c", State.PENDING))
    (shown,) = talk.newest().values()
    assert (shown.description, shown.url) == ("", "")


@pytest.mark.parametrize("state", [State.SUCCESS, State.FAILURE, State.ERROR])
def test_a_pending_status_ends(talk: Talk, state: State) -> None:
    states = []
    for row in (PENDING, replace(ROW, state=state, description="done")):
        assert talk.write(row) == Stored()
        states += [shown.state for shown in talk.newest().values()]
    assert states[0] is State.PENDING
    assert states[1] is not None and states[1].same_class(state)


def test_a_status_turns_as_often_as_it_must(talk: Talk) -> None:
    for state in (State.SUCCESS, State.FAILURE, State.PENDING, State.SUCCESS, State.SUCCESS):
        assert talk.write(replace(ROW, state=state)) == Stored()
        assert [row.state for row in talk.newest().values()] == [state]


def test_a_status_that_is_pending_already_counts_as_stored(talk: Talk) -> None:
    assert [talk.write(PENDING) for _ in range(2)] == [Stored(), Stored()]
    assert len(talk.server.rows(REPOSITORY, SHA)) == 1


def test_three_hundred_contexts_are_read_on_three_pages(talk: Talk) -> None:
    names = [f"c{number}" for number in range(300)]
    for name in names:
        assert talk.write(Row(name, State.SUCCESS)) == Stored()
    assert sorted(talk.newest()) == sorted(names)
    assert talk.server.reads == 3


def test_a_commit_without_statuses_reads_as_none(talk: Talk) -> None:
    talk.write(ROW)
    assert talk.newest(OTHER_SHA) == {}


def test_texts_of_the_greatest_length_are_taken(talk: Talk) -> None:
    url = "https://x.example/".ljust(255, "x")
    assert talk.write(Row("n" * 255, State.SUCCESS, "😀" * 255, url)) == Stored()


def test_a_url_that_is_too_long_costs_no_status(talk: Talk) -> None:
    assert talk.write(replace(ROW, url="https://x.example/".ljust(256, "x"))) == Stored()
    assert [row.url for row in talk.newest().values()] == [""]


def test_an_answer_that_was_lost_is_found_by_a_read(talk: Talk) -> None:
    talk.server.faults.at(1, fault=faults.reset(stored=True))
    with pytest.raises(AnswerLost):
        talk.write(PENDING)
    assert [row.state for row in talk.newest().values()] == [State.PENDING]


def test_an_unknown_commit_is_settled(talk: Talk) -> None:
    assert refused(talk.write(ROW, UNKNOWN_SHA)) == ("commit", True)
    assert refused(GITLAB.read_meaning(talk.answer(None, UNKNOWN_SHA))) == ("commit", True)


@pytest.mark.parametrize("project", ["acme/none", "99", "none/at/all"])
def test_an_unknown_project_is_refused_for_the_run(talk: Talk, project: str) -> None:
    assert refused(talk.write(ROW, project=project)) == ("repository", False)
    assert isinstance(GITLAB.read_meaning(talk.answer(None, project=project)), Missing)


def test_a_private_project_is_unknown_to_strangers(talk: Talk) -> None:
    talk.server.add_repository("acme/secret", {SHA}, private=True)
    talk.server.add_token("visitor", Rights.VISITOR)
    meaning = talk.write(ROW, token="visitor", project="acme/secret")
    assert refused(meaning) == ("repository", False)
    assert "404 Project Not Found" in getattr(meaning, "why", "")


def test_a_project_that_has_moved_is_read_but_not_written(talk: Talk) -> None:
    talk.write(ROW)
    talk.server.rename(REPOSITORY, "acme/renamed")
    assert list(talk.newest()) == [ROW.context]
    meaning = talk.write(ROW)
    assert refused(meaning) == ("repository", False)
    assert "correct the address" in getattr(meaning, "why", "")


def test_a_token_that_nobody_has_is_refused_for_the_login(talk: Talk) -> None:
    assert refused(talk.write(ROW, token="nobody")) == ("login", False)
    assert refused(GITLAB.read_meaning(talk.answer(None, token="nobody"))) == ("login", False)


def test_a_token_without_the_scope_is_refused_for_the_login(talk: Talk) -> None:
    talk.server.add_token("reader", Rights.READ)
    meaning = talk.write(ROW, token="reader")
    assert refused(meaning) == ("login", False)
    assert "the token needs the scope api" in getattr(meaning, "why", "")
    assert GITLAB.read_meaning(talk.answer(None, token="reader")) == Shown()


def test_a_user_without_the_role_is_refused_for_the_commit(talk: Talk) -> None:
    talk.server.add_token("visitor", Rights.VISITOR)
    meaning = talk.write(ROW, token="visitor")
    assert refused(meaning) == ("commit", False)
    assert "on a protected branch Maintainer" in getattr(meaning, "why", "")


def busy() -> Fault:
    message = '{"message":"Another update to this commit status is in progress"}'
    return faults.answer(409, message)


@pytest.mark.parametrize(
    ("fault", "seconds", "alone"), [(faults.too_many(37), 37.0, False), (busy(), 1.0, True)]
)
def test_what_was_not_taken_now_waits(
    talk: Talk, fault: Fault, seconds: float, alone: bool
) -> None:
    talk.server.faults.at(1, fault=fault)
    meaning = talk.write(ROW)
    assert isinstance(meaning, Limited)
    assert (meaning.seconds, meaning.alone) == (seconds, alone)
    assert talk.write(ROW) == Stored()


def test_a_proxy_that_decodes_the_path_is_told_from_a_missing_project(talk: Talk) -> None:
    there = GITLAB.repository(f"{talk.server.url}/{REPOSITORY}")
    request = GITLAB.write(there, SHA, ROW)
    proxied = {**request.headers, "User-Agent": "proxy"}
    decoded = replace(request, url=request.url.replace("%2F", "/"), headers=proxied)
    login = GITLAB.authorization({"token": TOKEN}, "", there.api)
    meaning = GITLAB.meaning(talk.transport.send(decoded, login, timeout=30))
    assert refused(meaning) == ("repository", False)
    assert "https://host/<project id>" in getattr(meaning, "why", "")
