"""From what is to be said to what is news: contexts, one status for each place, the ledger's word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from statusbot.ledger.compare import text_digest
from statusbot.ledger.memory import Ledger
from statusbot.ledger.posted import New, Pledge, Posted, Said, Settled, judge
from statusbot.results.result import ObjectRef, Result
from statusbot.results.state import State, Weight
from statusbot.routing.status import CommitStatus, Destination, Routed
from statusbot.routing.texts import context
from statusbot.routing.values import context_of

# When two objects share a context after all, the reader must see the worse.
_WORST_FIRST = {State.ERROR: 0, State.FAILURE: 1, State.PENDING: 2, State.SUCCESS: 3}
# Of one object: what waits under a commit's context matters more than what waited there before.
_FIRST = (Weight.RESULT, Weight.PENDING, Weight.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class News:
    """A status that the ledger does not hold: the forge is asked, and written to if it must be.

    ``look`` is false where the ledger knows enough for a write that replaces whatever is there.
    ``unfinished``: an earlier run may have written it, and nobody saw an answer.
    """

    status: CommitStatus
    said: Said
    posted: Posted | None
    look: bool = True
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A status that needs nothing, and why; ``posted``: because the forge shows it."""

    status: CommitStatus
    why: str
    posted: bool


@dataclass(slots=True)
class Plan:
    """All statuses of a poll. ``shared`` are those that stand for several objects, by their key."""

    news: list[News] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    shared: set[str] = field(default_factory=set)


class Namesakes:
    """Objects of one name whose results go to one repository under one id.

    Flux's context has no namespace, so they would overwrite each other. There are as many names as
    objects, and hardly ever two of a kind: a set is only made for those.
    """

    def __init__(self) -> None:
        """Nobody is known yet."""
        self._there: dict[tuple[Destination, str], dict[str, str | set[str]]] = {}
        self._places: dict[tuple[str, str, str], dict[str, str | set[str]]] = {}

    def meet(self, object_: ObjectRef, there: Destination) -> None:
        """Note that the results of an object go there, unless their contexts are not Flux's."""
        if there.names_contexts:
            return
        names = self._names(there, object_.kind)
        known = names.setdefault(object_.name, object_.namespace)
        if isinstance(known, set):
            known.add(object_.namespace)
        elif known != object_.namespace:
            names[object_.name] = {known, object_.namespace}

    def context(self, object_: ObjectRef, there: Destination) -> str:
        """The object's context there, with its namespace if it needs that."""
        known = self._names(there, object_.kind).get(object_.name, object_.namespace)
        return context(object_, there.id, with_namespace=known != object_.namespace)

    def warnings(self) -> Iterable[str]:
        """A sentence for each name that is shared."""
        for (repository, id_, kind), names in self._places.items():
            for name, namespaces in names.items():
                if isinstance(namespaces, set):
                    yield (
                        f"{kind} {name} is in the namespaces "
                        f"{', '.join(sorted(namespaces))}, all for {repository}: their contexts "
                        f"are {kind.lower()}/<namespace>/{name}/{id_}"
                    )

    def _names(self, there: Destination, kind: str) -> dict[str, str | set[str]]:
        names = self._there.get((there, kind))
        if names is None:
            place = (there.repository.key, there.id, kind)
            names = self._there[there, kind] = self._places.setdefault(place, {})
        return names


def plan(
    statuses: Iterable[Routed],
    namesakes: Namesakes,
    ledger: Ledger,
    *,
    now: float,
    recheck: float,
) -> Plan:
    """Judge every status against the ledger; ``recheck`` in seconds, as for ``judge``."""
    made = Plan(warnings=list(namesakes.warnings()))
    for status in _one_each(statuses, namesakes, ledger, made):
        said = said_by(status)
        posted = ledger.posted(status.result.object, status.key)
        if posted is not None and status.key in made.shared and not posted.refused:
            posted = None  # another object may have been the worse since then
        verdict = _judge(status, said, posted, ledger, now, recheck)
        # Where a write may have happened that the ledger does not hold, what it holds of that
        # status is no word to rely on; the forge is asked.
        unfinished = _unfinished(status, ledger)
        between = ledger.changed_between(status.result, status.routed.way.alert)
        if isinstance(verdict, Settled) and not (verdict.posted and (unfinished or between)):
            made.known.append(Known(status, verdict.why, verdict.posted))
        else:
            if between and posted is not None:
                posted = replace(posted, corrected=False)
            look = unfinished or between or status.key in made.shared
            look = look or _look(status, verdict, ledger)
            made.news.append(News(status, said, posted, look, unfinished))
    return made


def _unfinished(status: CommitStatus, ledger: Ledger) -> bool:
    result, alert = status.result, status.routed.way.alert
    return ledger.unfinished(result.object, result.commit, alert)


