"""News by commit, and what one read of a commit shows."""

from __future__ import annotations

import pytest

from statusbot.forges.base import Row
from statusbot.posting.batch import Batch, View, batches
from statusbot.results.state import State
from tests.support.objects import C2
from tests.support.posting import destination, news


def sizes(*made: Batch) -> list[int]:
    return [len(batch.news) for batch in made]


def test_one_commit_is_one_batch() -> None:
    assert sizes(*batches([news(name="a"), news(name="b"), news(commit=C2)])) == [2, 1]


def test_one_repository_written_in_two_ways_is_one_batch() -> None:
    upper = destination(path="Acme/Fleet")
    assert sizes(*batches([news(), news(name="b", to=upper)])) == [2]


def test_two_repositories_are_two_batches() -> None:
    assert sizes(*batches([news(), news(to=destination(path="acme/other"))])) == [1, 1]


def test_a_provider_of_another_type_for_the_same_repository_is_a_batch_of_its_own() -> None:
    made = batches([news(), news(name="b", to=destination(type_="gitea"))])
    assert [batch.forge.type for batch in made] == ["github", "gitea"]


def test_the_newest_commit_is_the_most_urgent() -> None:
    old, new = batches([news(arrived=5), news(commit=C2, arrived=9)])
    assert new.urgency < old.urgency


def test_a_batch_is_as_urgent_as_its_newest_arrival() -> None:
    (batch,) = batches([news(arrived=5), news(name="b", arrived=9)])
    assert batch.urgency == -9


def test_a_call_takes_no_longer_than_the_least_patient_provider_allows() -> None:
    (batch,) = batches([news(), news(name="b", to=destination(timeout=3))])
    assert batch.timeout == 3


@pytest.mark.parametrize(("type_", "seconds"), [("gitea", 15), ("azuredevops", 35)])
def test_without_a_timeout_of_the_provider_the_forge_says_how_long_it_takes(
    type_: str, seconds: float
) -> None:
    there = destination(type_=type_, path="acme/fleet/_git/fleet" if seconds > 15 else "a/b")
    (batch,) = batches([news(to=there)])
    assert batch.timeout == seconds


def view(*rows: Row, type_: str = "github") -> View:
    (batch,) = batches([news(to=destination(type_=type_))])
    made = View(batch)
    for row in rows:
        made.take([row])
    return made


def row(id_: int, context: str = "kustomization/apps/1") -> Row:
    return Row(context, State.SUCCESS, id=id_)


def test_a_commit_without_rows_shows_nothing() -> None:
    assert view().of("kustomization/apps/1") == (None, 0)


def test_the_newest_of_all_pages_is_shown_with_their_count() -> None:
    newest, count = view(row(2), row(3), row(1)).of("kustomization/apps/1")
    assert newest is not None
    assert (newest.id, count) == (3, 3)


def test_rows_of_others_are_not_kept() -> None:
    assert view(row(1, "ci/build"))._rows == {}


def test_contexts_compare_as_the_forge_compares_them() -> None:
    loud = row(1, "Kustomization/APPS/1")
    assert view(loud).of("kustomization/apps/1")[1] == 1
    assert view(loud, type_="gitea").of("kustomization/apps/1")[1] == 0
