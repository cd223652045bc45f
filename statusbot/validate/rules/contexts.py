"""Contexts that meet: several Kustomizations under one name, one under several."""

from __future__ import annotations

from collections.abc import Iterator

from statusbot.routing.status import Routed
from statusbot.routing.texts import context
from statusbot.validate.finding import Severity
from statusbot.validate.routes import Routes, Trip
from statusbot.validate.rule import Hit, warning

NAMESAKES = warning("namesakes", "Kustomizations of one name do not meet in one repository")
SHARED_CONTEXT = warning("shared-context", "an expression names each Kustomization for itself")
DOUBLED = warning("doubled", "a Kustomization has one status on a commit, not two")
RULES = (NAMESAKES, SHARED_CONTEXT, DOUBLED)


def check(routes: Routes) -> Iterator[Hit]:
    """Nothing where the files hold several clusters: who meets whom is not to be told then."""
    if routes.given.several:
        if routes.trips:
            what = f"not checked: {routes.given.several} is in two files in two versions"
            trip = routes.trips[0]
            yield NAMESAKES.at(trip.item, "$", what, "give each cluster apart", Severity.INFO)
        return
    yield from _meeting(routes)
    yield from _doubled(routes)


def _meeting(routes: Routes) -> Iterator[Hit]:
    first: dict[tuple[str, str], Trip] = {}
    told: set[tuple[str, str]] = set()
    for trip in routes.trips:
        if not isinstance(trip.end, Routed):
            continue
        provider = trip.way.destination.provider
        named = trip.end.context
        key = (provider.ref, named or context(trip.observation.object, ""))
        other = first.setdefault(key, trip)
        path = trip.observation.object.path
        if other.observation.object.path == path or (provider.ref, path) in told:
            continue
        told.add((provider.ref, path))
        yield _shared(trip, other) if named else _namesake(trip, other)


def _namesake(trip: Trip, other: Trip) -> Hit:
    what = (
        f"Kustomization {other.observation.object.path} has the same name and the same Provider, "
        f"{trip.way.destination.provider.ref}: their contexts get the namespace, while Flux lets "
        "them overwrite each other"
    )
    return NAMESAKES.at(trip.item, "$.metadata.name", what, "rename one, or add a commitStatusExpr")


def _shared(trip: Trip, other: Trip) -> Hit:
    what = (
        f"the commitStatusExpr of Provider {trip.way.destination.provider.ref} names it as "
        f"Kustomization {other.observation.object.path}: the commit shows the worse of the two"
    )
    todo = "let the expression have event.involvedObject.namespace and .name"
    return SHARED_CONTEXT.at(trip.item, "$.metadata.name", what, todo)


def _doubled(routes: Routes) -> Iterator[Hit]:
    items = {alert.ref: item for item, alert in routes.given.alerts}
    first: dict[tuple[str, str], Trip] = {}
    told: set[tuple[str, str]] = set()
    for trip in routes.trips:
        if not isinstance(trip.end, Routed):
            continue
        there, path = trip.way.destination, trip.observation.object.path
        other = first.setdefault((there.repository.key, path), trip)
        pair = (other.way.alert, trip.way.alert)
        if other.way.destination.provider.ref == there.provider.ref or pair in told:
            continue
        told.add(pair)
        what = (
            f"Kustomization {path} goes to {there.repository.key} by Alert {other.way.alert} too, "
            "through another Provider: each commit gets two statuses of it"
        )
        yield DOUBLED.at(items[trip.way.alert], "$.spec.providerRef.name", what, "keep one of them")
