"""One result on one way: what the Alert lets through, whose commit it is, and under which name."""

from __future__ import annotations

from dataclasses import replace

from statusbot.errors import StatusbotError
from statusbot.results.result import Result
from statusbot.results.state import State, Weight
from statusbot.routing.events import SUMMARY, Override, event, metadata, override
from statusbot.routing.status import NoWay, Routed, Way


def routed(result: Result, way: Way) -> Routed | NoWay:
    """The result on its way, or why it does not go there.

    The severity of a success is ``info``, of all else ``error``. A success that the Alert does not
    ask for still ends a red that it did ask for: no commit stays red for ever.
    """
    try:
        unasked = _unasked(result, way)
    except StatusbotError as error:
        return _no_way(str(error), way, error=True, alone=True, at="Alert")
    mends = result.state is State.SUCCESS and result.weight is Weight.RESULT
    if unasked and not mends:
        return _no_way(unasked, way)
    known = metadata(result, way)
    other = override(known, result, way)
    if other is None:
        # Nobody names another commit, so it is one of the source's repository.
        if way.elsewhere:
            return _no_way(way.elsewhere, way)
        told = result
    elif not other.commit:
        return _no_commit(other, way, result.object.kind)
    else:
        told = replace(result, commit=other.commit)
    try:
        context = _context(told, way, known)
    except StatusbotError as error:
        why = f"spec.commitStatusExpr: {error}"
        return _no_way(why, way, error=True, alone=True, at="Provider")
    return Routed(told, way, unasked, context, known.get(SUMMARY, ""))


def _unasked(result: Result, way: Way) -> str:
    if way.errors_only and result.state in (State.SUCCESS, State.PENDING):
        return "its Alert asks for errors only"
    if way.patterns and result.state is State.PENDING:
        # Its end may have a message that they keep back.
        return "its Alert asks for certain messages only, so nothing is shown as pending"
    return way.patterns(result.event_message) if way.patterns else ""


def _no_commit(other: Override, way: Way, kind: str) -> NoWay:
    """Flux tries to post, and logs that there is no commit in it.

    What an annotation keeps from its commit is owed to none, whatever the annotation says later.
    """
    why = f"{other.where} names no commit: write its 40 digits there"
    at = "Alert" if other.by_alert else kind
    return _no_way(why, way, error=other.by_alert, alone=not other.told, at=at)


def _context(result: Result, way: Way, known: dict[str, str]) -> str:
    there = way.destination
    if there.expression is None:
        return ""
    return there.expression(event(result, known), way.manifest, there.provider.manifest)


def _no_way(why: str, way: Way, *, error: bool = False, alone: bool = False, at: str = "") -> NoWay:
    return NoWay(why, way.alert, way.destination.provider.ref, error, alone, at)
