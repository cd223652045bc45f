"""The Kustomizations whose results go to a forge: what their commits will show."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from statusbot.cluster.kinds import KUSTOMIZATION, SOURCE_KINDS, by_name
from statusbot.results.loose import mapping
from statusbot.results.observation import Observation
from statusbot.results.state import State
from statusbot.routing.status import NoWay
from statusbot.validate.routes import Routes, Trip
from statusbot.validate.rule import Hit, Item, error, warning
from statusbot.validate.rules.alerts import CROSS_NAMESPACE
from statusbot.validate.rules.providers import STATUS_EXPR

NO_HEALTH = warning("no-health", "green means healthy, not only applied")
OTHER_REPOSITORY = warning(
    "other-repository", "what an Alert takes is of its Provider's repository"
)
NO_COMMIT = warning("no-commit", "the source says of which commit it is")
SOURCE_REF = error("source-ref", "the source of a Kustomization is there")
RULES = (NO_HEALTH, OTHER_REPOSITORY, NO_COMMIT, SOURCE_REF)


def check(routes: Routes) -> Iterator[Hit]:
    """Each once, however many Alerts take it."""
    going: dict[Item, Observation] = {}
    for trip in routes.trips:
        if not isinstance(trip.end, NoWay):
            going[trip.item] = trip.observation
    for item, observation in going.items():
        yield from _health(item, observation)
        yield from _commit(item, observation, routes)
    for item, observation in routes.given.kustomizations:
        yield from _source(item, observation, routes)
    yield from _elsewhere(routes)
    yield from _unnamed(routes)


def _health(item: Item, observation: Observation) -> Iterator[Hit]:
    spec = mapping(item.document.data.get("spec"))
    if spec.get("wait") is True or spec.get("healthChecks") or observation.suspended:
        return
    what = "a commit is green once it is applied: nobody waits until what runs is healthy"
    yield NO_HEALTH.at(item, "$.spec", what, "set spec.wait to true, or list spec.healthChecks")


def _commit(item: Item, observation: Observation, routes: Routes) -> Iterator[Hit]:
    """Only where the source was dumped from a cluster; a manifest does not tell."""
    found = routes.given.sources.get(observation.source)
    if found is None or found[1].kind == "GitRepository":
        return
    source = found[1]
    if source.revision and source.commit() is None:
        what = f"its source {observation.source} does not say which commit it was made of"
        todo = "push it with flux push artifact --revision, which needs the commit"
        yield NO_COMMIT.at(item, "$.spec.sourceRef", what, todo)


def _source(item: Item, observation: Observation, routes: Routes) -> Iterator[Hit]:
    ref, settings = observation.source, routes.given.settings
    kind = by_name(ref.kind)
    if kind not in SOURCE_KINDS or not ref.name:
        return
    if ref.namespace != observation.object.namespace and not settings.cross_namespace:
        what = f"the namespace {ref.namespace} is another than the Kustomization's: Flux denies it"
        todo = "move the source there, or run Flux without --no-cross-namespace-refs"
        yield CROSS_NAMESPACE.at(item, "$.spec.sourceRef.namespace", what, todo)
    elif settings.complete and not routes.given.may_have(kind, item, ref.namespace, ref.name):
        yield SOURCE_REF.at(item, "$.spec.sourceRef", f"there is no {ref}", "correct the name")


def _elsewhere(routes: Routes) -> Iterator[Hit]:
    """An Alert that only takes what is of other repositories; some others are nothing special."""
    if routes.given.several:
        return
    items = {alert.ref: item for item, alert in routes.given.alerts}
    for alert, trips in groupby(sorted(routes.trips, key=_alert_of), key=_alert_of):
        ends = [(trip, _is_elsewhere(trip)) for trip in trips]
        if all(elsewhere for _, elsewhere in ends):
            trip = ends[0][0]
            what = (
                f"nothing is posted: of Kustomization {trip.observation.object.path}, for one, "
                f"{trip.way.elsewhere}"
            )
            todo = "correct the Provider's address, or the eventSources"
            yield OTHER_REPOSITORY.at(items[alert], "$.spec.providerRef.name", what, todo)


def _alert_of(trip: Trip) -> str:
    return trip.way.alert


def _is_elsewhere(trip: Trip) -> bool:
    return isinstance(trip.end, NoWay) and trip.end.why == trip.way.elsewhere != ""


def _unnamed(routes: Routes) -> Iterator[Hit]:
    """Results for which the Provider's expression gives no name; one of each Provider is told."""
    told: set[str] = set()
    for trip in routes.trips:
        there = trip.way.destination
        if there.expression is None or there.provider.ref in told:
            continue
        for state in (State.SUCCESS, State.FAILURE):
            end = trip.end if state is State.SUCCESS else routes.ends(trip, state)
            if isinstance(end, NoWay) and end.error and end.at == "Provider":
                told.add(there.provider.ref)
                why = end.why.removeprefix("spec.commitStatusExpr: ")
                what = f"a {state} of {KUSTOMIZATION.kind} {trip.observation.object.path}: {why}"
                item = routes.forges[there.provider.ref].item
                todo = "guard what may be missing: has(event.metadata.key) ? … : …"
                yield STATUS_EXPR.at(item, "$.spec.commitStatusExpr", what, todo)
                break
