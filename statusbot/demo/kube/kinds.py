"""The resources that the embedded Kubernetes API serves, and how each of them behaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of one API group; ``versions`` are those served, the preferred one first."""

    group: str
    versions: tuple[str, ...]
    plural: str
    kind: str
    short: tuple[str, ...] = ()
    namespaced: bool = True
    status: bool = False
    # A default of Flux's CRDs: a new object has status.observedGeneration -1.
    unobserved: bool = False
    # What https://github.com/kubernetes/kubernetes calls the strategy of a resource:
    custom: bool = True
    create_on_update: bool = False
    unconditional_update: bool = False

    @property
    def qualified(self) -> str:
        """``kustomizations.kustomize.toolkit.fluxcd.io``, as messages name it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def api_version(self, version: str) -> str:
        """``group/version``, or ``v1`` for the core group."""
        return f"{self.group}/{version}" if self.group else version


_KUSTOMIZE = "kustomize.toolkit.fluxcd.io"
_SOURCE = "source.toolkit.fluxcd.io"
_NOTIFICATION = "notification.toolkit.fluxcd.io"
_V1 = ("v1",)


def _reconciled(group: str, plural: str, kind: str, *short: str) -> Resource:
    return Resource(group, _V1, plural, kind, short, status=True, unobserved=True)


RESOURCES = (
    _reconciled(_KUSTOMIZE, "kustomizations", "Kustomization", "ks"),
    _reconciled(_SOURCE, "gitrepositories", "GitRepository", "gitrepo"),
    _reconciled(_SOURCE, "ocirepositories", "OCIRepository", "ocirepo"),
    _reconciled(_SOURCE, "buckets", "Bucket"),
    Resource(_SOURCE, _V1, "externalartifacts", "ExternalArtifact", status=True),
    Resource(_NOTIFICATION, ("v1beta3",), "alerts", "Alert"),
    Resource(_NOTIFICATION, ("v1beta3",), "providers", "Provider"),
    Resource("", _V1, "secrets", "Secret", custom=False, unconditional_update=True),
    Resource("", _V1, "configmaps", "ConfigMap", ("cm",), custom=False, unconditional_update=True),
    Resource(
        *("", _V1, "events", "Event", ("ev",)),
        custom=False,
        create_on_update=True,
        unconditional_update=True,
    ),
    Resource(
        *("", _V1, "namespaces", "Namespace", ("ns",)),
        namespaced=False,
        status=True,
        custom=False,
        unconditional_update=True,
    ),
    Resource("coordination.k8s.io", _V1, "leases", "Lease", custom=False, create_on_update=True),
)


class Kinds:
    """What a server serves: found by path or by the type that an object names."""

    def __init__(self, versions: Mapping[str, tuple[str, ...]] | None = None) -> None:
        """``versions`` replaces what is served by kind, as ``{"Alert": ("v1beta2", "v1beta1")}``.

        An empty tuple takes the kind away: a cluster where that part of Flux is not installed.
        """
        wanted = versions or {}
        chosen = (replace(r, versions=wanted.get(r.kind, r.versions)) for r in RESOURCES)
        self._resources = tuple(resource for resource in chosen if resource.versions)

    def __iter__(self) -> Iterator[Resource]:
        """All that is served."""
        return iter(self._resources)

    def groups(self) -> dict[str, tuple[str, ...]]:
        """Versions by API group, without the core group."""
        found: dict[str, tuple[str, ...]] = {}
        for resource in self._resources:
            if resource.group:
                known = found.get(resource.group, ())
                found[resource.group] = tuple(dict.fromkeys((*known, *resource.versions)))
        return found

    def is_custom(self, group: str) -> bool:
        """Does no built-in resource belong to this group?"""
        return bool(group) and not any(r.group == group and not r.custom for r in self._resources)

    def at_path(self, group: str, version: str, plural: str) -> Resource | None:
        """The resource that a request names."""
        for resource in self._resources:
            if (resource.group, resource.plural) == (
                group,
                plural,
            ) and version in resource.versions:
                return resource
        return None

    def named(self, kind: str) -> Resource:
        """The resource of a kind; KeyError when it is not served."""
        for resource in self._resources:
            if resource.kind == kind:
                return resource
        raise KeyError(f"no kind {kind!r} is served")

    def of(self, data: Mapping[str, Any]) -> Resource:
        """The resource of an object by its apiVersion and kind; KeyError when not served."""
        group, _, version = str(data["apiVersion"]).rpartition("/")
        resource = self.named(str(data["kind"]))
        if resource.group != group or version not in resource.versions:
            raise KeyError(f"{data['apiVersion']} {data['kind']} is not served")
        return resource
