from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from statusbot.errors import StatusbotError
from statusbot.forges.azuredevops import AzureDevOps
from statusbot.forges.base import Answer, Row
from statusbot.results.state import State

AZURE = AzureDevOps()
BASE = "https://dev.azure.com/o/p/_apis/git/repositories/r/commits/abc/statuses"
URL = f"{BASE}?top=2&skip=0&latestOnly=true&api-version=6.0"


def answer(value: Any, url: str = URL) -> Answer:
    return Answer(200, {}, json.dumps(value).encode(), url)


def page(*items: Any) -> Answer:
    return answer({"count": len(items), "value": items})


def test_a_row_in_full() -> None:
    item = {
        "id": 7,
        "state": "failed",
        "description": "größer",
        "context": {"name": "ci/x", "genre": "fluxcd:prod"},
        "creationDate": "2026-11-20T12:00:00.1234567Z",
        "updatedDate": "2026-11-20T12:05:00Z",
        "createdBy": {"displayName": "me"},
        "targetUrl": "https://x.example/",
    }
    when = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
    expected = Row(
        "ci/x", State.FAILURE, "größer", "https://x.example/", when, 7, genre="fluxcd:prod"
    )
    assert AZURE.rows(page(item)) == [expected]


def test_a_bare_list_is_as_good() -> None:
    item = {"id": 1, "state": "pending", "context": {"name": "c"}}
    assert AZURE.rows(answer([item])) == AZURE.rows(page(item)) != []


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("succeeded", State.SUCCESS),
        ("failed", State.FAILURE),
        ("error", State.ERROR),
        ("pending", State.PENDING),
        ("notSet", None),
        ("notApplicable", None),
        ("partiallySucceeded", None),
        ("success", None),
        (None, None),
        ([], None),
        ({}, None),
    ],
)
def test_the_states_that_azure_shows(word: Any, state: State | None) -> None:
    (row,) = AZURE.rows(page({"state": word, "context": {"name": "c"}}))
    assert row.state is state


@pytest.mark.parametrize("state", State)
def test_what_was_written_reads_as_the_same_colour(state: State) -> None:
    repository = AZURE.repository("https://dev.azure.com/o/p/_git/r")
    written = AZURE.write(repository, "abc", Row("c", state, genre="fluxcd")).body
    (row,) = AZURE.rows(page(written))
    assert row.state is not None and row.state.same_class(state)
    assert AZURE.row_key(row) == AZURE.context_key("c", "fluxcd")


@pytest.mark.parametrize(
    "item",
    [
        {"context": None, "description": None, "targetUrl": None, "id": None, "state": "error"},
        {"context": {"name": None, "genre": None}, "creationDate": "yesterday", "state": "error"},
        {"context": [], "id": "7", "state": "error"},
    ],
)
def test_what_is_null_or_of_another_kind_is_empty(item: dict[str, Any]) -> None:
    assert AZURE.rows(page(item)) == [Row("", State.ERROR)]


@pytest.mark.parametrize("value", [None, 1, "x", [], [1, None], {}, {"value": 3 * [None]}])
def test_rows_of_anything_else_are_none(value: Any) -> None:
    assert AZURE.rows(answer(value)) == []


def test_rows_of_one_name_and_two_genres_are_two_contexts() -> None:
    rows = [Row("c", State.SUCCESS, id=n, genre=genre) for n, genre in enumerate(["", "a", "b"])]
    assert len(AZURE.newest(rows)) == 3


def test_genre_and_name_do_not_run_into_each_other() -> None:
    assert AZURE.context_key("b", "a") != AZURE.context_key("ab", "")
    assert AZURE.context_key("b/c", "a") != AZURE.context_key("c", "a/b")


def test_contexts_compare_exactly() -> None:
    keys = {AZURE.context_key(name, "g") for name in ("c", "C", "c d")}
    assert len(keys) == 3


def test_the_highest_id_counts_in_whatever_order_rows_come() -> None:
    one, two, three = (Row("c", State.PENDING, id=n, genre="g") for n in (1, 2, 3))
    assert AZURE.newest([two, three, one]) == {AZURE.context_key("c", "g"): three}


def test_a_full_page_leads_to_the_rows_after_it() -> None:
    assert AZURE.next_page(page({}, {})) == URL.replace("skip=0", "skip=2")


def test_the_page_after_that_skips_both() -> None:
    url = URL.replace("skip=0", "skip=2")
    assert AZURE.next_page(answer([1, 2], url)) == URL.replace("skip=0", "skip=4")


@pytest.mark.parametrize("items", [(), ({},)])
def test_a_page_that_is_not_full_is_the_last(items: tuple[Any, ...]) -> None:
    assert AZURE.next_page(page(*items)) is None


@pytest.mark.parametrize(
    "query", ["", "?top=x&skip=-1", "?top=0&skip=", f"?top={'9' * 5000}&skip=²"]
)
def test_an_address_without_numbers_is_the_first_page_of_a_thousand(query: str) -> None:
    full = answer({"value": [{}] * 1000}, f"{BASE}{query}")
    url = AZURE.next_page(full)
    assert url is not None
    assert "top=1000" in url and "skip=1000" in url
    assert AZURE.next_page(answer({"value": [{}] * 999}, f"{BASE}{query}")) is None


def test_an_endless_list_is_an_error() -> None:
    last = URL.replace("skip=0", "skip=1998")
    assert AZURE.next_page(answer([1, 2], URL.replace("skip=0", "skip=1996"))) == last
    with pytest.raises(StatusbotError, match="more than 1000 pages"):
        AZURE.next_page(answer([1, 2], last))


def test_a_row_is_found_again_though_white_space_around_it_was_trimmed() -> None:
    genre = AZURE.genre("production\n")
    trimmed = Row("c", State.SUCCESS, genre="fluxcd:production")
    assert AZURE.row_key(trimmed) == AZURE.context_key("c", genre)
