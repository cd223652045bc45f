"""What is remembered between two polls.

Keyed by object: what its commits show, what could not be said yet, and since when it waits. All of
it is a cache but for ``owed``: a lost ledger costs reads of the forge, and what was owed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, field, replace

from statusbot.ledger.pace import Pace
from statusbot.ledger.posted import Pledge, Posted, older
from statusbot.results.result import ObjectRef, Result
from statusbot.results.state import State

# How many statuses of one object are remembered, and how many results each Alert can owe it: the
# newest.
POSTED_KEPT = 50
OWED_KEPT = 20
# How many commits of one object are remembered that were seen and have no result yet: the newest.
SEEN_KEPT = 20
# An object that no poll saw for this long is gone: 30 days outlast any outage of the bot.
FORGOTTEN_AFTER = 30 * 86400.0


@dataclass(frozen=True, slots=True)
class Owed:
    """A result that stood at a poll and is not on the forge; ``alert`` is what asked for it.

    ``unfinished``: a write may have gone out whose answer nobody saw.
    """

    result: Result
    alert: str
    unfinished: bool = False
    perhaps: tuple[str, ...] = ()  # digests of what may have been written in its place before

    @property
    def perhaps_pending(self) -> bool:
        """Whether it may be on the forge as pending."""
        return self.unfinished and self.result.state is State.PENDING


@dataclass(frozen=True, slots=True)
class Sight:
    """A commit that was seen and has no result yet. ``by`` took its place at ``over``, if any did."""

    since: float
    revision: str
    by: str = ""
    over: float = 0.0


@dataclass(slots=True)
class Memory:
    """What is remembered of one object."""

    object: ObjectRef
    day: int  # when it was last seen, in days: it must not change at every poll
    source: str = ""  # the URL of its source: under another one the past means nothing
    source_changed_at: float = 0.0
    posted: dict[str, Posted] = field(default_factory=dict)  # by CommitStatus.key
    owed: list[Owed] = field(default_factory=list)
    waiting: dict[str, float] = field(default_factory=dict)  # commit to when it was first seen so
    seen: dict[str, Sight] = field(default_factory=dict)  # by commit, the newest last

    def shown(self) -> list[Posted]:
        """All that is remembered of statuses; another thread may be recording one."""
        return list(self.posted.values())

    def move(self, source: str, now: float) -> None:
        """Note the URL of the source; if it was another, the past belongs to that one.

        A pending that may be there has to be finished all the same.
        """
        if self.source:
            self.source_changed_at = now
            self.owed = [item for item in self.owed if item.perhaps_pending]
            self.waiting.clear()
            self.seen.clear()
        self.source = source

    def pledges(self) -> list[Pledge]:
        """What was posted as pending and is not finished."""
        return [posted.pledge for posted in self.shown() if posted.pledge is not None]

    def has_pending(self) -> bool:
        """Whether a pending was posted, or perhaps was."""
        return bool(self.pledges()) or any(item.perhaps_pending for item in self.owed)

    def awaited(self) -> set[str]:
        """The commits, and the revisions, whose result is worth knowing whenever it was."""
        names = {*self.seen, *(sight.revision for sight in self.seen.values())}
        for pledge in self.pledges():
            names |= {pledge.commit, pledge.revision}
        return names - {""}

    def reds(self) -> set[str]:
        """The commits and revisions that show a red: that they recovered is news however late."""
        return {name for posted in self.shown() for name in posted.red if name}

    def recovered(self, result: Result) -> bool:
        """Whether it came after every red that its commit shows, which has to end."""
        mine = {result.commit, result.event.revision} - {""}
        reds = [posted for posted in self.shown() if mine & set(posted.red)]
        good = result.state is State.SUCCESS
        return good and bool(reds) and not any(older(result, red) for red in reds)


@dataclass(slots=True)
class Ledger:
    """All memories. ``kept`` tells whether anything outlives this run."""

    kept: bool = True
    objects: dict[str, Memory] = field(default_factory=dict)  # by ObjectRef.key
    polls: dict[str, float] = field(default_factory=dict)  # selection to its last whole poll
    paces: dict[str, Pace] = field(default_factory=dict)  # Provider to what its login's forge had
    # The sources of this run's objects that nothing is remembered of yet, by ObjectRef.key.
    sources: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def posted(self, object_: ObjectRef, key: str) -> Posted | None:
        """What one status of an object was last known to be."""
        memory = self.objects.get(object_.key)
        return memory.posted.get(key) if memory else None

    def unfinished(self, object_: ObjectRef, commit: str, alert: str) -> bool:
        """Whether a status of this commit may have been written when a run was killed."""
        return any(item.unfinished for item in self.owed(object_, commit, alert))

    def owed(self, object_: ObjectRef, commit: str, alert: str) -> list[Owed]:
        """What a poll had to say of this commit through this Alert, and did not come to an end with."""
        memory = self.objects.get(object_.key)
        return [
            item
            for item in (memory.owed if memory else ())
            if item.result.commit == commit and item.alert == alert
        ]

    def memory(self, object_: ObjectRef, now: float) -> Memory:
        """The memory of an object, made if there is none."""
        found = self.objects.get(object_.key)
        if found is None:
            source = self.sources.get(object_.key, "")
            found = self.objects[object_.key] = Memory(object_, day_of(now), source)
        return found

    def seen(self, object_: ObjectRef, source: str, now: float) -> Memory | None:
        """Note that an object is there, with this source; forget what another source meant."""
        found = self.objects.get(object_.key)
        if found is None:
            self.sources[object_.key] = source
        else:
            found.day = day_of(now)
            if source and found.source != source:
                found.move(source, now)
        return found

    def keep_sources_of(self, there: Container[str]) -> None:
        """Forget the sources of objects that are not there, by ObjectRef.key: a run may be long."""
        kept = list(self.sources.items())
        self.sources = {key: source for key, source in kept if key in there}

    def waiting_since(self, object_: ObjectRef, commit: str, now: float) -> float:
        """Since when a commit waits; a new one starts now, and replaces the one before."""
        memory = self.memory(object_, now)
        since = memory.waiting.get(commit, now)
        memory.waiting = {commit: since}
        return since

    def no_longer_waiting(self, object_: ObjectRef) -> None:
        """Forget since when an object waited: it came to a result."""
        found = self.objects.get(object_.key)
        if found is not None:
            found.waiting.clear()

    def waits_since(self, object_: ObjectRef, commit: str, now: float) -> float:
        """The same of an object that this run may not have come to: nothing is noted."""
        found = self.objects.get(object_.key)
        return found.waiting.get(commit, now) if found is not None else now

    def sight(self, object_: ObjectRef, commit: str, revision: str, now: float) -> None:
        """Remember a commit that was seen; of too many the oldest are forgotten."""
        memory = self.memory(object_, now)
        if commit in memory.seen and not memory.seen[commit].over:
            return
        # One that is back after another had its place is as good as new.
        others = [item for item in memory.seen.items() if item[0] != commit]
        # Put in its place at once: another thread may be saving it.
        memory.seen = dict([*others, (commit, Sight(now, revision))][-SEEN_KEPT:])

    def record(self, object_: ObjectRef, key: str, posted: Posted, now: float) -> None:
        """Remember one status; of too many the oldest are forgotten."""
        memory = self.memory(object_, now)
        memory.posted.pop(key, None)
        memory.posted[key] = posted
        if len(memory.posted) > POSTED_KEPT:
            del memory.posted[min(memory.posted, key=lambda key: _worth(memory.posted[key]))]

    def owe(self, object_: ObjectRef, owed: list[Owed], now: float) -> list[Owed]:
        """Remember what an object is owed now, and give back what is too old to be kept."""
        if not owed and object_.key not in self.objects:
            return []
        owed.sort(key=lambda item: item.result.when)
        kept: list[Owed] = []
        lost: list[Owed] = []
        room = Counter(item.alert for item in owed)
        for item in owed:
            (lost if room[item.alert] > OWED_KEPT else kept).append(item)
            room[item.alert] -= 1
        self.memory(object_, now).owed = kept
        return lost

    def settle(self, result: Result, alert: str) -> None:
        """An Alert has this result: it is owed no more of its commit, but for what came later."""
        memory = self.objects.get(result.object.key)
        if memory is not None:
            memory.owed = [item for item in memory.owed if not _is_told(item, result, alert)]

    def not_written(self, object_: ObjectRef, commit: str, alert: str) -> None:
        """What is owed of a commit was surely not written so far."""
        memory = self.objects.get(object_.key)
        if memory is not None:
            memory.owed = [
                replace(item, unfinished=False, perhaps=())
                if (item.result.commit, item.alert) == (commit, alert)
                else item
                for item in memory.owed
            ]

    def owing(self) -> Iterator[Memory]:
        """The memories of objects that are owed something."""
        return (memory for memory in list(self.objects.values()) if memory.owed)

    def with_pending(self) -> Iterator[Memory]:
        """The memories of objects that have something pending."""
        return (memory for memory in list(self.objects.values()) if memory.has_pending())

    def forget_old(self, now: float) -> None:
        """Drop the objects that are gone for good."""
        oldest = day_of(now - FORGOTTEN_AFTER)
        # With a copy: what is still under way may be recorded meanwhile.
        gone = [key for key, memory in list(self.objects.items()) if memory.day < oldest]
        for key in gone:
            del self.objects[key]
        self.paces = {name: pace for name, pace in self.paces.items() if pace.matters(now)}


def _is_told(owed: Owed, result: Result, alert: str) -> bool:
    """Whether this result tells it; what was decided while it was under way is still to be told."""
    if (owed.result.commit, owed.alert) != (result.commit, alert):
        return False
    same = (owed.result.state, owed.result.reason) == (result.state, result.reason)
    # Where Flux came to the object again, it may have been otherwise meanwhile.
    unmoved = same and owed.result.reconciled == result.reconciled
    return unmoved or result.outdoes(owed.result)


def _worth(posted: Posted) -> tuple[bool, float]:
    """What is least worth keeping is the least; a pending has to be finished."""
    return (posted.state is State.PENDING, posted.when)


def day_of(now: float) -> int:
    """Days since the epoch."""
    return int(now // 86400)
