"""``--aggregate NAME``: one more status for each repository and commit, of all its Kustomizations.

It is the worst of what they say of the commit. While one has not come to an end with it, nothing is
claimed, but for a failure, which no later success of another one mends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from statusbot.contexts import Namesakes, status_of
from statusbot.decide import Decision
from statusbot.ledger.memory import Ledger, Memory
from statusbot.ledger.posted import Pledge, Posted, older
from statusbot.results.result import ObjectRef, Result
from statusbot.results.source import SourceRef
from statusbot.results.state import RED, State, Weight
from statusbot.routing.router import Router
from statusbot.routing.status import Routed, Way
from statusbot.routing.texts import words
from statusbot.superseded import given_up
from statusbot.text import number

# The kind of the object that such a status is remembered under; it is in no cluster.
KIND = "Aggregate"
NONE_LEFT = "none of its Kustomizations will come to it any more"

Place = tuple[str, str, str]


@dataclass(slots=True)
class Member:
    """A Kustomization whose results go to a repository; ``results`` by commit, the newest.

    ``ways`` by the namespace of the Provider: none of them answers for the others.
    """

    object: ObjectRef
    source: SourceRef
    ways: dict[str, Way]
    results: dict[str, Result] = field(default_factory=dict)


class Aggregates:
    """What is known of every repository's Kustomizations; it is told every decision."""

    def __init__(self, name: str, *, pending: bool = False) -> None:
        """``name`` is the context; ``pending``: say so while some have not come to an end."""
        self._name = name
        self._pending = pending
        self._places: dict[Place, dict[str, Member]] = defaultdict(dict)
        self._where: dict[str, list[Place]] = {}  # by ObjectRef.key

    def take(self, decision: Decision) -> None:
        """A decision, in place of the last one on its object.

        Suspended objects say nothing that the commit has to wait for.
        """
        seen = decision.observation
        for place in self._where.pop(seen.object.key, ()):
            del self._places[place][seen.object.key]
        if seen.suspended or seen.deleting:
            return
        ways = [way for way in decision.ways if isinstance(way, Way) and not way.elsewhere]
        # Through an Alert that asks for everything, if there is one.
        for way in sorted(ways, key=_asks):
            members, where = self._places[_place(way)], self._where.setdefault(seen.object.key, [])
            if seen.object.key not in members:
                members[seen.object.key] = Member(seen.object, seen.source, {})
                where.append(_place(way))
            members[seen.object.key].ways.setdefault(way.destination.provider.namespace, way)
        for routed in decision.statuses():
            member = self._places[_place(routed.way)].get(seen.object.key)
            if member is not None:
                _add(member, routed.result)

    def statuses(
        self,
        ledger: Ledger,
        namesakes: Namesakes,
        commit_of: Callable[[SourceRef], str | None],
        of: Collection[str] | None = None,
    ) -> Iterator[Routed]:
        """A status for each commit of which somebody said something.

        ``commit_of`` tells what a source holds now. ``of`` are the objects, by ObjectRef.key, whose
        commits and repositories are asked for; all without it.
        """
        for members in self._places.values():
            asked = [m for key, m in members.items() if of is None or key in of]
            reds = _reds(members, ledger)
            for commit in dict.fromkeys(commit for m in asked for commit in m.results):
                failed = {
                    key
                    for key in reds.get(commit, ())
                    if _state(members[key], commit, ledger, namesakes) in RED
                }
                there = _concerned(members.values(), commit, commit_of, failed)
                result = self._result(there, commit, ledger, namesakes)
                if result is not None:
                    yield from self._routed(result, there, ledger)

    def finishing(
        self,
        ledger: Ledger,
        router: Router,
        commit_of: Callable[[SourceRef], str | None],
        now: float,
    ) -> Iterator[Routed]:
        """The ends of what is pending for a Kustomization that was given up, or is gone.

        It said so of itself first, at an earlier poll, so each poll can try this again. What those
        that are left say of the commit comes before that, and so does what they may yet say.
        """
        for memory in ledger.with_pending():
            if memory.object.kind != KIND:
                continue
            for pledge in memory.pledges():
                if pledge.context == self._name and self._is_given_up(
                    pledge, ledger, router, commit_of
                ):
                    yield from given_up(memory.object, pledge, NONE_LEFT, router, now)

    def _is_given_up(
        self,
        pledge: Pledge,
        ledger: Ledger,
        router: Router,
        commit_of: Callable[[SourceRef], str | None],
    ) -> bool:
        way, commit = router.way_of(pledge.alert, None), pledge.commit
        members = self._places.get(_place(way), {}) if isinstance(way, Way) else {}
        if any(commit in m.results or commit_of(m.source) == commit for m in members.values()):
            return False
        each = [memory for memory in list(ledger.objects.values()) if memory.object.kind != KIND]
        # Those that are left went by it; where none is, its Alert may only be suspended.
        over = bool(members) or any(_gave_up(memory, commit) for memory in each)
        return over and not any(_owes(memory, commit) for memory in each)

    def _result(
        self, members: list[Member], commit: str, ledger: Ledger, namesakes: Namesakes
    ) -> Result | None:
        states = {m.object.key: _state(m, commit, ledger, namesakes) for m in members}
        bad = [m for m in members if states[m.object.key] in RED]
        good = [m for m in members if states[m.object.key] is State.SUCCESS]
        told = [m.results[commit] for m in members if commit in m.results]
        count = number(len(members), "Kustomization")
        if bad:
            worst = State.ERROR if State.ERROR in states.values() else State.FAILURE
            names = f"{len(bad)} of {count}: {_named(bad, commit)}"
            made = self._made(told, members, worst, "SomeFailed", names)
            found = [m.results.get(commit) for m in bad]
            return replace(made, lasting=all(result and result.lasting for result in found))
        if len(good) == len(members):
            return self._made(told, members, State.SUCCESS, "AllReconciled", count)
        if self._pending:
            done = f"{len(good)} of {count}"
            return self._made(told, members, State.PENDING, "InProgress", done)
        return None

    def _made(
        self, told: list[Result], members: list[Member], state: State, reason: str, message: str
    ) -> Result:
        newest = max(told, key=lambda result: result.when)
        repository = next(iter(members[0].ways.values())).destination.repository
        return replace(
            newest,
            object=ObjectRef(KIND, "", repository.key, ""),
            state=state,
            reason=reason,
            message=message,
            arrived=max(result.arrived for result in told),
            current=any(result.current for result in told),
            # Of one of them these would tell nothing of another.
            reconciled=0.0,
            otherwise=0.0,
            lasting=False,
        )

    def _routed(self, result: Result, members: list[Member], ledger: Ledger) -> Iterator[Routed]:
        chosen: dict[str, Way] = {}
        for way in (way for member in members for way in member.ways.values()):
            space = way.destination.provider.namespace
            chosen[space] = min(chosen.get(space, way), way, key=_asks)
        for way in chosen.values():
            if way.errors_only and result.state is State.PENDING:
                continue
            quiet = way.errors_only and result.state is State.SUCCESS
            # The Alert asked for everything when it was posted as pending.
            ends = quiet and self._is_pending(result, ledger)
            unasked = "the Alerts ask for errors only" if quiet and not ends else ""
            yield Routed(result, way, unasked, self._name, only_over_pending=ends)

    def _is_pending(self, result: Result, ledger: Ledger) -> bool:
        memory = ledger.objects.get(result.object.key)
        pledges = memory.pledges() if memory else []
        return any((one.commit, one.context) == (result.commit, self._name) for one in pledges)


