from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.support.forge_contract import Subject

UNKNOWN = "de" * 20
MANY = 130


@pytest.fixture(scope="module")
def many(subject: Subject) -> str:
    """A commit with 130 contexts of one row each, c000 to c129."""
    sha = subject.commit
    for number in range(MANY):
        state = "success" if number % 2 else "failure"
        assert subject.write(sha, context=f"c{number:03}", state=state).status_code == 201
    return sha


@pytest.fixture(scope="module")
def one_context(subject: Subject) -> str:
    """A commit with 300 rows of one context, then 3 of another."""
    sha = subject.commit
    for number in range(303):
        context = "one" if number < 300 else "two"
        assert subject.write(sha, context=context, description=str(number)).status_code == 201
    return sha


def pages(subject: Subject, path: str, **query: str | int) -> Iterator[requests.Response]:
    answer = subject.send("GET", path, params=query)
    yield answer
    while "next" in answer.links:
        url = urlsplit(answer.links["next"]["url"])
        assert f"{url.scheme}://{url.netloc}" == subject.url
        answer = subject.send("GET", path, params=url.query)
        yield answer


def numbers(answer: requests.Response) -> dict[str, str]:
    return {
        relation: parse_qs(urlsplit(link["url"]).query)["page"][0]
        for relation, link in answer.links.items()
    }


def ids(answer: requests.Response) -> list[int]:
    value = answer.json()
    return [row["id"] for row in (value if isinstance(value, list) else value["statuses"] or [])]


# --- a commit without statuses, and what does not exist


def test_a_commit_without_statuses_has_an_empty_list(subject: Subject) -> None:
    answer = subject.send("GET", f"commits/{subject.commit}/statuses")
    assert (answer.json(), answer.headers["X-Total-Count"], answer.links) == ([], "0", {})


def test_a_commit_without_statuses_is_pending_with_null_for_a_list(subject: Subject) -> None:
    sha = subject.commit
    value = subject.combined(sha)
    assert (value["state"], value["statuses"], value["total_count"]) == ("pending", None, 0)
    assert value["sha"] == sha


@pytest.mark.parametrize("what", ["status", "statuses"])
@pytest.mark.parametrize("sha", [UNKNOWN, "nope"])
def test_an_unknown_commit_is_not_found(subject: Subject, what: str, sha: str) -> None:
    answer = subject.send("GET", f"commits/{sha}/{what}")
    assert answer.status_code == 404
    assert answer.json()["message"] == "not found"
    assert answer.json()["errors"] == [f"object does not exist [id: {sha}, rel_path: ]"]


def test_by_its_bare_sha_an_unknown_commit_has_an_empty_list(subject: Subject) -> None:
    answer = subject.send("GET", f"statuses/{UNKNOWN}")
    assert (answer.status_code, answer.json()) == (200, [])


def test_a_sha_in_upper_case_cannot_be_read(subject: Subject) -> None:
    sha = subject.commit
    subject.write(sha)
    assert subject.send("GET", f"commits/{sha.upper()}/statuses").status_code == 404
    assert subject.send("GET", f"statuses/{sha.upper()}").json() == []


def test_an_unknown_repository_is_not_found(subject: Subject) -> None:
    answer = subject.send("GET", f"commits/{UNKNOWN}/status", repository="acme/none")
    assert (answer.status_code, answer.json()["message"]) == (404, "not found")


def test_an_unknown_path_is_a_plain_text(subject: Subject) -> None:
    answer = requests.get(f"{subject.url}/api/v1/nothing", timeout=30)
    assert (answer.status_code, answer.text) == (404, "404 page not found\n")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


# --- the list of all rows


def test_a_page_has_thirty_rows_unless_told(subject: Subject, many: str) -> None:
    assert len(subject.rows(many)) == 30


@pytest.mark.parametrize(
    ("limit", "size"), [("50", 50), ("51", 50), ("0", 30), ("-1", 30), ("x", 30)]
)
def test_a_page_has_fifty_rows_at_most(subject: Subject, many: str, limit: str, size: int) -> None:
    assert len(subject.rows(many, limit=limit)) == size


