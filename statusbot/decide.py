"""What is to be said of one object: its claim now, its past, and what it is still owed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from sys import intern

from statusbot.dependencies import never_ready
from statusbot.forges.address import source_key
from statusbot.ledger.memory import Ledger, Memory, Owed
from statusbot.results.history import earlier
from statusbot.results.observation import Observation
from statusbot.results.result import Claim, Result, Skipped, Waiting
from statusbot.results.rules import PROGRESSING, claim
from statusbot.results.source import Source
from statusbot.results.state import State, Weight
from statusbot.routing.routed import routed
from statusbot.routing.router import Router
from statusbot.routing.status import NoWay, Routed, Way
from statusbot.sources import Sources
from statusbot.superseded import Outlook, finishing, note, outlook, superseded


@dataclass(slots=True)
class World:
    """What a decision looks at, beside the object itself. Durations are in seconds."""

    sources: Sources
    router: Router
    ledger: Ledger
    history_since: float  # the past before this was told by an earlier poll, or is too old to tell
    failure_age: float
    pending: bool = False  # whether what is not final is shown
    superseded: State | None = None  # what a commit becomes whose place was taken, if anything


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
    """The verdict on one object; of the ledger only first sights of commits are written.

    However often it is asked of one object within a run, it says the same.
    """
    unreadable = world.sources.unreadable
    source = world.sources(seen, fresh=False)
    memory = world.ledger.seen(seen.object, _repository(source), seen.now)
    ways = world.router.ways(seen.object, seen.labels, source)
    if seen.source in unreadable:
        return _unread(seen, ways, memory, unreadable[seen.source])
    said = claim(seen, world.sources)
    if seen.source in unreadable:  # it was read again for the claim
        return _unread(seen, ways, memory, unreadable[seen.source])
    verdict = _of_its_source(seen, _verdict(seen, said, world), memory, source)
    past = list(_past(seen, memory, verdict, world))
    # What is awaited of another source is only awaited there.
    moved = memory.source_changed_at if memory else 0.0
    results = _with_past(verdict, [result for result in past if result.when >= moved])
    told = outlook(seen, world.sources, source, said) if _looks_on(memory, world) else None
    if told is not None:
        results += _superseded(seen, told, results, world)
    said_now, unsent = _routed(results, ways)
    still_owed, unrouted = owed_now(_still(memory, results), source, world)
    memory = world.ledger.objects.get(seen.object.key)
    if told is not None and memory is not None:
        known = [*results, *past]
        ends, open_ = finishing(seen, memory, told, known, world.router, world.superseded)
        said_now, unrouted = said_now + ends, unrouted + open_
    unrouted += _unsayable(unsent, world.ledger)
    skipped_now = [verdict] if isinstance(verdict, Skipped) else []
    return Decision(seen, ways, results, skipped_now, said_now, still_owed, unsent, unrouted)


def _unread(
    seen: Observation, ways: list[Way | NoWay], memory: Memory | None, why: str
) -> Decision:
    """Nothing is said, and what is owed stays so."""
    skipped = Skipped(seen.object, f"its source may not be read: {why}")
    owed = list(memory.owed) if memory else []
    return Decision(seen, ways, [], [skipped], [], [], [], owed)


def _past(
    seen: Observation, memory: Memory | None, verdict: Result | Skipped, world: World
) -> Iterator[Result]:
    """What the object tells of its past that is news, or the end of a red that was posted."""
    final = isinstance(verdict, Result) and verdict.weight is Weight.RESULT
    claimed = verdict.commit if final else None
    since, awaited, reds = _since(memory, seen, world), set[str](), set[str]()
    if memory is not None:
        awaited, reds = memory.awaited(), memory.reds()
    for result in earlier(
        seen, world.sources, since=since, claimed=claimed, awaited=awaited | reds
    ):
        asked = result.when >= since or {result.commit, result.event.revision} & awaited
        if asked or (memory is not None and memory.recovered(result)):
            yield result


def _with_past(verdict: Result | Skipped, past: list[Result]) -> list[Result]:
    """What is said now comes first, unless the past knows how a commit ended that seems to wait."""
    if not isinstance(verdict, Result):
        return past
    if verdict.weight < Weight.RESULT and verdict.commit in {result.commit for result in past}:
        return past
    return [verdict, *past]


def _looks_on(memory: Memory | None, world: World) -> bool:
    """Whether anybody asks what becomes of commits without a result."""
    if world.superseded is not None:
        return True
    return memory is not None and (memory.has_pending() or bool(memory.seen))


def _superseded(
    seen: Observation, told: Outlook, results: list[Result], world: World
) -> list[Result]:
    if world.superseded is None or not world.ledger.kept:
        return []
    known = {result.commit for result in results if result.weight is Weight.RESULT}
    note(seen, world.ledger, told, known)
    memory = world.ledger.objects.get(seen.object.key)
    return list(superseded(seen, memory, told, known, world.superseded)) if memory else []


def _still(memory: Memory | None, results: list[Result]) -> list[Owed]:
    """What is owed, but for what is said anew."""
    told = {result.commit: result for result in results}
    return [
        item
        for item in (memory.owed if memory else ())
        if item.result.commit not in told or item.result.outdoes(told[item.result.commit])
    ]


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


def _unsayable(unsent: Iterable[tuple[Result, NoWay]], ledger: Ledger) -> Iterator[Owed]:
    """What cannot be said before somebody mends an Alert or a Provider."""
    for result, way in unsent:
        if way.error:
            unfinished = ledger.unfinished(result.object, result.commit, way.alert)
            yield Owed(result, way.alert, unfinished)


def _repository(source: Source | None) -> str:
    """One name for what the URL of a source stands for, however it is written."""
    return intern(source_key(source.url) or source.url) if source else ""


def _of_its_source(
    seen: Observation, verdict: Result | Skipped, memory: Memory | None, source: Source | None
) -> Result | Skipped:
    """The verdict, if it is one on the source that the object has now."""
    if isinstance(verdict, Result) and _of_the_source_before(seen, verdict, memory, source):
        why = "it shows what was so of the source that it had before"
        return Skipped(seen.object, why, verdict.commit)
    return verdict


def _of_the_source_before(
    seen: Observation, result: Result, memory: Memory | None, source: Source | None
) -> bool:
    """Whether Flux has not come to the object since its source became another repository.

    It passes through Unknown when it does. Where it did so before the change was noticed, the
    commit is that of the new source.
    """
    if memory is None or not memory.source_changed_at:
        return False
    since = seen.conditions["Ready"].changed if "Ready" in seen.conditions else seen.now
    here = source.commit() if source else None
    return since < memory.source_changed_at and result.commit != here


def owed_now(
    owed: Iterable[Owed], source: Source | None, world: World
) -> tuple[list[Routed], list[Owed]]:
    """What can be said now of what is owed, and what still cannot."""
    statuses: list[Routed] = []
    unrouted: list[Owed] = []
    for item in owed:
        if item.result.state is State.PENDING:
            continue  # it is so now, or it is finished
        way = world.router.way_of(item.alert, source)
        found = routed(item.result, way) if isinstance(way, Way) else way
        if isinstance(found, Routed):
            statuses.append(found)
        elif found.error:
            unrouted.append(item)
    return statuses, unrouted


def _verdict(seen: Observation, said: Claim, world: World) -> Result | Skipped:
    if not isinstance(said, Waiting):
        if isinstance(said, Result):
            world.ledger.no_longer_waiting(seen.object)
        return said
    if said.ages and _lasts(seen, said, world):
        why = said.message
        if said.dependencies:
            why = never_ready(seen, world.sources, world.ledger, world.failure_age)
        if why or not said.dependencies:
            return _lasting(seen, replace(said, message=why), world)
    return _pending(seen, said, world)


def _lasts(seen: Observation, waiting: Waiting, world: World) -> bool:
    """Whether a commit waits for longer than the age; its first sight is noted."""
    # An object that was made later than its artifact came has not waited for longer than it is there.
    since = max(waiting.arrived or seen.now, seen.created)
    if world.ledger.kept:
        since = world.ledger.waiting_since(seen.object, waiting.commit, seen.now)
    return world.sources.seen_at(seen) - since > world.failure_age


def _lasting(seen: Observation, waiting: Waiting, world: World) -> Result | Skipped:
    """A wait that lasted too long is a failure, if the source is still at that commit."""
    source = world.sources(seen, fresh=True)
    if source is None or source.commit() != waiting.commit:
        return Skipped(seen.object, f"{waiting.reason}, and its source has moved on")
    return replace(_of_waiting(seen, waiting, State.FAILURE), lasting=True)


def _pending(seen: Observation, waiting: Waiting, world: World) -> Result | Skipped:
    """A wait as it is shown, if that is asked for."""
    if not (world.pending and world.ledger.kept and waiting.shown):
        return Skipped(seen.object, waiting.why, waiting.commit)
    memory = world.ledger.objects.get(seen.object.key)
    known = memory is not None and waiting.commit in memory.awaited()
    if waiting.reason != PROGRESSING and not known:
        # The source was read before the object, which may speak of a later one already.
        source = world.sources(seen, fresh=True)
        if source is None or source.commit() != waiting.commit:
            return Skipped(seen.object, f"{waiting.why}, and its source has moved on")
    return _of_waiting(seen, waiting, State.PENDING)


def _of_waiting(seen: Observation, waiting: Waiting, state: State) -> Result:
    event = seen.event(waiting.revision)
    return seen.result(
        waiting.commit, state, waiting.reason, waiting.message, waiting.arrived, event
    )


def _since(memory: Memory | None, seen: Observation, world: World) -> float:
    moved = memory is not None and memory.source_changed_at > world.history_since
    return memory.source_changed_at if memory is not None and moved else world.history_since
