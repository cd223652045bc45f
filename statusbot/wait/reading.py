"""One listing of what is waited for, and the watches that go on from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Sequence

from statusbot.cluster.base import Cluster
from statusbot.cluster.kinds import KUSTOMIZATION, by_name
from statusbot.follow.changes import Changes
from statusbot.follow.watched import Watched
from statusbot.interrupt import Interrupt
from statusbot.results.observation import Observation, observe
from statusbot.results.source import SourceRef
from statusbot.sources import Sources
from statusbot.wait.chosen import Chosen


class Reading:
    """``objects`` are the Kustomizations that may be chosen, by namespace/name."""

    def __init__(
        self,
        cluster: Cluster,
        chosen: Chosen,
        namespaces: Sequence[str],
        seconds: float,
        bell: threading.Condition,
        interrupt: Interrupt,
    ) -> None:
        """Read all of ``namespaces`` (none: of the cluster), and begin to watch it for ``seconds``.

        The sources come last, so that none is older than the object that names it. Raises
        StatusbotError where nothing can be read.
        """
        self.began = time.monotonic()
        self._cluster = watched = Watched(cluster, seconds)
        try:
            self.objects = self._read(chosen, namespaces)
            self._homes = _homes(namespaces, self.objects.values())
            self.sources = Sources(watched)
            self.sources.read(self._homes)
        except BaseException:
            watched.close()
            raise
        with interrupt.noted_only():
            self.changes = Changes(watched.feeds, self.now, bell)

    def now(self) -> float:
        """Seconds since the epoch, by the cluster's clock."""
        return self._cluster.now().timestamp()

    def is_watched(self, ref: SourceRef) -> bool:
        """Whether a watch tells when a source changes."""
        kind = by_name(ref.kind)
        here = not self._homes or ref.namespace in self._homes
        feeds = sum(one == kind for one, _ in self._cluster.feeds)
        # A listing that was refused ends those of all namespaces after it.
        whole = feeds == max(len(self._homes), 1)
        return here and whole and kind not in self.changes.forbidden

    def close(self) -> None:
        """End the watches."""
        self.changes.close()

    def _read(self, chosen: Chosen, namespaces: Sequence[str]) -> dict[str, Observation]:
        found = {}
        for obj in self._cluster.list(KUSTOMIZATION, namespaces):
            seen = observe(obj, self.now())
            if chosen.may_take(seen):
                found[seen.object.path] = seen
        return found


def _homes(namespaces: Sequence[str], objects: Collection[Observation]) -> list[str]:
    """Where the sources are: anywhere, or beside the objects and where these say so."""
    if not namespaces:
        return []
    return sorted({*namespaces, *(seen.source.namespace for seen in objects)})
