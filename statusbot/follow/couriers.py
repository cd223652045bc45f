"""News on their way to the forges while the watch goes on: no forge waits for another.

For each login on each forge one courier is under way at a time. What comes meanwhile goes out
together when it is back, so that its limits are kept as between two polls.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from statusbot.errors import StatusbotError
from statusbot.plan import News
from statusbot.posting.access import Access, Accesses
from statusbot.posting.outcome import Outcome
from statusbot.posting.post import Post

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


class Couriers:
    """Threads that post; what they bring back is taken by the one thread that decides."""

    def __init__(self, bell: threading.Condition) -> None:
        """Nobody is under way. ``bell`` rings when somebody comes back."""
        self._bell = bell
        self._waiting: dict[Place, list[News]] = {}
        self._busy: set[Place] = set()
        self._back: list[Delivered] = []
        self._flying: Counter[str] = Counter()
        self._make: Callable[[], Post] | None = None

    @property
    def flying(self) -> Collection[str]:
        """The objects, by ObjectRef.key, of which something is under way or was not taken yet."""
        with self._bell:
            return set(self._flying)

    @property
    def back(self) -> bool:
        """Whether something was delivered and not taken yet."""
        return bool(self._back)

    @property
    def idle(self) -> bool:
        """Whether nobody is under way, and everything was taken."""
        return not self.flying

    def hand(self, news: Iterable[News], accesses: Accesses, post: Callable[[], Post]) -> None:
        """Send news out; ``post`` makes what a courier works with, each time one leaves from now."""
        by_place: dict[Place, list[News]] = {}
        for item in news:
            by_place.setdefault(_place(item, accesses), []).append(item)
        with self._bell:
            self._make = post
            for place, items in by_place.items():
                self._waiting.setdefault(place, []).extend(items)
                self._flying.update(item.status.result.object.key for item in items)
                if place not in self._busy:
                    self._busy.add(place)
                    threading.Thread(target=self._go, args=(place,), daemon=True).start()

    def take(self) -> list[Delivered]:
        """What came back since the last look."""
        with self._bell:
            back, self._back = self._back, []
            for delivered in back:
                self._flying -= Counter(item.status.result.object.key for item in delivered.news)
            return back

    def _go(self, place: Place) -> None:
        while True:
            with self._bell:
                news, make = self._waiting.pop(place, []), self._make
                if not news or make is None:
                    self._busy.discard(place)
                    return
            delivered = _deliver(news, make)
            with self._bell:
                self._back.append(delivered)
                self._bell.notify_all()


def _deliver(news: list[News], make: Callable[[], Post]) -> Delivered:
    try:
        post = make()
        outcomes = post(news)
    except Exception as error:
        return Delivered(news, crash=error)
    return Delivered(news, outcomes, set(post.unfinished), post.reads, post.writes, post.crash)


def _place(news: News, accesses: Accesses) -> Place:
    there = news.status.destination
    try:
        return there.repository.api, accesses(there)
    except StatusbotError:
        return there.repository.api, None  # posting says what is wrong with it
