"""From the options of ``wait`` to who looks, on a cluster or on a forge."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from statusbot.cluster.base import Cluster, api_servers
from statusbot.cluster.clock import Deadline
from statusbot.cluster.errors import TimedOut
from statusbot.cluster.kubeconfig import find
from statusbot.cluster.setup import FLUX_NAMESPACE, Where, open_cluster
from statusbot.errors import UsageError
from statusbot.interrupt import Interrupt
from statusbot.revision import FULL
from statusbot.transport import Transport
from statusbot.wait.lineage import FirstOf, ForgeLineage, LocalGit
from statusbot.wait.repository import origin
from statusbot.wait.verdict import Lineage, Looker
from statusbot.wait.via_forge_calls import ForgeCalls, access_of

if TYPE_CHECKING:
    from statusbot.wait.chosen import Chosen

# Those of Flux, and of a run.
_CONTEXTS = ("kustomization/*",)


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
    from statusbot.wait.judge import Asked
    from statusbot.wait.on_cluster import OnCluster

    if options["context"] or options["branch"]:
        what = "--context and --branch are about the statuses of a forge"
        raise UsageError(what, todo="add --via forge, or leave them out")
    chosen, read = _chosen(options, deadline), options["namespace"]
    if read or (chosen.names and not chosen.selector):
        read = sorted({*read, *(name.partition("/")[0] for name in chosen.names)})
    where = Where(kubeconfig=options["kubeconfig"], context=options["kube_context"])
    with (
        open_cluster(where, deadline) as cluster,
        _lineage(options, token, deadline, cluster) as lineage,
    ):
        full = resolved(sha, lineage)
        asked = Asked(full, lineage, options["exact"])
        age = options["failure_age"]
        yield full, OnCluster(cluster, chosen, asked, interrupt, tuple(read), age)


def _chosen(options: Mapping[str, Any], deadline: Deadline) -> Chosen:
    """Which Kustomizations are waited for. Raises UsageError, and TimedOut where git says nothing."""
    from statusbot.wait.chosen import Chosen

    names = _names(options)
    address = options["address"] or origin(left=deadline.left)
    if not (names or options["selector"] or address):
        if not deadline.left():
            what = "git did not tell the repository of this folder in time"
            raise TimedOut(what, todo="name it with --address, or raise --timeout")
        raise UsageError(
            "nobody says which Kustomizations to wait for",
            todo="choose them with -k or -l, name the repository with --address, or call it in a "
            "clone of the repository with a remote `origin`",
        )
    return Chosen(names, options["selector"], address, frozenset(options["namespace"]))


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
    if full is None and len(sha) not in FULL:
        raise UsageError(
            f"nobody here knows how {sha} goes on",
            todo="give all digits, or run it in a clone of the repository, or give --address and "
            "STATUSBOT_TOKEN",
        )
    return full or sha


@contextmanager
def _lineage(
    options: Mapping[str, Any], token: str, deadline: Deadline, cluster: Cluster
) -> Iterator[Lineage]:
    """A clone in this folder, and the forge that the user named together with a token."""
    clone = LocalGit(left=deadline.left)
    if not (options["address"] and token.strip()):
        yield clone
        return
    with _calls(options, token, deadline, api_servers(cluster)) as calls:
        yield FirstOf((clone, ForgeLineage(calls)))


@contextmanager
def _calls(
    options: Mapping[str, Any],
    token: str,
    deadline: Deadline,
    servers: Sequence[tuple[str, int]] = (),
) -> Iterator[ForgeCalls]:
    access = access_of(
        options["address"], options["provider_type"] or "", options["api_url"], token
    )
    over = time.monotonic() + deadline.left()
    with Transport(over, api_servers=servers) as transport:
        yield ForgeCalls(transport, access, left=deadline.left)


@contextmanager
def on_forge(
    options: dict[str, Any], sha: str, token: str, deadline: Deadline, interrupt: Interrupt
) -> Iterator[tuple[str, Looker]]:
    """The SHA, in full if the forge tells it now, and who looks at the forge."""
    from statusbot.wait.via_forge import ViaForge

    if not options["address"]:
        raise UsageError(
            "--via forge needs --address"
            if options["via"]
            else "there are no credentials for a cluster, and the forge has no --address",
            todo="name the repository with --address, or the cluster with --kubeconfig",
        )
    if options["kustomization"] or options["selector"]:
        what = "-k and -l choose Kustomizations of a cluster, and --via forge looks at statuses"
        raise UsageError(what, todo="choose contexts with --context")
    with _calls(options, token, deadline) as calls:
        lineage = ForgeLineage(calls)
        full = sha if len(sha) in FULL else lineage.resolve(sha) or sha
        contexts, branch = options["context"] or _CONTEXTS, options["branch"] or ""
        yield full, ViaForge(calls, lineage, full, contexts, options["exact"], branch)
