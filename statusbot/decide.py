"""What is to be said of one object: its claim now, its past, and what it is still owed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from sys import intern

from statusbot.forges.address import source_key
from statusbot.ledger.memory import Ledger, Memory, Owed
from statusbot.results.history import earlier
from statusbot.results.observation import Observation
from statusbot.results.result import Claim, Result, Skipped, Waiting
from statusbot.results.rules import claim
from statusbot.results.source import Source
from statusbot.results.state import State
from statusbot.routing.routed import routed
from statusbot.routing.router import Router
from statusbot.routing.status import NoWay, Routed, Way
from statusbot.sources import Sources


@dataclass(slots=True)
class World:
    """What a decision looks at, beside the object itself. Durations are in seconds."""

    sources: Sources
    router: Router
    ledger: Ledger
    history_since: float  # the past before this was told by an earlier poll, or is too old to tell
    failure_age: float


@dataclass(frozen=True, slots=True)
class Decision:
    """One object: what is said where (``statuses``), and why nothing else is.

    ``skipped`` is no result, ``unsent`` are results that go nowhere. ``said`` is news as far as
    the object tells, ``owed`` was not said at earlier polls; ``unrouted`` cannot be said before
    somebody mends an Alert or a Provider.
    """

    observation: Observation
    ways: list[Way | NoWay]
    results: list[Result]
    skipped: list[Skipped]
    said: list[Routed]
    owed: list[Routed]
    unsent: list[tuple[Result, NoWay]]
    unrouted: list[Owed]

    def statuses(self) -> Iterator[Routed]:
        """Every result on every way, and what is owed from earlier polls."""
        yield from self.said
        yield from self.owed


def decide(seen: Observation, world: World) -> Decision:
    """The verdict on one object; of the ledger only the first sight of a wait is written."""
    unreadable = world.sources.unreadable
    source = world.sources(seen, fresh=False)
    memory = world.ledger.seen(seen.object, _repository(source), seen.now)
    ways = world.router.ways(seen.object, seen.labels, source)
    if seen.source in unreadable:
        skipped = Skipped(seen.object, f"its source may not be read: {unreadable[seen.source]}")
        owed = list(memory.owed) if memory else []
        return Decision(seen, ways, [], [skipped], [], [], [], owed)
    verdict = _verdict(seen, world)
    if isinstance(verdict, Result) and _of_the_source_before(seen, verdict, memory, source):
        why = "it shows what was so of the source that it had before"
        verdict = Skipped(seen.object, why, verdict.commit)
    claimed = verdict.commit if isinstance(verdict, Result) else None
    past = earlier(seen, world.sources, since=_since(memory, seen, world), claimed=claimed)
    results = [verdict, *past] if isinstance(verdict, Result) else list(past)
    skipped_now = [verdict] if isinstance(verdict, Skipped) else []
    told = {result.commit: result.when for result in results}
    owed = [
        item
        for item in (memory.owed if memory else ())
        if item.result.when > told.get(item.result.commit, float("-inf"))
    ]
    said, unsent = _routed(results, ways)
    still_owed, unrouted = owed_now(owed, source, world)
    unrouted += [
        Owed(result, way.alert, world.ledger.unfinished(seen.object, result.commit, way.alert))
        for result, way in unsent
        if way.error
    ]
    return Decision(seen, ways, results, skipped_now, said, still_owed, unsent, unrouted)


def _routed(
    results: list[Result], ways: list[Way | NoWay]
) -> tuple[list[Routed], list[tuple[Result, NoWay]]]:
    """Every result on every way."""
    statuses: list[Routed] = []
    unsent: list[tuple[Result, NoWay]] = []
    for way in ways:
        for result in results:
            found = routed(result, way) if isinstance(way, Way) else way
            if isinstance(found, Routed):
                statuses.append(found)
            else:
                unsent.append((result, found))
    return statuses, unsent


def _repository(source: Source | None) -> str:
    """One name for what the URL of a source stands for, however it is written."""
    return intern(source_key(source.url) or source.url) if source else ""


def _of_the_source_before(
    seen: Observation, result: Result, memory: Memory | None, source: Source | None
) -> bool:
    """Whether Flux has not come to the object since its source became another repository.

    It passes through Unknown when it does. Where it did so before the change was noticed, the
    commit is that of the new source.
    """
    if memory is None or not memory.source_changed_at:
        return False
    since = seen.conditions["Ready"].changed
    here = source.commit() if source else None
    return since < memory.source_changed_at and result.commit != here


def owed_now(
    owed: Iterable[Owed], source: Source | None, world: World
) -> tuple[list[Routed], list[Owed]]:
    """What can be said now of what is owed, and what still cannot."""
    statuses: list[Routed] = []
    unrouted: list[Owed] = []
    for item in owed:
        way = world.router.way_of(item.alert, source)
        found = routed(item.result, way) if isinstance(way, Way) else way
        if isinstance(found, Routed):
            statuses.append(found)
        elif found.error:
            unrouted.append(item)
    return statuses, unrouted


def _verdict(seen: Observation, world: World) -> Result | Skipped:
    verdict: Claim = claim(seen, world.sources)
    if not isinstance(verdict, Waiting):
        if isinstance(verdict, Result):
            world.ledger.no_longer_waiting(seen.object)
        return verdict
    since = verdict.arrived or seen.now
    if world.ledger.kept:
        since = world.ledger.waiting_since(seen.object, verdict.commit, seen.now)
    if seen.now - since <= world.failure_age:
        return Skipped(seen.object, f"Flux tries again: {verdict.reason}", verdict.commit)
    return _lasting(seen, verdict, world)


def _lasting(seen: Observation, waiting: Waiting, world: World) -> Result | Skipped:
    """A wait that lasted too long is a failure, if the source is still at that commit."""
    source = world.sources(seen, fresh=True)
    if source is None or source.commit() != waiting.commit:
        return Skipped(seen.object, f"{waiting.reason}, and its source has moved on")
    return Result(
        seen.object,
        waiting.commit,
        State.FAILURE,
        waiting.reason,
        waiting.message,
        seen.now,
        waiting.arrived,
        current=True,
        event=seen.event(source.revision),
    )


def _since(memory: Memory | None, seen: Observation, world: World) -> float:
    moved = memory is not None and memory.source_changed_at > world.history_since
    return memory.source_changed_at if memory is not None and moved else world.history_since
