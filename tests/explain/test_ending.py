"""The last line, from what was found on each way of each commit."""

from __future__ import annotations

import pytest

from statusbot.explain.ending import ending
from statusbot.explain.findings import Finding
from tests.support.objects import C1, C2

SHOWN = Finding(True, "the forge shows it", commit=C1)
SUSPENDED = Finding(False, "the Alert is suspended", "resume it", commit=C1, alert="x/all")
REFUSED = Finding(False, "it is refused", "mend it", fault=True, commit=C1, provider="x/forge")


def later(finding: Finding) -> Finding:
    return Finding(finding.shown, finding.why, finding.todo, finding.fault, commit=C2)


def test_one_status_is_posted() -> None:
    assert ending([SHOWN]).sentence == "the status is posted"


def test_several_are_counted() -> None:
    assert ending([SHOWN, later(SHOWN)]).sentence == "the 2 statuses are posted"


def test_what_is_amiss_tells_whose_fault_it_is_and_the_way_out() -> None:
    made = ending([SUSPENDED])
    assert not made.posted
    assert made.sentence == (
        "nothing is posted because the Alert is suspended (Alert x/all); to change that: resume it"
    )
    assert (made.why, made.todo) == ("the Alert is suspended (Alert x/all)", "resume it")


def test_where_nothing_can_be_done_nothing_is_advised() -> None:
    sentence = ending([Finding(False, "it is being deleted")]).sentence
    assert sentence == "nothing is posted because it is being deleted"


def test_an_alert_that_does_not_ask_does_no_harm_beside_one_that_does() -> None:
    assert ending([SUSPENDED, SHOWN]).posted


def test_a_fault_is_one_even_beside_a_status_that_is_posted() -> None:
    made = ending([SHOWN, REFUSED])
    assert not made.posted
    assert made.sentence.startswith(
        "1 of 2 statuses is posted, but not the one of 11111111 because"
    )


def test_a_fault_is_told_before_what_needs_no_mending() -> None:
    assert ending([SUSPENDED, REFUSED]).why == "it is refused (Provider x/forge)"


def test_the_commit_is_named_where_there_are_several() -> None:
    sentence = ending([SUSPENDED, later(SUSPENDED)]).sentence
    assert sentence.startswith("nothing is posted for 11111111 because")


def test_the_commit_that_is_amiss_is_named_beside_one_that_is_not() -> None:
    assert "not the one of 22222222 because" in ending([SHOWN, later(REFUSED)]).sentence


@pytest.mark.parametrize("why", ["a\nb", "\x1b[1mbold", "https://me:hunter2@host"])
def test_the_words_of_others_are_safe(why: str) -> None:
    sentence = ending([Finding(False, why)]).sentence
    assert not {"\n", "\x1b"} & set(sentence)
    assert "hunter2" not in sentence
