"""The Providers, for who names a way out: which one an Alert names, and which one it could name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from statusbot.cluster.base import Cluster
from statusbot.cluster.errors import Forbidden, TimedOut
from statusbot.cluster.kinds import PROVIDER
from statusbot.errors import StatusbotError
from statusbot.explain import ways_out
from statusbot.forges.address import Relation
from statusbot.manifests import provider as manifests
from statusbot.manifests.provider import GIT_TYPES, Provider
from statusbot.results.result import ObjectRef
from statusbot.results.source import Source
from statusbot.routing.destinations import Unusable, destination
from statusbot.routing.router import related_to


@dataclass(frozen=True, slots=True)
class Providers:
    """Looked up when they are needed: most explanations need none."""

    cluster: Cluster

    def mend(self, ref: str) -> str:
        """What to do about the Provider of this name, which gives no way."""
        namespace, _, name = ref.partition("/")
        try:
            found = self.cluster.get(PROVIDER, namespace, name)
        except TimedOut:
            raise
        except StatusbotError:
            return ways_out.edit("provider", ref)
        return ways_out.of_provider(ref, manifests.parse(found) if found else None)

    def usable(self, object_: ObjectRef, source: Source | None) -> Provider | None:
        """One for the object's repository, else one for a Git forge, the nearest first."""

        def distance(provider: Provider) -> tuple[bool, bool, str]:
            away = provider.namespace != object_.namespace
            return (not _leads_to(provider, source), away, provider.ref)

        return min(self._for_forges(object_.namespace), key=distance, default=None)

    def _for_forges(self, namespace: str) -> Iterator[Provider]:
        try:
            listed = list(self.cluster.list(PROVIDER))
        except Forbidden:
            try:
                listed = list(self.cluster.list(PROVIDER, (namespace,)))
            except Forbidden:
                listed = []
        for obj in listed:
            found = manifests.parse(obj)
            if isinstance(found, Provider) and found.type in GIT_TYPES and not found.suspend:
                yield found


def _leads_to(provider: Provider, source: Source | None) -> bool:
    try:
        return related_to(destination(provider, ""), source) is Relation.SAME
    except Unusable:
        return False
