"""What a client reads to learn what is served: /version, /api, /apis and the resource lists."""

from __future__ import annotations

from typing import Any

from statusbot.demo.kube.kinds import Kinds, Resource

VERSION = {
    "major": "1",
    "minor": "36",
    "gitVersion": "v1.36.3",
    "gitCommit": "",
    "gitTreeState": "",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "go1.26",
    "compiler": "gc",
    "platform": "linux/amd64",
}
_VERBS = ("create", "delete", "get", "list", "patch", "update", "watch")
_STATUS_VERBS = ("get", "patch", "update")


def discovered(kinds: Kinds, path: str) -> dict[str, Any] | None:
    """The document at ``path``; None when there is none."""
    parts = path.strip("/").split("/")
    match parts:
        case ["version"]:
            return dict(VERSION)
        case ["api"]:
            return _core()
        case ["apis"]:
            groups = [_group(name, versions) for name, versions in kinds.groups().items()]
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
        case ["apis", name] if name in kinds.groups():
            return {"kind": "APIGroup", "apiVersion": "v1"} | _group(name, kinds.groups()[name])
        case ["api", "v1"]:
            return _resources(kinds, "", "v1")
        case ["apis", name, version] if version in kinds.groups().get(name, ()):
            return _resources(kinds, name, version)
    return None


def _core() -> dict[str, Any]:
    addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1"}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}


def _group(name: str, versions: tuple[str, ...]) -> dict[str, Any]:
    known = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": known, "preferredVersion": known[0]}


def _resources(kinds: Kinds, group: str, version: str) -> dict[str, Any]:
    served = [r for r in kinds if r.group == group and version in r.versions]
    items = [entry for resource in served for entry in _entries(resource)]
    head = {"kind": "APIResourceList", "apiVersion": "v1"}
    return head | {"groupVersion": f"{group}/{version}" if group else version, "resources": items}


def _entries(resource: Resource) -> list[dict[str, Any]]:
    base = {"namespaced": resource.namespaced, "kind": resource.kind}
    names = {"name": resource.plural, "singularName": resource.kind.lower()}
    found: list[dict[str, Any]] = [names | base | {"verbs": list(_VERBS)}]
    if resource.short:
        found[0]["shortNames"] = list(resource.short)
    if resource.status:
        status = {"name": f"{resource.plural}/status", "singularName": ""}
        found.append(status | base | {"verbs": list(_STATUS_VERBS)})
    return found
