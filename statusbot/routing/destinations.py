"""Providers as destinations: which can be used, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

from statusbot.errors import StatusbotError
from statusbot.forges import forge_of
from statusbot.manifests.invalid import Invalid
from statusbot.manifests.provider import GIT_TYPES, Provider
from statusbot.routing.allowance import Allowances
from statusbot.routing.expression import Expression
from statusbot.routing.hosts import ANYWHERE, Hosts
from statusbot.routing.status import Destination
from statusbot.routing.templates import PLAIN, Texts
from statusbot.routing.texts import provider_id

# The root of a Provider's API, where its address does not tell it.
API_URL = "statusbot/api-url"


class Unusable(StatusbotError):
    """A Provider that gets no statuses.

    ``error``: somebody has to mend it. ``missing``: there is none of that name.
    """

    def __init__(
        self, what: str, *, todo: str = "", error: bool = True, missing: bool = False
    ) -> None:
        """``what`` is wrong with it, or why it is none of our business."""
        super().__init__(what, todo=todo)
        self.error = error
        self.missing = missing


def destination(
    provider: Provider,
    fallback_id: str,
    api_url: str | None = None,
    *,
    hosts: Hosts = ANYWHERE,
    texts: Texts = PLAIN,
    allowances: Allowances | None = None,
) -> Destination:
    """Where a Provider leads; ``fallback_id`` is for one that has no uid. Raises Unusable."""
    if provider.suspend:
        raise Unusable("the Provider is suspended", error=False)
    if provider.type not in GIT_TYPES:
        raise Unusable(f"a Provider of type {provider.type} shows no commit status", error=False)
    forge = forge_of(provider.type)
    api = provider.annotations.get(API_URL, "").strip() or api_url
    try:
        repository = forge.repository(provider.address, api)
        hosts.check(repository.host.partition("/")[0])
        if api:
            # What an adapter makes of an allowed address is allowed; this somebody wrote.
            hosts.check(urlsplit(repository.api).netloc)
    except StatusbotError as error:
        raise Unusable(f"spec.address: {error}") from error
    id_ = provider_id(provider.uid) or fallback_id
    named = _expression(provider, allowances or Allowances())
    return Destination(provider, forge, repository, id_, named, fallback_id, texts, hosts)


def _expression(provider: Provider, allowances: Allowances) -> Expression | None:
    if not provider.commit_status_expr:
        return None
    try:
        allowance = allowances(provider.namespace)
        return Expression(provider.commit_status_expr, allowance=allowance)
    except StatusbotError as error:
        raise Unusable(f"spec.commitStatusExpr: {error}") from error


class Destinations:
    """All Providers by ``namespace/name``, each understood when it is first asked for."""

    def __init__(
        self,
        providers: Iterable[Provider | Invalid],
        fallback_id: str,
        api_url: str | None = None,
        address_of: Callable[[Provider], str] = lambda provider: "",
        *,
        hosts: Hosts = ANYWHERE,
        texts: Texts = PLAIN,
        allowances: Allowances | None = None,
    ) -> None:
        """``address_of`` finds the address of a Provider that names none itself."""
        self._understood = partial(
            destination,
            fallback_id=fallback_id,
            api_url=api_url,
            hosts=hosts,
            texts=texts,
            allowances=allowances or Allowances(),
        )
        self._address_of = address_of
        self._providers: dict[str, Provider] = {}
        self._found: dict[str, Destination | Unusable] = {}
        self.invalid: dict[str, str] = {}  # what no schema takes, by "namespace/name"
        for provider in providers:
            if isinstance(provider, Invalid):
                ref = f"{provider.namespace}/{provider.name}"
                self.invalid[ref] = f"{provider.path}: {provider.message}"
                self._found[ref] = Unusable(self.invalid[ref])
            else:
                self._providers[provider.ref] = provider

    def find(self, ref: str) -> Destination:
        """The destination of a Provider; Unusable says why there is none."""
        if ref not in self._found:
            self._found[ref] = self._find(ref)
        found = self._found[ref]
        if isinstance(found, Unusable):
            raise found
        return found

    def _find(self, ref: str) -> Destination | Unusable:
        provider = self._providers.get(ref)
        if provider is None:
            return Unusable("there is no such Provider", missing=True)
        try:
            return self._understood(self._addressed(provider))
        except Unusable as unusable:
            return unusable

    def _addressed(self, provider: Provider) -> Provider:
        if provider.address.strip() or provider.suspend or provider.type not in GIT_TYPES:
            return provider
        try:
            return replace(provider, address=self._address_of(provider))
        except StatusbotError as error:
            raise Unusable(str(error)) from error
