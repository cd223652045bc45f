"""An object that is read again before its news is written: what takes the place of what was read."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from statusbot.decide import World, decide
from statusbot.ledger.memory import Ledger
from statusbot.notifications import read_router
from statusbot.plan import News, said_by
from statusbot.refresh import refresher
from statusbot.results.observation import observe
from statusbot.routing.status import CommitStatus
from statusbot.sources import Sources
from tests.support.objects import (
    C1,
    C2,
    NOW,
    FakeCluster,
    Object,
    alert,
    git,
    git_repository,
    green,
    kustomization,
    not_ready,
    provider,
)

LATER = NOW + 60.0


@dataclass
class Bench:
    """The first news of the object, and the same once that is another one."""

    cluster: FakeCluster
    world: World

    def news(self, status: Object) -> News:
        """Of the object as it is read first."""
        seen = observe(kustomization(status), NOW)
        routed = next(decide(seen, self.world).statuses())
        shown = CommitStatus(routed, "kustomization/apps/id")
        return News(shown, said_by(shown), None)

    def again(self, news: News, status: Object) -> News:
        """The object is so when it is read again."""
        self.cluster.at = LATER
        self.cluster.objects.append(kustomization(status))
        return refresher(self.cluster, self.world)(news)


@pytest.fixture
def bench() -> Bench:
    """``--pending``, and a source that holds C2."""
    cluster = FakeCluster([git_repository(C2), alert(), provider()])
    sources = Sources(cluster)
    sources.read()
    router, _ = read_router(cluster, (), "id", None)
    return Bench(cluster, World(sources, router, Ledger(), 0.0, 300.0, pending=True))


def failed() -> Object:
    return green(conditions=[not_ready("BuildFailed")], lastAttemptedRevision=git(C2))


def waiting() -> Object:
    """What Flux writes before it tries a commit, again too."""
    return green(conditions=[not_ready("DependencyNotReady")], lastAttemptedRevision=git(C1))


def test_a_result_takes_the_place_of_another(bench: Bench) -> None:
    fresh = bench.again(bench.news(failed()), green(git(C2)))
    assert fresh.status.result.state == "success"


def test_a_result_takes_the_place_of_what_was_pending(bench: Bench) -> None:
    fresh = bench.again(bench.news(waiting()), failed())
    assert fresh.status.result.state == "failure"


def test_what_is_pending_takes_the_place_of_no_result(bench: Bench) -> None:
    """What was built in vain leaves no trace in the object: nobody would tell of it any more."""
    news = bench.news(failed())
    assert bench.again(news, waiting()) is news


def test_what_is_gone_was_so_all_the_same(bench: Bench) -> None:
    news = bench.news(failed())
    assert refresher(bench.cluster, bench.world)(news) is news
