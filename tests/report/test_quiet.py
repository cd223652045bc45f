from __future__ import annotations

from typing import Any

from statusbot.posting.outcome import Did
from statusbot.report.quiet import Quiet
from statusbot.report.report import Line, Report

BROKEN = Line(Did.ERROR, "there is no such Secret", provider="flux-system/forge")


def report(*lines: Line, **fields: Any) -> Report:
    made = Report("https://cluster.example", 0.0, listed_all=True, **fields)
    for line in lines:
        made.add(line)
    return made


def quiet(*reports: Report) -> list[bool]:
    asked = Quiet()
    return [asked(one) for one in reports]


def test_the_first_report_is_always_told() -> None:
    assert quiet(report()) == [False]


def test_a_round_without_a_call_is_quiet() -> None:
    assert quiet(report(reads=1, writes=1), report(), report()) == [False, True, True]


def test_a_round_with_a_call_is_told() -> None:
    assert quiet(report(), report(reads=1), report(writes=1)) == [False, False, False]


def test_what_is_wrong_is_told_once() -> None:
    assert quiet(report(BROKEN), report(BROKEN)) == [False, True]


def test_what_is_newly_wrong_and_what_was_mended_is_told() -> None:
    assert quiet(report(), report(BROKEN), report()) == [False, False, False]


def test_a_new_warning_is_told() -> None:
    assert quiet(report(), report(warnings=["two of one name"])) == [False, False]


def test_what_is_there_or_skipped_is_nothing_new() -> None:
    assert quiet(report(), report(Line(Did.SKIPPED, "it is suspended"))) == [False, True]


def test_the_end_by_a_signal_is_told() -> None:
    assert quiet(report(), report(stopped=True)) == [False, False]
