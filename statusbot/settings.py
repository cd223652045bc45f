"""What a run was told, wherever it was told so."""

from __future__ import annotations

from dataclasses import dataclass

from statusbot.cluster.selector import Selector
from statusbot.notifications import Single
from statusbot.posting.lane import Limits
from statusbot.results.state import State
from statusbot.routing.hosts import ANYWHERE, Hosts
from statusbot.routing.templates import PLAIN, Texts
from statusbot.selection import Selection, Shard


@dataclass(frozen=True, slots=True)
class Settings:
    """The options that change what a poll says. Durations are in seconds."""

    namespaces: tuple[str, ...] = ()
    selector: Selector | None = None
    shard: Shard | None = None
    single: Single | None = None
    api_url: str | None = None
    cluster_name: str = ""
    cross_namespace: bool = True  # Alerts may ask for objects of other namespaces
    hosts: Hosts = ANYWHERE  # which forge hosts Providers may name
    texts: Texts = PLAIN
    since: float = 3600.0
    recheck: float = 86400.0
    failure_age: float = 300.0
    pending: bool = False  # commits that Flux has not come to a result for are shown, too
    superseded: State | None = None  # what those become that it never comes to; None: nothing
    aggregate: str = ""  # the context of all Kustomizations together; empty: none
    dry_run: bool = False
    write_limits: Limits | None = None  # None: as each forge publishes them
    list_all: bool = False

    @property
    def selection(self) -> Selection:
        """Which Kustomizations the run is about."""
        return Selection(self.namespaces, self.selector, self.shard)
