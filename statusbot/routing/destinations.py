"""Providers as destinations: which can be used, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Iterable

from statusbot.errors import StatusbotError
from statusbot.forges import FORGES, NOT_YET
from statusbot.manifests.invalid import Invalid
from statusbot.manifests.provider import GIT_TYPES, Provider
from statusbot.routing.status import Destination
from statusbot.routing.texts import provider_id


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


def destination(provider: Provider, fallback_id: str, api_url: str | None = None) -> Destination:
    """Where a Provider leads; ``fallback_id`` is for one that has no uid. Raises Unusable."""
    if provider.suspend:
        raise Unusable("the Provider is suspended", error=False)
    if provider.type not in GIT_TYPES:
        raise Unusable(f"a Provider of type {provider.type} shows no commit status", error=False)
    if provider.type in NOT_YET:
        todo = f"statusbot can post to {' and '.join(FORGES)} so far"
        raise Unusable(f"the Provider type {provider.type} is not supported yet", todo=todo)
    if provider.commit_status_expr:
        raise Unusable("spec.commitStatusExpr is not supported yet")
    if provider.proxy or provider.proxy_secret or provider.cert_secret:
        raise Unusable("spec.proxy, proxySecretRef and certSecretRef are not supported yet")
    forge = FORGES[provider.type]
    try:
        repository = forge.repository(provider.address, api_url)
    except StatusbotError as error:
        raise Unusable(f"spec.address: {error}") from error
    return Destination(provider, forge, repository, provider_id(provider.uid) or fallback_id)


class Destinations:
    """All Providers by ``namespace/name``."""

    def __init__(
        self, providers: Iterable[Provider | Invalid], fallback_id: str, api_url: str | None = None
    ) -> None:
        """Understand each Provider once; a broken one does not hurt the others."""
        self._usable: dict[str, Destination] = {}
        self._unusable: dict[str, Unusable] = {}
        self.invalid: dict[str, str] = {}  # what no schema takes, by "namespace/name"
        for provider in providers:
            if isinstance(provider, Invalid):
                ref = f"{provider.namespace}/{provider.name}"
                self.invalid[ref] = f"{provider.path}: {provider.message}"
                self._unusable[ref] = Unusable(self.invalid[ref])
                continue
            try:
                self._usable[provider.ref] = destination(provider, fallback_id, api_url)
            except Unusable as unusable:
                self._unusable[provider.ref] = unusable

    def find(self, ref: str) -> Destination:
        """The destination of a Provider; Unusable says why there is none."""
        found = self._usable.get(ref)
        if found is None:
            raise self._unusable.get(ref) or Unusable("there is no such Provider", missing=True)
        return found
