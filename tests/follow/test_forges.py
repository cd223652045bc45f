"""Forges that are slow, dead or refuse, while changes come: told by the order of events."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from statusbot.demo.forge import EmbeddedForge, Kind, faults
from statusbot.poll import Poll
from statusbot.posting.outcome import Did
from statusbot.settings import Settings
from tests.support.follower import QUICK, Follower
from tests.support.objects import (
    C1,
    C2,
    C3,
    NAMESPACE,
    Object,
    alert,
    git,
    green,
    kustomization,
    not_ready,
    progressing,
    reconciling,
)
from tests.support.site import holding
from tests.support.world import FORGE_TOKEN, REPOSITORY, World, secret

Start = Callable[..., Follower]


def failed(commit: str = C2) -> Object:
    return green(conditions=[not_ready("BuildFailed")], lastAttemptedRevision=git(commit))


def change(here: World, status: Object) -> None:
    here.add(kustomization(status, name="healthy"))


def states(forge: EmbeddedForge, commit: str) -> list[str]:
    return [str(row.state) for row in forge.rows(REPOSITORY, commit)]


class Slow:
    """Holds every write of a forge, from now on until it is told to let them go."""

    def __init__(self, forge: EmbeddedForge) -> None:
        self.arrived = threading.Event()
        self._go = threading.Event()
        self._forge = forge
        fault = holding(lambda: self._go.wait(60), self.arrived)
        forge.faults.always(fault=fault, on=Kind.WRITE)

    def comes(self) -> None:
        """A write has come, and is held."""
        assert self.arrived.wait(60)

    def let_go(self) -> None:
        self._forge.faults.clear()
        self._go.set()


@pytest.fixture
def slow(here: World) -> Iterator[Callable[[], Slow]]:
    """Makes the forge slow."""
    made: list[Slow] = []

    def slow() -> Slow:
        made.append(Slow(here.forge))
        return made[-1]

    yield slow
    for one in made:
        one.let_go()


@pytest.fixture
def quick(here: World) -> Iterator[EmbeddedForge]:
    """A second forge, where every status goes too."""
    with EmbeddedForge(token=FORGE_TOKEN) as forge:
        forge.add_repository(REPOSITORY, {C1, C2, C3})
        here.add_way("quick", address=f"{forge.url}/{REPOSITORY}")
        yield forge


@pytest.fixture
def dead(here: World) -> None:
    """A forge that nobody answers at, where every status should go too."""
    with EmbeddedForge() as forge:
        here.add_way("dead", address=f"{forge.url}/{REPOSITORY}")


def test_what_changes_while_its_status_is_under_way_follows_it(
    here: World, start: Start, slow: Callable[[], Slow], ledger: str
) -> None:
    follower = start(ledger=ledger)
    forge = slow()
    change(here, failed())
    forge.comes()
    change(here, green(git(C2)))
    follower.looked()
    assert states(here.forge, C2) == []
    forge.let_go()
    follower.settled()
    assert states(here.forge, C2) == ["failure", "success"]


def test_what_stays_so_while_its_status_is_under_way_is_not_doubled(
    here: World, start: Start, slow: Callable[[], Slow], ledger: str
) -> None:
    follower = start(ledger=ledger)
    forge = slow()
    change(here, failed())
    forge.comes()
    for _ in range(3):
        change(here, failed())
        follower.looked()
    forge.let_go()
    follower.settled()
    assert states(here.forge, C2) == ["failure"]


def test_of_what_changes_twice_meanwhile_the_last_follows(
    here: World, start: Start, slow: Callable[[], Slow], ledger: str
) -> None:
    follower = start(ledger=ledger)
    forge = slow()
    change(here, failed())
    forge.comes()
    for status in (green(git(C2)), failed()):
        change(here, status)
        follower.looked()
    forge.let_go()
    follower.settled()
    assert states(here.forge, C2) == ["failure"]


def test_what_is_as_it_was_when_its_status_comes_back_is_shown_so_again(
    here: World, start: Start, slow: Callable[[], Slow], ledger: str
) -> None:
    """While it is under way the ledger holds the success, which then is no news."""
    follower = start(ledger=ledger)
    forge = slow()
    change(here, failed(C1))
    forge.comes()
    change(here, green())
    follower.looked()
    forge.let_go()
    follower.settled()
    assert states(here.forge, C1) == ["success", "failure", "success"]


def test_what_is_as_it_was_before_its_status_left_does_not_leave(
    here: World, start: Start, slow: Callable[[], Slow], ledger: str
) -> None:
    follower = start(ledger=ledger)
    forge = slow()
    here.add(kustomization(name="other"))
    forge.comes()
    for status in (failed(C1), green()):
        change(here, status)
        follower.looked()
    forge.let_go()
    follower.settled()
    assert here.shown("healthy") == ["success"]


def test_what_changed_between_two_rounds_while_its_status_was_under_way_is_shown(
    here: World, start: Start, slow: Callable[[], Slow], ledger: str
) -> None:
    follower = start(ledger=ledger)
    forge = slow()
    change(here, failed(C1))
    forge.comes()
    here.add(alert("another", eventSources=[]))
    change(here, green())
    follower.until(lambda: follower.rounds > 1)
    follower.looked()
    forge.let_go()
    follower.settled()
    assert states(here.forge, C1) == ["success", "failure", "success"]


def test_another_commit_of_the_object_is_decided_meanwhile(
    here: World, start: Start, slow: Callable[[], Slow], ledger: str
) -> None:
    """A failure leaves no trace in the object once it is at the next commit."""
    follower = start(ledger=ledger)
    forge = slow()
    change(here, failed(C1))
    forge.comes()
    for status in (failed(C2), green(git(C3))):
        change(here, status)
        follower.looked()
    forge.let_go()
    follower.settled()
    found = [states(here.forge, commit) for commit in (C1, C2, C3)]
    assert found == [["success", "failure"], ["failure"], ["success"]]


def test_what_a_commit_came_to_meanwhile_is_owed_though_its_object_has_gone_on(
    here: World, start: Start, slow: Callable[[], Slow], ledger: str
) -> None:
    """That it was posted before, and then failed, nobody could tell but the ledger."""
    follower = start(ledger=ledger)
    forge = slow()
    change(here, green(git(C2)))
    forge.comes()
    for status in (failed(C2), green(git(C3))):
        change(here, status)
        follower.looked()
    forge.let_go()
    follower.settled()
    assert states(here.forge, C2) == ["success", "failure"]
    assert states(here.forge, C3) == ["success"]


def test_what_is_under_way_when_a_namesake_comes_keeps_its_context(
    here: World, start: Start, slow: Callable[[], Slow], ledger: str
) -> None:
    """Two rows of one commit would stay, and only one of them would ever be mended."""
    sources = [
        {"kind": "Kustomization", "name": "*", "namespace": n} for n in (NAMESPACE, "tenant")
    ]
    here.add(alert(eventSources=sources))
    follower = start(ledger=ledger)
    forge = slow()
    change(here, failed())
    forge.comes()
    source = {"kind": "GitRepository", "name": "fleet", "namespace": NAMESPACE}
    here.add(kustomization(name="healthy", namespace="tenant", source=source))
    follower.looked()
    change(here, failed())
    follower.looked()
    forge.let_go()
    follower.settled()
    change(here, green(git(C2)))
    follower.settled()
    rows = here.forge.rows(REPOSITORY, C2)
    assert [(str(row.state), row.context.count("/")) for row in rows] == [
        ("failure", 2),
        ("success", 2),
    ]


def test_a_slow_forge_keeps_no_other_from_the_news_of_the_same_object(
    here: World, start: Start, slow: Callable[[], Slow], quick: EmbeddedForge, ledger: str
) -> None:
    forge = slow()
    follower = start(ledger=ledger, settle=False)
    forge.comes()
    for status, commit in ((failed(C2), C2), (green(git(C3)), C3)):
        change(here, status)
        follower.until(lambda commit=commit: states(quick, commit) != [])  # type: ignore[misc]
    assert [states(here.forge, commit) for commit in (C1, C2, C3)] == [[], [], []]
    forge.let_go()
    follower.settled()
    for one in (here.forge, quick):
        found = [states(one, commit) for commit in (C1, C2, C3)]
        assert found == [["success"], ["failure"], ["success"]]


def test_a_slow_forge_keeps_no_round_from_its_end(
    here: World, start: Start, slow: Callable[[], Slow], quick: EmbeddedForge, ledger: str
) -> None:
    forge = slow()
    follower = start(ledger=ledger, settle=False, times=replace(QUICK, round=0.05))
    forge.comes()
    follower.until(lambda: follower.rounds > 3)
    change(here, failed())
    follower.until(lambda: states(quick, C2) == ["failure"])
    forge.let_go()
    follower.settled()
    assert (states(here.forge, C1), states(quick, C1)) == (["success"], ["success"])
    assert states(here.forge, C2) == ["failure"]


@pytest.mark.usefixtures("dead")
def test_a_dead_forge_hurts_only_its_own_statuses(here: World, start: Start, ledger: str) -> None:
    follower = start(ledger=ledger)
    change(here, failed())
    follower.settled()
    assert (states(here.forge, C1), states(here.forge, C2)) == (["success"], ["failure"])
    (report,) = follower.stop()
    assert (report.counts[Did.POSTED], report.counts[Did.ERROR], report.exit_code()) == (2, 2, 1)


def test_another_login_is_not_held_up_by_a_limit(here: World, start: Start, ledger: str) -> None:
    here.forge.add_token("another-token")
    here.add(secret("other", token="another-token"))
    here.add_way("other", secretRef={"name": "other"})
    here.forge.faults.when(
        lambda call: "another-token" in str(call.headers), fault=faults.too_many(3600)
    )
    follower = start(ledger=ledger)
    change(here, failed())
    follower.settled()
    assert (states(here.forge, C1), states(here.forge, C2)) == (["success"], ["failure"])
    (report,) = follower.stop()
    assert report.counts[Did.DEFERRED] == 2


@pytest.mark.parametrize("stored", [False, True])
def test_an_answer_that_is_lost_doubles_nothing(
    here: World, start: Start, ledger: str, stored: bool
) -> None:
    follower = start(ledger=ledger)
    here.forge.faults.first(1, fault=faults.reset(stored=stored))
    change(here, failed())
    follower.settled()
    assert states(here.forge, C2) == ["failure"]


def test_a_forge_that_is_slow_at_the_end_does_not_hold_it_up(
    here: World, start: Start, slow: Callable[[], Slow], tmp_path: Path
) -> None:
    ledger = f"file:{tmp_path / 'ledger'}"
    forge = slow()
    follower = start(ledger=ledger, settle=False)
    forge.comes()
    (report,) = follower.stop()
    assert (report.stopped, report.counts[Did.POSTED]) == (True, 0)
    forge.let_go()
    here.report("--ledger", ledger)
    assert states(here.forge, C1) == ["success"]


def test_the_poll_may_post_for_as_long_as_any_however_little_is_followed(
    here: World, start: Start, ledger: str
) -> None:
    follower = start(ledger=ledger, settle=False, seconds=0.0, times=replace(QUICK, grace=0.0))
    (report,) = follower.ended()
    assert report.counts[Did.POSTED] == 1
    assert follower.rounds == 1


def test_a_bug_while_posting_ends_it_after_the_round(
    here: World, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Poll, "post", broken)
    follower = start()
    follower.stop()
    assert str(follower.error) == "a bug"
    follower.error = None


def test_what_is_pending_and_could_not_leave_before_its_end_never_does(
    here: World, start: Start, slow: Callable[[], Slow], tmp_path: Path
) -> None:
    ledger = f"file:{tmp_path / 'ledger'}"
    follower = start(ledger=ledger, settings=Settings(pending=True))
    forge = slow()
    here.add(kustomization(name="other"))
    forge.comes()
    words = f"Building manifests for revision {git(C2)} with a timeout of 9m59s"
    working = [progressing(), reconciling(words)]
    change(here, green(conditions=working, lastAttemptedRevision=git(C2)))
    follower.looked()
    change(here, green(git(C2)))
    follower.looked()
    forge.let_go()
    follower.settled()
    assert states(here.forge, C2) == ["success"]
