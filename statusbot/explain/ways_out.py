"""What somebody can do about each reason; empty where nothing can be done, or nothing has to."""

from __future__ import annotations

from collections.abc import Mapping
from shlex import quote

from statusbot.explain.forge import Look
from statusbot.forges.base import Missing, Refused
from statusbot.manifests.invalid import Invalid
from statusbot.manifests.provider import GIT_TYPES, Provider
from statusbot.posting.outcome import Did
from statusbot.results.observation import Observation
from statusbot.results.result import ObjectRef, Result
from statusbot.results.state import State
from statusbot.routing.match import Match, takes
from statusbot.routing.status import CommitStatus, NoWay, Way

WAIT = "wait: Flux goes on by itself"
RUN = "`statusbot run`, or wait for the next poll"
RECHECK = "`statusbot run --recheck 0s`, which compares all that the ledger holds with the forges"
FORGET = "mend that, then `statusbot run --ledger none`, which asks the forge again"
OF_FILES = "give the Alerts and Providers too (--alerts-from), or --provider-type and --address"
_OF_RULES = {
    # Where these claim nothing, there is no commit, and they say themselves how to get one.
    "succeeded": "",
    "failed at the attempted revision": "",
    "path not found": "",
    "stalled": "",
    "being deleted": "",
    "between Flux's two writes of a success": WAIT,
    "in progress": WAIT,
    "dependency not ready": "wait until what spec.dependsOn names is ready, or mend that",
    "access denied": "move the source to the object's own namespace, or let Flux's controllers run "
    "without --no-cross-namespace-refs",
    "waiting": "see that the source can be fetched; what lasts past --failure-age is a failure",
}


def of_claim(rule: str, seen: Observation) -> str:
    """Nothing is claimed, by the rule of this name."""
    named = f"{quote(seen.object.name)} -n {quote(seen.object.namespace)}"
    if seen.suspended and not seen.deleting:
        return f"`flux resume kustomization {named}`"
    return _OF_RULES.get(rule, f"`flux reconcile kustomization {named}`")


def of_no_alert(object_: ObjectRef, provider: Provider | None) -> str:
    """No Alert asks for the object; ``provider`` is one that an Alert can name."""
    where = provider.namespace if provider else object_.namespace
    source = object_.name if where == object_.namespace else f"{object_.name}.{object_.namespace}"
    name = quote(provider.name) if provider else "<provider>"
    line = (
        f"`flux create alert commit-status -n {quote(where)} --event-severity info "
        f"--event-source {quote(f'Kustomization/{source}')} --provider-ref {name}`"
    )
    return line if provider else f"make a Provider (docs/providers.md), then {line}"


def of_match(match: Match, object_: ObjectRef, labels: Mapping[str, str]) -> str:
    """The Alert does not take the object."""
    alert = match.alert
    if alert.suspend:
        return f"`flux resume alert {quote(alert.name)} -n {quote(alert.namespace)}`"
    if any(takes(source, object_, labels) for source in alert.sources):
        return f"make an Alert with a Provider of its own in the namespace {object_.namespace}"
    for source in alert.sources:
        if takes(source, object_, source.match_labels):
            return _label(object_, source.match_labels, labels)
    return edit("alert", alert.ref)


def _label(object_: ObjectRef, wanted: Mapping[str, str], labels: Mapping[str, str]) -> str:
    lacking = {key: value for key, value in sorted(wanted.items()) if labels.get(key) != value}
    words = [quote(f"{key}={value}") for key, value in lacking.items()]
    words += ["--overwrite"] if lacking.keys() & labels.keys() else []
    where, name = quote(object_.namespace), quote(object_.name)
    return f"`kubectl -n {where} label kustomization {name} {' '.join(words)}`"


def of_provider(ref: str, provider: Provider | Invalid | None) -> str:
    """The Provider that an Alert names gives no way."""
    namespace, _, name = ref.partition("/")
    if provider is None:
        return f"make the Provider {ref} (docs/providers.md), or name another in the Alert"
    if isinstance(provider, Provider) and provider.suspend:
        patch = quote('{"spec":{"suspend":false}}')
        return (
            f"`kubectl -n {quote(namespace)} patch provider {quote(name)} --type merge -p {patch}`"
        )
    if isinstance(provider, Provider) and provider.type not in GIT_TYPES:
        return f"make an Alert with a Provider of a Git forge: {', '.join(GIT_TYPES)}"
    return edit("provider", ref)


def of_no_way(no_way: NoWay, way: Way, result: Result) -> str:
    """The way is there, and this result does not go it."""
    if no_way.at:
        named = {"Alert": no_way.alert, "Provider": no_way.provider}
        ref = named.get(no_way.at, result.object.path)
        return edit(no_way.at.lower(), ref)
    if way.elsewhere and no_way.why == way.elsewhere:
        return (
            f"name the Provider of that repository in an Alert, or correct the spec.address of "
            f"Provider {no_way.provider}"
        )
    return f"change its {_filter(way, result)}: {edit('alert', no_way.alert)}"


def of_unasked(status: CommitStatus) -> str:
    """A success that the Alert does not ask for, and no red of ours that it would end."""
    way = status.routed.way
    return f"change its {_filter(way, status.result)}: {edit('alert', way.alert)}"


def _filter(way: Way, result: Result) -> str:
    quiet = way.errors_only and result.state in (State.SUCCESS, State.PENDING)
    return "eventSeverity to info" if quiet else "inclusionList or exclusionList"


def of_look(look: Look, status: CommitStatus) -> str:
    """The forge does not show the status."""
    secret, other, address = _of_login(status)
    if look.did is Did.DEFERRED:
        return "wait for a later poll"
    if isinstance(look.meaning, Missing):
        return (
            f"push the commit to {status.destination.repository.key}, or give {secret} the right "
            f"to read that repository"
        )
    if isinstance(look.meaning, Refused):
        return {
            "login": f"put a login that the forge accepts into {secret}",
            "commit": f"push the commit to {status.destination.repository.key}, or {other}",
            "repository": f"give the login of {secret} the right to that repository, or correct "
            f"{address}",
            "status": "correct what the forge names",
        }[look.meaning.scope]
    if look.did is Did.ERROR and look.todo:
        return f"{look.todo}; the next poll tries again"
    if look.did is Did.ERROR:
        return "see that the forge is up and can be reached from here; the next poll tries again"
    if look.did is Did.SKIPPED:
        return "let nobody else write this context; the next result is posted again"
    return RUN


def _of_login(status: CommitStatus) -> tuple[str, str, str]:
    """Where the login is, how to choose another repository, and where the address is written."""
    provider = status.destination.provider
    if not status.routed.way.alert:
        return "STATUSBOT_TOKEN", "give another --address", "--address"
    secret, where = f"{provider.namespace}/{provider.secret}", f"Provider {provider.ref}"
    return f"Secret {secret}", "name another Provider in the Alert", f"the spec.address of {where}"


def edit(kind: str, ref: str) -> str:
    """The line that opens an object in an editor."""
    namespace, _, name = ref.partition("/")
    return f"`kubectl -n {quote(namespace)} edit {kind} {quote(name)}`"
