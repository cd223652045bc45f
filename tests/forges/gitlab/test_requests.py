"""What GitLab is asked: paths, names of fields, words of states."""

from __future__ import annotations

import pytest

from statusbot.forges.base import Row
from statusbot.forges.gitlab import GitLab
from statusbot.results.state import State

GITLAB = GitLab()
SHA = "5f" * 20
NAMED = GITLAB.repository("https://gitlab.com/acme/platform/fleet")
NUMBERED = GITLAB.repository("https://gitlab.example/1234")
FULL = Row("kustomization/apps/0c9c2e41", State.FAILURE, "größer", "https://x.example/")


def test_a_write_names_the_project_by_its_path_as_one_segment() -> None:
    request = GITLAB.write(NAMED, SHA, FULL)
    assert request.method == "POST"
    root = "https://gitlab.com/api/v4/projects/acme%2Fplatform%2Ffleet"
    assert request.url == f"{root}/statuses/{SHA}"


def test_a_write_names_the_project_by_its_number() -> None:
    request = GITLAB.write(NUMBERED, SHA, FULL)
    assert request.url == f"https://gitlab.example/api/v4/projects/1234/statuses/{SHA}"


def test_a_write_carries_all_four_fields_by_the_names_of_the_api() -> None:
    assert GITLAB.write(NAMED, SHA, FULL).body == {
        "state": "failed",
        "name": "kustomization/apps/0c9c2e41",
        "description": "größer",
        "target_url": "https://x.example/",
    }


def test_a_write_leaves_out_what_is_empty() -> None:
    assert GITLAB.write(NAMED, SHA, Row("c", State.PENDING)).body == {
        "state": "pending",
        "name": "c",
    }


@pytest.mark.parametrize(("length", "sent"), [(255, True), (256, False)])
def test_a_url_that_is_too_long_is_left_out(length: int, sent: bool) -> None:
    url = "https://x.example/".ljust(length, "x")
    body = GITLAB.write(NAMED, SHA, Row("c", State.SUCCESS, "d", url)).body
    assert body is not None
    assert ("target_url" in body) is sent


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (State.PENDING, "pending"),
        (State.SUCCESS, "success"),
        (State.FAILURE, "failed"),
        (State.ERROR, "failed"),
    ],
)
def test_the_states_in_gitlabs_words_as_flux_writes_them(state: State, word: str) -> None:
    body = GITLAB.write(NAMED, SHA, Row("c", state)).body
    assert body is not None
    assert body["state"] == word


def test_one_read_shows_all_contexts_newest_first_with_the_largest_page() -> None:
    (request,) = GITLAB.reads(NAMED, SHA, {"a", "b"})
    root = "https://gitlab.com/api/v4/projects/acme%2Fplatform%2Ffleet"
    assert (request.method, request.body) == ("GET", None)
    assert request.url == f"{root}/repository/commits/{SHA}/statuses?sort=desc&per_page=100"


def test_only_gitlab_com_publishes_a_limit() -> None:
    assert GITLAB.write_limits(NAMED) == ((2000, 60.0),)
    assert GITLAB.write_limits(NUMBERED) == ()


def test_limits_are_counted_in_code_points() -> None:
    assert (GITLAB.length("ä😀"), GITLAB.description_limit, GITLAB.context_limit) == (2, 255, 255)


def test_a_write_replaces_no_row_by_key() -> None:
    assert GITLAB.by_key is False


def test_there_is_no_genre() -> None:
    assert GITLAB.genre("summary") == ""
