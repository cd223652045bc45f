"""What a run did, folded: what is counted, what is listed, and how it ends."""

from __future__ import annotations

import pytest

from statusbot.posting.outcome import Did, Outcome
from statusbot.report.report import Line, Report, line_of
from statusbot.results.result import ObjectRef
from tests.support.posting import news

LOUD = {Did.POSTED, Did.WOULD_POST, Did.DEFERRED, Did.ERROR}


def report_of(*entries: Line | Outcome, listed_all: bool = False) -> Report:
    report = Report("https://cluster", 0.0, listed_all)
    for entry in entries:
        report.add(entry)
    return report


def outcome(did: Did) -> Outcome:
    return Outcome(news().status, did, "because")


@pytest.mark.parametrize("did", Did)
def test_everything_is_counted(did: Did) -> None:
    report = report_of(Line(did, "because"), outcome(did))
    assert report.counts == dict.fromkeys(Did, 0) | {did: 2}


@pytest.mark.parametrize("did", Did)
def test_what_needs_nobodys_attention_is_not_listed(did: Did) -> None:
    assert bool(list(report_of(outcome(did)).lines)) == (did in LOUD)


@pytest.mark.parametrize("did", Did)
def test_everything_is_listed_when_it_is_asked_for(did: Did) -> None:
    assert len(list(report_of(outcome(did), listed_all=True).lines)) == 1


@pytest.mark.parametrize("did", Did)
def test_only_what_could_not_be_posted_fails_the_run(did: Did) -> None:
    assert report_of(outcome(did)).exit_code() == (1 if did is Did.ERROR else 0)


def test_a_status_is_listed_with_all_that_names_it() -> None:
    item = news()
    line = line_of(Outcome(item.status, Did.POSTED, ""))
    assert (line.object, line.commit) == (item.status.result.object, item.status.result.commit)
    assert (line.alert, line.provider) == ("flux-system/all", "flux-system/forge")
    assert (line.context, line.state) == ("kustomization/apps/1", "success")
    assert line.description == "reconciliation succeeded: all is well"
    assert line.repository is item.status.destination.repository


def test_lines_keep_the_order_in_which_they_came() -> None:
    report = report_of(*(Line(Did.ERROR, str(number)) for number in range(5)))
    assert [line.why for line in report.lines] == ["0", "1", "2", "3", "4"]


def test_what_is_listed_does_not_depend_on_which_forge_answered_first() -> None:
    lines = [
        Line(Did.POSTED, "", object=ObjectRef("Kustomization", "apps", name, ""), when=when)
        for name, when in [("a", 2.0), ("a", 1.0), ("b", 3.0)]
    ]
    report = Report("here", 0.0)
    for line in reversed(lines):
        report.add(line)
    assert list(report.lines) == lines
