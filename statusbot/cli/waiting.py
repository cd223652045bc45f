"""From the options of ``wait`` to who looks, on a cluster or on a forge."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from statusbot.cluster.clock import Deadline
from statusbot.cluster.kubeconfig import find
from statusbot.cluster.setup import FLUX_NAMESPACE, Where, open_cluster
from statusbot.errors import UsageError
from statusbot.interrupt import Interrupt
from statusbot.wait.repository import origin, type_of
from statusbot.wait.verdict import Lineage, Looker

log = logging.getLogger(__name__)

_FULL = (40, 64)


def via_of(options: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """``cluster`` or ``forge``."""
    if options["via"]:
        return str(options["via"])
    if options["kubeconfig"] or options["kube_context"] or environ.get("KUBECONFIG"):
        return "cluster"
    try:
        find(None, None, environ)
    except UsageError:
        return "forge"
    return "cluster"


@contextmanager
def on_cluster(
    options: dict[str, Any], sha: str, token: str, deadline: Deadline, interrupt: Interrupt
) -> Iterator[tuple[str, Looker]]:
    """The full SHA, and who looks at the cluster."""
    # Imported here: looking at a forge alone needs none of it.
    from statusbot.wait.chosen import Chosen
    from statusbot.wait.judge import Asked
    from statusbot.wait.on_cluster import OnCluster

    names = _names(options)
    where = Where(kubeconfig=options["kubeconfig"], context=options["kube_context"])
    address = options["address"] or origin()
    if not (names or options["selector"] or address):
        raise UsageError(
            "nobody says which Kustomizations to wait for",
            todo="choose them with -k or -l, name the repository with --address, or call it in a "
            "clone of the repository with a remote `origin`",
        )
    chosen = Chosen(names, options["selector"], address)
    with _lineage(options, token) as lineage, open_cluster(where, deadline) as cluster:
        full = resolved(sha, lineage)
        asked = Asked(full, lineage, options["exact"])
        read = options["namespace"]
        if read or (names and not options["selector"]):
            read = sorted({*read, *(name.partition("/")[0] for name in names)})
        age = options["failure_age"]
        yield full, OnCluster(cluster, chosen, asked, interrupt, tuple(read), age)


def _names(options: Mapping[str, Any]) -> frozenset[str]:
    """What ``-k`` names, each with its namespace. Raises UsageError."""
    namespaces = options["namespace"] or (FLUX_NAMESPACE,)
    names = set()
    for text in options["kustomization"]:
        namespace, slash, name = text.rpartition("/")
        if not slash and len(namespaces) > 1:
            what = f"-k {text} may be in each namespace of -n"
            raise UsageError(what, todo="write NAMESPACE/NAME")
        namespace = namespace if slash else namespaces[0]
        if not namespace or not name or "/" in namespace:
            raise UsageError(f"-k {text} is no Kustomization", todo="write NAMESPACE/NAME")
        names.add(f"{namespace}/{name}")
    return frozenset(names)


def resolved(sha: str, lineage: Lineage | None) -> str:
    """The full SHA. Raises UsageError for one that nobody knows, or that nobody can complete."""
    full = lineage.resolve(sha) if lineage is not None else None
    if full is None and len(sha) not in _FULL:
        raise UsageError(
            f"nobody here knows how {sha} goes on",
            todo="give all digits, or run it in a clone of the repository, or give --address and "
            "STATUSBOT_TOKEN",
        )
    return full or sha


@contextmanager
def _lineage(options: dict[str, Any], token: str) -> Iterator[Lineage | None]:
    yield None


def on_forge(
    options: dict[str, Any], sha: str, token: str, deadline: Deadline, interrupt: Interrupt
) -> AbstractContextManager[tuple[str, Looker]]:
    """The full SHA, and who looks at the forge."""
    address = options["address"]
    if not address:
        raise UsageError(
            "--via forge needs --address"
            if options["via"]
            else "there are no credentials for a cluster, and the forge has no --address",
            todo="name the repository with --address, or the cluster with --kubeconfig",
        )
    if not (options["provider_type"] or type_of(address)):
        raise UsageError("the host of --address tells no forge", todo="give --provider-type")
    raise UsageError("--via forge is not there yet")