def _asks(way: Way) -> tuple[bool, str]:
    return (way.errors_only, way.alert)


def _place(way: Way) -> Place:
    there = way.destination
    return (there.forge.type, there.repository.api, there.repository.key)


def _add(member: Member, result: Result) -> None:
    known = member.results.get(result.commit)
    if known is None or result.when >= known.when:
        member.results[result.commit] = result


def _reds(members: Mapping[str, Member], ledger: Ledger) -> dict[str, set[str]]:
    """The members that were red when last told of, by commit; nothing where all have one source."""
    reds: dict[str, set[str]] = defaultdict(set)
    several = len({member.source for member in members.values()}) > 1
    for key in members if several else ():
        memory = ledger.objects.get(key)
        for posted in memory.shown() if memory else ():
            for name in posted.red:
                reds[name].add(key)
    return reds


def _concerned(
    members: Collection[Member],
    commit: str,
    commit_of: Callable[[SourceRef], str | None],
    failed: Collection[str],
) -> list[Member]:
    """Those whose source had the commit: others follow another branch, and will never have it.

    ``failed`` are those that had it and failed, by ObjectRef.key, wherever their source is now.
    """
    sources = {member.source for member in members if commit in member.results}
    sources |= {member.source for member in members if commit_of(member.source) == commit}
    return [m for m in members if m.source in sources or m.object.key in failed]


def _state(member: Member, commit: str, ledger: Ledger, namesakes: Namesakes) -> State | None:
    """What a member says of a commit, or said before as far as it is posted; else None.

    What its own status would not take the place of does not count here either.
    """
    result = member.results.get(commit)
    if result is not None and result.current and not result.lasting:
        return result.state
    posted = _posted(member, commit, ledger, namesakes)
    if posted is None:
        return result.state if result else None
    if result is None:
        return posted.state
    if result.lasting:
        return posted.state if posted.once_green else result.state
    stays = posted.weight > result.weight or older(result, posted)
    return posted.state if stays else result.state


def _posted(member: Member, commit: str, ledger: Ledger, namesakes: Namesakes) -> Posted | None:
    if not member.results:
        return None
    other = replace(next(iter(member.results.values())), commit=commit)
    for way in member.ways.values():
        if way.destination.expression is not None:
            continue
        key = status_of(Routed(other, way), namesakes, ledger).key
        posted = ledger.posted(member.object, key)
        if posted is not None and posted.reason and not posted.refused:
            return posted
    return None


def _gave_up(memory: Memory, commit: str) -> bool:
    """Whether an object has said of a commit that there will be no result."""
    said = memory.shown()
    return any(one.weight is Weight.SUPERSEDED and commit in one.red for one in said)


def _owes(memory: Memory, commit: str) -> bool:
    """Whether an object has yet to say what a commit came to."""
    owed = any(item.result.commit == commit for item in memory.owed)
    return owed or any(pledge.commit == commit for pledge in memory.pledges())


def _named(bad: list[Member], commit: str) -> str:
    """The first by name, and why."""
    first = min(bad, key=lambda member: member.object.path)
    result = first.results.get(commit)
    why = f" ({words(result.reason)})" if result and result.state in RED else ""
    more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
    return f"{first.object.path}{why}{more}"
