from __future__ import annotations

from datetime import UTC, datetime, timedelta

from statusbot.forges.base import Missing, Refused, Row, Stored, Unclear
from statusbot.results.state import State
from tests.forges.conftest import Talk

UNKNOWN = "de" * 20
ROW = Row("kustomization/apps/1f2e3d4c", State.FAILURE, "größer ✓", "https://ci.example/1")


def test_a_status_that_was_written_is_read_as_it_was_wanted(talk: Talk) -> None:
    commit = talk.subject.commit
    assert talk.write(commit, ROW) == Stored()
    (row,) = talk.newest(commit).values()
    assert (row.context, row.state, row.description, row.url) == (
        ROW.context,
        ROW.state,
        ROW.description,
        ROW.url,
    )


def test_a_status_that_was_written_has_a_time_with_its_zone(talk: Talk) -> None:
    commit = talk.subject.commit
    talk.write(commit, ROW)
    (row,) = talk.newest(commit).values()
    assert row.created is not None
    assert abs(datetime.now(UTC) - row.created) < timedelta(hours=1)


def test_what_was_left_out_is_read_as_empty(talk: Talk) -> None:
    commit = talk.subject.commit
    talk.write(commit, Row("c", State.PENDING))
    (row,) = talk.newest(commit).values()
    assert (row.description, row.url) == ("", "")


def test_of_rows_within_one_second_the_last_one_counts(talk: Talk) -> None:
    commit = talk.subject.commit
    states = (State.PENDING, State.FAILURE, State.ERROR, State.SUCCESS)
    for state in states:
        talk.write(commit, Row("c", state))
    assert [row.state for row in talk.newest(commit).values()] == [State.SUCCESS]


def test_contexts_on_all_pages_are_read(talk: Talk) -> None:
    commit = talk.subject.commit
    contexts = [f"c{number:03}" for number in range(120)]
    for context in contexts:
        assert talk.write(commit, Row(context, State.SUCCESS)) == Stored()
    assert sorted(talk.newest(commit)) == contexts


def test_a_commit_without_statuses_reads_as_none(talk: Talk) -> None:
    assert talk.newest(talk.subject.commit) == {}


def test_an_unknown_commit_is_never_stored(talk: Talk) -> None:
    meaning = talk.write(UNKNOWN, ROW)
    if isinstance(meaning, Unclear):  # Gitea's 500 says no more than that
        assert talk.forge.type == "gitea"
    else:
        assert isinstance(meaning, Refused)
        assert (meaning.scope, meaning.final) == ("commit", True)


def test_a_read_tells_an_unknown_commit_or_leaves_it_to_the_write(talk: Talk) -> None:
    meaning = talk.read_meaning(UNKNOWN)
    if isinstance(meaning, Missing):
        assert talk.forge.type == "github"
    else:
        assert isinstance(meaning, Refused)
        assert (meaning.scope, meaning.final) == ("commit", True)


def test_an_unknown_repository_is_refused_for_the_run(talk: Talk) -> None:
    meaning = talk.write(UNKNOWN, ROW, repository="acme/none")
    assert isinstance(meaning, Refused)
    assert (meaning.scope, meaning.final) == ("repository", False)


def test_a_read_of_an_unknown_repository_is_missing(talk: Talk) -> None:
    assert isinstance(talk.read_meaning(UNKNOWN, repository="acme/none"), Missing)


def test_a_token_that_nobody_has_is_refused_for_the_login(talk: Talk) -> None:
    meaning = talk.write(talk.subject.commit, ROW, login="nobody")
    assert isinstance(meaning, Refused)
    assert (meaning.scope, meaning.final) == ("login", False)


def test_a_token_without_the_scope_is_refused_for_the_repository(talk: Talk) -> None:
    meaning = talk.write(talk.subject.commit, ROW, login="reader")
    assert isinstance(meaning, Refused)
    assert (meaning.scope, meaning.final) == ("repository", False)


def test_a_user_who_may_not_write_is_refused_for_the_repository(talk: Talk) -> None:
    meaning = talk.write(talk.subject.commit, ROW, login="visitor")
    assert isinstance(meaning, Refused)
    assert (meaning.scope, meaning.final) == ("repository", False)


def test_a_write_follows_a_repository_to_its_new_name(talk: Talk) -> None:
    name = f"old-{talk.forge.type}"
    before, commit = talk.subject.setup.new_repository(name)
    talk.subject.setup.change(before, name=f"new-{talk.forge.type}")
    assert talk.write(commit, ROW, repository=before) == Stored()
