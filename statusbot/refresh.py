"""Reading an object again whose news waited so long that it may be old."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from statusbot.cluster.base import Cluster
from statusbot.cluster.kinds import KUSTOMIZATION
from statusbot.decide import World, decide
from statusbot.plan import News, said_by
from statusbot.results.observation import observe
from statusbot.results.result import Result
from statusbot.routing.routed import routed
from statusbot.routing.status import CommitStatus, Routed


def refresher(cluster: Cluster, world: World) -> Callable[[News], News]:
    """Gives the news as it is, or that of a newer result of the same commit in its place."""

    def refresh(news: News) -> News:
        result = news.status.result
        if not cluster.live or result.object.kind != KUSTOMIZATION.kind:
            return news
        obj = cluster.get(KUSTOMIZATION, result.object.namespace, result.object.name)
        if obj is None:
            return news
        decision = decide(observe(obj, cluster.now().timestamp()), world)
        newer = (r for r in decision.results if _is_newer(r, result))
        # On its way it may become a result of the commit that an annotation or the Alert names.
        ways = (routed(r, news.status.routed.way) for r in newer)
        told = (way for way in ways if isinstance(way, Routed))
        fresh = next((way for way in told if way.result.commit == result.commit), None)
        if decision.observation.object != result.object or fresh is None:
            return news
        if (fresh.result.state, fresh.result.reason) == (result.state, result.reason):
            return news
        status = CommitStatus(fresh, news.status.context)
        return replace(news, status=status, said=said_by(status))

    return refresh


def _is_newer(result: Result, than: Result) -> bool:
    """Whether it takes the other's place: that a commit waits again undoes no end of it."""
    return result.weight >= than.weight and (result.current or result.when > than.when)
