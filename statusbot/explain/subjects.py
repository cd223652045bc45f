"""The commits that are asked about, and what is known to have happened to each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from statusbot.contexts import Namesakes, status_of
from statusbot.decide import Decision, World
from statusbot.explain.question import Question
from statusbot.results.history import earlier
from statusbot.results.result import Result
from statusbot.results.state import State
from statusbot.revision import FULL
from statusbot.routing.routed import routed
from statusbot.routing.status import NoWay, Routed, Way


class Origin(StrEnum):
    """Who tells of a result."""

    NOW = "now"
    HISTORY = "history"
    OWED = "owed"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class Subject:
    """One result of one commit. ``told``: a poll considers it now.

    A result that the ledger alone knows was posted; of its message it holds nothing but a digest.
    """

    result: Result
    origin: Origin
    told: bool = True
    alert: str | None = None  # of what is owed: to this Alert only


def subjects(
    decision: Decision, world: World, namesakes: Namesakes, asked: Question
) -> list[Subject]:
    """The results that are asked about: one for each commit, or more where several are owed."""
    if asked.commit:
        known = [s for s in _known(decision, world) if asked.means(_names(s.result, decision))]
        return _one_each(known) or list(_remembered(decision, world, namesakes, asked.commit))
    now = _one_each(_now(decision, world))
    aim = aimed_at(decision, world)
    if aim and not any(aim in _names(subject.result, decision) for subject in now):
        now += [s for s in _one_each(_past(decision, world)) if s.result.commit == aim]
    return now


def aimed_at(decision: Decision, world: World) -> str | None:
    """The commit that nothing is claimed of now, though the object is about it."""
    for skipped in decision.skipped:
        if skipped.commit:
            return skipped.commit
        source = world.sources(decision.observation, fresh=False)
        return source.commit() if source else None
    return None


def _known(decision: Decision, world: World) -> Iterator[Subject]:
    yield from _now(decision, world)
    yield from _past(decision, world)


def _now(decision: Decision, world: World) -> Iterator[Subject]:
    for result in decision.results:
        yield Subject(result, Origin.NOW if result.current else Origin.HISTORY)
    told = {commit for result in decision.results for commit in _names(result, decision)}
    # What ends a pending of ours is said on its way only, and so is what is owed.
    ends = [said for said in decision.said if said.result.commit not in told]
    for owed in [*ends, *decision.owed]:
        yield Subject(owed.result, Origin.OWED, alert=owed.way.alert)
    for item in decision.unrouted:
        yield Subject(item.result, Origin.OWED, alert=item.alert)


def _past(decision: Decision, world: World) -> Iterator[Subject]:
    """What was told by an earlier poll, or is too old to be told."""
    past = earlier(decision.observation, world.sources, since=float("-inf"), claimed=None)
    for result in past:
        yield Subject(result, Origin.HISTORY, told=False)


def _one_each(found: Iterable[Subject]) -> list[Subject]:
    """The first of each commit and Alert: what is told comes before what was."""
    chosen: dict[tuple[str, str | None], Subject] = {}
    for subject in found:
        if (subject.result.commit, None) not in chosen:
            chosen.setdefault((subject.result.commit, subject.alert), subject)
    return list(chosen.values())


def _names(result: Result, decision: Decision) -> set[str]:
    """The result's own commit, and those that an annotation or an Alert sets in its place."""
    found = {result.commit}
    for way in decision.ways:
        if isinstance(way, Way):
            there = routed(result, way)
            found |= {there.result.commit} if isinstance(there, Routed) else set()
    return found


def _remembered(
    decision: Decision, world: World, namesakes: Namesakes, commit: str
) -> Iterator[Subject]:
    """What the ledger holds of a commit; it is found there by the whole commit only."""
    if len(commit) not in FULL:
        return
    object_ = decision.observation.object
    for way in decision.ways:
        if isinstance(way, NoWay):
            continue
        probe = routed(Result(object_, commit, State.SUCCESS, "", "", 0.0, 0.0, False), way)
        if isinstance(probe, NoWay):
            continue
        posted = world.ledger.posted(object_, status_of(probe, namesakes, world.ledger).key)
        if posted is not None:
            result = Result(
                object_, commit, posted.state, posted.reason, "", posted.when, 0.0, current=False
            )
            yield Subject(result, Origin.LEDGER, told=False)
            return
