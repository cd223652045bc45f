"""All objects of the given files that statusbot reads, understood as a poll understands them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from statusbot.cluster.kinds import ALERT, KUSTOMIZATION, PROVIDER, SECRET, SOURCE_KINDS, Kind
from statusbot.manifests import alert as alerts
from statusbot.manifests import provider as providers
from statusbot.manifests.alert import Alert
from statusbot.manifests.invalid import Invalid
from statusbot.manifests.provider import Provider
from statusbot.results.observation import Observation, observe
from statusbot.results.source import Source, SourceRef, source_of
from statusbot.validate.rule import Item

# What a Provider's Secret may be made of; its name is the Secret's unless it says otherwise.
SECRET_MAKERS = ("SealedSecret", "ExternalSecret", "SopsSecret")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a poll would be told, and how the files are to be taken.

    ``namespace`` is where objects live that name none; ``complete``: what the files do not have is
    not there.
    """

    namespace: str = "flux-system"
    api_url: str | None = None
    cross_namespace: bool = True
    complete: bool = False


@dataclass(slots=True)
class Given:
    """The objects. Of two of one name the later holds for the others, and both are checked.

    ``alerts``, ``providers`` and ``kustomizations`` are those that can be judged: valid, and without
    variables. ``items`` are all, by kind and name. ``several``: two files have one object in two
    versions, so this is more than one cluster, and not all of it meets.
    """

    settings: Settings
    alerts: list[tuple[Item, Alert]] = field(default_factory=list)
    providers: list[tuple[Item, Provider]] = field(default_factory=list)
    kustomizations: list[tuple[Item, Observation]] = field(default_factory=list)
    sources: dict[SourceRef, tuple[Item, Source]] = field(default_factory=dict)
    items: dict[Kind, dict[str, list[Item]]] = field(default_factory=dict)
    made_secrets: set[str] = field(default_factory=set)
    several: str = ""

    def know(self, item: Item) -> None:
        """Take an object for one that is there."""
        others = self.items.setdefault(item.kind, {}).setdefault(item.ref, [])
        for other in others:
            if other.document.source != item.document.source and _differ(other, item):
                self.several = str(item.subject)
        others.append(item)

    def add(self, item: Item) -> Invalid | None:
        """Take an object; what is wrong with it by Flux's schema, if anything is."""
        self.know(item)
        if item.kind in (ALERT, PROVIDER):
            return self._add_checked(item)
        if item.settled:
            self._add_other(item)
        return None

    def _add_checked(self, item: Item) -> Invalid | None:
        data, namespace = item.document.data, item.subject.namespace
        if item.kind == ALERT:
            alert = alerts.parse(data, namespace)
            if isinstance(alert, Invalid):
                return alert
            if item.settled:
                self.alerts.append((item, alert))
            return None
        provider = providers.parse(data, namespace)
        if isinstance(provider, Invalid):
            return provider
        if item.settled:
            self.providers.append((item, provider))
        return None

    def _add_other(self, item: Item) -> None:
        data = dict(item.document.data)
        data["metadata"] = {**data["metadata"], "namespace": item.subject.namespace}
        if item.kind == KUSTOMIZATION:
            self.kustomizations.append((item, observe(data, 0.0)))
        elif item.kind in SOURCE_KINDS:
            ref = SourceRef(item.kind.kind, item.subject.namespace, item.subject.name)
            self.sources[ref] = (item, source_of(data))

    def find(self, kind: Kind, namespace: str, name: str) -> Item | None:
        """The object of that name; None when no file has it."""
        found = self.items.get(kind, {}).get(f"{namespace}/{name}")
        return found[-1] if found else None

    def may_have(self, kind: Kind, of: Item, namespace: str, name: str) -> bool:
        """Whether an object that ``of`` names is there.

        Where one of the two names no namespace, whoever applies them fills in what is meant.
        """
        if kind == SECRET and name in self.made_secrets:
            return True
        if self.find(kind, namespace, name):
            return True
        return any(
            item.subject.name == name and (of.homeless or item.homeless) for item in self.of(kind)
        )

    def of(self, kind: Kind) -> Iterator[Item]:
        """All objects of a kind."""
        for items in self.items.get(kind, {}).values():
            yield from items


def _differ(one: Item, other: Item) -> bool:
    return one.document.data != other.document.data
