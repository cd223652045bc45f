"""One status for each place: two Alerts may lead there, and two objects, if all else failed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from statusbot.contexts import Namesakes, status_of
from statusbot.ledger.memory import Ledger
from statusbot.results.result import ObjectRef
from statusbot.results.state import State, Weight
from statusbot.routing.status import CommitStatus, Routed
from statusbot.text import first_few

# When two objects share a context after all, the reader must see the worse.
_WORST_FIRST = {State.ERROR: 0, State.FAILURE: 1, State.PENDING: 2, State.SUCCESS: 3}
# Of one object: what waits under a commit's context matters more than what waited there before.
_FIRST = (Weight.RESULT, Weight.PENDING, Weight.SUPERSEDED)


@dataclass(slots=True)
class Places:
    """The statuses, one for each place; ``shared`` are the keys of those that stand for several objects."""

    statuses: Iterable[CommitStatus]
    shared: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)


def places(statuses: Iterable[Routed], namesakes: Namesakes, ledger: Ledger) -> Places:
    """What is shown where.

    The Providers of each namespace lead to one of their own: who has a Provider that leads nowhere
    keeps nobody else's status back.
    """
    chosen: dict[str, CommitStatus] = {}
    sharing = _Sharing({}, set())
    for routed in statuses:
        status = status_of(routed, namesakes, ledger)
        _choose(chosen, status.key, status, sharing)
    named = {status.destination.provider.namespace for status in chosen.values()}
    kept = _kept_beside_others(chosen.values(), sharing) if len(named) > 1 else chosen.values()
    warnings = [_shared(context_, list(paths)) for context_, paths in sharing.paths.items()]
    return Places(kept, sharing.keys, warnings)


@dataclass(frozen=True, slots=True)
class _Sharing:
    """Who shares a context with whom: ``paths`` of objects by it, ``keys`` of their statuses."""

    paths: dict[str, dict[str, None]]
    keys: set[str]

    def note(self, *statuses: CommitStatus) -> None:
        for status in statuses:
            self.paths.setdefault(status.context, {})[status.result.object.path] = None
            self.keys.add(status.key)


def _kept_beside_others(statuses: Iterable[CommitStatus], sharing: _Sharing) -> list[CommitStatus]:
    """Those whose place no other object needs for worse, through a Provider of any namespace.

    What an expression calls its own is a tenant's word, and takes no other tenant's place.
    """
    statuses, worst = list(statuses), dict[str, CommitStatus]()
    where = [("" if status.routed.context else status.place) for status in statuses]
    for place, status in zip(where, statuses, strict=True):
        if place:
            _choose(worst, place, status, sharing)
    return [
        status
        for place, status in zip(where, statuses, strict=True)
        if not place or _one_object(worst[place].result.object, status.result.object)
    ]


def _choose(
    chosen: dict[str, CommitStatus],
    key: str,
    status: CommitStatus,
    sharing: _Sharing,
) -> None:
    """Let a status have a place, unless another has it with more right."""
    other = chosen.get(key)
    if other is None:
        chosen[key] = status
        return
    one, another = other.result.object, status.result.object
    if _one_object(one, another):
        chosen[key] = _newest(other, status)
    else:
        sharing.note(other, status)
        chosen[key] = min(other, status, key=_worst)


def _shared(context_: str, paths: list[str]) -> str:
    if len(paths) == 2:
        return f"{' and '.join(paths)} share the context {context_}: it shows the worse of the two"
    return f"{first_few(paths, 3)} share the context {context_}: it shows the worst of them"


def _one_object(one: ObjectRef, other: ObjectRef) -> bool:
    """Whether they are one, or one was deleted and made again as the other."""
    return (one.kind, one.path) == (other.kind, other.path)


def _newest(one: CommitStatus, other: CommitStatus) -> CommitStatus:
    """What the object is owed is its past; what both say comes from two Alerts."""
    first, second = _FIRST.index(one.result.weight), _FIRST.index(other.result.weight)
    if first != second:
        return one if first < second else other
    if one.result.is_later(other.result):
        return one
    return other if other.result.is_later(one.result) else min(one, other, key=_asks)


def _asks(status: CommitStatus) -> tuple[bool, bool]:
    """Through an Alert that asks for everything, if there is one."""
    return (status.routed.only_over_red, status.routed.only_over_pending)


def _worst(status: CommitStatus) -> tuple[bool, bool, int, bool, float]:
    result, routed = status.result, status.routed
    superseded = result.weight is Weight.SUPERSEDED
    worst = _WORST_FIRST[result.state]
    return (routed.only_over_pending, superseded, worst, routed.only_over_red, -result.when)