def test_every_page_says_how_many_rows_there_are(subject: Subject, many: str) -> None:
    answers = list(pages(subject, f"commits/{many}/statuses", limit=50))
    assert [answer.headers["X-Total-Count"] for answer in answers] == ["130"] * 3


def test_the_links_lead_through_all_pages(subject: Subject, many: str) -> None:
    answers = list(pages(subject, f"commits/{many}/statuses", limit=50))
    assert [numbers(answer) for answer in answers] == [
        {"next": "2", "last": "3"},
        {"next": "3", "last": "3", "first": "1", "prev": "1"},
        {"first": "1", "prev": "2"},
    ]


def test_the_links_are_whole_addresses_with_the_parameters_in_order(
    subject: Subject, many: str
) -> None:
    answer = subject.send("GET", f"commits/{many}/statuses", params={"sort": "oldest", "limit": 50})
    base = f"{subject.url}/api/v1/repos/{subject.repository}/commits/{many}/statuses"
    assert answer.headers["Link"] == (
        f'<{base}?limit=50&page=2&sort=oldest>; rel="next",'
        f'<{base}?limit=50&page=3&sort=oldest>; rel="last"'
    )


def test_a_page_behind_the_last_is_empty_and_links_as_the_last_does(
    subject: Subject, many: str
) -> None:
    answer = subject.send("GET", f"commits/{many}/statuses", params={"limit": 50, "page": 9})
    assert (answer.json(), numbers(answer)) == ([], {"first": "1", "prev": "2"})


def test_all_pages_together_hold_every_row_once(subject: Subject, one_context: str) -> None:
    answers = pages(subject, f"commits/{one_context}/statuses", limit=50)
    assert sorted(every_id(answers)) == list(range(1, 304))


def every_id(answers: Iterator[requests.Response]) -> list[int]:
    return [number for answer in answers for number in ids(answer)]


def test_without_an_order_the_newest_second_comes_first(subject: Subject, many: str) -> None:
    answers = list(pages(subject, f"commits/{many}/statuses", limit=50))
    times = [row["created_at"] for answer in answers for row in answer.json()]
    assert times == sorted(times, reverse=True)


def test_without_an_order_rows_of_one_second_come_oldest_first(subject: Subject, many: str) -> None:
    answers = list(pages(subject, f"commits/{many}/statuses", limit=50))
    rows = [row for answer in answers for row in answer.json()]
    newest = [row["id"] for row in rows if row["created_at"] == rows[0]["created_at"]]
    assert newest == sorted(newest)


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("leastindex", [130, 129, 128]),
        ("highestindex", [1, 2, 3]),
        ("oldest", [1, 2, 3]),
        ("leastupdate", [1, 2, 3]),
    ],
)
def test_the_names_of_the_orders_mislead(
    subject: Subject, many: str, sort: str, first: list[int]
) -> None:
    assert [row["id"] for row in subject.rows(many, sort=sort, limit=3)] == first


@pytest.mark.parametrize("sort", ["recentupdate", "nonsense"])
def test_other_orders_are_that_of_none(subject: Subject, many: str, sort: str) -> None:
    assert subject.rows(many, sort=sort) == subject.rows(many)


def test_by_its_bare_sha_a_commit_has_the_same_list(subject: Subject, many: str) -> None:
    answer = subject.send("GET", f"statuses/{many}", params={"sort": "leastindex", "limit": 5})
    assert answer.json() == subject.rows(many, sort="leastindex", limit=5)
    assert f"/statuses/{many}?limit=5&page=2&sort=leastindex" in answer.headers["Link"]


def test_a_list_can_be_narrowed_to_one_state(subject: Subject, many: str) -> None:
    answer = subject.send("GET", f"commits/{many}/statuses", params={"state": "failure"})
    assert answer.headers["X-Total-Count"] == "65"
    assert {row["status"] for row in answer.json()} == {"failure"}


