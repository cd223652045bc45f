from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from statusbot.demo.forge import EmbeddedForge, Row
from statusbot.demo.show.verdict import Verdict, doubled, is_right, rows_of
from tests.support.recordings import C1, C2, REPOSITORY, truth

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def row(state: str, description: str = "", context: str = "kustomization/apps/1") -> Row:
    return Row(1, 1, context, state, description, "", NOW)


@pytest.fixture
def forge() -> Iterator[EmbeddedForge]:
    with EmbeddedForge() as forge:
        forge.add_repository(REPOSITORY)
        yield forge


def write(forge: EmbeddedForge, commit: str, state: str, context: str) -> None:
    repository = forge.store.find(REPOSITORY)
    assert repository is not None
    forge.store.insert(repository, commit, context=context, state=state, description="", url="")


def test_the_last_row_must_be_accepted() -> None:
    assert not is_right(truth(C1, "success"), [row("success"), row("failure")])


def test_what_was_corrected_is_right_where_it_may_have_been() -> None:
    assert is_right(truth(C1, "success"), [row("failure"), row("success")])


def test_what_may_never_be_shown_is_wrong_though_it_was_corrected() -> None:
    never = frozenset({"failure"})
    assert not is_right(truth(C1, "success", never=never), [row("failure"), row("success")])


@pytest.mark.parametrize(("accept", "right"), [("none", True), ("success", False)])
def test_no_row_is_right_where_none_is_accepted(accept: str, right: bool) -> None:
    assert is_right(truth(C1, accept), []) is right


def test_a_row_that_repeats_the_one_before_is_doubled() -> None:
    assert doubled([row("success", "a"), row("success", "a")]) == 1


@pytest.mark.parametrize(
    "rows",
    [
        [row("success", "a"), row("success", "b")],
        [row("failure"), row("success"), row("failure")],
        [row("success", context="x/a/1"), row("success", context="x/a/2")],
    ],
)
def test_a_row_that_says_something_else_is_not_doubled(rows: list[Row]) -> None:
    assert doubled(rows) == 0


@pytest.mark.parametrize(
    ("context", "mine"),
    [
        ("kustomization/apps/12ab", True),
        ("kustomization/small/apps/12ab", True),
        ("kustomization/infra/12ab", False),
        ("ci", False),
    ],
)
def test_rows_belong_to_the_kustomization_that_their_context_names(
    forge: EmbeddedForge, context: str, mine: bool
) -> None:
    write(forge, C1, "success", context)
    assert bool(rows_of(forge, truth(C1))) is mine


def judged(forge: EmbeddedForge) -> Verdict:
    verdict = Verdict()
    verdict.judge(forge, [truth(C1), truth(C2)])
    return verdict


def test_a_verdict_holds_when_all_is_right(forge: EmbeddedForge) -> None:
    for commit in (C1, C2):
        write(forge, commit, "success", "kustomization/apps/1")
    assert judged(forge).holds


def test_a_verdict_counts(forge: EmbeddedForge) -> None:
    for commit in (C1, C2):
        write(forge, commit, "success", "kustomization/apps/1")
    assert list(judged(forge).lines()) == [
        "2 of 2 commits show what is true.",
        "2 statuses are stored, none twice.",
    ]


def test_one_wrong_commit_ends_it(forge: EmbeddedForge) -> None:
    write(forge, C1, "success", "kustomization/apps/1")
    assert not judged(forge).holds


def test_a_wrong_commit_is_named_with_what_is_right(forge: EmbeddedForge) -> None:
    write(forge, C1, "success", "kustomization/apps/1")
    assert judged(forge).wrong == [
        "rig/small: c2 22222222 shows nothing; right is success",
    ]


def test_a_doubled_row_ends_it_though_every_state_is_right(forge: EmbeddedForge) -> None:
    for commit in (C1, C1, C2):
        write(forge, commit, "success", "kustomization/apps/1")
    verdict = judged(forge)
    assert (verdict.wrong, verdict.holds) == ([], False)
