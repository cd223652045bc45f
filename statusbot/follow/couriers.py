"""News on their way to the forges while the watch goes on: no forge waits for another.

For each login on each forge one courier is under way at a time. What comes meanwhile goes out
together when it is back, so that its limits are kept as between two polls.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from statusbot.errors import StatusbotError
from statusbot.plan import News
from statusbot.posting.access import Access
from statusbot.posting.outcome import Outcome
from statusbot.posting.post import Post
from statusbot.routing.status import Destination

Place = tuple[str, Access | None]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of some news; those that have no outcome are still owed."""

    news: list[News]
    outcomes: list[Outcome] = field(default_factory=list)
    unfinished: Collection[str] = ()
    reads: int = 0
    writes: int = 0
    crash: BaseException | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one look at some objects comes to: ``objects`` by ObjectRef.key.

    ``known`` are the statuses, by CommitStatus.key, that are no news; those of many objects are not
    found by the objects.
    """

    news: Sequence[News]
    objects: Collection[str]
    known: Collection[str] = ()

    def is_about(self, item: News) -> bool:
        """Whether this look could have said the same of it, or something else."""
        return _object(item) in self.objects or item.status.key in self.known


class Couriers:
    """Threads that post; what they bring back is taken by the one thread that decides."""

    def __init__(self, bell: threading.Condition) -> None:
        """Nobody is under way. ``bell`` rings when somebody comes back."""
        self._bell = bell
        self._waiting: dict[Place, dict[str, News]] = {}  # by CommitStatus.key
        self._place: dict[str, Place] = {}  # of those that wait
        self._flying: dict[str, News] = {}
        self._busy: set[Place] = set()
        self._back: list[Delivered] = []
        self._make: Callable[[], Post] | None = None

    @property
    def objects(self) -> Collection[str]:
        """The objects, by ObjectRef.key, of which something waits, flies or was not taken yet."""
        with self._bell:
            return {_object(item) for item in [*self._flying.values(), *self._all_waiting()]}

    @property
    def out(self) -> list[News]:
        """What waits, or is under way."""
        with self._bell:
            return [*self._flying.values(), *self._all_waiting()]

    @property
    def back(self) -> bool:
        """Whether something was delivered and not taken yet."""
        return bool(self._back)

    @property
    def idle(self) -> bool:
        """Whether nobody is under way or about to leave, and everything was taken."""
        with self._bell:
            return not (self._busy or self._back)

    def hand(
        self, batch: Batch, accesses: Callable[[Destination], Access], post: Callable[[], Post]
    ) -> list[News]:
        """Send news out; ``post`` makes what a courier works with, each time one leaves from now.

        What waits and is not said any more is taken back. What is under way of the objects that
        were looked at is given: they have to be looked at again when it is back, since until then
        nobody knows what the forge shows.
        """
        placed = [(item, _place(item, accesses)) for item in batch.news]
        with self._bell:
            self._make = post
            self._withdraw(batch)
            out = {_subject(item) for item in self._flying.values()}
            for item, place in placed:
                if item.status.key not in self._flying and _subject(item) not in out:
                    self._put(item, place)
            self._start()
            return [item for item in self._flying.values() if batch.is_about(item)]

    def _withdraw(self, batch: Batch) -> None:
        said = {item.status.key for item in batch.news}
        for item in self._all_waiting():
            key = item.status.key
            if key not in said and batch.is_about(item):
                del self._waiting[self._place.pop(key)][key]

    def _put(self, item: News, place: Place) -> None:
        key = item.status.key
        place = self._place.setdefault(key, place)
        self._waiting.setdefault(place, {})[key] = item

    def _start(self) -> None:
        """Send a courier wherever something may leave and nobody is under way."""
        ahead = self._ahead()
        for place, items in self._waiting.items():
            if place in self._busy or not any(_may_leave(item, ahead) for item in items.values()):
                continue
            courier = threading.Thread(target=self._go, args=(place,), name="courier", daemon=True)
            try:
                courier.start()
            except RuntimeError:
                return  # the system has no room for one more: when somebody is back, or next time
            self._busy.add(place)

    def _ahead(self) -> dict[str, News]:
        """By CommitStatus.place: whose turn it is where Providers of two namespaces lead there."""
        out = [*self._flying.values(), *self._all_waiting()]
        if len({item.status.destination.provider.namespace for item in out}) < 2:
            return {}
        out.sort(key=lambda item: item.status.precedence, reverse=True)
        return {item.status.place: item for item in out}

    def _all_waiting(self) -> list[News]:
        return [item for items in self._waiting.values() for item in items.values()]

    def take(self) -> list[Delivered]:
        """What came back since the last look."""
        with self._bell:
            back, self._back = self._back, []
            for item in (item for delivered in back for item in delivered.news):
                del self._flying[item.status.key]
            self._start()
            return back

    def _leaving(self, place: Place) -> dict[str, News]:
        """What leaves with the next courier; the rest waits for who goes before it."""
        ahead, waiting = self._ahead(), self._waiting.pop(place, {})
        leaving = {key: item for key, item in waiting.items() if _may_leave(item, ahead)}
        if len(leaving) < len(waiting):
            stays = waiting.keys() - leaving.keys()
            self._waiting[place] = {key: waiting[key] for key in stays}
        return leaving

    def _go(self, place: Place) -> None:
        while True:
            with self._bell:
                leaving, make = self._leaving(place), self._make
                if not leaving or make is None:
                    self._busy.discard(place)
                    self._bell.notify_all()
                    return
                self._flying |= leaving
                for key in leaving:
                    del self._place[key]
            delivered = _deliver(list(leaving.values()), make)
            with self._bell:
                self._back.append(delivered)
                self._bell.notify_all()


def _may_leave(news: News, ahead: dict[str, News]) -> bool:
    first = ahead.get(news.status.place) if ahead else None
    return first is None or first.status.key == news.status.key


def _object(news: News) -> str:
    return news.status.result.object.key


def _subject(news: News) -> tuple[str, ...]:
    """What it is about, and where it goes, under whatever context.

    A namesake that came meanwhile gives the object another one; which of the two the commit keeps
    is known when the status is back.
    """
    there = news.status.destination
    return (
        _object(news),
        news.status.result.commit,
        there.repository.key,
        there.id,
        there.provider.namespace,
    )


def _deliver(news: list[News], make: Callable[[], Post]) -> Delivered:
    try:
        post = make()
        outcomes = post(news)
    except Exception as error:
        return Delivered(news, crash=error)
    return Delivered(news, outcomes, set(post.unfinished), post.reads, post.writes, post.crash)


def _place(news: News, accesses: Callable[[Destination], Access]) -> Place:
    there = news.status.destination
    try:
        return there.repository.api, accesses(there)
    except StatusbotError:
        return there.repository.api, None  # posting says what is wrong with it
