from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from statusbot.demo.recording import FOLDER, Recording, read
from tests.support.recordings import C1, FORGE, REPOSITORY, at, event, provider, recording, step

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def superseded() -> Recording:
    return read(FOLDER / "superseded.jsonl")


def with_text(text: str) -> Recording:
    object_ = provider() | {"text": text}
    return recording(event(1, object_))


def text_of(moved: Recording) -> str:
    return str(moved.events[1].object["text"])


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.jsonl")), ids=lambda path: path.stem)
def test_a_recording_of_the_package_can_be_read(path: Path) -> None:
    found = read(path)
    assert (found.name, bool(found.events), bool(found.truths)) == (path.stem, True, True)


def test_events_are_in_the_order_in_which_they_arrived(superseded: Recording) -> None:
    times = [event.time for event in superseded.events]
    assert times == sorted(times)


def test_a_step_names_the_commit_that_it_made(superseded: Recording) -> None:
    assert superseded.steps[0].commit == superseded.truths[0].commit


def test_a_truth_names_what_is_accepted_and_what_never_is(superseded: Recording) -> None:
    second = superseded.truths[1]
    assert sorted(second.accept) == ["none", "superseded"]
    assert sorted(second.never) == ["failure", "success"]


def test_the_forge_is_where_the_provider_says() -> None:
    assert recording().forge == FORGE


def test_the_repositories_are_those_of_the_truths() -> None:
    assert recording().repositories == {REPOSITORY}


def test_moving_moves_the_beginning_and_the_end() -> None:
    moved = recording().moved(HOUR)
    assert (moved.started, moved.ended) == (at(3600), at(3620))


def test_moving_moves_events_and_steps() -> None:
    moved = recording(event(2, provider()), step(3, "commit c1", C1)).moved(HOUR)
    assert (moved.events[-1].time, moved.steps[0].time) == (at(3602), at(3603))


def test_moving_moves_the_instants_within_objects() -> None:
    moved = with_text("2026-01-01T23:30:00Z").moved(HOUR)
    assert text_of(moved) == "2026-01-02T00:30:00Z"


def test_moving_keeps_the_fraction_of_an_instant() -> None:
    moved = with_text("2026-01-01T00:00:00.120000Z").moved(HOUR)
    assert text_of(moved) == "2026-01-01T01:00:00.120000Z"


def test_moving_leaves_an_instant_in_a_sentence_as_it_is() -> None:
    said = "since 2026-01-01T00:00:00Z"
    assert text_of(with_text(said).moved(HOUR)) == said


def test_recordings_are_moved_by_whole_seconds_only() -> None:
    assert recording().moved(timedelta(seconds=1.9)).started == at(1)
