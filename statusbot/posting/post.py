"""The forges at work: a few connections to each, one read for each repository and commit.

Nothing here decides what is true; it makes the forges show it, and says what became of each status.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from statusbot.cluster.clock import Deadline
from statusbot.cluster.errors import Forbidden, TimedOut
from statusbot.errors import StatusbotError, Stopped
from statusbot.ledger.memory import Ledger
from statusbot.ledger.pace import of_logins
from statusbot.ledger.posted import Posted
from statusbot.plan import News
from statusbot.posting.access import Access
from statusbot.posting.batch import Batch, batches
from statusbot.posting.calls import Calls
from statusbot.posting.desk import Desk
from statusbot.posting.lane import Lane, Limits
from statusbot.posting.meter import Meter
from statusbot.posting.outcome import STOPPED, Did, Outcome
from statusbot.posting.queue import Queue
from statusbot.routing.status import CommitStatus, Destination
from statusbot.transport import Transport

CONNECTIONS = 4
# Seconds that calls under way have when the run is told to stop.
STOP_WITHIN = 0.4
# How often the main thread looks whether it was told to stop; what ends is noticed at once.
LOOK_EVERY = 0.1


@dataclass(slots=True)
class Window:
    """The work for one login on one forge: ``names`` are its Providers' in the ledger's paces."""

    queue: Queue
    lane: Lane
    names: set[str] = field(default_factory=set)
    news: int = 0


@dataclass(slots=True)
class Post:
    """What posting needs, and the outcomes so far.

    ``refresh`` reads an object again whose news has become old, and may raise StatusbotError;
    ``lend`` finds words for a status that is about to be written, and raises nothing.
    ``stopping`` is set when the run is to stop, by a signal that ``noted_only`` keeps from raising;
    it may raise Stopped inside of ``aloud``, where ``access_of`` waits for somebody.
    ``guard`` is held while the ledger changes, so that another thread can save it.
    ``write_limits`` takes the place of what the forges publish. ``unfinished`` are the keys of the
    statuses that were perhaps written, by this run or one before: their answer was lost.
    ``crash`` is a bug of ours in a thread: whoever called raises it when all else is done.
    """

    transport: Transport
    access_of: Callable[[Destination], Access]
    ledger: Ledger
    deadline: Deadline
    now: Callable[[], float]
    refresh: Callable[[News], News]
    dry_run: bool = False
    write_limits: Limits | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    noted_only: Callable[[], AbstractContextManager[None]] = nullcontext
    aloud: Callable[[], AbstractContextManager[None]] = nullcontext
    lend: Callable[[News], News] = lambda news: news
    guard: threading.Lock = field(default_factory=threading.Lock)
    meter: Meter | None = None
    began: float = 0.0  # by the cluster's clock; the objects were read just before
    outcomes: list[Outcome] = field(default_factory=list)
    unfinished: set[str] = field(default_factory=set)
    crash: BaseException | None = None
    _writing: dict[str, int] = field(default_factory=dict)  # by CommitStatus.key: may be sent
    _over: bool = False
    _until: float = 0.0  # by time.monotonic, once the run was told to stop
    _calls: list[Calls] = field(default_factory=list)

    def __call__(self, news: Iterable[News]) -> list[Outcome]:
        """The outcome of each; never raises for what a forge or a Provider did.

        Where the run is stopped, what is still under way then is deferred: it is owed, and
        unfinished where the forge may have been told.
        """
        with self.noted_only():
            return self._posted(list(news))

    def _posted(self, news: list[News]) -> list[Outcome]:
        self.began = self.now()
        # Until they are settled: what this run gets to know of them may not be all of it.
        self.unfinished |= {item.status.key for item in news if item.unfinished}
        windows: dict[tuple[str, Access], Window] = {}
        turns = [self._opened(batches(turn), windows) for turn in _turns(news)]
        with self.guard:
            paces = of_logins(self.ledger.paces, [window.names for window in windows.values()])
        for window, pace in zip(windows.values(), paces, strict=True):
            window.lane.recall(pace, self.began)
            # Where not all can go out, the newest commits must not wait behind older ones.
            window.queue.strict = window.lane.is_tight(window.news)
        for tasks in turns:
            for queue, batch, desk in tasks:
                queue.put((batch.urgency, 0), desk.open)
            self._work(windows.values())
        now = self.now()
        with self.guard:
            if not self.dry_run:
                for window, pace in zip(windows.values(), paces, strict=True):
                    window.lane.remember(pace, now)
            self._end(news)
            return list(self.outcomes)

    def _end(self, news: list[News]) -> None:
        """Nothing that a thread does counts any more."""
        self._over = True
        self.unfinished |= self._writing.keys()
        told = {outcome.status.key for outcome in self.outcomes}
        self.outcomes += [
            Outcome(item.status, Did.DEFERRED, STOPPED, settled=False)
            for item in news
            if item.status.key not in told
        ]

    def _lane(self, batch: Batch) -> Lane:
        limits = self.write_limits
        if limits is None:
            limits = batch.forge.write_limits(batch.repository)
        return Lane(self.deadline, limits, self.stopping)

    def _opened(
        self, made: list[Batch], windows: dict[tuple[str, Access], Window]
    ) -> list[tuple[Queue, Batch, Desk]]:
        """A desk for each batch, in the window of its login."""
        opened = []
        for access, batch in self._with_access(made):
            place = (batch.repository.api, access)
            if place not in windows:
                windows[place] = Window(Queue(), self._lane(batch))
            window = windows[place]
            calls = Calls(self.transport, window.lane, access, batch, self.now, self.meter)
            self._calls.append(calls)
            window.news += len(batch.news)
            providers = {item.status.destination.provider.ref for item in batch.news}
            window.names |= {f"{batch.repository.api} {ref}" for ref in providers}
            desk = Desk(self, window.queue, window.lane, calls, batch)
            opened.append((window.queue, batch, desk))
        return opened

    @property
    def reads(self) -> int:
        """Calls of the forges that read."""
        return sum(calls.reads for calls in self._calls)

    @property
    def writes(self) -> int:
        """Calls of the forges that write."""
        return sum(calls.writes for calls in self._calls)

    def done(
        self, status: CommitStatus, did: Did, why: str, *, settled: bool = True, obstacle: str = ""
    ) -> None:
        """Note an outcome."""
        with self.guard:
            if not self._over:
                self.outcomes.append(Outcome(status, did, why, settled, obstacle))

    def begins_to_write(self, status: CommitStatus) -> None:
        """From here on the forge may have been told."""
        with self.guard:
            self._writing[status.key] = self._writing.get(status.key, 0) + 1

    def ended_to_write(self, status: CommitStatus, *, unfinished: bool = False) -> None:
        """What came of it is known, but for an answer that was lost."""
        with self.guard:
            self._writing[status.key] -= 1
            if not self._writing[status.key]:
                del self._writing[status.key]
            # Once it is over the caller reads these.
            if unfinished and not self._over:
                self.unfinished.add(status.key)

    def record(self, news: News, posted: Posted) -> None:
        """Note in the ledger what the forge shows now; a dry run has shown nothing."""
        object_, key = news.status.result.object, news.status.key
        with self.guard:
            # Once it is over the ledger is being saved, and must not change.
            if not self.dry_run and not self._over:
                self.ledger.record(object_, key, posted, self.now())

    def crashed(self, status: CommitStatus, error: Exception) -> None:
        """A bug of ours in a thread: the other statuses go on."""
        self.done(status, Did.ERROR, "a bug in statusbot", settled=False)
        self.crash = self.crash or error

    def _with_access(self, made: list[Batch]) -> Iterator[tuple[Access, Batch]]:
        """The batches by access: two Providers may name one repository with two tokens."""
        for batch in made:
            by_access: dict[Access, list[News]] = {}
            for item in batch.news:
                try:
                    with self.aloud():
                        access = self.access_of(item.status.destination)
                except Stopped:
                    self.done(item.status, Did.DEFERRED, STOPPED, settled=False)
                    continue
                except TimedOut as error:
                    self.done(item.status, Did.DEFERRED, str(error), settled=False)
                    continue
                except StatusbotError as error:
                    kept = "secrets" if isinstance(error, Forbidden) else ""
                    self.done(item.status, Did.ERROR, str(error), settled=False, obstacle=kept)
                    continue
                by_access.setdefault(access, []).append(item)
            for access, mine in by_access.items():
                yield access, Batch(batch.forge, batch.repository, batch.commit, mine)

    def _work(self, windows: Collection[Window]) -> None:
        # One for each first: who has a thousand Providers gets no other forge left out.
        threads = [
            threading.Thread(target=window.queue.work, name=f"forge-{number}", daemon=True)
            for turn in range(CONNECTIONS)
            for number, window in enumerate(windows)
            if turn < window.news
        ]
        for thread in [thread for thread in threads if self._starts(thread)]:
            self._wait_for(thread)

    def _starts(self, thread: threading.Thread) -> bool:
        """Start it, as soon as the system has room for one more; False where the time is over."""
        while True:
            try:
                thread.start()
            except RuntimeError:
                if self.deadline.left() <= 0 or self.stopping.wait(LOOK_EVERY):
                    return False
            else:
                return True

    def _wait_for(self, thread: threading.Thread) -> None:
        """Wait, but not for what is still under way a moment after the run was told to stop."""
        while thread.is_alive() and not self.stopping.is_set():
            thread.join(LOOK_EVERY)
        if self.stopping.is_set():
            self._until = self._until or time.monotonic() + STOP_WITHIN
            thread.join(max(self._until - time.monotonic(), 0.0))


def _turns(news: Iterable[News]) -> list[list[News]]:
    """The news, with no place twice in one turn: who comes later sees what the forge shows then."""
    turns: list[list[News]] = []
    seen: dict[str, int] = defaultdict(int)
    for item in sorted(news, key=lambda item: item.status.precedence):
        turn = seen[item.status.place]
        seen[item.status.place] += 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(item)
    return turns
