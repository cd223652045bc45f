"""Who has to be looked at again when a status is back: until then nobody knows what it shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from statusbot.aggregate import KIND as AGGREGATE
from statusbot.plan import News
from statusbot.results.observation import Observation


class Held:
    """Objects by the status that they wait for, each as it was seen last."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._waiting: dict[str, set[str]] = defaultdict(set)  # CommitStatus.key to ObjectRef.key
        self._last: dict[str, Observation] = {}  # by ObjectRef.key

    def see(self, objects: Iterable[Observation]) -> None:
        """Objects as they are now: whoever waits does so with this state."""
        for seen in objects:
            if seen.object.key in self._last:
                self._last[seen.object.key] = seen

    def hold(self, news: News, objects: dict[str, Observation]) -> None:
        """The news must wait; they are made of ``objects``, by ObjectRef.key."""
        object_ = news.status.result.object
        # A status of many objects is made anew when one of them is looked at.
        about = objects.keys() if object_.kind == AGGREGATE else objects.keys() & {object_.key}
        self._waiting[news.status.key] |= about
        self._last |= {key: objects[key] for key in about}

    def free(self, news: News) -> Iterator[Observation]:
        """The status of these news is back: those who waited for it."""
        for key in self._waiting.pop(news.status.key, ()):
            yield self._last[key]
