"""The Alerts and Providers that a poll routes by: read, validated, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256

from statusbot.cluster.base import Cluster
from statusbot.cluster.errors import Forbidden, NotInstalled
from statusbot.cluster.kinds import ALERT, KUSTOMIZATION, PROVIDER, Kind
from statusbot.errors import StatusbotError, UsageError
from statusbot.manifests import alert as alerts
from statusbot.manifests import provider as providers
from statusbot.manifests.alert import Alert
from statusbot.manifests.invalid import Invalid
from statusbot.manifests.provider import GIT_TYPES, Provider
from statusbot.revision import commit_of
from statusbot.routing.allowance import Allowances
from statusbot.routing.destinations import Destinations, Unusable, destination
from statusbot.routing.events import COMMIT
from statusbot.routing.hosts import ANYWHERE, Hosts
from statusbot.routing.router import AlertRouter, Router, SingleRouter
from statusbot.routing.templates import PLAIN, Texts
from statusbot.secret import Secrets
from statusbot.text import cut, one_line, redact


@dataclass(frozen=True, slots=True)
class Problem:
    """An Alert or a Provider that cannot be used, ``namespace/name`` each.

    ``error``: somebody has to mend it; otherwise it only gives nothing, and why.
    """

    why: str
    alert: str = ""
    provider: str = ""
    error: bool = True


@dataclass(frozen=True, slots=True)
class Single:
    """``--provider-type``, ``--address`` and the rest of the run without Alerts and Providers."""

    type: str
    address: str
    token: str = field(repr=False)
    api_url: str | None = None


def context_id(name: str) -> str:
    """The last part of a context where no Provider's uid can be: of a cluster or a repository."""
    return sha256(name.encode()).hexdigest()[:8]


def single_router(
    single: Single, id_: str, *, hosts: Hosts = ANYWHERE, texts: Texts = PLAIN
) -> Router:
    """The router for one repository; an ``id_`` that is empty is made of the repository."""
    provider = Provider("", "", "", "", single.type, single.address)
    understood = partial(destination, provider, api_url=single.api_url, hosts=hosts, texts=texts)
    try:
        there = understood(id_)
        if not id_:
            there = understood(context_id(there.repository.key))
    except Unusable as unusable:
        todo = "" if single.type in GIT_TYPES else f"use one of {', '.join(GIT_TYPES)}"
        what = str(unusable).replace("spec.address", "--address")
        raise UsageError(what, todo=todo) from unusable
    try:
        there.forge.authorization({"token": single.token}, "", there.repository.api)
    except StatusbotError as error:
        # It speaks of the Secret that there is none of.
        todo = "put the token alone there, without quotes, spaces or line breaks"
        raise UsageError(error.what, where="STATUSBOT_TOKEN", todo=todo) from None
    return SingleRouter(there)


def read_router(
    cluster: Cluster,
    namespaces: Sequence[str],
    id_: str,
    api_url: str | None,
    secrets: Secrets | None = None,
    *,
    cross_namespace: bool = True,
    hosts: Hosts = ANYWHERE,
    texts: Texts = PLAIN,
) -> tuple[Router, list[Problem]]:
    """All Alerts and Providers as a router, and the ones that need mending."""
    for kind in (ALERT, PROVIDER):
        if not cluster.serves(kind):
            raise _not_installed(kind, cluster)
    allowances = Allowances()
    found = [alerts.parse(obj) for obj in _all(cluster, ALERT, namespaces)]
    destinations = Destinations(
        (providers.parse(obj) for obj in _all(cluster, PROVIDER, namespaces)),
        id_ or context_id(cluster.name),
        api_url,
        partial(_address, secrets or Secrets(cluster)),
        hosts=hosts,
        texts=texts,
        allowances=allowances,
    )
    valid = [alert for alert in found if isinstance(alert, Alert)]
    broken = [alert for alert in found if isinstance(alert, Invalid)]
    problems = [
        Problem(f"{alert.path}: {alert.message}", alert=f"{alert.namespace}/{alert.name}")
        for alert in broken
    ]
    router = AlertRouter(
        valid, destinations, cross_namespace=cross_namespace, allowances=allowances
    )
    problems += _unusable(valid, destinations, router)
    return router, problems


