"""A Kubernetes API that cuts watches, forgets, refuses and goes away: nothing is lost or doubled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from statusbot.cluster import connection, listing
from statusbot.demo.forge import EmbeddedForge, Kind
from statusbot.demo.kube import EmbeddedKubernetes, Fault, Request, failing, garbled
from statusbot.errors import ClusterError
from tests.support.follower import QUICK, Follower
from tests.support.objects import (
    C1,
    C2,
    C3,
    Object,
    alert,
    git,
    git_repository,
    green,
    kustomization,
    not_ready,
    provider,
)
from tests.support.site import holding
from tests.support.world import FORGE_TOKEN, KUBE_TOKEN, REPOSITORY, World, world

Start = Callable[..., Follower]
PLURALS = ["kustomizations", "gitrepositories", "alerts", "providers"]


def failed(commit: str = C2) -> Object:
    return green(conditions=[not_ready("BuildFailed")], lastAttemptedRevision=git(commit))


def change(here: World, status: Object) -> None:
    here.add(kustomization(status, name="healthy"))


def is_stream(request: Request, plural: str = "kustomizations") -> bool:
    """Whether it is a watch, with or without the objects that there are."""
    return request.path.endswith(f"/{plural}") and "watch" in request.query


def is_watch(request: Request, plural: str = "kustomizations") -> bool:
    """Whether it is a watch of what comes after a listing."""
    return is_stream(request, plural) and "sendInitialEvents" not in request.query


def all_is_told(here: World, follower: Follower) -> None:
    """A failure and then a success, each once, and what was there before."""
    change(here, failed(C2))
    follower.settled()
    change(here, green(git(C3)))
    follower.settled()
    found = [here.shown("healthy", commit) for commit in (C1, C2, C3)]
    assert found == [["success"], ["failure"], ["success"]]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call is tried a second time at once, and no third time."""
    monkeypatch.setattr(connection, "PAUSES", (0.0,))


class Once:
    """Meets the first request of its kind, and lets all others be."""

    def __init__(self, applies: Callable[[Request], bool], fault: Fault, times: int = 1) -> None:
        self._applies = applies
        self._fault = fault
        self.left = times

    def __call__(self, request: Request) -> Fault | None:
        if self.left and self._applies(request):
            self.left -= 1
            return self._fault
        return None


def touched(here: World, plural: str) -> Object:
    """What a watch of these tells of."""
    return {
        "kustomizations": kustomization(name="another"),
        "gitrepositories": git_repository(url=here.url),
        "alerts": alert(),
        "providers": provider(type="gitea", address=here.url),
    }[plural]


@pytest.mark.parametrize("politely", [False, True])
@pytest.mark.parametrize("plural", PLURALS)
def test_a_watch_is_cut_in_the_middle_of_an_event(
    here: World, start: Start, ledger: str, plural: str, politely: bool
) -> None:
    """One object and the bookmark are told, and half of what comes then."""
    cut = Once(lambda r: is_stream(r, plural), Fault(cut=2, cut_politely=politely))
    here.kube.faults.fail = cut
    follower = start(ledger=ledger, settle=False)
    follower.until(lambda: here.shown("healthy") == ["success"])
    here.add(touched(here, plural))
    follower.another_round(1)
    all_is_told(here, follower)


def test_every_watch_is_cut_after_each_change(here: World, start: Start, ledger: str) -> None:
    here.kube.faults.fail = lambda r: Fault(cut=4) if is_stream(r) else None
    follower = start(ledger=ledger)
    for number in range(5):
        here.add(kustomization(name=f"app-{number}"))
    all_is_told(here, follower)
    assert follower.rounds > 1
    for number in range(5):
        assert here.shown(f"app-{number}") == ["success"]


@pytest.mark.parametrize("code", [410, 500])
def test_an_error_in_the_stream(here: World, start: Start, ledger: str, code: int) -> None:
    here.kube.faults.streaming_list = "refused"
    status = {"kind": "Status", "code": code, "message": "too old resource version"}
    line = orjson.dumps({"type": "ERROR", "object": status}) + b"\n"
    here.kube.faults.fail = Once(is_watch, garbled(line), times=3)
    follower = start(ledger=ledger)
    follower.until(lambda: follower.rounds > 3)
    all_is_told(here, follower)


