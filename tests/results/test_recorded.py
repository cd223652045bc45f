"""Whatever real Flux ever wrote: no claim is one that may never be shown."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from statusbot.demo.recording import Recording, read
from statusbot.results.history import earlier
from statusbot.results.observation import Observation, observe
from statusbot.results.result import Result
from statusbot.results.rules import claim
from statusbot.results.source import Source, SourceRef, source_of
from statusbot.results.state import State

ROOT = Path(__file__).parents[2]
PATHS = sorted(
    path.with_name(path.name.removesuffix(".truth.json") + ".jsonl")
    for folder in ("statusbot/demo/recordings", "tests/recordings/data")
    for path in (ROOT / folder).glob("*.truth.json")
)
SOURCES = {"GitRepository", "ExternalArtifact"}


class Shown:
    """The sources as the recording shows them, at an event; read again, they are no newer."""

    def __init__(self) -> None:
        self.sources: dict[SourceRef, Source] = {}

    def __call__(self, observation: Observation, *, fresh: bool) -> Source | None:
        return self.sources.get(observation.source)


@cache
def recording(path: Path) -> Recording:
    return read(path)


def seen(path: Path) -> Iterator[tuple[Observation, Shown]]:
    """Every Kustomization as each event shows it, with its source at that moment."""
    shown = Shown()
    for event in recording(path).events:
        obj = event.object
        metadata = obj["metadata"]
        if obj["kind"] in SOURCES:
            ref = SourceRef(obj["kind"], metadata["namespace"], metadata["name"])
            shown.sources[ref] = source_of(obj)
            if event.type == "DELETED":
                del shown.sources[ref]
        elif obj["kind"] == "Kustomization" and event.type != "DELETED":
            yield observe(obj, event.time.timestamp()), shown


def results(observation: Observation, shown: Shown) -> Iterator[Result]:
    """What is claimed of an object and of its past."""
    now = claim(observation, shown)
    claimed = now.commit if isinstance(now, Result) else None
    if isinstance(now, Result):
        yield now
    yield from earlier(observation, shown, since=0, claimed=claimed)


each = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def test_all_recordings_are_there() -> None:
    assert len(PATHS) >= 22


@each
def test_nothing_is_claimed_that_may_never_be_shown(path: Path) -> None:
    never = {
        (truth.namespace, truth.name, truth.commit, state)
        for truth in recording(path).truths
        for state in truth.never
    }
    wrong = [
        result
        for observation, shown in seen(path)
        for result in results(observation, shown)
        if (result.object.namespace, result.object.name, result.commit, result.state.value) in never
    ]
    assert not wrong


@each
def test_what_is_right_at_the_end_is_claimed_at_some_event(path: Path) -> None:
    claimed = {
        (result.object.namespace, result.object.name, result.commit, result.state.value)
        for observation, shown in seen(path)
        for result in results(observation, shown)
    }
    missing = [
        truth
        for truth in recording(path).truths
        if truth.accept <= {"success", "failure"}
        and not any((truth.namespace, truth.name, truth.commit, s) in claimed for s in truth.accept)
    ]
    assert not missing


def first_writes(path: Path) -> Iterator[tuple[Observation, Shown]]:
    """Ready=True with the revision before still in lastAppliedRevision."""
    for observation, shown in seen(path):
        ready = observation.conditions.get("Ready")
        if ready is not None and ready.status == "True":
            told = ready.message.removeprefix("Applied revision: ")
            if told != observation.applied:
                yield observation, shown


def test_the_first_write_of_a_success_claims_nothing() -> None:
    claims = [claim(*found) for path in PATHS for found in first_writes(path)]
    assert len(claims) > 20
    assert not [found for found in claims if isinstance(found, Result)]


def of(name: str) -> Iterator[tuple[Observation, Shown]]:
    return seen(next(path for path in PATHS if path.stem == name))


def told(name: str) -> set[tuple[str, State]]:
    """Every commit, in eight digits, with every state that was ever claimed of it."""
    return {
        (result.commit[:8], result.state)
        for observation, shown in of(name)
        for result in results(observation, shown)
    }


def test_a_missing_path_is_told_of_its_own_commit() -> None:
    assert told("path-not-found") == {
        ("454c86a8", State.SUCCESS),
        ("d570b1cc", State.FAILURE),
        ("9a203c43", State.SUCCESS),
    }


def test_an_artifact_made_by_hand_is_told_of_its_origin() -> None:
    assert told("origin-revision") == {
        ("454c86a8", State.SUCCESS),
        ("a5830d63", State.FAILURE),
        ("1845668c", State.SUCCESS),
    }
