from __future__ import annotations

from typing import Any

import pytest

from statusbot.demo.show.frame import Shown
from statusbot.demo.show.words import clock, cost, not_posted, poll_line, status_of, step_lines
from tests.support.recordings import C1, C2, step

LABELS = {C1: "c1"}


def report(*statuses: dict[str, Any], read: int = 0, write: int = 0) -> dict[str, Any]:
    posted = sum(status["outcome"] == "posted" for status in statuses)
    return {
        "counts": {"posted": posted},
        "forge_calls": {"read": read, "write": write},
        "statuses": list(statuses),
    }


def status(outcome: str, why: str | None = None, commit: str | None = C1) -> dict[str, Any]:
    return {"commit": commit, "state": "success", "outcome": outcome, "why": why}


def test_a_step_names_its_commit_behind_its_label() -> None:
    lines = step_lines([step(0, "commit c1 (not pushed yet)", C1)], 3)
    assert lines == ["  +3 s  commit c1 11111111 (not pushed yet)"]


def test_a_step_without_a_commit_is_as_it_was_written() -> None:
    assert step_lines([step(0, "forge answers again")], 52) == [" +52 s  forge answers again"]


def test_the_end_of_a_recording_is_no_news() -> None:
    assert step_lines([step(0, "settling")], 1) == []


def test_a_poll_names_what_it_posted() -> None:
    line = poll_line(report(status("posted"), read=1, write=1), 2, 15, LABELS)
    assert line == " +15 s  poll 2: c1 success (1 read, 1 write)"


def test_a_poll_says_why_it_did_not_post() -> None:
    line = poll_line(report(status("error", "it is down"), read=2), 2, 15, LABELS)
    assert line == " +15 s  poll 2: c1 not posted: it is down (2 reads)"


def test_a_poll_names_a_commit_of_another_scene_by_its_digits() -> None:
    line = poll_line(report(status("deferred", "later", C2), read=1), 2, 15, LABELS)
    assert "22222222 deferred: later" in line


def test_a_problem_without_a_commit_is_told_too() -> None:
    line = poll_line(report(status("error", "no such Secret", None)), 2, 15, LABELS)
    assert "? not posted: no such Secret" in line


def test_a_poll_without_news_asks_no_forge() -> None:
    line = poll_line(report(), 3, 25, LABELS)
    assert line == " +25 s  poll 3: nothing new (the forge is not asked)"


def test_what_a_server_said_cannot_move_the_cursor() -> None:
    line = poll_line(report(status("error", "a\x1b[2Jb")), 1, 5, LABELS)
    assert "\x1b" not in line


@pytest.mark.parametrize("outcome", ["error", "deferred"])
def test_what_was_not_posted_is_known_by_commit(outcome: str) -> None:
    assert not_posted(report(status(outcome, "it is down"))) == {C1: "not posted: it is down"}


@pytest.mark.parametrize("outcome", ["posted", "skipped"])
def test_what_was_posted_or_needs_no_status_is_not_missing(outcome: str) -> None:
    assert not_posted(report(status(outcome))) == {}


def test_a_polls_cost_is_what_it_wrote_and_read() -> None:
    assert cost(report(read=3)) == "0 new, 0 writes, 3 reads"


def test_seconds_stand_in_a_column() -> None:
    assert (clock(5), clock(15), clock(115)) == ("  +5 s", " +15 s", "+115 s")


def shown(state: str = "", description: str = "", right: bool | None = None) -> Shown:
    return Shown("c1", C1, "small/apps", "Ready", state, description, None, right)


def test_a_status_shows_its_description() -> None:
    assert status_of(shown("success", "applied", right=True)) == "applied"


def test_while_a_status_is_missing_the_reason_is_shown() -> None:
    assert status_of(shown(description="not posted: it is down")) == "not posted: it is down"


def test_where_nothing_is_claimed_the_end_says_why() -> None:
    assert "nothing is claimed" in status_of(shown(right=True))


def test_a_status_that_is_missing_in_the_end_is_not_explained_away() -> None:
    assert status_of(shown(right=False)) == ""