def _not_installed(kind: Kind, cluster: Cluster) -> NotInstalled:
    if not cluster.serves(KUSTOMIZATION):
        return NotInstalled(
            f"Flux is not installed here: the API server knows no {KUSTOMIZATION.resource}",
            where=cluster.name,
            todo="choose another cluster with --kube-context, or install Flux",
        )
    return NotInstalled(
        f"Flux's notification-controller is not installed here: the API server knows no "
        f"{kind.resource}",
        where=cluster.name,
        todo="install it, or go without: --alerts-from, or --provider-type with --address",
    )


def _address(secrets: Secrets, provider: Provider) -> str:
    """The address of a Provider that names none: Flux takes it from the Secret."""
    if provider.secret is None:
        return ""
    make = "--from-literal=address=<url> --from-literal=token=<token>"
    return secrets(provider.namespace, provider.secret, make).text("address").strip()


def _all(cluster: Cluster, kind: Kind, namespaces: Sequence[str]) -> Iterable[dict[str, object]]:
    """Alerts may ask for objects of any namespace, so all are read, if that is allowed."""
    try:
        return list(cluster.list(kind))
    except Forbidden:
        if not namespaces:
            raise
        return list(cluster.list(kind, namespaces))


def _unusable(valid: list[Alert], destinations: Destinations, router: AlertRouter) -> list[Problem]:
    """Every invalid Provider, and what an Alert for Kustomizations needs and cannot have."""
    problems = [Problem(why, provider=ref) for ref, why in destinations.invalid.items()]
    awake = [alert for alert in valid if not alert.suspend]
    asking: dict[str, list[Alert]] = {}
    for alert in awake:
        if any(source.kind == KUSTOMIZATION.kind for source in alert.sources):
            asking.setdefault(alert.provider_ref, []).append(alert)
    for ref, alerts_of in sorted(asking.items()):
        try:
            destinations.find(ref)
        except Unusable as unusable:
            if not unusable.error:
                continue  # a chat, say: what its Alerts hold is none of our business
            if ref not in destinations.invalid:
                problems.append(Problem(_named(unusable, alerts_of), provider=ref))
        problems += _unfit(alerts_of, router)
    return [*problems, *_of_other_kinds(awake, destinations)]


def _unfit(alerts_of: Iterable[Alert], router: AlertRouter) -> Iterable[Problem]:
    """What is wrong with the Alerts themselves."""
    for alert in alerts_of:
        try:
            router.patterns(alert)
        except StatusbotError as error:
            yield Problem(str(error), alert=alert.ref)
        commit = alert.event_metadata.get(COMMIT, "")
        if commit and commit_of(commit, from_git=True) is None:
            what = f"'{cut(redact(one_line(commit)), 60)}' is no commit"
            why = f"spec.eventMetadata.{COMMIT}: {what}: write its 40 digits there"
            yield Problem(why, alert=alert.ref)


def _of_other_kinds(alerts_of: Iterable[Alert], destinations: Destinations) -> Iterable[Problem]:
    """The Alerts that ask for commit statuses of what is no Kustomization: they get none."""
    for alert in alerts_of:
        kinds = dict.fromkeys(source.kind for source in alert.sources)
        kinds.pop(KUSTOMIZATION.kind, None)
        if kinds and _shows_statuses(alert.provider_ref, destinations):
            why = f"statusbot posts the results of Kustomizations, not those of {', '.join(kinds)}"
            yield Problem(why, alert=alert.ref, error=False)


def _shows_statuses(ref: str, destinations: Destinations) -> bool:
    """Whether it is a forge, or might be one once it is mended; a chat needs no commits."""
    try:
        destinations.find(ref)
    except Unusable as unusable:
        return unusable.error
    return True


def _named(unusable: Unusable, alerts_of: list[Alert]) -> str:
    """Who names what is not there is who has to be mended."""
    if not unusable.missing:
        return str(unusable)
    return f"{unusable}: it is named by Alert {', '.join(alert.ref for alert in alerts_of)}"
