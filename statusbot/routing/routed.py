"""One result on one way: what the Alert lets through, whose commit it is, and under which name."""

from __future__ import annotations

from dataclasses import replace

from statusbot.errors import StatusbotError
from statusbot.results.result import Result
from statusbot.results.state import State
from statusbot.routing.events import SUMMARY, event, metadata, override
from statusbot.routing.status import NoWay, Routed, Way


def routed(result: Result, way: Way) -> Routed | NoWay:
    """The result on its way, or why it does not go there.

    The severity of a success is ``info``, of all else ``error``. A success that the Alert does not
    ask for still ends a red that it did ask for: no commit stays red for ever.
    """
    unasked = _unasked(result, way)
    if unasked and result.state is not State.SUCCESS:
        return _no_way(unasked, way)
    known = metadata(result, way)
    commit = override(known, result)
    if commit == "":
        why = "the commit that an annotation or eventMetadata names is none"
        return _no_way(why, way, error=True)
    told = replace(result, commit=commit) if commit else result
    try:
        context = _context(told, way, known)
    except StatusbotError as error:
        return _no_way(f"spec.commitStatusExpr: {error}", way, error=True)
    return Routed(told, way, bool(unasked), context, known.get(SUMMARY, ""))


def _unasked(result: Result, way: Way) -> str:
    if way.errors_only and result.state is State.SUCCESS:
        return "its Alert asks for errors only"
    return way.patterns(result.event_message) if way.patterns else ""


def _context(result: Result, way: Way, known: dict[str, str]) -> str:
    there = way.destination
    if there.expression is None:
        return ""
    return there.expression(event(result, known), way.manifest, there.provider.manifest)


def _no_way(why: str, way: Way, *, error: bool = False) -> NoWay:
    return NoWay(why, way.alert, way.destination.provider.ref, error)