@pytest.mark.parametrize("state", ["skipped", "nonsense"])
def test_an_unknown_state_does_not_narrow_the_list(subject: Subject, many: str, state: str) -> None:
    answer = subject.send("GET", f"commits/{many}/statuses", params={"state": state})
    assert answer.headers["X-Total-Count"] == "130"


# --- the newest row of each context


def test_only_the_newest_row_of_a_context_is_combined(subject: Subject, one_context: str) -> None:
    rows = subject.combined(one_context)["statuses"]
    assert [(row["context"], row["description"]) for row in rows] == [
        ("one", "299"),
        ("two", "302"),
    ]


def test_a_combined_row_has_all_that_a_listed_one_has(subject: Subject) -> None:
    sha = subject.commit
    stored = subject.write(sha, description="d", target_url="https://e.example/").json()
    assert subject.combined(sha)["statuses"] == [stored]


def test_contexts_that_differ_in_case_are_two(subject: Subject) -> None:
    sha = subject.commit
    for context in ("CI", "ci"):
        subject.write(sha, context=context)
    assert [row["context"] for row in subject.combined(sha)["statuses"]] == ["CI", "ci"]


def test_combined_pages_hold_every_context_once(subject: Subject, many: str) -> None:
    answers = pages(subject, f"commits/{many}/status", limit=50)
    assert sorted(every_id(answers)) == list(range(1, 131))


def test_combined_pages_go_from_the_newest_back_each_in_the_order_of_storing(
    subject: Subject, many: str
) -> None:
    answers = list(pages(subject, f"commits/{many}/status", limit=50))
    assert [ids(answer) for answer in answers] == [
        list(range(81, 131)),
        list(range(31, 81)),
        list(range(1, 31)),
    ]


def test_a_combined_page_counts_its_own_rows_and_the_header_all_contexts(
    subject: Subject, many: str
) -> None:
    answers = list(pages(subject, f"commits/{many}/status", limit=50))
    assert [answer.json()["total_count"] for answer in answers] == [50, 50, 30]
    assert {answer.headers["X-Total-Count"] for answer in answers} == {"130"}


def test_a_context_stored_again_moves_to_the_first_page(subject: Subject) -> None:
    sha = subject.commit
    for context in ("a", "b", "c", "a"):
        subject.write(sha, context=context)
    first = subject.combined(sha, limit=1)["statuses"]
    assert [(row["id"], row["context"]) for row in first] == [(4, "a")]


@pytest.mark.parametrize(
    ("states", "combined"),
    [
        (["success", "success"], "success"),
        (["success", "skipped"], "success"),
        (["success", "pending"], "pending"),
        (["success", "nonsense"], "pending"),
        (["success", "failure"], "failure"),
        (["pending", "error"], "failure"),
        (["success", "warning"], "failure"),
    ],
)
def test_the_worst_state_is_the_combined_one(
    subject: Subject, states: list[str], combined: str
) -> None:
    sha = subject.commit
    for number, state in enumerate(states):
        subject.write(sha, context=str(number), state=state)
    assert subject.combined(sha)["state"] == combined


def test_the_combined_state_is_that_of_the_page(subject: Subject) -> None:
    sha = subject.commit
    for context, state in (("old", "failure"), ("new", "success")):
        subject.write(sha, context=context, state=state)
    assert [subject.combined(sha, limit=1, page=page)["state"] for page in (1, 2, 3)] == [
        "success",
        "failure",
        "pending",
    ]


def test_a_combined_answer_names_its_repository_and_its_addresses(subject: Subject) -> None:
    sha = subject.commit
    value = subject.combined(sha)
    base = f"{subject.url}/api/v1/repos/{subject.repository}/commits/{sha}"
    assert value["repository"]["full_name"] == subject.repository
    assert (value["commit_url"], value["url"]) == (base, f"{base}/status")
