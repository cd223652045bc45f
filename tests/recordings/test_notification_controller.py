"""The notification-controller that plays in tests says what the real one said, when it said it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from statusbot.demo.forge import EmbeddedForge
from statusbot.demo.forge.faults import answer, reset
from statusbot.demo.player import TOKEN
from statusbot.demo.recording import Recording, read
from tests.support.beside import Beside
from tests.support.flux_events import Emitted, emitted
from tests.support.notification_controller import Did, NotificationController, words
from tests.support.objects import C1, C2, git, provider
from tests.support.replay import FOLDERS, recordings

RECORDINGS = recordings()
CALLS = ("build-failure", "gitea-chain")
AT = datetime.fromisoformat("2026-11-20T12:00:00Z")
# Between the event and what it leads to lie the controllers' own milliseconds.
NEAR = timedelta(milliseconds=100)

Key = tuple[str, str]


# -- the events, by those that Kubernetes kept ------------------------------------------------


def ends(recording: Recording) -> dict[Key, list[tuple[datetime, str]]]:
    """By object: when it came to which end, as told here."""
    found: dict[Key, list[tuple[datetime, str]]] = defaultdict(list)
    for said in emitted(recording):
        if said.update or said.severity == "error":
            found[said.namespace, said.name].append((said.time, said.reason))
    return found


def kept(recording: Recording) -> Iterator[tuple[Key, datetime, dict[str, Any]]]:
    """The core/v1 Events about an end. Their reason is right even where many became one."""
    for event in recording.events:
        about = event.object.get("involvedObject", {})
        if about.get("kind") != "Kustomization" or event.type == "DELETED":
            continue
        if (
            event.object["type"] == "Warning"
            or "Reconciliation finished" in event.object["message"]
        ):
            yield (about["namespace"], about["name"]), event.time, event.object


@pytest.mark.parametrize("name", RECORDINGS)
def test_flux_says_what_kubernetes_kept_of_it_in_the_same_order(name: str) -> None:
    recording = read(RECORDINGS[name])
    there: dict[Key, list[str]] = defaultdict(list)
    for key, _, event in kept(recording):
        there[key].append(event["reason"])
    told = {key: [reason for _, reason in said] for key, said in ends(recording).items()}
    assert told == there


@pytest.mark.parametrize("name", RECORDINGS)
def test_flux_says_it_when_kubernetes_heard_it(name: str) -> None:
    recording = read(RECORDINGS[name])
    heard: dict[Key, list[datetime]] = defaultdict(list)
    for key, time, _ in kept(recording):
        heard[key].append(time)
    late = [
        (key, told, there)
        for key, said in ends(recording).items()
        for (told, _), there in zip(said, heard[key], strict=True)
        if abs(told - there) > NEAR
    ]
    assert late == []


@pytest.mark.parametrize("name", RECORDINGS)
def test_flux_names_the_revision_that_a_new_event_of_kubernetes_names(name: str) -> None:
    recording = read(RECORDINGS[name])
    prefix = "kustomize.toolkit.fluxcd.io/"
    told = {(said.revision, said.origin) for said in emitted(recording)}
    annotations = [e["metadata"].get("annotations", {}) for _, _, e in kept(recording)]
    there = {
        (one[f"{prefix}revision"], one.get(f"{prefix}originRevision", ""))
        for one in annotations
        if f"{prefix}revision" in one
    }
    assert there
    assert there <= told


# -- the calls, by those of the real one ------------------------------------------------------


def real_calls(name: str) -> list[dict[str, Any]]:
    for folder in FOLDERS:
        path = folder / f"{name}.nc-forge-calls.jsonl"
        if path.exists():
            return [orjson.loads(line) for line in path.read_bytes().splitlines()]
    raise AssertionError(f"no calls of {name} were recorded")


@pytest.fixture(scope="module", params=CALLS)
def called(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Beside]:
    """A recording in which the notification-controller was alone."""
    recording = read(RECORDINGS[request.param])
    folder = tmp_path_factory.mktemp("alone")
    with Beside(recording, timedelta(seconds=10), folder, ledger=False) as alone:
        for event in emitted(recording):
            alone.player.to(event.time)
            alone.hear(event)
        yield alone


def test_it_calls_a_forge_as_the_real_one_does(called: Beside) -> None:
    ours = [
        (c.method, c.path, dict(c.query), c.json if c.body else None, c.headers["user-agent"])
        for c in called.forge.calls
    ]
    real = [
        (c["method"], c["path"], c["query"] or {}, c["body"], c["agent"])
        for c in real_calls(called.recording.name)
    ]
    assert ours == real


def test_it_calls_when_the_real_one_did(called: Beside) -> None:
    real = real_calls(called.recording.name)
    pairs = zip(called.forge.calls, real, strict=True)
    assert [c.when for c, r in pairs if abs(c.when - datetime.fromisoformat(r["t"])) > NEAR] == []


# -- its rules --------------------------------------------------------------------------------


@pytest.fixture
def forge() -> Iterator[EmbeddedForge]:
    with EmbeddedForge(token=TOKEN) as made:
        made.add_repository("rig/story")
        yield made


@pytest.fixture
def flux(forge: EmbeddedForge) -> NotificationController:
    return NotificationController(provider(address=f"{forge.url}/rig/story"), TOKEN)


def failure(seconds: float = 0, commit: str = C1, message: str = "it is invalid") -> Emitted:
    time = AT + timedelta(seconds=seconds)
    return Emitted(time, "flux-system", "apps", "error", "BuildFailed", message, git(commit))


def test_it_posts_the_reason_in_words(forge: EmbeddedForge, flux: NotificationController) -> None:
    assert flux.take(failure()) is Did.POSTED
    rows = [(row.context, row.state, row.description) for row in forge.rows("rig/story", C1)]
    assert rows == [("kustomization/apps/0c9c2e41", "failure", "build failed")]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("ReconciliationSucceeded", "reconciliation succeeded"),
        ("InvalidCELExpression", "invalid cel expression"),
        ("HealthCheckFailed", "health check failed"),
    ],
)
def test_words(reason: str, said: str) -> None:
    assert words(reason) == said


@pytest.mark.parametrize(
    ("again", "did"),
    [
        (failure(299), Did.MUTED),
        (failure(300), Did.THERE),
        (failure(1, message="it is another"), Did.THERE),
        (failure(1, commit=C2), Did.POSTED),
    ],
    ids=["within", "after", "another-text", "another-revision"],
)
def test_the_same_text_of_one_revision_is_muted_for_five_minutes(
    flux: NotificationController, again: Emitted, did: Did
) -> None:
    flux.take(failure())
    assert flux.take(again) is did


def test_what_is_muted_is_so_where_the_first_was_lost_too(
    forge: EmbeddedForge, flux: NotificationController
) -> None:
    forge.faults.always(fault=answer(500))
    assert [flux.take(failure()), flux.take(failure(5))] == [Did.LOST, Did.MUTED]


def test_news_of_work_in_progress_is_no_status(flux: NotificationController) -> None:
    waiting = replace(failure(), severity="info", reason="DependencyNotReady")
    assert flux.take(waiting) is Did.DROPPED


def test_a_digest_is_no_commit(flux: NotificationController) -> None:
    assert flux.take(replace(failure(), revision=f"latest@sha256:{'a' * 64}")) is Did.NO_COMMIT


def test_the_origin_goes_before_the_revision(
    forge: EmbeddedForge, flux: NotificationController
) -> None:
    digest = f"latest@sha256:{'a' * 64}"
    assert flux.take(replace(failure(), revision=digest, origin=git(C2))) is Did.POSTED
    assert len(forge.rows("rig/story", C2)) == 1


def test_a_write_whose_answer_is_lost_is_not_tried_again(
    forge: EmbeddedForge, flux: NotificationController
) -> None:
    forge.faults.first(1, fault=reset(stored=False))
    assert flux.take(failure()) is Did.LOST
    assert forge.writes == 1


def test_where_it_cannot_read_it_does_not_write(
    forge: EmbeddedForge, flux: NotificationController
) -> None:
    forge.faults.always(fault=answer(500))
    flux.take(failure())
    assert (forge.reads, forge.writes) == (1, 0)
