from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from statusbot.forges.base import Answer, Row
from statusbot.forges.gitlab import GitLab
from statusbot.results.state import State

GITLAB = GitLab()
URL = "https://gitlab.example/api/v4/projects/g%2Fp/repository/commits/x/statuses?per_page=2"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ITEM = {
    "id": 7,
    "sha": "5f" * 20,
    "ref": "main",
    "status": "failed",
    "name": "kustomization/apps/0c9c2e41",
    "target_url": "https://x.example/",
    "description": "größer",
    "created_at": "2026-11-20T11:00:00.000Z",
    "started_at": None,
    "finished_at": "2026-11-20T13:00:00.000+01:00",
    "allow_failure": False,
    "coverage": None,
    "pipeline_id": 3,
}


def answer(value: Any, headers: dict[str, str] | None = None, url: str = URL) -> Answer:
    return Answer(200, headers or {}, json.dumps(value).encode(), url)


def row(**changes: Any) -> Row:
    (found,) = GITLAB.rows(answer([ITEM | changes]))
    return found


def test_a_row_in_full() -> None:
    name = "kustomization/apps/0c9c2e41"
    assert row() == Row(name, State.FAILURE, "größer", "https://x.example/", NOON, 7)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("pending", State.PENDING),
        ("running", State.PENDING),
        ("success", State.SUCCESS),
        ("failed", State.FAILURE),
        ("canceled", None),
        ("canceling", None),
        ("skipped", None),
        ("manual", None),
        ("created", None),
        ("failure", None),
        ("error", None),
        (None, None),
        (["failed"], None),
    ],
)
def test_the_states_of_rows(word: Any, state: State | None) -> None:
    assert row(status=word).state is state


@pytest.mark.parametrize("state", State)
def test_what_was_written_reads_as_the_same_class(state: State) -> None:
    repository = GITLAB.repository("https://gitlab.com/g/p")
    body = GITLAB.write(repository, "5f" * 20, Row("c", state)).body
    assert body is not None
    shown = row(status=body["state"]).state
    assert shown is not None and shown.same_class(state)


@pytest.mark.parametrize(
    ("started", "finished", "hour"),
    [(None, None, 11), ("2026-11-20T11:30:00Z", None, 11.5), ("2026-11-20T11:30:00Z", "2026-11-20T12:00:00Z", 12)],
)  # fmt: skip
def test_a_row_dates_from_its_last_step(
    started: str | None, finished: str | None, hour: float
) -> None:
    created = row(started_at=started, finished_at=finished).created
    assert created is not None
    assert created.hour + created.minute / 60 == hour


def test_what_is_null_is_empty() -> None:
    found = row(description=None, target_url=None, finished_at=None, created_at=None)
    assert (found.description, found.url, found.created) == ("", "", None)


@pytest.mark.parametrize("value", [None, 1, "x", {}, [], [1, None, "x"], {"message": "x"}])
def test_rows_of_anything_else_are_none(value: Any) -> None:
    assert GITLAB.rows(answer(value)) == []


def test_of_several_pipelines_the_highest_id_counts_in_whatever_order_they_come() -> None:
    rows = [row(id=number, pipeline_id=9 - number) for number in (2, 3, 1)]
    assert [found.id for found in GITLAB.newest(rows).values()] == [3]


def test_names_compare_exactly() -> None:
    names = ("a/B", "a/b", "a/b ")
    found = GITLAB.newest([Row(name, State.SUCCESS) for name in names])
    assert set(found) == {GITLAB.context_key(name) for name in names} == set(names)


LINKS = (
    '<https://gitlab.internal/api/v4/projects/1/x?page=2>; rel="next", '
    '<https://gitlab.internal/api/v4/projects/1/x?page=1>; rel="first", '
    '<https://gitlab.internal/api/v4/projects/1/x?page=9>; rel="last"'
)
LAST = LINKS.partition(", ")[2]


@pytest.mark.parametrize(
    ("headers", "more"),
    [
        ({"Link": LINKS, "X-Next-Page": "2"}, True),
        ({"Link": LINKS}, True),
        ({"X-Next-Page": "2"}, True),
        ({}, True),
        ({"Link": LAST, "X-Next-Page": ""}, False),
        ({"Link": LAST}, False),
        ({"X-Next-Page": ""}, False),
    ],
)
def test_whether_there_is_a_next_page(headers: dict[str, str], more: bool) -> None:
    url = GITLAB.next_page(answer([ITEM, ITEM], headers))
    assert url == (f"{URL}&page=2" if more else None)


def test_the_page_after_an_empty_one_is_none() -> None:
    assert GITLAB.next_page(answer([])) is None
