from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from statusbot.forges.base import Answer, Row
from statusbot.forges.bitbucketserver import BitbucketServer
from statusbot.forges.keys import hashed_key
from statusbot.results.state import State

SERVER = BitbucketServer()
KEY = "a" * 40
BUILD: dict[str, Any] = {
    "key": KEY,
    "state": "SUCCESSFUL",
    "name": "kustomization/apps [reconciliation succeeded]",
    "description": "größer",
    "url": "https://x.example/",
    "createdDate": 1795176000000,
    "updatedDate": 1795176060123,
    "buildNumber": None,
    "testResults": None,
}


def rows(value: Any) -> list[Row]:
    return SERVER.rows(Answer(200, {}, json.dumps(value).encode()))


def test_a_build_in_full() -> None:
    when = datetime(2026, 11, 20, 12, 1, 0, 123000, tzinfo=UTC)
    title = "kustomization/apps [reconciliation succeeded]"
    expected = Row(KEY, State.SUCCESS, "größer", "https://x.example/", when, name=title)
    assert rows(BUILD) == [expected]


def test_a_build_that_was_never_changed_is_as_old_as_it_is() -> None:
    (row,) = rows({**BUILD, "updatedDate": None})
    assert row.created == datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("SUCCESSFUL", State.SUCCESS),
        ("FAILED", State.FAILURE),
        ("INPROGRESS", State.PENDING),
        ("CANCELLED", None),
        ("UNKNOWN", None),
        ("successful", None),
        (None, None),
        ([], None),
    ],
)
def test_the_states_of_builds(word: Any, state: State | None) -> None:
    assert rows({**BUILD, "state": word})[0].state is state


def test_what_is_left_out_is_empty() -> None:
    assert rows({"key": KEY}) == [Row(KEY, None)]


@pytest.mark.parametrize("date", [None, "2026-11-20", True, 1.5, 10**18, -(10**18), 10**400, {}])
def test_a_date_that_is_none_is_none(date: Any) -> None:
    assert rows({**BUILD, "createdDate": date, "updatedDate": date})[0].created is None


@pytest.mark.parametrize("value", [None, 1, "x", [], [BUILD], {}, {"key": 5}, {"errors": []}])
def test_anything_else_is_no_build(value: Any) -> None:
    assert rows(value) == []


def test_a_build_is_found_under_the_key_of_its_context() -> None:
    key = SERVER.context_key("kustomization/apps/0c9c2e41")
    assert key == hashed_key("kustomization/apps/0c9c2e41")
    found = SERVER.newest(rows({**BUILD, "key": key}))
    assert set(found) == {key}


def test_a_build_has_no_second_page() -> None:
    link = {"Link": '<https://evil.example/?page=2>; rel="next"'}
    url = "https://bb.example/rest?key=a"
    assert SERVER.next_page(Answer(200, link, json.dumps(BUILD).encode(), url)) is None


def test_a_summary_makes_no_genre() -> None:
    assert SERVER.genre("prod") == ""


def test_a_write_replaces_the_build_of_its_key() -> None:
    assert SERVER.by_key is True