def _look(status: CommitStatus, verdict: New | Settled, ledger: Ledger) -> bool:
    """Whether the forge's word is needed before a write.

    Most forges add a row with every write, so always. A write by key doubles nothing; what is there
    matters only where the ledger cannot tell, a red is to be seen before it is ended, or Flux's own
    words of the same state are to stay.
    """
    if not (status.destination.forge.by_key and ledger.kept) or status.routed.only_over_red:
        return True
    if status.routed.only_over_pending or status.result.weight < Weight.RESULT:
        return True  # whatever has come to a result there, by anybody's word, must stay
    return isinstance(verdict, New) and verdict.recheck


def said_by(status: CommitStatus) -> Said:
    """What a status says, as the ledger compares it."""
    result = status.result
    shows = status.compared
    text = text_digest(shows, result.message if shows else "")
    said = Said(
        result.state,
        result.reason,
        text,
        result.when,
        result.current,
        reconciled=result.reconciled,
        lasting=result.lasting,
        red=_red(result),
    )
    if result.state is not State.PENDING:
        return said
    routed, revision = status.routed, result.event.revision
    pledge = Pledge(result.commit, routed.way.alert, status.context, routed.summary, revision)
    return replace(said, pledge=pledge)


def _red(result: Result) -> tuple[str, ...]:
    red = result.state in (State.FAILURE, State.ERROR)
    return (result.commit, result.event.revision) if red else ()


def _judge(
    status: CommitStatus,
    said: Said,
    posted: Posted | None,
    ledger: Ledger,
    now: float,
    recheck: float,
) -> New | Settled:
    pending = posted is not None and posted.state is State.PENDING
    if status.routed.only_over_pending and not (pending or _unfinished(status, ledger)):
        return Settled("nothing of it is pending", posted=False)
    if status.routed.only_over_red and posted is not None and posted.state is State.SUCCESS:
        return Settled(status.routed.unasked, posted=False)
    return judge(said, posted, now=now, recheck=recheck)


def _one_each(
    statuses: Iterable[Routed], namesakes: Namesakes, ledger: Ledger, made: Plan
) -> Iterable[CommitStatus]:
    """One status for each place: two Alerts may lead there, and two objects, if all else failed.

    The Providers of each namespace lead to one of their own: who has a Provider that leads nowhere
    keeps nobody else's status back.
    """
    chosen: dict[str, CommitStatus] = {}
    sharing = _Sharing({}, made.shared)
    for routed in statuses:
        status = status_of(routed, namesakes, ledger)
        _choose(chosen, status.key, status, sharing)
    named = {status.destination.provider.namespace for status in chosen.values()}
    kept = _kept_beside_others(chosen.values(), sharing) if len(named) > 1 else chosen.values()
    made.warnings += [_shared(context_, list(paths)) for context_, paths in sharing.paths.items()]
    return kept


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
    places = [("" if status.routed.context else status.place) for status in statuses]
    for place, status in zip(places, statuses, strict=True):
        if place:
            _choose(worst, place, status, sharing)
    return [
        status
        for place, status in zip(places, statuses, strict=True)
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
        chosen[key] = min(other, status, key=_newest)
    else:
        sharing.note(other, status)
        chosen[key] = min(other, status, key=_worst)


def _shared(context_: str, paths: list[str]) -> str:
    if len(paths) == 2:
        return f"{' and '.join(paths)} share the context {context_}: it shows the worse of the two"
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return f"{', '.join(paths[:3])}{more} share the context {context_}: it shows the worst of them"


def status_of(routed: Routed, namesakes: Namesakes, ledger: Ledger) -> CommitStatus:
    """What a routed result shows, under the context that is its own."""
    if routed.context:
        return CommitStatus(routed, routed.context)
    template = routed.way.destination.texts.context
    if template is not None:
        return CommitStatus(routed, context_of(routed, template))
    context_ = namesakes.context(routed.result.object, routed.way.destination)
    return _kept(CommitStatus(routed, context_), ledger)


def _kept(status: CommitStatus, ledger: Ledger) -> CommitStatus:
    """The status under the context that the commit has of this object already.

    Namesakes come and go. What an earlier context shows would be nobody's then, red for ever.
    """
    object_, id_ = status.result.object, status.destination.id
    if object_.key not in ledger.objects or ledger.posted(object_, status.key) is not None:
        return status
    for with_namespace in (False, True):
        before = replace(status, context=context(object_, id_, with_namespace=with_namespace))
        if before.context != status.context and ledger.posted(object_, before.key) is not None:
            return before
    return status


def _one_object(one: ObjectRef, other: ObjectRef) -> bool:
    """Whether they are one, or one was deleted and made again as the other."""
    return (one.kind, one.path) == (other.kind, other.path)


def _newest(status: CommitStatus) -> tuple[int, float, bool, bool]:
    """What the object is owed is its past; what both say comes from two Alerts."""
    routed, result = status.routed, status.result
    place = _FIRST.index(result.weight)
    return (place, -result.when, routed.only_over_red, routed.only_over_pending)


def _worst(status: CommitStatus) -> tuple[bool, bool, int, bool, float]:
    result, routed = status.result, status.routed
    superseded = result.weight is Weight.SUPERSEDED
    worst = _WORST_FIRST[result.state]
    return (routed.only_over_pending, superseded, worst, routed.only_over_red, -result.when)
