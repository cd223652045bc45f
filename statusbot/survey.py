"""A poll up to its first write: what was read, what is to be said, and what of it is news."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from statusbot.aggregate import Aggregates
from statusbot.cluster.base import Cluster
from statusbot.decide import Decision, World
from statusbot.gather import Gathered, gather
from statusbot.ledger.memory import Ledger
from statusbot.notifications import Problem, context_id, read_router, single_router
from statusbot.plan import Plan, plan
from statusbot.routing.router import Router
from statusbot.secret import Secrets
from statusbot.settings import Settings
from statusbot.sources import Sources

# Seconds of the past that are told again at each poll, since Flux's clock may be behind that of the
# API server. The ledger knows what of it was told; that costs no call of a forge.
TOLD_AGAIN = 300.0


@dataclass(frozen=True, slots=True)
class Survey:
    """``started`` is seconds since the epoch by the cluster's clock."""

    started: float
    world: World
    secrets: Secrets
    problems: list[Problem]
    gathered: Gathered
    planned: Plan


def survey(
    cluster: Cluster,
    ledger: Ledger,
    settings: Settings,
    heed: Callable[[Decision], None] = lambda decision: None,
) -> Survey:
    """Read, decide and compare with the ledger. Raises StatusbotError where nothing can be read.

    ``heed`` sees every decision as it is made; they are not kept.
    """
    secrets = Secrets(cluster)
    router, problems = router_of(cluster, settings, secrets)
    sources = Sources(cluster)
    sources.read(settings.namespaces)
    started = cluster.now().timestamp()
    since = _history_since(ledger, scope(cluster, settings), started, settings.since)
    waits = (settings.pending, settings.superseded)
    world = World(sources, router, ledger, since, settings.failure_age, *waits)
    aggregates = None
    if settings.aggregate:
        aggregates = Aggregates(settings.aggregate, pending=settings.pending)
    gathered = gather(cluster, world, settings.selection, heed, aggregates)
    planned = plan(
        gathered.statuses, gathered.namesakes, ledger, now=started, recheck=settings.recheck
    )
    return Survey(started, world, secrets, problems, gathered, planned)


def router_of(
    cluster: Cluster, settings: Settings, secrets: Secrets
) -> tuple[Router, list[Problem]]:
    """The way of all results, and the Alerts and Providers that need mending."""
    id_ = settings.cluster_name
    if settings.single is not None:
        live_id = context_id(cluster.name) if cluster.live else ""
        one = single_router(
            settings.single, id_ or live_id, hosts=settings.hosts, texts=settings.texts
        )
        return one, []
    return read_router(
        cluster,
        settings.namespaces,
        id_,
        settings.api_url,
        secrets,
        cross_namespace=settings.cross_namespace,
        hosts=settings.hosts,
        texts=settings.texts,
    )


def scope(cluster: Cluster, settings: Settings) -> str:
    """What a poll reads: only a poll of the same has told the past before."""
    address = settings.single.address if settings.single else ""
    selected = filter(None, (str(settings.selection),))
    parts = "\n".join((cluster.name, address, *sorted(settings.namespaces), *selected))
    return blake2b(parts.encode(), digest_size=8).hexdigest()


def _history_since(ledger: Ledger, scope: str, now: float, since: float) -> float:
    """From when on the past may be news: the last whole poll of the same, else ``since`` ago."""
    if ledger.kept and scope in ledger.polls:
        return ledger.polls[scope] - TOLD_AGAIN
    return now - since
