from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from statusbot.errors import StatusbotError
from statusbot.forges import forge_of
from statusbot.forges.base import Answer, Row
from statusbot.results.state import State

GITHUB = forge_of("github")
GITEA = forge_of("gitea")
URL = "https://forge.example/api/statuses?limit=2"


def answer(value: Any, headers: dict[str, str] | None = None, url: str = URL) -> Answer:
    return Answer(200, headers or {}, json.dumps(value).encode(), url)


def rows(count: int) -> list[dict[str, Any]]:
    return [{"context": f"c{n}", "status": "success", "id": n} for n in range(count)]


def test_a_row_of_github_in_full() -> None:
    item = {
        "context": "ci/x",
        "state": "error",
        "description": "größer",
        "target_url": "https://x.example/",
        "created_at": "2026-11-20T12:00:00Z",
        "id": 7,
    }
    when = datetime(2026, 11, 20, 12, tzinfo=UTC)
    expected = Row("ci/x", State.ERROR, "größer", "https://x.example/", when, 7)
    assert GITHUB.rows(answer({"statuses": [item]})) == [expected]


def test_gitea_says_status_where_requests_say_state() -> None:
    assert GITEA.rows(answer([{"context": "c", "status": "failure"}]))[0].state is State.FAILURE


def test_giteas_own_states_are_none_of_ours() -> None:
    assert GITEA.rows(answer([{"context": "c", "status": "warning"}]))[0].state is None


def test_what_a_forge_gives_as_null_is_empty() -> None:
    item = {"context": "c", "state": "success", "description": None, "target_url": None}
    row = GITHUB.rows(answer({"statuses": [item]}))[0]
    assert (row.description, row.url, row.created, row.id) == ("", "", None, 0)


@pytest.mark.parametrize("value", [None, 1, "x", [], [1, None], {}, {"statuses": 3 * [None]}])
def test_rows_of_anything_else_are_none(value: Any) -> None:
    assert (GITHUB.rows(answer(value)), GITEA.rows(answer(value))) == ([], [])


def test_github_compares_contexts_without_case() -> None:
    found = GITHUB.newest([Row("CI/X", State.SUCCESS, id=2), Row("ci/x", State.FAILURE, id=1)])
    assert found == {"ci/x": Row("CI/X", State.SUCCESS, id=2)}


def test_gitea_compares_contexts_exactly_but_for_white_space_around_them() -> None:
    found = GITEA.newest([Row("X", State.SUCCESS, id=2), Row(" x ", State.FAILURE, id=1)])
    assert set(found) == {"X", "x"}


def test_the_highest_id_counts_in_whatever_order_rows_come() -> None:
    one, two, three = (Row("c", State.PENDING, id=n) for n in (1, 2, 3))
    assert GITEA.newest([two, three, one]) == {"c": three}


def test_a_link_header_with_a_next_page_leads_to_our_next_page() -> None:
    link = '<https://root-url.example/api?page=2>; rel="next",<https://root-url.example/?page=9>; rel="last"'
    assert GITEA.next_page(answer(rows(2), {"Link": link})) == f"{URL}&page=2"


def test_a_link_header_never_leads_to_another_host() -> None:
    url = GITEA.next_page(answer(rows(2), {"Link": '<https://evil.example/?page=2>; rel="next"'}))
    assert url is not None and url.startswith("https://forge.example/")


def test_a_link_header_without_a_next_page_ends_the_list() -> None:
    link = (
        '<https://forge.example/?page=1>; rel="first",<https://forge.example/?page=1>; rel="prev"'
    )
    assert GITEA.next_page(answer(rows(2), {"Link": link}, f"{URL}&page=2")) is None


@pytest.mark.parametrize(("total", "more"), [("2", False), ("3", True)])
def test_without_a_link_header_giteas_total_decides(total: str, more: bool) -> None:
    assert bool(GITEA.next_page(answer(rows(2), {"X-Total-Count": total}))) is more


@pytest.mark.parametrize(("total", "more"), [(2, False), (3, True)])
def test_without_a_link_header_githubs_total_decides(total: int, more: bool) -> None:
    page = answer({"statuses": rows(2), "total_count": total})
    assert bool(GITHUB.next_page(page)) is more


def test_without_link_header_and_total_only_an_empty_page_is_the_last() -> None:
    assert GITEA.next_page(answer(rows(2)))
    assert GITEA.next_page(answer([])) is None


def test_an_endless_list_is_an_error() -> None:
    link = {"Link": '<https://forge.example/>; rel="next"'}
    with pytest.raises(StatusbotError, match="more than 1000 pages"):
        GITEA.next_page(answer(rows(2), link, f"{URL}&page=1000"))


@pytest.mark.parametrize("page", ["", "x", "-1", "²", "9" * 5000])
def test_an_address_without_a_number_is_the_first_page(page: str) -> None:
    """A forge may redirect a read to wherever it likes on its own host."""
    url = GITEA.next_page(answer(rows(2), url=f"{URL}&page={page}"))
    assert url == f"{URL}&page=2"


@pytest.mark.parametrize("total", ["-1", "x", "²", "9" * 5000])
def test_a_total_that_is_no_number_is_none(total: str) -> None:
    assert GITEA.next_page(answer(rows(2), {"X-Total-Count": total}))


@pytest.mark.parametrize("statuses", [7, True, "x", {"a": 1}, None])
def test_what_is_no_list_of_githubs_holds_no_rows(statuses: Any) -> None:
    assert GITHUB.rows(answer({"statuses": statuses})) == []
