"""Whether a status is news to a ledger, and what is remembered of it: row by row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from statusbot.ledger.posted import (
    MESSAGE_CHANGES,
    MESSAGE_EVERY,
    New,
    Posted,
    Said,
    Settled,
    digest,
    found,
    judge,
    passed_over,
    refused,
    wrote,
)
from statusbot.results.state import State

NOW = 1_800_000_000.0
DAY = 86400.0
GREEN = Said(State.SUCCESS, "ReconciliationSucceeded", "t-green", NOW)
RED = Said(State.FAILURE, "HealthCheckFailed", "t-red", NOW)


def shown(said: Said, **changes: object) -> Posted:
    """``said`` as it was written ten minutes ago."""
    then = NOW - 600
    return replace(wrote(replace(said, when=then), None, now=then), **changes)  # type: ignore[arg-type]


def verdict(said: Said, posted: Posted | None, recheck: float = DAY) -> New | Settled:
    return judge(said, posted, now=NOW, recheck=recheck)


def test_what_is_not_known_is_news() -> None:
    assert isinstance(verdict(GREEN, None), New)


def test_what_is_posted_is_settled() -> None:
    assert verdict(GREEN, shown(GREEN)) == Settled("it is posted")


@pytest.mark.parametrize(("before", "now"), [(GREEN, RED), (RED, GREEN)])
def test_another_state_is_news(before: Said, now: Said) -> None:
    assert isinstance(verdict(now, shown(before)), New)


def test_another_reason_is_news() -> None:
    assert isinstance(verdict(replace(RED, reason="BuildFailed"), shown(RED)), New)


def test_failure_and_error_are_one_class() -> None:
    assert isinstance(verdict(replace(RED, state=State.ERROR), shown(RED)), Settled)


def test_an_older_observation_is_no_news_against_a_newer_one() -> None:
    older = replace(RED, when=NOW - 700)
    assert verdict(older, shown(GREEN)) == Settled(
        "a later result of this commit is posted", posted=False
    )


def test_within_the_second_of_what_is_posted_nobody_knows_which_came_first() -> None:
    posted = shown(GREEN, when=NOW + 0.9)
    assert isinstance(verdict(RED, posted), New)


def test_what_the_forge_will_never_take_is_settled_with_its_reason() -> None:
    posted = refused(GREEN, None, why="no such commit", now=NOW - 5)
    assert verdict(GREEN, posted) == Settled("no such commit", posted=False)


def test_another_state_is_tried_where_the_one_before_was_refused() -> None:
    assert isinstance(verdict(RED, refused(GREEN, None, why="no", now=NOW - 5)), New)


@pytest.mark.parametrize(("age", "new"), [(DAY - 1, False), (DAY, True)])
def test_a_current_status_is_compared_again_after_recheck(age: float, new: bool) -> None:
    answer = verdict(GREEN, shown(GREEN, checked=NOW - age))
    assert isinstance(answer, New) == new
    assert not new or (isinstance(answer, New) and answer.recheck)


def test_a_status_of_the_past_is_not_compared_again() -> None:
    said = replace(GREEN, current=False)
    assert isinstance(verdict(said, shown(GREEN, checked=NOW - 9 * DAY)), Settled)


@pytest.mark.parametrize(("age", "new"), [(MESSAGE_EVERY - 1, False), (MESSAGE_EVERY, True)])
def test_a_change_of_the_message_is_news_an_hour_after_the_last_write(
    age: float, new: bool
) -> None:
    posted = shown(RED, written=NOW - age)
    assert isinstance(verdict(replace(RED, text="another"), posted), New) == new


@pytest.mark.parametrize(
    ("rewrites", "new"), [(MESSAGE_CHANGES - 1, True), (MESSAGE_CHANGES, False)]
)
def test_a_change_of_the_message_is_news_twenty_times(rewrites: int, new: bool) -> None:
    posted = shown(RED, written=NOW - 2 * MESSAGE_EVERY, rewrites=rewrites)
    assert isinstance(verdict(replace(RED, text="another"), posted), New) == new


def test_a_result_without_its_message_is_no_change_of_the_message() -> None:
    posted = shown(RED, written=NOW - 2 * MESSAGE_EVERY)
    assert isinstance(verdict(replace(RED, text=""), posted), Settled)


def test_what_was_written_is_posted_as_said() -> None:
    posted = wrote(RED, None, now=NOW + 3)
    assert posted == Posted(
        State.FAILURE, "HealthCheckFailed", "t-red", NOW, NOW + 3, NOW + 3, 0, False, ""
    )


def test_writing_another_message_counts_as_a_rewrite() -> None:
    assert wrote(replace(RED, text="x"), shown(RED, rewrites=4), now=NOW).rewrites == 5


def test_writing_another_state_keeps_the_count_of_rewrites_of_the_commit() -> None:
    assert wrote(GREEN, shown(RED, rewrites=4), now=NOW).rewrites == 4


def test_a_correction_is_no_rewrite_and_is_remembered() -> None:
    posted = wrote(RED, shown(RED, rewrites=4), now=NOW, corrected=True)
    assert (posted.rewrites, posted.corrected) == (4, True)


def test_a_result_that_was_corrected_stays_so_when_its_message_changes() -> None:
    assert wrote(replace(RED, text="x"), shown(RED, corrected=True), now=NOW).corrected


def test_another_result_may_be_corrected_again() -> None:
    assert not wrote(GREEN, shown(RED, corrected=True), now=NOW).corrected


def test_what_is_written_after_a_refusal_is_not_refused_and_no_rewrite() -> None:
    posted = wrote(GREEN, refused(GREEN, None, why="no", now=NOW), now=NOW)
    assert (posted.refused, posted.rewrites) == ("", 0)


def test_what_is_found_first_is_known_since_its_row() -> None:
    posted = found(RED, None, now=NOW, since=NOW - 50, text="t-red")
    assert (posted.written, posted.checked, posted.when) == (NOW - 50, NOW, NOW)


def test_what_is_found_as_remembered_is_only_looked_at() -> None:
    before = shown(RED, corrected=True, rewrites=2)
    posted = found(RED, before, now=NOW, since=NOW - 50, text="t-red")
    assert posted == replace(before, when=NOW, checked=NOW)


def test_what_is_found_with_another_message_is_a_rewrite_that_was_not_remembered() -> None:
    before = shown(RED, rewrites=2)
    posted = found(RED, before, now=NOW, since=NOW - 50, text="other")
    assert (posted.text, posted.rewrites, posted.written) == ("other", 3, NOW - 50)


def test_what_is_found_in_place_of_another_result_is_no_rewrite() -> None:
    posted = found(GREEN, shown(RED, rewrites=2), now=NOW, since=NOW - 50, text="t-green")
    assert (posted.state, posted.rewrites) == (State.SUCCESS, 2)


def test_what_is_found_never_makes_what_is_known_older() -> None:
    posted = found(replace(RED, when=NOW - 900), shown(RED), now=NOW, since=NOW, text="t-red")
    assert posted.when == NOW - 600


def test_what_was_passed_over_is_news_to_an_alert_that_asks_for_it() -> None:
    assert isinstance(verdict(GREEN, passed_over(GREEN, None, now=NOW - 9)), New)


def test_a_digest_takes_any_text() -> None:
    assert len(digest("\ud800 größer")) == 16
