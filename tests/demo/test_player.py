from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from statusbot.demo.forge import EmbeddedForge
from statusbot.demo.kube import EmbeddedKubernetes
from statusbot.demo.player import TOKEN, Player, polls
from statusbot.demo.recording import Event, Step
from tests.support.recordings import (
    C1,
    C2,
    REPOSITORY,
    at,
    event,
    kustomization,
    provider,
    recording,
    step,
)


@pytest.fixture
def kube() -> Iterator[EmbeddedKubernetes]:
    with EmbeddedKubernetes() as kube:
        yield kube


@pytest.fixture
def forge() -> Iterator[EmbeddedForge]:
    with EmbeddedForge(token=TOKEN) as forge:
        yield forge


def playing(kube: EmbeddedKubernetes, forge: EmbeddedForge, *happened: Event | Step) -> Player:
    player = Player(recording(*happened))
    player.connect(kube, forge)
    return player


def post(forge: EmbeddedForge, timeout: float = 5) -> int:
    url = f"{forge.url}/api/v3/repos/{REPOSITORY}/statuses/{C1}"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return requests.post(
        url, json={"state": "success"}, headers=headers, timeout=timeout
    ).status_code


def test_its_clock_shows_the_recorded_time(kube: EmbeddedKubernetes, forge: EmbeddedForge) -> None:
    player = playing(kube, forge)
    player.to(at(7))
    assert player.clock() == at(7)


def test_what_has_happened_is_in_the_cluster(
    kube: EmbeddedKubernetes, forge: EmbeddedForge
) -> None:
    playing(kube, forge, event(3, kustomization(C1))).to(at(3))
    assert [o["metadata"]["name"] for o in kube.objects("Kustomization")] == ["apps"]


def test_what_comes_later_is_not_in_the_cluster(
    kube: EmbeddedKubernetes, forge: EmbeddedForge
) -> None:
    playing(kube, forge, event(3, kustomization(C1))).to(at(2.9))
    assert kube.objects("Kustomization") == []


def test_what_was_deleted_leaves_the_cluster(
    kube: EmbeddedKubernetes, forge: EmbeddedForge
) -> None:
    gone = event(4, kustomization(C1), "DELETED")
    playing(kube, forge, event(3, kustomization(C1)), gone).to(at(4))
    assert kube.objects("Kustomization") == []


def test_the_recorded_forge_becomes_the_embedded_one(
    kube: EmbeddedKubernetes, forge: EmbeddedForge
) -> None:
    playing(kube, forge).to(at(0))
    assert kube.objects("Provider")[0]["spec"]["address"] == f"{forge.url}/{REPOSITORY}"


def test_the_providers_secret_is_there_though_it_was_not_recorded(
    kube: EmbeddedKubernetes, forge: EmbeddedForge
) -> None:
    playing(kube, forge)
    assert [o["metadata"]["name"] for o in kube.objects("Secret")] == ["forge-token"]


def test_moving_on_gives_the_steps_that_were_taken(
    kube: EmbeddedKubernetes, forge: EmbeddedForge
) -> None:
    player = playing(kube, forge, step(1, "commit c1", C1), step(2, "settling"))
    assert [step.text for step in player.to(at(1))] == ["commit c1"]


def test_a_step_is_taken_once(kube: EmbeddedKubernetes, forge: EmbeddedForge) -> None:
    player = playing(kube, forge, step(1, "commit c1", C1))
    player.to(at(1))
    assert player.to(at(2)) == []


def test_the_forge_has_the_history_that_was_recorded(
    kube: EmbeddedKubernetes, forge: EmbeddedForge
) -> None:
    pushed = (step(1, "commit c1", C1), step(2, "commit c2", C2), step(3, "rolled back", C1))
    playing(kube, forge, *pushed).to(at(3))
    compared = requests.get(
        f"{forge.url}/api/v3/repos/{REPOSITORY}/compare/{C1}...{C2}",
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=10,
    ).json()
    assert (compared["status"], compared["ahead_by"]) == ("ahead", 1)


def test_it_is_over_when_all_events_and_steps_are_played(
    kube: EmbeddedKubernetes, forge: EmbeddedForge
) -> None:
    player = playing(kube, forge, event(1, provider()), step(2, "settling"))
    before = player.over
    player.to(at(2))
    assert (before, player.over) == (False, True)


@pytest.mark.parametrize(
    ("text", "answer"), [("forge answers 500 for 40 s", 500), ("forge answers 429 to all", 429)]
)
def test_a_recorded_outage_is_one_of_the_forge(
    kube: EmbeddedKubernetes, forge: EmbeddedForge, text: str, answer: int
) -> None:
    playing(kube, forge, step(1, text)).to(at(1))
    assert post(forge) == answer


def test_an_outage_ends_when_the_recorded_one_ended(
    kube: EmbeddedKubernetes, forge: EmbeddedForge
) -> None:
    ends = step(5, "forge answers again")
    playing(kube, forge, step(1, "forge answers 500 for 4 s"), ends).to(at(5))
    assert post(forge) == 201


def test_a_slow_forge_stores_before_it_answers(
    kube: EmbeddedKubernetes, forge: EmbeddedForge
) -> None:
    playing(kube, forge, step(1, "forge takes 20 s per answer")).to(at(1))
    with pytest.raises(requests.ReadTimeout):
        post(forge, timeout=0.5)
    assert len(forge.stored) == 1


def test_an_answer_is_lost_after_the_row_was_stored(
    kube: EmbeddedKubernetes, forge: EmbeddedForge
) -> None:
    playing(kube, forge, step(1, "next POST is stored, then the connection is cut")).to(at(1))
    with pytest.raises(requests.ConnectionError):
        post(forge)
    assert len(forge.stored) == 1


def test_a_lost_answer_is_one_answer(kube: EmbeddedKubernetes, forge: EmbeddedForge) -> None:
    playing(kube, forge, step(1, "next POST is stored, then the connection is cut")).to(at(1))
    with pytest.raises(requests.ConnectionError):
        post(forge)
    assert post(forge) == 201


@pytest.mark.parametrize(("until", "away"), [(1, True), (5, False)])
def test_it_knows_when_the_bot_was_away(
    kube: EmbeddedKubernetes, forge: EmbeddedForge, until: int, away: bool
) -> None:
    player = playing(kube, forge, step(1, "bot stopped"), step(5, "bot started"))
    player.to(at(until))
    assert player.bot_away is away


def test_polls_are_one_interval_apart_and_go_past_the_end() -> None:
    times = polls(recording(), timedelta(seconds=10))
    assert times == [at(0), at(10), at(20), at(30)]