def test_a_server_that_ends_every_watch_at_once_is_asked_at_growing_intervals(
    here: World, start: Start, ledger: str
) -> None:
    here.kube.faults.streaming_list = "refused"
    here.kube.faults.fail = lambda request: garbled(b"") if is_watch(request) else None
    # By this clock no round takes any time.
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    follower = start(ledger=ledger, settle=False, clock=lambda: noon)
    follower.until(lambda: follower.pause >= 8 * QUICK.first_pause)
    assert here.shown("healthy") == ["success"]
    assert follower.rounds < 9


def test_a_watch_whose_place_has_expired(here: World, start: Start, ledger: str) -> None:
    here.kube.faults.streaming_list = "refused"

    def compacted(request: Request) -> None:
        if is_watch(request):
            here.add(kustomization(name="meanwhile"))
            here.kube.compact()
            here.kube.compact()
            here.kube.faults.fail = lambda request: None

    here.kube.faults.fail = compacted
    follower = start(ledger=ledger)
    all_is_told(here, follower)
    assert here.shown("meanwhile") == ["success"]


@pytest.mark.parametrize("how", ["ignored", "refused", "error"])
def test_a_server_without_streaming_lists(
    here: World, start: Start, ledger: str, how: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "QUIET", 0.2)
    here.kube.faults.streaming_list = how
    all_is_told(here, start(ledger=ledger))


def test_bookmarks_are_nothing_to_post(here: World, start: Start, ledger: str) -> None:
    here.kube.faults.bookmark_seconds = 0.01
    follower = start(ledger=ledger)
    all_is_told(here, follower)
    assert follower.rounds == 1


def test_a_server_that_answers_nothing_between_two_rounds(
    here: World, start: Start, ledger: str
) -> None:
    follower = start(ledger=ledger)
    refused = Once(lambda request: True, failing(503, "ServiceUnavailable"), times=20)
    here.kube.faults.fail = refused
    here.add(alert("another", eventSources=[]))
    follower.until(lambda: refused.left == 0)
    follower.settled()
    all_is_told(here, follower)


def test_a_right_that_is_missing_for_a_while_ends_nothing(
    here: World, start: Start, ledger: str
) -> None:
    """An API server that has just started knows no roles yet."""
    follower = start(ledger=ledger)
    refused = Once(lambda request: True, failing(403, "Forbidden", "is forbidden"), times=10)
    here.kube.faults.fail = refused
    here.add(alert("another", eventSources=[]))
    follower.until(lambda: refused.left == 0)
    all_is_told(here, follower)


# -- a server that goes away


@dataclass
class Restarted:
    """An API server whose place another one takes, which has seen nothing of the first."""

    forge: EmbeddedForge
    folder: Path
    kube: EmbeddedKubernetes = field(init=False)
    port: int = 0

    def begin(self, *objects: Object) -> None:
        self.kube = EmbeddedKubernetes(token=KUBE_TOKEN, port=self.port)
        self.port = int(self.kube.url.rpartition(":")[2])
        self.kube.apply_all(World(self.kube, self.forge, self.folder).objects())
        self.kube.apply_all(objects)
        self.kube.__enter__()

    def end(self) -> None:
        self.kube.__exit__(None, None, None)

    def shown(self, commit: str) -> list[str]:
        return [str(row.state) for row in self.forge.rows(REPOSITORY, commit)]


@pytest.fixture
def restarted(tmp_path: Path) -> Iterator[Restarted]:
    with EmbeddedForge(token=FORGE_TOKEN) as forge:
        forge.add_repository(REPOSITORY, {C1, C2, C3})
        made = Restarted(forge, tmp_path)
        made.begin()
        yield made
        made.end()


@pytest.fixture
def through(restarted: Restarted, ledger: str, tmp_path: Path) -> Iterator[Follower]:
    """A follower that goes on through all that, with short pauses."""
    config = restarted.kube.kubeconfig(tmp_path / "kubeconfig")
    with Follower(config, lambda obj: restarted.kube.apply(obj), ledger=ledger) as follower:
        follower.settled()
        yield follower


def test_a_server_that_goes_away_and_comes_back(restarted: Restarted, through: Follower) -> None:
    restarted.end()
    restarted.begin(kustomization(failed(), name="healthy"))
    through.another_round(1)
    restarted.kube.apply(kustomization(green(git(C3)), name="healthy"))
    through.settled()
    assert [restarted.shown(c) for c in (C1, C2, C3)] == [["success"], ["failure"], ["success"]]


