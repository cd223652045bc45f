from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from statusbot.errors import StatusbotError
from statusbot.forges import forge_of
from statusbot.forges.base import Answer, Row
from statusbot.results.state import State

BITBUCKET = forge_of("bitbucket")
URL = "https://api.bitbucket.org/2.0/repositories/a/b/commit/c/statuses?pagelen=100"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def answer(value: Any, url: str = URL, **headers: str) -> Answer:
    return Answer(200, headers, json.dumps(value).encode(), url)


def row(**fields: Any) -> Row:
    (found,) = BITBUCKET.rows(answer({"values": [{"key": "k", "state": "FAILED", **fields}]}))
    return found


def more(url: str) -> dict[str, Any]:
    return {"values": [{"key": "k", "state": "FAILED"}], "next": url}


def test_a_row_in_full() -> None:
    found = row(
        name="kustomization/apps",
        description="größer",
        url="https://x.example/",
        created_on="2026-11-20T11:00:00.5+00:00",
        updated_on="2026-11-20T12:00:00+00:00",
        refname=None,
    )
    url = "https://x.example/"
    expected = Row("k", State.FAILURE, "größer", url, NOON, name="kustomization/apps")
    assert found == expected


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("SUCCESSFUL", State.SUCCESS),
        ("FAILED", State.FAILURE),
        ("INPROGRESS", State.PENDING),
        ("STOPPED", None),
        ("successful", None),
        ("CANCELLED", None),
        (None, None),
        ([], None),
    ],
)
def test_the_states_in_our_words(word: object, state: State | None) -> None:
    assert row(state=word).state is state


@pytest.mark.parametrize("updated", [None, "soon", 5, ""])
def test_a_row_that_was_never_changed_is_as_old_as_it_is(updated: object) -> None:
    assert row(created_on="2026-11-20T12:00:00+00:00", updated_on=updated).created == NOON


def test_a_time_without_a_zone_is_in_utc() -> None:
    assert row(updated_on="2026-11-20T12:00:00").created == NOON


def test_what_is_given_as_null_or_not_at_all_is_empty() -> None:
    found = row(description=None, url=3, name=[])
    assert (found.description, found.url, found.name, found.created) == ("", "", "", None)


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, {"values": None}, {"values": [1, None]}])
def test_rows_of_anything_else_are_none(value: Any) -> None:
    assert BITBUCKET.rows(answer(value)) == []


def test_each_key_has_one_row() -> None:
    one, two = Row("k", State.SUCCESS, created=NOON), Row("l", State.FAILURE, created=NOON)
    assert BITBUCKET.newest([one, two]) == {"k": one, "l": two}


@pytest.mark.parametrize("backwards", [False, True])
def test_of_a_key_that_was_written_between_two_pages_the_later_row_counts(backwards: bool) -> None:
    old = Row("k", State.PENDING, created=NOON)
    new = Row("k", State.SUCCESS, created=NOON + timedelta(seconds=1))
    unknown = replace(old, created=None)
    rows = [unknown, old, new]
    assert BITBUCKET.newest(rows[::-1] if backwards else rows) == {"k": new}


def test_the_next_page_is_our_address_with_the_next_number() -> None:
    assert BITBUCKET.next_page(answer(more(f"{URL}&page=2"))) == f"{URL}&page=2"
    assert BITBUCKET.next_page(answer(more("x"), f"{URL}&page=2")) == f"{URL}&page=3"


@pytest.mark.parametrize(
    "hostile",
    [
        "https://evil.example/2.0/repositories/a/b/commit/c/statuses?page=2",
        "https://api.bitbucket.org@evil.example/?page=2",
        "https://api.bitbucket.org:444/2.0/?page=2",
        "http://api.bitbucket.org/2.0/repositories/a/b/commit/c/statuses?page=2",
        "https://api.bitbucket.org/2.0/user/emails?page=2",
        "//evil.example/",
        "file:///etc/passwd",
        {"href": "https://evil.example/"},
        7,
    ],
)
def test_a_hostile_next_leads_nowhere_but_to_our_own_next_page(hostile: Any) -> None:
    assert BITBUCKET.next_page(answer(more(hostile))) == f"{URL}&page=2"


@pytest.mark.parametrize("value", [None, [], {}, {"values": [{"key": "k"}]}, {"next": "x"}])
def test_a_page_without_a_next_or_without_rows_is_the_last(value: Any) -> None:
    assert BITBUCKET.next_page(answer(value)) is None


def test_an_endless_list_is_an_error() -> None:
    with pytest.raises(StatusbotError, match="more than 1000 pages"):
        BITBUCKET.next_page(answer(more("x"), f"{URL}&page=1000"))
