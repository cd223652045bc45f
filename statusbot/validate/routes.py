"""Where a result of each Kustomization would go, by the very code that routes those of a poll."""

from __future__ import annotations

import importlib.util
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from statusbot.errors import StatusbotError
from statusbot.manifests.provider import GIT_TYPES, Provider
from statusbot.results.observation import Observation
from statusbot.results.result import Event, ObjectRef, Result
from statusbot.results.source import Source
from statusbot.results.state import State
from statusbot.routing.allowance import Allowances
from statusbot.routing.destinations import Destinations, Unusable, destination
from statusbot.routing.expression import Expression
from statusbot.routing.match import Index, match
from statusbot.routing.routed import routed
from statusbot.routing.router import AlertRouter
from statusbot.routing.status import Destination, NoWay, Routed, Way
from statusbot.secret import Secrets
from statusbot.validate.given import Given
from statusbot.validate.rule import Item
from statusbot.validate.secrets import GivenSecrets, NotSeen

# What Flux's events of an ordinary success and failure are made of.
_COMMIT = "5f3b" * 10
_DIGEST = "9a27" * 16
_FAILED = "kustomize build failed: accumulating resources: not found"
_WHEN = 1_700_000_000.0


@dataclass(slots=True)
class Place:
    """A Provider of a forge, and as much of its destination as can be told.

    ``address``: what is wrong with its address, or why that cannot be told (NotSeen). ``expression``:
    what is wrong with its expression; ``unread`` where CEL is not installed.
    """

    item: Item
    provider: Provider
    there: Destination | None = None
    address: StatusbotError | None = None
    expression: StatusbotError | None = None
    unread: bool = False

    @property
    def usable(self) -> Destination | None:
        """The destination, where a poll would have it, and nothing about it is unknown."""
        return None if self.address or self.expression or self.unread else self.there


@dataclass(frozen=True, slots=True, eq=False)
class Trip:
    """A Kustomization's success through one Alert: where it comes to, or why not."""

    item: Item
    observation: Observation
    way: Way
    end: Routed | NoWay


@dataclass
class Routes:
    """All of them; the costs of patterns and expressions are bounded as those of a poll."""

    given: Given
    allowances: Allowances = field(default_factory=Allowances)

    @cached_property
    def secrets(self) -> Secrets:
        """Each read once."""
        return Secrets(GivenSecrets(self.given))

    @cached_property
    def places(self) -> list[Place]:
        """The Providers of forges; a poll leaves suspended ones alone."""
        return [
            self._place(item, provider)
            for item, provider in self.given.providers
            if provider.type in GIT_TYPES and not provider.suspend
        ]

    @cached_property
    def forges(self) -> dict[str, Place]:
        """The same by ``namespace/name``; of two of one name the later holds."""
        return {place.provider.ref: place for place in self.places}

    @cached_property
    def trips(self) -> list[Trip]:
        """Of all Kustomizations through all Alerts that take them to a forge."""
        return list(self._trips())

    def ends(self, trip: Trip, state: State) -> Routed | NoWay:
        """How a result of another state would fare on a trip."""
        return routed(_sample(trip.observation, state), trip.way)

    def takers(self, observation: Observation) -> Iterator[str]:
        """``namespace/name`` of the Alerts that take an object."""
        object_, labels = observation.object, observation.labels
        cross = self.given.settings.cross_namespace
        for alert in self._index.asked(object_):
            if match(alert, object_, labels, cross_namespace=cross).holds:
                yield alert.ref

    @cached_property
    def _index(self) -> Index:
        return Index(alert for _, alert in self.given.alerts)

    @cached_property
    def _router(self) -> AlertRouter:
        return AlertRouter(
            (alert for _, alert in self.given.alerts),
            _Understood(self.forges),
            cross_namespace=self.given.settings.cross_namespace,
            allowances=self.allowances,
        )

    def _trips(self) -> Iterator[Trip]:
        for item, observation in self.given.kustomizations:
            observation = replace(observation, object=_living(observation.object))
            _, source = self.given.sources.get(observation.source, (None, _unseen(observation)))
            for way in self._router.ways(observation.object, observation.labels, source):
                if isinstance(way, Way):
                    end = routed(_sample(observation, State.SUCCESS), way)
                    yield Trip(item, observation, way, end)

    def _place(self, item: Item, provider: Provider) -> Place:
        place = Place(item, provider)
        alive = replace(
            provider,
            uid=provider.uid or _uid(provider.ref),
            manifest=_with_uid(provider.manifest, provider.ref),
            commit_status_expr="",
        )
        try:
            if not provider.address.strip():
                alive = replace(alive, address=self._address(provider))
            place.there = destination(alive, "", self.given.settings.api_url)
        except (NotSeen, Unusable) as error:
            place.address = (
                error.__cause__ if isinstance(error.__cause__, StatusbotError) else error
            )
        self._name(place)
        return place

    def _address(self, provider: Provider) -> str:
        """As ``notifications`` has it: Flux takes it from the Secret."""
        if provider.secret is None:
            return ""
        try:
            found = self.secrets(provider.namespace, provider.secret, "")
        except NotSeen:
            raise
        except StatusbotError as error:
            raise Unusable(f"{error.where}: {error.what}", todo=error.todo) from None
        return found.text("address").strip()

    def _name(self, place: Place) -> None:
        text = place.provider.commit_status_expr
        if not text:
            return
        if importlib.util.find_spec("cel_expr_python") is None:
            place.unread = True
            return
        try:
            expression = Expression(text, allowance=self.allowances(place.provider.namespace))
        except StatusbotError as error:
            place.expression = error
            return
        if place.there is not None:
            place.there = replace(place.there, expression=expression)


class _Understood(Destinations):
    """The places, as the router asks for them."""

    def __init__(self, places: dict[str, Place]) -> None:
        super().__init__((), "")
        self._places = places

    def find(self, ref: str) -> Destination:
        place = self._places.get(ref)
        if place is None or place.usable is None:
            raise Unusable("it leads to no forge, or its rules have told why")
        return place.usable


def _unseen(observation: Observation) -> Source:
    """A source that no file has: of its URL nothing is known."""
    return Source(observation.source.kind, "")


def _sample(observation: Observation, state: State) -> Result:
    from_git = observation.source.kind == "GitRepository"
    revision = f"main@sha1:{_COMMIT}" if from_git else f"latest@sha256:{_DIGEST}"
    origin = "" if from_git else f"main@sha1:{_COMMIT}"
    good = state is State.SUCCESS
    return Result(
        object=observation.object,
        commit=_COMMIT,
        state=state,
        reason="ReconciliationSucceeded" if good else "BuildFailed",
        message=f"Applied revision: {revision}" if good else _FAILED,
        when=_WHEN,
        arrived=_WHEN,
        current=True,
        event=Event(revision, origin, "1.234567891s", observation.interval, observation.metadata),
    )


def _living(object_: ObjectRef) -> ObjectRef:
    # In a cluster everything has a uid, and expressions may use it.
    return object_ if object_.uid else replace(object_, uid=_uid(object_.path))


def _uid(ref: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, ref))


def _with_uid(manifest: object, ref: str) -> dict[str, object]:
    data = dict(manifest) if isinstance(manifest, dict) else {}
    return {**data, "metadata": {"uid": _uid(ref), **data.get("metadata", {})}}
