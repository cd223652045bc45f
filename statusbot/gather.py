"""Every object read once, and what is to be said of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from statusbot.aggregate import Aggregates
from statusbot.cluster.base import Cluster
from statusbot.cluster.errors import TimedOut
from statusbot.cluster.kinds import KUSTOMIZATION
from statusbot.contexts import Namesakes
from statusbot.decide import Decision, World, decide, owed_now
from statusbot.errors import StatusbotError
from statusbot.ledger.memory import Memory, Owed
from statusbot.results.observation import Observation, observe
from statusbot.results.result import ObjectRef, Result, Skipped
from statusbot.routing.status import NoWay, Routed, Way
from statusbot.selection import Selection
from statusbot.superseded import finishing_of_the_gone


@dataclass(slots=True)
class Gathered:
    """A poll's material, compact: of an object only its results and their ways are kept."""

    namesakes: Namesakes = field(default_factory=Namesakes)
    statuses: list[Routed] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    unsent: list[tuple[Result, NoWay]] = field(default_factory=list)
    unrouted: dict[str, list[Owed]] = field(default_factory=dict)  # by ObjectRef.key
    passed_by: set[str] = field(default_factory=set)  # remembered, there, and not selected
    objects: dict[str, ObjectRef] = field(default_factory=dict)
    results: int = 0
    aggregates: Aggregates | None = None
    whole: bool = True  # every source could be read, so the past is told up to now

    def pass_by(self, seen: Observation, world: World) -> None:
        """An object that is not selected: it may be a namesake of one that is."""
        if seen.object.key in world.ledger.objects:
            self.passed_by.add(seen.object.key)
        source = world.sources(seen, fresh=False)
        self._meet(seen.object, world.router.ways(seen.object, seen.labels, source))

    def take(self, decision: Decision) -> None:
        """What one decision adds."""
        object_ = decision.observation.object
        self.objects[object_.key] = object_
        self.skipped += decision.skipped
        self.statuses += decision.statuses()
        self.unsent += decision.unsent
        self.results += len(decision.results)
        self._meet(object_, decision.ways)
        for status in decision.said:
            if status.way.elsewhere:
                self.namesakes.meet(object_, status.way.destination)
        if self.aggregates is not None:
            self.aggregates.take(decision)
        if decision.unrouted:
            self.unrouted.setdefault(object_.key, []).extend(decision.unrouted)

    def _meet(self, object_: ObjectRef, ways: Iterable[Way | NoWay]) -> None:
        for way in ways:
            # Elsewhere only goes what has a commit that somebody named.
            if isinstance(way, Way) and not way.elsewhere:
                self.namesakes.meet(object_, way.destination)


def gather(
    cluster: Cluster,
    world: World,
    selection: Selection,
    heed: Callable[[Decision], None] = lambda decision: None,
    aggregates: Aggregates | None = None,
) -> Gathered:
    """Decide on every selected Kustomization, as they stream in; ``heed`` sees each verdict."""
    gathered = Gathered(aggregates=aggregates)
    for obj in cluster.list(KUSTOMIZATION, selection.namespaces):
        seen = observe(obj, cluster.now().timestamp())
        if not selection.takes(seen):
            gathered.pass_by(seen, world)
            continue
        decision = decide(seen, world)
        gathered.take(decision)
        heed(decision)
    gathered.whole = not world.sources.unreadable
    _take_the_gone(cluster, gathered, world, selection)
    add_aggregates(gathered, world)
    if aggregates is not None and cluster.live and gathered.whole:
        now = cluster.now().timestamp()
        gathered.statuses += aggregates.finishing(
            world.ledger, world.router, world.sources.commit, now
        )
    return gathered


def add_aggregates(gathered: Gathered, world: World) -> None:
    """The statuses of all Kustomizations together that those which were taken have changed."""
    if gathered.aggregates is not None:
        gathered.statuses += gathered.aggregates.statuses(
            world.ledger, gathered.namesakes, world.sources.commit, gathered.objects
        )


def _take_the_gone(
    cluster: Cluster, gathered: Gathered, world: World, selection: Selection
) -> None:
    """What is to be said of objects that are not there any more."""
    gone = list(_gone(cluster, gathered, world, selection))
    gathered.statuses += _owed_by_the_gone(gathered, world, selection)
    for memory in gone:
        gathered.objects[memory.object.key] = memory.object
        now = cluster.now().timestamp()
        gathered.statuses += finishing_of_the_gone(memory, world.router, now)


def _gone(
    cluster: Cluster, gathered: Gathered, world: World, selection: Selection
) -> Iterator[Memory]:
    """The memories of objects that left something pending, and are surely not there any more."""
    for memory in world.ledger.with_pending():
        object_ = memory.object
        known = object_.key in gathered.objects or object_.kind != KUSTOMIZATION.kind
        if known or not cluster.live or not selection.may_take(object_):
            continue
        try:
            obj = cluster.get(KUSTOMIZATION, object_.namespace, object_.name)
        except TimedOut:
            raise
        except StatusbotError:
            continue
        if obj is None or observe(obj, 0.0).object != object_:
            yield memory


def _owed_by_the_gone(gathered: Gathered, world: World, selection: Selection) -> Iterator[Routed]:
    """What is owed of objects that are not there any more: it was so all the same."""
    for memory in world.ledger.owing():
        object_ = memory.object
        if object_.key in gathered.objects or object_.key in gathered.passed_by:
            continue
        if not selection.may_take(object_):
            continue
        gathered.objects[object_.key] = object_
        statuses, unrouted = owed_now(memory.owed, None, world)
        yield from statuses
        if unrouted:
            gathered.unrouted.setdefault(object_.key, []).extend(unrouted)
