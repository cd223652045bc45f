"""What the forge shows against what is said: write, leave it, or give up on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from statusbot.forges.base import Row
from statusbot.ledger.compare import Already, Overwritten, Write, compare, text_digest
from statusbot.ledger.posted import (
    MESSAGE_CHANGES,
    ONCE_GREEN,
    Posted,
    Said,
    digest,
    refused,
    wrote,
)
from statusbot.results.state import SUPERSEDED, State

NOW = 1_800_000_000.0
HOUR = 3600.0
TEXT = "health check failed: one is broken"
WORDS = "health check failed"
RED = Said(State.FAILURE, "HealthCheckFailed", digest(TEXT), NOW)
GREEN = replace(RED, state=State.SUCCESS, reason="ReconciliationSucceeded")


def row(state: State | None, description: str = "by hand", age: float = 60.0) -> Row:
    created = datetime.fromtimestamp(NOW - age, UTC)
    return Row("kustomization/apps/1", state, description, created=created, id=1)


def red(description: str, age: float = 60.0) -> Row:
    return row(State.FAILURE, description, age)


def of(
    newest: Row | None, posted: Posted | None = None, said: Said = RED, count: int = 1
) -> Write | Already | Overwritten:
    return compare(said, TEXT, WORDS, newest, count, posted, now=NOW)


def test_a_context_that_the_forge_does_not_show_is_written() -> None:
    assert isinstance(of(None), Write)


def test_what_the_forge_shows_is_not_written() -> None:
    assert of(red(TEXT)) == Already("the forge shows it", NOW - 60, digest(TEXT))


LASTING = replace(RED, reason="DependencyNotReady", lasting=True)


def lasting(newest: Row, posted: Posted | None = None) -> Write | Already | Overwritten:
    words = "dependency not ready"
    return compare(LASTING, f"{words}: it has failed", words, newest, 1, posted, now=NOW)


def test_what_is_green_does_not_turn_red_since_flux_waits_for_it_again() -> None:
    stays = lasting(row(State.SUCCESS, "reconciliation succeeded: Applied revision: main"))
    assert stays == Already(ONCE_GREEN, NOW - 60, None, result=True)


def test_what_was_green_for_the_wait_itself_turns_red() -> None:
    """As the notification-controller up to v1.7 has it."""
    assert isinstance(lasting(row(State.SUCCESS, "dependency not ready")), Write)


def test_a_green_that_came_over_the_wait_is_corrected() -> None:
    posted = wrote(LASTING, None, now=NOW - HOUR)
    assert lasting(row(State.SUCCESS), posted) == Write(
        "somebody else wrote success over it", correction=True
    )


def test_white_space_around_a_description_is_no_difference() -> None:
    assert isinstance(of(red(f" {TEXT}\n")), Already)


def test_error_counts_as_failure() -> None:
    assert isinstance(of(row(State.ERROR, TEXT)), Already)


def test_flux_own_words_are_never_rewritten() -> None:
    assert of(red(WORDS, 9 * HOUR)) == Already(
        "the forge shows it in Flux's own words", NOW, RED.text
    )


@pytest.mark.parametrize("state", [State.SUCCESS, State.PENDING, None])
def test_another_state_is_overwritten(state: State | None) -> None:
    assert isinstance(of(row(state)), Write)


def test_another_reason_of_the_same_state_is_written() -> None:
    assert isinstance(of(red("build failed: one is broken")), Write)


@pytest.mark.parametrize(("age", "write"), [(HOUR - 1, False), (HOUR, True)])
def test_another_message_is_written_after_an_hour(age: float, write: bool) -> None:
    assert isinstance(of(red(f"{WORDS}: two are broken", age)), Write) == write


def test_a_message_that_must_wait_is_remembered_as_the_one_that_is_shown() -> None:
    verdict = of(red(f"{WORDS}: two are broken"))
    assert isinstance(verdict, Already)
    assert (verdict.text, verdict.since) == (digest(f"{WORDS}: two are broken"), NOW - 60)


@pytest.mark.parametrize(
    ("count", "write"), [(MESSAGE_CHANGES, True), (MESSAGE_CHANGES + 1, False)]
)
def test_another_message_is_written_twenty_times(count: int, write: bool) -> None:
    verdict = of(red(f"{WORDS}: two are broken", 2 * HOUR), count=count)
    assert isinstance(verdict, Write) == write
    assert write or (isinstance(verdict, Already) and verdict.text == RED.text)


def test_a_result_without_its_message_takes_any_message_of_its_reason() -> None:
    verdict = of(red(f"{WORDS}: two are broken", 9 * HOUR), said=replace(RED, text=""))
    assert isinstance(verdict, Already)
    assert verdict.text == digest(f"{WORDS}: two are broken")


def test_a_result_of_the_past_never_covers_a_later_row() -> None:
    verdict = of(row(State.SUCCESS), said=replace(RED, current=False, when=NOW - 61))
    assert verdict == Already("the forge shows a later result", NOW - 60, None)


def test_a_result_of_the_past_covers_an_earlier_row() -> None:
    assert isinstance(
        of(row(State.SUCCESS), said=replace(RED, current=False, when=NOW - 59)), Write
    )


def test_a_current_result_covers_a_row_that_was_written_after_it_was_read() -> None:
    assert isinstance(of(row(State.SUCCESS), said=replace(RED, when=NOW - 61)), Write)


def test_a_row_without_a_time_is_taken_for_new() -> None:
    unknown = Row("kustomization/apps/1", State.SUCCESS)
    assert isinstance(of(unknown, said=replace(RED, current=False, when=NOW - 1)), Already)


def test_a_result_of_the_past_covers_our_row_of_an_earlier_result_that_was_written_late() -> None:
    ours = wrote(replace(GREEN, when=NOW - 90), None, now=NOW - 60)
    past = replace(RED, current=False, when=NOW - 75)
    assert isinstance(of(row(State.SUCCESS), ours, past), Write)


@pytest.mark.parametrize(
    "ours",
    [
        wrote(GREEN, None, now=NOW - 600),
        wrote(replace(GREEN, state=State.PENDING), None, now=NOW - 60),
        refused(GREEN, None, why="no", now=NOW - 60),
    ],
    ids=["written by a later run", "in another state", "that never was"],
)
def test_a_result_of_the_past_leaves_a_later_row_that_the_ledger_does_not_hold(
    ours: Posted,
) -> None:
    past = replace(RED, current=False, when=NOW - 75)
    assert isinstance(of(row(State.SUCCESS), ours, past), Already)


def test_a_later_row_in_a_state_of_its_own_stays_over_the_past() -> None:
    past = replace(RED, current=False, when=NOW - 75)
    assert isinstance(of(row(None), wrote(GREEN, None, now=NOW), past), Already)


BUILD = "build failed: one is broken"


@pytest.mark.parametrize("later", [row(State.FAILURE, BUILD), row(State.ERROR, BUILD)])
def test_a_failure_of_the_past_does_not_replace_the_reason_of_a_later_one(later: Row) -> None:
    verdict = of(later, said=replace(RED, current=False, when=NOW - 61))
    assert verdict == Already("the forge shows a later result", NOW - 60, None)


@pytest.mark.parametrize("age", [60, 59])
def test_a_failure_of_the_past_replaces_the_reason_of_one_that_is_not_surely_later(
    age: float,
) -> None:
    assert of(red(BUILD), said=replace(RED, current=False, when=NOW - age)) == Write(
        "the forge shows another reason"
    )


def test_a_failure_of_the_past_replaces_our_reason_that_was_written_late() -> None:
    """The ledger has said by then that it is the later one."""
    ours = wrote(replace(RED, reason="BuildFailed", when=NOW - 90), None, now=NOW - 60)
    verdict = of(red(BUILD), ours, replace(RED, current=False, when=NOW - 75))
    assert verdict == Write("the forge shows another reason")


def test_a_failure_of_the_past_replaces_a_later_word_that_it_was_superseded() -> None:
    later = row(State.ERROR, "superseded: superseded by 1a2b3c4d")
    assert isinstance(of(later, said=replace(RED, current=False, when=NOW - 75)), Write)


def test_a_green_of_the_past_replaces_a_later_green_of_other_words() -> None:
    """As the notification-controller up to v1.7 writes it while Flux waits."""
    waits = row(State.SUCCESS, "dependency not ready")
    assert isinstance(of(waits, said=replace(GREEN, current=False, when=NOW - 75)), Write)


def test_what_somebody_wrote_over_ours_is_corrected() -> None:
    verdict = of(row(State.SUCCESS), wrote(RED, None, now=NOW - 90))
    assert isinstance(verdict, Write) and verdict.correction


def test_what_somebody_writes_over_the_correction_stays() -> None:
    posted = wrote(RED, wrote(RED, None, now=NOW - 90), now=NOW - 80, corrected=True)
    assert of(row(State.SUCCESS), posted) == Overwritten(
        "somebody else writes success over it; it was corrected once", posted
    )


def test_a_state_that_is_none_of_ours_is_corrected_too() -> None:
    verdict = of(row(None), wrote(RED, None, now=NOW - 90))
    assert verdict == Write("somebody else wrote another state over it", correction=True)


@pytest.mark.parametrize(
    "posted", [wrote(GREEN, None, now=NOW - 90), refused(RED, None, why="no", now=NOW - 90)]
)
def test_a_result_that_was_not_posted_before_is_no_correction(posted: Posted) -> None:
    verdict = of(row(State.SUCCESS), posted)
    assert isinstance(verdict, Write) and not verdict.correction


def test_a_text_without_its_message_has_no_digest() -> None:
    assert (text_digest("build failed", ""), text_digest("a: b", "b")) == ("", digest("a: b"))


WAITS = Said(State.PENDING, "Progressing", digest("progressing: x"), NOW)
OVER = Said(State.ERROR, SUPERSEDED, digest("superseded by 1a2b"), NOW, current=False)


def weak(said: Said, newest: Row | None, posted: Posted | None = None, count: int = 1) -> object:
    text = "progressing: x" if said is WAITS else "superseded by 1a2b"
    words = "progressing" if said is WAITS else "superseded"
    return compare(said, text, words, newest, count, posted, now=NOW)


@pytest.mark.parametrize("said", [WAITS, OVER])
@pytest.mark.parametrize("state", [State.SUCCESS, State.FAILURE, State.ERROR, None])
@pytest.mark.parametrize("ours", [True, False])
def test_a_result_that_the_forge_shows_stays_whoever_wrote_it(
    said: Said, state: State | None, ours: bool
) -> None:
    posted = wrote(said, None, now=NOW - 90) if ours else None
    verdict = weak(said, row(state, "build failed", age=9 * HOUR), posted)
    assert verdict == Already("the forge shows its result", NOW - 9 * HOUR, None, result=True)


def test_what_waits_is_written_where_nothing_is_and_superseded_over_it() -> None:
    assert isinstance(weak(WAITS, None), Write)
    assert isinstance(weak(OVER, row(State.PENDING, "progressing: x")), Write)


@pytest.mark.parametrize("state", [State.SUCCESS, State.ERROR])
def test_what_was_superseded_waits_no_more(state: State) -> None:
    assert isinstance(weak(WAITS, row(state, "superseded by 1a2b")), Already)


@pytest.mark.parametrize("state", [State.PENDING, State.SUCCESS, State.ERROR])
@pytest.mark.parametrize("said", [RED, GREEN])
def test_a_result_covers_what_is_none_though_that_was_written_later(
    said: Said, state: State
) -> None:
    shows = "progressing" if state is State.PENDING else "superseded by 1a2b3c4d"
    old = replace(said, when=NOW - 9 * HOUR, current=False)
    assert isinstance(of(row(state, shows), said=old), Write)


def test_a_superseded_commit_is_known_by_the_ledger_where_its_text_does_not_tell() -> None:
    posted = wrote(replace(OVER, text=digest("another took over")), None, now=NOW - 60)
    old = replace(RED, when=NOW - 9 * HOUR, current=False)
    assert isinstance(of(row(State.ERROR, "another took over"), posted, old), Write)


def test_a_pending_of_another_reason_counts_as_shown_for_an_hour() -> None:
    shows = [row(State.PENDING, "dependency not ready: y", age) for age in (HOUR - 1, HOUR)]
    assert [isinstance(weak(WAITS, one), Write) for one in shows] == [False, True]
