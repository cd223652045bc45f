from __future__ import annotations

import pytest

from statusbot.forges.azuredevops import AzureDevOps
from statusbot.forges.base import Row
from statusbot.results.state import State

SHA = "5f" * 20
AZURE = AzureDevOps()
REPOSITORY = AZURE.repository("https://dev.azure.com/Org/My%20Proj/_git/Gr%C3%B6%C3%9Fe")
STATUSES = (
    "https://dev.azure.com/Org/My%20Proj/_apis/git/repositories/Gr%C3%B6%C3%9Fe"
    f"/commits/{SHA}/statuses"
)
FULL = Row(
    "kustomization/apps/0c9c2e41",
    State.FAILURE,
    "health check failed",
    "https://x.example/",
    genre="fluxcd:prod",
    id=7,
)


def test_a_write_posts_to_the_statuses_of_the_commit_in_one_version() -> None:
    request = AZURE.write(REPOSITORY, SHA, FULL)
    assert (request.method, request.url) == ("POST", f"{STATUSES}?api-version=6.0")


def test_a_write_has_all_fields_by_the_names_of_the_api_and_no_id() -> None:
    assert AZURE.write(REPOSITORY, SHA, FULL).body == {
        "state": "error",
        "description": "health check failed",
        "targetUrl": "https://x.example/",
        "context": {"name": "kustomization/apps/0c9c2e41", "genre": "fluxcd:prod"},
    }


def test_a_write_leaves_out_what_is_empty() -> None:
    body = AZURE.write(REPOSITORY, SHA, Row("c", State.PENDING, genre="fluxcd")).body
    assert body == {"state": "pending", "context": {"name": "c", "genre": "fluxcd"}}


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (State.SUCCESS, "succeeded"),
        (State.FAILURE, "error"),
        (State.ERROR, "error"),
        (State.PENDING, "pending"),
    ],
)
def test_a_state_is_written_in_fluxs_word_for_it(state: State, word: str) -> None:
    body = AZURE.write(REPOSITORY, SHA, Row("c", state)).body
    assert body is not None and body["state"] == word


def test_a_read_asks_for_the_newest_rows_a_thousand_at_once() -> None:
    (request,) = AZURE.reads(REPOSITORY, SHA, {"a", "b"})
    query = "top=1000&skip=0&latestOnly=true&api-version=6.0"
    assert (request.method, request.url) == ("GET", f"{STATUSES}?{query}")


def test_a_login_that_is_not_accepted_is_to_be_told_so_instead_of_a_page() -> None:
    (read,) = AZURE.reads(REPOSITORY, SHA, ())
    for request in (read, AZURE.write(REPOSITORY, SHA, FULL)):
        assert request.headers == {
            "Accept": "application/json",
            "X-TFS-FedAuthRedirect": "Suppress",
        }


def test_a_name_with_git_at_its_end_is_asked_for_with_it() -> None:
    repository = AZURE.repository("https://dev.azure.com/o/p/_git/r.git")
    assert "/repositories/r.git/commits/" in AZURE.write(repository, SHA, FULL).url


@pytest.mark.parametrize(
    ("summary", "genre"), [("", "fluxcd"), ("prod", "fluxcd:prod"), ("a b", "fluxcd:a b")]
)
def test_the_genre_is_fluxs(summary: str, genre: str) -> None:
    assert AZURE.genre(summary) == genre


def test_a_text_is_as_long_as_dot_net_counts_it() -> None:
    assert [AZURE.length(text) for text in ("", "ä", "😀")] == [0, 1, 2]


def test_repeating_a_write_doubles_the_row() -> None:
    assert AZURE.by_key is False


def test_azure_publishes_no_limit_for_writes() -> None:
    assert AZURE.write_limits(REPOSITORY) == ()
