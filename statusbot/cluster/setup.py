"""From options to a cluster: a live one, dump files, or a live one with Alerts from files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from statusbot.cluster.base import Cluster
from statusbot.cluster.clock import Deadline
from statusbot.cluster.files import Files
from statusbot.cluster.overlay import Overlay

# Where the flux command puts what names no namespace.
FLUX_NAMESPACE = "flux-system"


@dataclass(frozen=True, slots=True)
class Where:
    """What the user said about where the objects are."""

    kubeconfig: str | None = None
    context: str | None = None
    files: tuple[str, ...] = ()
    alerts_from: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()

    @property
    def namespace(self) -> str:
        """Where objects of files live that name no namespace: the only one asked for, or Flux's."""
        return self.namespaces[0] if len(self.namespaces) == 1 else FLUX_NAMESPACE


@contextmanager
def open_cluster(where: Where, deadline: Deadline) -> Iterator[Cluster]:
    """The cluster, for as long as the context lasts. Raises UsageError and ClusterError."""
    overlay = Files.read(where.alerts_from, where.namespace) if where.alerts_from else None
    if where.files:
        files: Cluster = Files.read(where.files, where.namespace)
        yield Overlay(files, overlay) if overlay else files
        return
    # Imported here: the packages behind it cost 200 ms, which dump files need not pay.
    from statusbot.cluster.connection import Connection
    from statusbot.cluster.live import LiveCluster

    with Connection.open(where.kubeconfig, where.context, deadline) as connection:
        live: Cluster = LiveCluster(connection)
        yield Overlay(live, overlay) if overlay else live
