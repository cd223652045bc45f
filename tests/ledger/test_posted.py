"""Whether a status is news to a ledger, and what is remembered of it: row by row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from statusbot.ledger.posted import (
    MESSAGE_CHANGES,
    MESSAGE_EVERY,
    ONCE_GREEN,
    New,
    Pledge,
    Posted,
    Said,
    Settled,
    digest,
    found,
    judge,
    passed_over,
    refused,
    stands,
    wrote,
)
from statusbot.results.state import SUPERSEDED, State

NOW = 1_800_000_000.0
DAY = 86400.0
GREEN = Said(State.SUCCESS, "ReconciliationSucceeded", "t-green", NOW)
RED = Said(State.FAILURE, "HealthCheckFailed", "t-red", NOW)


WAITS = Said(State.PENDING, "DependencyNotReady", "t-waits", NOW)
OVER = Said(State.ERROR, SUPERSEDED, "t-over", NOW)
OVER_GREEN = replace(OVER, state=State.SUCCESS)


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


@pytest.mark.parametrize(("said", "otherwise"), [(RED, NOW - 60), (GREEN, NOW - 120)])
def test_what_was_otherwise_meanwhile_is_looked_at_once(said: Said, otherwise: float) -> None:
    again = replace(said, otherwise=otherwise, reconciled=NOW - 60)
    before = shown(replace(said, reconciled=NOW - 900))
    assert verdict(again, before) == New("it was otherwise meanwhile", recheck=True)
    noted = found(again, before, now=NOW, since=NOW - 600, text=again.text)
    assert verdict(again, noted) == Settled("it is posted")


def test_what_was_otherwise_before_it_was_posted_is_settled() -> None:
    before = replace(GREEN, otherwise=NOW - 900, reconciled=NOW - 900)
    assert verdict(replace(before, reconciled=NOW - 60), shown(before)) == Settled("it is posted")


@pytest.mark.parametrize(("before", "now"), [(GREEN, RED), (RED, GREEN)])
def test_another_state_is_news(before: Said, now: Said) -> None:
    assert isinstance(verdict(now, shown(before)), New)


def test_another_reason_is_news() -> None:
    assert isinstance(verdict(replace(RED, reason="BuildFailed"), shown(RED)), New)


def test_a_green_commit_does_not_turn_red_since_flux_waits_for_it_again() -> None:
    lasting = replace(RED, reason="ArtifactFailed", lasting=True)
    assert verdict(lasting, shown(GREEN)) == Settled(ONCE_GREEN, posted=False)
    assert isinstance(verdict(lasting, shown(OVER_GREEN)), New)
    assert isinstance(verdict(GREEN, shown(lasting)), New)


def test_a_red_is_remembered_with_its_commit_until_it_is_green() -> None:
    red = replace(RED, red=("commit", "revision"))
    assert wrote(red, None, now=NOW).red == ("commit", "revision")
    assert found(red, None, now=NOW, since=NOW, text="").red == ("commit", "revision")
    assert found(red, shown(RED), now=NOW, since=NOW, text="").red == ("commit", "revision")
    assert wrote(GREEN, shown(red), now=NOW).red == ()


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
    posted = found(RED, before, now=NOW, since=NOW - 600, text="t-red")
    assert posted == replace(before, when=NOW, checked=NOW)


def test_what_is_found_later_than_remembered_was_written_then() -> None:
    """Another message was there meanwhile, and a run that was killed put this one back."""
    assert found(RED, shown(RED), now=NOW, since=NOW - 50, text="t-red").written == NOW - 50


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


@pytest.mark.parametrize("weak", [WAITS, OVER, OVER_GREEN])
@pytest.mark.parametrize("end", [GREEN, RED])
@pytest.mark.parametrize("age", [-9 * DAY, 0.0, 9 * DAY])
def test_a_result_wins_over_what_is_none_whatever_the_times(
    weak: Said, end: Said, age: float
) -> None:
    result = replace(end, when=NOW - age, current=False)
    assert isinstance(verdict(result, shown(weak)), New)
    assert isinstance(verdict(weak, shown(result)), Settled)


@pytest.mark.parametrize("over", [OVER, OVER_GREEN])
def test_a_superseded_commit_waits_no_more(over: Said) -> None:
    assert isinstance(verdict(over, shown(WAITS)), New)
    assert isinstance(verdict(WAITS, shown(over)), Settled)


def test_nothing_waits_where_the_forge_refused_a_result() -> None:
    posted = refused(RED, None, why="no such commit", now=NOW)
    assert verdict(WAITS, posted) == Settled("no such commit", posted=False)


@pytest.mark.parametrize(("age", "new"), [(MESSAGE_EVERY - 1, False), (MESSAGE_EVERY, True)])
def test_what_waits_for_another_reason_is_news_like_a_message(age: float, new: bool) -> None:
    other = replace(WAITS, reason="Progressing", text="t-other")
    assert isinstance(verdict(other, shown(WAITS, written=NOW - age)), New) == new


@pytest.mark.parametrize("said", [WAITS, OVER])
def test_what_stands_there_is_a_result_to_what_is_none(said: Said) -> None:
    assert isinstance(verdict(said, stands(State.SUCCESS, None, now=NOW)), Settled)


@pytest.mark.parametrize("said", [GREEN, RED])
def test_and_no_result_to_a_result(said: Said) -> None:
    old = replace(said, when=NOW - 9 * DAY, current=False)
    assert isinstance(verdict(old, stands(said.state, None, now=NOW)), New)


def test_what_stands_there_in_no_word_of_ours_is_a_result_too() -> None:
    assert isinstance(verdict(OVER, stands(None, None, now=NOW)), Settled)


PLEDGE = Pledge("c", "ns/all", "kustomization/apps/1", "", "main@sha1:c")


def test_what_was_written_or_found_as_pending_is_pledged_to_be_finished() -> None:
    said = replace(WAITS, pledge=PLEDGE)
    assert wrote(said, None, now=NOW).pledge == PLEDGE
    assert found(said, None, now=NOW, since=NOW, text="x").pledge == PLEDGE
    assert found(said, shown(WAITS), now=NOW, since=NOW, text="x").pledge == PLEDGE


def test_an_end_finishes_it() -> None:
    assert wrote(RED, wrote(replace(WAITS, pledge=PLEDGE), None, now=NOW), now=NOW).pledge is None


# By Flux's clock, which may be minutes from the API server's.


def test_what_flux_did_later_comes_later_whatever_the_other_clock_says() -> None:
    posted = shown(replace(GREEN, reconciled=100.0))
    assert isinstance(verdict(replace(RED, when=NOW - 700, reconciled=101.0), posted), New)


def test_what_flux_did_before_came_before() -> None:
    posted = shown(replace(GREEN, reconciled=100.0))
    assert isinstance(verdict(replace(RED, when=NOW, reconciled=99.0), posted), Settled)


@pytest.mark.parametrize("reconciled", [0.0, 100.0])
def test_what_flux_does_not_tell_apart_the_other_clock_does(reconciled: float) -> None:
    posted = shown(replace(GREEN, reconciled=100.0))
    said = replace(RED, reconciled=reconciled)
    assert isinstance(verdict(replace(said, when=NOW - 700), posted), Settled)
    assert isinstance(verdict(said, posted), New)


def test_what_is_found_again_keeps_the_later_of_fluxs_times() -> None:
    before = shown(replace(RED, reconciled=100.0))
    times = [
        found(replace(RED, reconciled=at), before, now=NOW, since=NOW, text="t-red").reconciled
        for at in (99.0, 101.0)
    ]
    assert times == [100.0, 101.0]


def test_nothing_of_before_a_later_result_that_stands_there_is_news() -> None:
    posted = stands(State.SUCCESS, None, now=NOW, when=NOW - 60)
    past = [replace(RED, when=NOW - age, current=False) for age in (61, 59)]
    assert [isinstance(verdict(said, posted), New) for said in past] == [False, True]
