from __future__ import annotations

import pytest

from statusbot.demo.recording import Event, Step
from statusbot.demo.show.flux import Flux
from tests.support.recordings import (
    C1,
    C2,
    C3,
    at,
    event,
    kustomization,
    recording,
    source,
    step,
    truth,
)

PUSHES = tuple(step(0, f"commit c{commit[0]}", commit) for commit in (C1, C2, C3))


def says(commit: str, *happened: Event | Step, pushes: tuple[Step, ...] = PUSHES) -> str:
    flux = Flux(recording(*pushes, *happened))
    flux.to(at(20))
    return flux.says(truth(commit))


def test_nothing_of_a_commit_that_is_not_there_yet() -> None:
    assert says(C1, pushes=()) == ""


def test_pushed_is_what_flux_has_not_seen() -> None:
    assert says(C1) == "pushed"


def test_fetched_is_what_the_source_has() -> None:
    assert says(C2, event(1, source(C2))) == "fetched"


def test_never_fetched_is_what_the_source_went_past() -> None:
    assert says(C2, event(1, source(C1)), event(2, source(C3))) == "never fetched"


def test_a_commit_after_the_fetched_one_may_still_come() -> None:
    assert says(C3, event(1, source(C2))) == "pushed"


@pytest.mark.parametrize(
    ("status", "reason", "word"),
    [
        ("True", "ReconciliationSucceeded", "Ready"),
        ("False", "BuildFailed", "BuildFailed"),
        ("Unknown", "Progressing", "Progressing"),
    ],
)
def test_the_tried_commit_has_the_word_of_the_ready_condition(
    status: str, reason: str, word: str
) -> None:
    assert says(C1, event(1, kustomization(C1, status, reason))) == word


def test_an_earlier_commit_keeps_its_verdict() -> None:
    tried = event(1, kustomization(C1, "False", "BuildFailed"))
    assert says(C1, tried, event(2, kustomization(C2))) == "was BuildFailed"


def test_trying_again_is_no_verdict() -> None:
    failed = event(1, kustomization(C1, "False", "BuildFailed"))
    again = event(2, kustomization(C1, "Unknown", "Progressing"))
    assert says(C1, failed, again, event(3, kustomization(C2))) == "was BuildFailed"


def test_a_commit_without_a_verdict_keeps_its_last_word() -> None:
    tried = event(1, kustomization(C1, "Unknown", "Progressing"))
    assert says(C1, tried, event(2, kustomization(C2))) == "was Progressing"


def test_what_comes_later_says_nothing_yet() -> None:
    flux = Flux(recording(*PUSHES, event(5, kustomization(C1))))
    flux.to(at(4))
    assert flux.says(truth(C1)) == "pushed"


def test_an_object_without_a_status_says_nothing() -> None:
    fresh = {**kustomization(C1), "status": {}}
    assert says(C1, event(1, fresh)) == "pushed"


def test_a_source_without_an_artifact_has_nothing() -> None:
    fresh = {**source(C1), "status": {}}
    assert says(C1, event(1, fresh)) == "pushed"
