"""The sources of all Kustomizations: read once, and again where a claim needs it fresher."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from statusbot.cluster.base import Cluster
from statusbot.cluster.errors import Forbidden, TimedOut
from statusbot.cluster.kinds import KUSTOMIZATION, SOURCE_KINDS, by_name
from statusbot.errors import ClusterError
from statusbot.results.observation import Observation, observe
from statusbot.results.result import Dependency
from statusbot.results.source import Source, SourceRef, source_of

log = logging.getLogger(__name__)

# Seconds for which a dependency counts as read just now: what has failed for good still has.
FRESH_FOR = 10.0


class Sources:
    """A compact map of sources; :meth:`__call__` is the rules' way to look at it."""

    def __init__(self, cluster: Cluster) -> None:
        """Nothing is read yet."""
        self._cluster = cluster
        self._known: dict[SourceRef, tuple[Source | None, float]] = {}
        self.unreadable: dict[SourceRef, str] = {}
        self._told: set[str] = set()
        self._others: dict[Dependency, tuple[Observation | str | None, float]] = {}

    def seen_at(self, seen: Observation) -> float:
        """When an object was surely still as it is, by which its waiting is counted.

        Nobody knows how old a dump is, and by a clock of today whatever waited then would have
        waited for ever.
        """
        return seen.now if self._cluster.live else min(seen.now, seen.at_least)

    def read(self, namespaces: Sequence[str] = ()) -> None:
        """Every source of every kind that the cluster has, of these namespaces if any are given."""
        for kind in SOURCE_KINDS:
            if not self._cluster.serves(kind):
                continue
            at = self._cluster.now().timestamp()
            try:
                for obj in self._cluster.list(kind, namespaces):
                    metadata = obj["metadata"]
                    ref = SourceRef(kind.kind, metadata.get("namespace", ""), metadata["name"])
                    self._known[ref] = (source_of(obj), at)
            except Forbidden as forbidden:
                # Each object that needs one of these is asked for by name, and says so if it may not.
                log.warning("%s", forbidden)

    def commit(self, ref: SourceRef) -> str | None:
        """The commit that a source held when it was read last; None where none is known."""
        source, _ = self._known.get(ref, (None, 0.0))
        return source.commit() if source else None

    def note(self, ref: SourceRef, source: Source | None) -> None:
        """What a watch told of a source; None: it is to be read when it is asked for."""
        if source is None:
            self._known.pop(ref, None)
        else:
            self._known[ref] = (source, self._cluster.now().timestamp())
            self.unreadable.pop(ref, None)

    def __call__(self, observation: Observation, *, fresh: bool) -> Source | None:
        """The source of a Kustomization; ``fresh``: read after the Kustomization was."""
        ref = observation.source
        known = self._known.get(ref)
        if known is None or (fresh and self._cluster.live and known[1] <= observation.now):
            known = self._known[ref] = (self._get(ref), self._cluster.now().timestamp())
        return known[0]

    def kustomization(self, dependency: Dependency) -> Observation | str | None:
        """Another Kustomization as it is now; None: there is none; a sentence: why nobody knows.

        Files do not tell what else there is in the cluster. Thousands may wait for one: it is read
        again after a moment only.
        """
        now = self._cluster.now().timestamp()
        known = self._others.get(dependency)
        if known is None or abs(now - known[1]) > FRESH_FOR:
            known = self._others[dependency] = (self._read(dependency), now)
        return known[0]

    def _read(self, dependency: Dependency) -> Observation | str | None:
        try:
            obj = self._cluster.get(KUSTOMIZATION, dependency.namespace, dependency.name)
        except TimedOut:
            raise
        except (Forbidden, ClusterError) as error:
            return str(error)
        if obj is not None:
            return observe(obj, self._cluster.now().timestamp())
        return None if self._cluster.live else "the files do not have it"

    def _get(self, ref: SourceRef) -> Source | None:
        kind = by_name(ref.kind)
        if kind not in SOURCE_KINDS or not ref.name or not self._cluster.serves(kind):
            return None
        try:
            obj = self._cluster.get(kind, ref.namespace, ref.name)
        except TimedOut:
            raise
        except (Forbidden, ClusterError) as error:
            self.unreadable[ref] = str(error)
            if isinstance(error, Forbidden) and ref.kind not in self._told:
                self._told.add(ref.kind)
                log.warning("%s", error)
            return None
        return source_of(obj) if obj is not None else None
