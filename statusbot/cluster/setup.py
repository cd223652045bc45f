"""From options to a cluster: a live one, dump files, or a live one with Alerts from files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from statusbot.cluster.base import Cluster
from statusbot.cluster.clock import Deadline

if TYPE_CHECKING:
    from statusbot.cluster.files import Files

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
    alerts = _files(where.alerts_from, where) if where.alerts_from else None
    if where.files:
        yield _overlaid(_files(where.files, where), alerts)
        return
    # Imported here: the packages behind it cost 200 ms, which dump files need not pay.
    from statusbot.cluster.connection import Connection
    from statusbot.cluster.live import LiveCluster

    with Connection.open(where.kubeconfig, where.context, deadline) as connection:
        yield _overlaid(LiveCluster(connection), alerts)


def _files(paths: tuple[str, ...], where: Where) -> Files:
    # Imported here: who reads a cluster alone needs none of what reads dumps and archives.
    from statusbot.cluster.files import Files

    return Files.read(paths, where.namespace)


def _overlaid(cluster: Cluster, alerts: Files | None) -> Cluster:
    if alerts is None:
        return cluster
    from statusbot.cluster.overlay import Overlay

    return Overlay(cluster, alerts)
