"""Commits that were seen and never came to a result: whose place was taken, and what is to be finished.

A pending that was posted would block its commit for ever, so it is finished whatever happens to the
commit, the object or its Alert.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from statusbot.ledger.memory import Ledger, Memory, Owed
from statusbot.ledger.posted import Pledge
from statusbot.results.commits import LookUp, at_work_on, commit_in, commits_with_results
from statusbot.results.observation import Observation
from statusbot.results.result import Claim, Event, ObjectRef, Result, Waiting
from statusbot.results.rules import denied
from statusbot.results.source import Source
from statusbot.results.state import SUPERSEDED, State, Weight
from statusbot.routing.routed import routed
from statusbot.routing.router import Router
from statusbot.routing.status import NoWay, Routed, Way

# Seconds for which it is told that a commit was superseded; what could not be posted is owed then.
TOLD_FOR = 300.0
GONE = "its Kustomization is gone"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What commits without a result can hope for.

    ``open`` are those that may still come to one, each with its revision, and ``ended`` those that
    did. ``why`` says what became of all others; "" where nobody can tell yet.
    """

    open: Mapping[str, str]
    ended: frozenset[str | None]
    why: str

    def over(self, commit: str, revision: str) -> bool:
        """Whether a commit without a result will not get one."""
        hopeful = commit in self.open or commit in self.ended or revision in self.open.values()
        return bool(self.why) and not hopeful


def outlook(seen: Observation, look_up: LookUp, source: Source | None, said: Claim) -> Outlook:
    """Of an object that says ``said``, and whose source is ``source``."""
    ended = frozenset(commits_with_results(seen, look_up))
    if seen.deleting:
        return Outlook({}, ended, "its Kustomization is being deleted")
    if denied(seen):
        return Outlook({}, ended, "Flux may not read its source")
    open_ = {}
    ready = seen.conditions.get("Ready")
    if ready is not None and ready.status != "False":
        revision = at_work_on(seen)
        commit = commit_in(seen, look_up, revision) if revision else None
        open_ = {commit: revision} if commit else {}
    here = source.commit() if source else None
    if source is not None and here is not None:
        open_[here] = source.revision
    if isinstance(said, Waiting):
        open_[said.commit] = said.revision
    if source is None:
        return Outlook(open_, ended, "its source is gone")
    return Outlook(open_, ended, f"superseded by {here[:8]}" if here else "")


def note(seen: Observation, ledger: Ledger, told: Outlook, known: Collection[str]) -> None:
    """Remember the commits that stand before Flux without a result, for they may never get one.

    ``known`` are those of which there are results now.
    """
    if seen.suspended:
        return
    for commit, revision in told.open.items():
        if commit not in told.ended and commit not in known:
            ledger.sight(seen.object, commit, revision, seen.now)


def superseded(
    seen: Observation, memory: Memory, told: Outlook, known: Collection[str], state: State
) -> Iterator[Result]:
    """A result for each commit that was seen and never came to one of Flux's."""
    kept = dict(memory.seen)
    for commit, sight in memory.seen.items():
        if commit in told.ended or commit in known:
            del kept[commit]
            continue
        if not sight.over and told.over(commit, sight.revision):
            sight = kept[commit] = replace(sight, by=told.why, over=seen.now)
        if not sight.over:
            continue
        if seen.now - sight.over > TOLD_FOR:
            del kept[commit]
            continue
        event = seen.event(sight.revision)
        yield _made(seen.object, commit, state, sight.by, seen.now, sight.since, event)
    # Put in its place at once: another thread may be saving it.
    memory.seen = kept


def finishing(
    seen: Observation,
    memory: Memory,
    told: Outlook,
    results: Iterable[Result],
    router: Router,
    state: State | None,
) -> tuple[list[Routed], list[Owed]]:
    """The ends of what was posted as pending, or may have been; the second may yet come to one.

    ``state`` is that of a superseded commit. Where nobody chose one it is an error: green would say
    that the commit was live, and pending blocks it for ever.
    """
    over = state or State.ERROR
    results = [result for result in results if result.weight > Weight.PENDING]
    ends: list[Routed] = []
    still: list[Owed] = []
    for pledge in memory.pledges():
        end = _end(seen, pledge, told, results, over)
        ends += _routed(end, pledge, router) if end else []
    for owed, pledge in _perhaps(memory, router):
        end = _end(seen, pledge, told, results, over)
        if end is None:
            still.append(owed)
        else:
            ends += _routed(end, pledge, router)
    return ends, still


def finishing_of_the_gone(memory: Memory, router: Router, now: float) -> list[Routed]:
    """The same of an object that is not there any more."""
    ends: list[Routed] = []
    for pledge in [*memory.pledges(), *(pledge for _, pledge in _perhaps(memory, router))]:
        ends += given_up(memory.object, pledge, GONE, router, now)
    return ends


def given_up(
    object_: ObjectRef, pledge: Pledge, why: str, router: Router, now: float
) -> list[Routed]:
    """The end of a pending whose commit comes to no result."""
    event = Event(pledge.revision)
    end = _made(object_, pledge.commit, State.ERROR, why, now, now, event)
    return _routed(end, pledge, router)


def _end(
    seen: Observation, pledge: Pledge, told: Outlook, results: list[Result], over: State
) -> Result | None:
    """What became of a commit that was pending: its result, if there is one."""
    mine = [r for r in results if pledge.revision == r.event.revision or r.commit == pledge.commit]
    if mine:
        return max(mine, key=lambda result: (result.weight, result.when))
    if not told.over(pledge.commit, pledge.revision):
        return None
    event = seen.event(pledge.revision)
    return _made(seen.object, pledge.commit, over, told.why, seen.now, seen.now, event)


def _perhaps(memory: Memory, router: Router) -> Iterator[tuple[Owed, Pledge]]:
    """What was on its way as pending when a run ended, so that nobody knows whether it got there."""
    for item in memory.owed:
        if not item.perhaps_pending:
            continue
        way = router.way_of(item.alert, None)
        found = routed(item.result, way) if isinstance(way, Way) else way
        context, summary = ("", "") if isinstance(found, NoWay) else (found.context, found.summary)
        result = item.result
        yield item, Pledge(result.commit, item.alert, context, summary, result.event.revision)


def _routed(result: Result, pledge: Pledge, router: Router) -> list[Routed]:
    """By way of what asked for the pending, whatever it asks for now, and under the same context."""
    way = router.way_of(pledge.alert, None)
    if isinstance(way, NoWay):
        return []
    told = replace(result, commit=pledge.commit)
    return [
        Routed(told, way, context=pledge.context, summary=pledge.summary, only_over_pending=True)
    ]


def _made(
    object_: ObjectRef,
    commit: str,
    state: State,
    why: str,
    now: float,
    since: float,
    event: Event,
) -> Result:
    return Result(object_, commit, state, SUPERSEDED, why, now, since, current=False, event=event)
