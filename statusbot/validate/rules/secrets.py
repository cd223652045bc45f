"""The Secrets that Providers name: is there a login in them, a proxy, a certificate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from statusbot.cluster.kinds import SECRET
from statusbot.errors import StatusbotError
from statusbot.forges.base import Answer, App, Credential
from statusbot.manifests.jsonpath import show
from statusbot.posting.access import Accesses
from statusbot.results.loose import mapping
from statusbot.transport.way import Way
from statusbot.validate.routes import Place, Routes
from statusbot.validate.rule import Hit, Item, error, warning
from statusbot.validate.secrets import NotSeen

SECRET_REF = error("secret-ref", "a Provider names its Secrets, and they are there")
LOGIN = error("secret", "a Secret holds what its Provider needs")
APP_PASSWORD = warning("app-password", "no login is one that Bitbucket has ended")
RULES = (SECRET_REF, LOGIN, APP_PASSWORD)

_REFS = ("secretRef", "certSecretRef", "proxySecretRef")


def check(routes: Routes) -> Iterator[Hit]:
    """Of every Provider of a forge what a poll would say when it logs in."""
    for place in routes.places:
        yield from _references(place, routes)
        yield from _login(place, routes)
        yield from _app_password(place, routes)


def _references(place: Place, routes: Routes) -> Iterator[Hit]:
    provider = place.provider
    if provider.secret is None:
        todo = "name a Secret with a token in its namespace"
        yield SECRET_REF.at(place.item, "$.spec.secretRef", "spec.secretRef is missing", todo)
    if not routes.given.settings.complete:
        return
    names = (provider.secret, provider.cert_secret, provider.proxy_secret)
    for field, name in zip(_REFS, names, strict=True):
        if name and not routes.given.may_have(SECRET, place.item, provider.namespace, name):
            what = f"there is no Secret {provider.namespace}/{name}"
            yield SECRET_REF.at(place.item, f"$.spec.{field}.name", what, "correct the name")


def _login(place: Place, routes: Routes) -> Iterator[Hit]:
    if place.there is None or place.provider.secret is None:
        return
    try:
        # One for each: it knows Providers by their names, which two clusters may share.
        Accesses(routes.secrets, prepare=_prepare)(place.there)
    except NotSeen:
        return
    except StatusbotError as fault:
        item = _secret_of(place, fault.where, routes)
        if item is None:
            path = f"$.{fault.where}" if fault.where.startswith("spec.") else "$.spec"
            yield LOGIN.at(place.item, path, fault.what, fault.todo)
        else:
            what = f"{fault.what}, for Provider {place.provider.ref}"
            yield LOGIN.at(item, _values_at(item), what, fault.todo)


def _secret_of(place: Place, where: str, routes: Routes) -> Item | None:
    namespace = place.provider.namespace
    name = where.removeprefix(f"Secret {namespace}/")
    return routes.given.find(SECRET, namespace, name) if name != where else None


def _values_at(item: Item) -> str:
    return "$.stringData" if item.document.data.get("stringData") else "$.data"


def _prepare(what: Way | Credential) -> None:
    """The key of an App can be read; whether a CA is one is left to the poll, by its TLS."""
    if isinstance(what, App):
        from statusbot.transport.apps import Apps

        Apps(_never).prepare(what)


def _never(*_: object) -> Answer:
    raise AssertionError("nothing is sent")


def _app_password(place: Place, routes: Routes) -> Iterator[Hit]:
    provider = place.provider
    if provider.type != "bitbucket" or provider.secret is None:
        return
    try:
        found = routes.secrets(provider.namespace, provider.secret, "")
        keys = found.texts(("token", "password"))
    except StatusbotError:
        return  # told by the others, or not seen
    for key, value in keys.items():
        item = routes.given.find(SECRET, provider.namespace, provider.secret)
        if item and value.strip().rpartition(":")[2].startswith("ATBB"):
            what = "this is an app password, which Bitbucket has ended on 2026-07-28"
            todo = "store an access token of the repository"
            yield APP_PASSWORD.at(item, _key_at(item.document.data, key), what, todo)


def _key_at(data: Mapping[str, object], key: str) -> str:
    field = "stringData" if key in mapping(data.get("stringData")) else "data"
    return show((field, key))
