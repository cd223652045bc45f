"""What one Alert asks for: of which Provider, which objects, which results."""

from __future__ import annotations

from collections.abc import Iterator

from statusbot.cluster.kinds import KUSTOMIZATION, PROVIDER
from statusbot.manifests.alert import Alert
from statusbot.revision import commit_of
from statusbot.routing.events import COMMIT
from statusbot.text import cut
from statusbot.validate.finding import Severity
from statusbot.validate.routes import Routes
from statusbot.validate.rule import Hit, Item, error, warning

PROVIDER_REF = warning("provider-ref", "the Provider of an Alert is there")
ERRORS_ONLY = warning("errors-only", "an Alert for a forge asks for successes too")
OTHER_KINDS = warning("other-kinds", "what an Alert for a forge takes gets statuses")
MATCH_LABELS = warning("match-labels", "matchLabels stand beside the name * only")
EVENT_METADATA = error("event-metadata", "a commit that an Alert names is one")
CROSS_NAMESPACE = error("cross-namespace", "no reference leads to where Flux was told not to look")
NOTHING_TAKEN = warning("nothing-taken", "an Alert takes something")
RULES = (
    PROVIDER_REF,
    ERRORS_ONLY,
    OTHER_KINDS,
    MATCH_LABELS,
    EVENT_METADATA,
    CROSS_NAMESPACE,
    NOTHING_TAKEN,
)


def check(routes: Routes) -> Iterator[Hit]:
    """Every Alert that can be judged."""
    for item, alert in routes.given.alerts:
        yield from _provider(item, alert, routes)
        yield from _sources(item, alert, routes)
        if alert.provider_ref in routes.forges:
            yield from _for_a_forge(item, alert)
    if routes.given.settings.complete:
        yield from _nothing_taken(routes)


def _provider(item: Item, alert: Alert, routes: Routes) -> Iterator[Hit]:
    given = routes.given
    if given.may_have(PROVIDER, item, alert.namespace, alert.provider):
        return
    path = "$.spec.providerRef.name"
    name = f"Provider {cut(alert.provider_ref, 200)}"
    if given.settings.complete:
        what = f"there is no {name}: the Alert sends nothing"
        yield PROVIDER_REF.at(item, path, what, "correct the name", Severity.ERROR)
    elif given.items.get(PROVIDER):
        yield PROVIDER_REF.at(item, path, f"{name} is not among the given files")
    else:
        what = f"{name} is not checked: no Provider is among the given files"
        yield PROVIDER_REF.at(item, path, what, severity=Severity.INFO)


def _sources(item: Item, alert: Alert, routes: Routes) -> Iterator[Hit]:
    for index, source in enumerate(alert.sources):
        path = f"$.spec.eventSources[{index}]"
        if source.match_labels and source.name != "*":
            what = f"the labels count beside the name {source.name}: both must hold"
            yield MATCH_LABELS.at(item, f"{path}.matchLabels", what, "remove them, or name it *")
        if source.namespace != alert.namespace and not routes.given.settings.cross_namespace:
            what = f"the namespace {source.namespace} is another than the Alert's: nothing is taken"
            todo = "move the Alert there, or run Flux without --no-cross-namespace-refs"
            yield CROSS_NAMESPACE.at(item, f"{path}.namespace", what, todo)


def _for_a_forge(item: Item, alert: Alert) -> Iterator[Hit]:
    if alert.severity == "error":
        what = (
            "only failures are asked for: a commit that succeeds gets no status, and Flux's own "
            "notification-controller never turns a red one green"
        )
        yield ERRORS_ONLY.at(item, "$.spec.eventSeverity", what, "write info, which takes both")
    yield from _other_kinds(item, alert)
    named = alert.event_metadata.get(COMMIT, "")
    if named and commit_of(named, from_git=True) is None:
        path, what = f"$.spec.eventMetadata.{COMMIT}", f"'{cut(named, 60)}' is no commit"
        yield EVENT_METADATA.at(item, path, what, "write its 40 digits there, or remove it")


def _other_kinds(item: Item, alert: Alert) -> Iterator[Hit]:
    others = {
        index: source.kind
        for index, source in enumerate(alert.sources)
        if source.kind != KUSTOMIZATION.kind
    }
    if not others:
        return
    only = len(others) == len(alert.sources)
    what = (
        "statusbot posts the results of Kustomizations, not those of "
        f"{', '.join(dict.fromkeys(others.values()))}"
    )
    path = f"$.spec.eventSources[{next(iter(others))}].kind"
    todo = "name the Kustomization that applies it" if only else ""
    severity = Severity.WARNING if only else Severity.INFO
    yield OTHER_KINDS.at(item, path, what, todo, severity)


def _nothing_taken(routes: Routes) -> Iterator[Hit]:
    """Only where all Kustomizations are known."""
    taken = {ref for _, seen in routes.given.kustomizations for ref in routes.takers(seen)}
    for item, alert in routes.given.alerts:
        asks = any(source.kind == KUSTOMIZATION.kind for source in alert.sources)
        if asks and alert.ref not in taken and not alert.suspend:
            what = "none of the Kustomizations of the given files is one that it takes"
            yield NOTHING_TAKEN.at(
                item, "$.spec.eventSources", what, "correct kind, name or labels"
            )
