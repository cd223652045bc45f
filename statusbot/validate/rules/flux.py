"""What works with statusbot, and not with Flux's own notification-controller (v1.9.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from statusbot.cluster.kinds import SECRET
from statusbot.errors import StatusbotError
from statusbot.manifests.jsonpath import show
from statusbot.results.loose import mapping
from statusbot.routing.status import Routed
from statusbot.validate.routes import Place, Routes
from statusbot.validate.rule import Hit, info

FLUX_DIFFERS = info("flux-differs", "what Flux's notification-controller cannot do")
RULES = (FLUX_DIFFERS,)

# It reads one page of a commit's statuses (notifier/github.go:83, gitea.go:85).
_PAGE = 50
_PAGED = ("github", "gitea")
_TOKENS = ("token", "password")


def check(routes: Routes) -> Iterator[Hit]:
    """Nothing that a poll minds."""
    for place in routes.places:
        yield from _provider(place)
        yield from _secret(place, routes)
    yield from _pages(routes)


def _provider(place: Place) -> Iterator[Hit]:
    provider = place.provider
    if place.address is None and provider.address.strip().endswith("/"):
        what = "notification-controller does not take an address that ends in a slash"
        yield FLUX_DIFFERS.at(place.item, "$.spec.address", what)
    if provider.type != "gitea":
        for field in ("proxySecretRef", "proxy"):
            if provider.manifest["spec"].get(field):
                what = f"notification-controller ignores spec.{field} of a {provider.type} Provider"
                yield FLUX_DIFFERS.at(place.item, f"$.spec.{field}", what)


def _secret(place: Place, routes: Routes) -> Iterator[Hit]:
    provider = place.provider
    item = routes.given.find(SECRET, provider.namespace, provider.secret or "")
    if item is None or not item.settled or provider.secret is None:
        return
    try:
        found = routes.secrets(provider.namespace, provider.secret, "")
        keys = found.texts(("token", "username", "password"))
    except StatusbotError:
        return
    data = item.document.data
    for key in _TOKENS:
        if keys.get(key, "") != keys.get(key, "").strip():
            field = "stringData" if key in mapping(data.get("stringData")) else "data"
            what = f"notification-controller sends the white space around the {key} along"
            yield FLUX_DIFFERS.at(item, show((field, key)), what)
    if ("username" in keys) != ("password" in keys):
        what = "notification-controller refuses a Secret with half of username and password"
        yield FLUX_DIFFERS.at(item, "$", what)


def _pages(routes: Routes) -> Iterator[Hit]:
    going: dict[tuple[str, str], set[str]] = defaultdict(set)
    for trip in routes.trips:
        if isinstance(trip.end, Routed):
            provider = trip.way.destination.provider
            key = (provider.ref, str(trip.observation.source))
            going[key].add(trip.observation.object.path)
    for (ref, source), paths in going.items():
        place = routes.forges[ref]
        if len(paths) > _PAGE and place.provider.type in _PAGED:
            what = (
                f"{len(paths)} Kustomizations of {source} have their statuses on each commit: with "
                f"more than {_PAGE} notification-controller writes most of them again in every round"
            )
            yield FLUX_DIFFERS.at(place.item, "$", what)
