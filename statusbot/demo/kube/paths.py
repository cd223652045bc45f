"""What the path of a request names, whether that is served or not."""

from __future__ import annotations

from typing import NamedTuple

from statusbot.demo.kube.options import flag
from statusbot.demo.kube.requests import Request
from statusbot.demo.kube.status import not_allowed


class Named(NamedTuple):
    """A resource by its address; without a name it is a collection."""

    group: str
    version: str
    namespace: str
    plural: str
    name: str
    subresource: str


def named(path: str) -> Named | None:
    """The resource that a path names; None when it is no such path."""
    match path.strip("/").split("/"):
        case ["api", version, *rest] if rest:
            group = ""
        case ["apis", group, version, *rest] if rest:
            pass
        case _:
            return None
    namespace = ""
    # The status of a namespace itself has the form of a resource in it.
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in ("status", "finalize"):
        _, namespace, *rest = rest
    plural, name, subresource, *more = [*rest, "", ""][: max(3, len(rest))]
    if more:
        return None
    return Named(group, version, namespace, plural, name, subresource)


def verb(request: Request, name: str) -> str:
    """What a request wants to do, as RBAC calls it."""
    match request.method, bool(name):
        case "GET", False:
            return "watch" if flag(request.query, "watch") else "list"
        case "GET", True:
            return "get"
        case "POST", False:
            return "create"
        case "PUT", True:
            return "update"
        case "PATCH", True:
            return "patch"
        case "DELETE", True:
            return "delete"
    raise not_allowed()
