"""What ``run`` and ``explain`` make of the options that both have: cluster, ledger, settings."""

from __future__ import annotations

from typing import Any

from statusbot.cli.params import check_api_url
from statusbot.cluster.setup import Where
from statusbot.errors import UsageError
from statusbot.ledger.place import resolve
from statusbot.notifications import Single
from statusbot.results.state import State
from statusbot.routing.hosts import Hosts
from statusbot.routing.templates import texts_of
from statusbot.settings import Settings


def where_of(options: dict[str, Any], namespaces: tuple[str, ...]) -> Where:
    """What is read, for the Kustomizations of ``namespaces``; none are all."""
    return Where(
        kubeconfig=options["kubeconfig"],
        context=options["kube_context"],
        files=options["from_"],
        alerts_from=options["alerts_from"],
        namespaces=namespaces,
    )


def ledger_of(options: dict[str, Any]) -> str:
    """Where the ledger is, when all is known. Raises UsageError."""
    kubeconfig, context = options["kubeconfig"], options["kube_context"]
    return resolve(options["ledger"], Where(kubeconfig, context, options["from_"]))


def settings_of(options: dict[str, Any], token: str) -> Settings:
    """What a status says, and where it goes. Raises UsageError.

    What only a poll is told (which Kustomizations, what of its writes) stays as it is by default.
    """
    return Settings(
        single=_single(options, token),
        api_url=options["api_url"],
        cluster_name=options["cluster_name"] or "",
        since=options["since"],
        recheck=options["recheck"],
        failure_age=options["failure_age"],
        pending=options["pending"],
        superseded=None if options["superseded"] == "off" else State(options["superseded"]),
        cross_namespace=not options["no_cross_namespace_refs"],
        hosts=Hosts(options["forge_hosts"]),
        texts=texts_of(
            options["context_template"],
            options["description_template"],
            options["target_url_template"],
        ),
    )


def check(options: dict[str, Any]) -> None:
    """UsageError for options that do not go together, or are not what they should be."""
    if options["from_"] and options.get("for_") is not None:
        raise UsageError("--for follows a cluster", todo="leave it out with --from")
    if options["from_"] and (options["kubeconfig"] or options["kube_context"]):
        raise UsageError(
            "--from reads no cluster", todo="leave out --kubeconfig and --kube-context"
        )
    _check_ledger(options)
    if options.get("aggregate") and options.get("shard") is not None:
        raise UsageError(
            "no shard sees all Kustomizations, as --aggregate has to", todo="leave one out"
        )
    check_api_url(options["api_url"])


def _check_ledger(options: dict[str, Any]) -> None:
    """What was pending must be finished one day, and what was superseded was seen one day."""
    asked = "--pending" if options["pending"] else ""
    if options["superseded"] != "off":
        asked = "--superseded"
    if asked and options["ledger"] == "none":
        what = f"{asked} has to remember which commits it saw"
        raise UsageError(what, where="--ledger", todo="give --ledger configmap, or file:PATH")


def _single(options: dict[str, Any], token: str) -> Single | None:
    type_, address = options["provider_type"], options["address"]
    if type_ is None and address is None:
        return None
    if type_ is None or address is None:
        raise UsageError("--provider-type and --address go together", todo="give both")
    if options["alerts_from"]:
        raise UsageError("--provider-type needs no Alerts", todo="leave out --alerts-from")
    if not token.strip():
        raise UsageError("STATUSBOT_TOKEN is not set or empty", todo="put the forge's token there")
    return Single(type_, address, token, options["api_url"])
