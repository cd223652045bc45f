"""Which Kustomizations a gate waits for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from statusbot.cluster.selector import Selector
from statusbot.errors import UsageError
from statusbot.forges import FORGES
from statusbot.forges.address import Place, is_well_known, parse
from statusbot.results.observation import Observation
from statusbot.results.source import Source


@dataclass(frozen=True, slots=True)
class Chosen:
    """Those of ``names`` (``namespace/name``) and those that ``selector`` takes in ``namespaces``.

    No ``namespaces`` are all. With neither names nor a selector all whose source is the repository
    at ``address``, by whichever source.
    """

    names: frozenset[str] = frozenset()
    selector: Selector | None = None
    address: str = ""
    namespaces: frozenset[str] = frozenset()

    def by_name(self, seen: Observation) -> bool:
        """Whether it was asked for itself, so that nothing may be left out."""
        return seen.object.path in self.names

    def takes(self, seen: Observation, source: Source | None) -> bool | None:
        """Whether it is waited for; None where its source has to tell, and is not there."""
        if self.by_name(seen):
            return True
        if self.selector is not None:
            # The namespace of a named one may be read, too: nobody asked for its others.
            here = not self.namespaces or seen.object.namespace in self.namespaces
            return here and self.selector.matches(seen.labels)
        if self.names:
            return False
        if source is None:
            return None
        return source.kind == "GitRepository" and same_repository(self.address, source.url)

    def may_take(self, seen: Observation) -> bool:
        """The same before any source is known."""
        return self.takes(seen, None) is not False

    def nothing(self) -> UsageError:
        """That none was found."""
        if self.selector is not None:
            what = f"no Kustomization has the labels {self.selector.text}"
            return UsageError(what, todo="see `kubectl get kustomizations -A --show-labels`")
        return UsageError(
            f"no Kustomization's source is the repository {self.address}",
            todo="name it with --address as its GitRepository does, or choose Kustomizations "
            "with -k or -l: those of OCIRepositories and Buckets name no repository",
        )


@lru_cache(maxsize=1024)
def same_repository(one: str, other: str) -> bool:
    """Whether two addresses are of one repository, on whichever forge.

    By SSH neither the port nor the sub-path of the forge's pages is named. Hosts that everybody
    knows have none: ``a/o/r`` there is not ``o/r``, and may well have its commits.
    """
    here, there = parse(one), parse(other)
    if here is None or there is None or not here.segments or not there.segments:
        return False
    return any(_same(forge.canonical(here), forge.canonical(there)) for forge in FORGES.values())


def _same(here: Place, there: Place) -> bool:
    if here.key == there.key:
        return True
    if {here.scheme == "ssh", there.scheme == "ssh"} != {True, False}:
        return False
    ssh, web = (here, there) if here.scheme == "ssh" else (there, here)
    paths = ["/".join(place.segments).lower() for place in (web, ssh)]
    below = not is_well_known(web) and paths[0].endswith(f"/{paths[1]}")
    return web.host == ssh.host and (paths[0] == paths[1] or below)