def test_a_server_that_is_away_for_longer_than_a_call_is_tried(
    restarted: Restarted, through: Follower, caplog: pytest.LogCaptureFixture
) -> None:
    restarted.end()
    through.until(lambda: caplog.text.count("trying again") > 1)
    restarted.begin(kustomization(failed(), name="healthy"))
    through.another_round(1)
    assert [restarted.shown(commit) for commit in (C1, C2)] == [["success"], ["failure"]]


def test_what_is_under_way_while_the_server_is_away_arrives(
    restarted: Restarted, through: Follower, caplog: pytest.LogCaptureFixture
) -> None:
    goes, arrived = threading.Event(), threading.Event()
    fault = holding(lambda: goes.wait(60), arrived)
    restarted.forge.faults.always(fault=fault, on=Kind.WRITE)
    restarted.kube.apply(kustomization(failed(), name="healthy"))
    assert arrived.wait(60)
    restarted.end()
    through.until(lambda: "trying again" in caplog.text)
    goes.set()
    through.until(lambda: through.idle)
    restarted.begin(kustomization(failed(), name="healthy"))
    through.another_round(1)
    assert restarted.shown(C2) == ["failure"]


def test_a_server_that_never_comes_back_is_an_error_at_the_end(
    restarted: Restarted, ledger: str, tmp_path: Path
) -> None:
    config = restarted.kube.kubeconfig(tmp_path / "kubeconfig")
    with Follower(config, lambda obj: None, ledger=ledger, seconds=1.0) as follower:
        follower.until(lambda: restarted.shown(C1) == ["success"])
        restarted.end()
        follower.ended()
        assert isinstance(follower.error, ClusterError)
        follower.error = None
    restarted.begin()


# -- rights


def forbidding(*plurals: str) -> Callable[[str, str, str, str], bool]:
    """Whoever asks may do all but watch these."""
    return lambda user, verb, plural, namespace: verb != "watch" or plural not in plurals


@pytest.fixture
def unwatched(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, authorize=forbidding(*request.param)) as made:
        yield made


@pytest.mark.parametrize("unwatched", [PLURALS], indirect=True)
def test_a_cluster_that_may_only_be_listed_is_polled(
    unwatched: World, ledger: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = unwatched.kube.kubeconfig(tmp_path / "kubeconfig")
    times = replace(QUICK, round=0.05)
    with Follower(config, unwatched.kube.apply, ledger=ledger, times=times) as follower:
        follower.settled()
        all_is_told(unwatched, follower)
        follower.until(lambda: follower.rounds > 5)
    said = [record.getMessage() for record in caplog.records if "polled" in record.getMessage()]
    assert sorted(text.partition(" ")[0] for text in said) == sorted(PLURALS)
    assert all("cannot watch" in text for text in said)


@pytest.mark.parametrize("unwatched", [PLURALS], indirect=True)
def test_a_cluster_that_may_only_be_listed_is_polled_once_in_a_round(
    unwatched: World, ledger: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = unwatched.kube.kubeconfig(tmp_path / "kubeconfig")
    with Follower(config, unwatched.kube.apply, ledger=ledger) as follower:
        follower.until(lambda: caplog.text.count("only polled") == len(PLURALS))
        follower.until(lambda: unwatched.shown("healthy") == ["success"])
        assert follower.rounds == 1


@pytest.mark.parametrize("unwatched", [PLURALS[1:]], indirect=True)
def test_kustomizations_are_followed_though_nothing_else_may_be_watched(
    unwatched: World, ledger: str, tmp_path: Path
) -> None:
    config = unwatched.kube.kubeconfig(tmp_path / "kubeconfig")
    with Follower(config, unwatched.kube.apply, ledger=ledger) as follower:
        follower.settled()
        all_is_told(unwatched, follower)
        assert follower.rounds == 1


@pytest.mark.parametrize("unwatched", [["gitrepositories"]], indirect=True)
def test_a_source_that_may_not_be_watched_is_as_it_is_when_its_object_changes(
    unwatched: World, ledger: str, tmp_path: Path
) -> None:
    config = unwatched.kube.kubeconfig(tmp_path / "kubeconfig")
    with Follower(config, unwatched.kube.apply, ledger=ledger) as follower:
        follower.settled()
        unwatched.add(git_repository(C2, url=f"{unwatched.forge.url}/acme/elsewhere"))
        change(unwatched, green(git(C2)))
        follower.settled()
    assert unwatched.shown("healthy", C2) == []
