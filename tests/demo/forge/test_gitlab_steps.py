"""GitLab's machine of states, and its pipelines; see the dialect for their sources."""

from __future__ import annotations

import pytest

from statusbot.demo.forge import EmbeddedForge
from tests.support.forge import REPOSITORY, SHA, Clock, forge
from tests.support.forge_gitlab import read, shown, write

__all__ = ["forge"]

STATES = ("pending", "running", "success", "failed", "canceled", "skipped")


@pytest.mark.parametrize("state", STATES)
def test_a_first_write_may_have_every_state(forge: EmbeddedForge, state: str) -> None:
    answer = write(forge, state)
    assert (answer.status_code, answer.json()["status"]) == (201, state)


@pytest.mark.parametrize(
    ("before", "state", "event"),
    [
        ("pending", "pending", "enqueue"),
        ("running", "pending", "enqueue"),
        ("running", "running", "run"),
        ("running", "skipped", "skip"),
    ],
)
def test_a_step_that_there_is_not_is_a_bad_request_and_saves_nothing(
    forge: EmbeddedForge, before: str, state: str, event: str
) -> None:
    write(forge, before, description="old")
    answer = write(forge, state, description="new")
    message = (
        f"Cannot transition status via :{event} from :{before}"
        f' (Reason(s): Status cannot transition via "{event}")'
    )
    assert (answer.status_code, answer.json()) == (400, {"message": message})
    assert [(row["status"], row["description"]) for row in read(forge).json()] == [(before, "old")]


@pytest.mark.parametrize(
    ("before", "state"),
    [("pending", state) for state in STATES[1:]] + [("running", state) for state in STATES[2:5]],
)
def test_what_has_not_ended_is_written_over(forge: EmbeddedForge, before: str, state: str) -> None:
    first = write(forge, before).json()["id"]
    assert write(forge, state).json()["id"] == first
    assert shown(forge, "status", all="true") == [state]


@pytest.mark.parametrize("before", STATES[2:])
@pytest.mark.parametrize("state", STATES)
def test_what_has_ended_is_hidden_by_a_new_row(
    forge: EmbeddedForge, before: str, state: str
) -> None:
    write(forge, before)
    assert write(forge, state).status_code == 201
    assert shown(forge, "status") == [state]
    assert shown(forge, "status", all="true") == [before, state]


def test_a_write_over_keeps_what_it_leaves_out(forge: EmbeddedForge) -> None:
    write(forge, "pending", description="d", target_url="https://x.example/")
    row = write(forge, "success", description="").json()
    assert (row["description"], row["target_url"]) == ("d", "https://x.example/")


def test_a_row_that_is_written_over_keeps_its_time_of_creation(forge: EmbeddedForge) -> None:
    assert isinstance(forge.clock, Clock)
    assert write(forge, "pending").json()["finished_at"] is None
    forge.clock.advance(seconds=90.7)
    row = write(forge, "success").json()
    assert row["created_at"] == "2026-11-20T12:00:00.000Z"
    assert row["finished_at"] == "2026-11-20T12:01:30.000Z"


def test_a_running_row_says_since_when(forge: EmbeddedForge) -> None:
    row = write(forge, "running").json()
    assert (row["started_at"], row["finished_at"]) == ("2026-11-20T12:00:00.000Z", None)


def test_each_write_is_remembered_also_one_over_a_row(forge: EmbeddedForge) -> None:
    for state in ("pending", "running", "success"):
        write(forge, state)
    assert [stored.row.state for stored in forge.stored] == ["pending", "running", "success"]
    assert [row.state for row in forge.rows(REPOSITORY, SHA)] == ["success"]


def test_each_branch_has_a_pipeline_with_a_row_of_the_name(forge: EmbeddedForge) -> None:
    write(forge, "failed")
    write(forge, "success", ref="other")
    write(forge, "success", ref="main", name="d")
    rows = [(row["ref"], row["name"], row["status"]) for row in read(forge).json()]
    assert rows == [("main", "c", "failed"), ("other", "c", "success"), ("main", "d", "success")]
    pipelines = shown(forge, "pipeline_id")
    assert pipelines[0] == pipelines[2] != pipelines[1]


def test_a_write_without_a_branch_goes_to_the_newest_pipeline(forge: EmbeddedForge) -> None:
    write(forge, ref="main")
    write(forge, ref="other")
    assert write(forge, "failed").json()["ref"] == "other"


def test_a_write_may_name_its_pipeline(forge: EmbeddedForge) -> None:
    pipeline = write(forge).json()["pipeline_id"]
    write(forge, ref="other")
    answer = write(forge, "failed", pipeline_id=pipeline)
    assert (answer.json()["ref"], answer.json()["pipeline_id"]) == ("main", pipeline)


@pytest.mark.parametrize("ref", [None, "other"])
def test_a_pipeline_that_is_none_of_the_branchs_is_not_found(
    forge: EmbeddedForge, ref: str | None
) -> None:
    first = write(forge).json()["pipeline_id"]
    answer = write(forge, pipeline_id=first if ref else first + 1, ref=ref)
    message = "404 Pipeline for pipeline_id, sha and ref Not Found"
    assert (answer.status_code, answer.json()) == (404, {"message": message})
