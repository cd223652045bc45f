"""What may pass as an object: a mapping with a name, whatever else a server or a file holds."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from statusbot.cluster.kinds import Kind
from statusbot.manifests.invalid import Invalid, identity

# RFC 1123 subdomains, which the API server wants of every name; it keeps `..` out of our paths.
_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?")


def possible(name: str) -> bool:
    """Whether an object can have this name (or a namespace this one)."""
    return bool(_NAME.fullmatch(name))


def path(kind: Kind, version: str, namespace: str = "", name: str = "") -> str:
    """The URL path of an object or a collection; an empty ``namespace`` is the whole cluster."""
    root = f"/apis/{quote(kind.group, safe='')}/{version}" if kind.group else f"/api/{version}"
    scope = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
    return f"{root}{scope}/{kind.plural}" + (f"/{quote(name, safe='')}" if name else "")


def fault(item: object) -> str:
    """Why an item is no object, empty when it is one."""
    if not isinstance(item, dict):
        return "is no object"
    metadata = item.get("metadata")
    if not isinstance(metadata, dict):
        return "has no metadata"
    if not isinstance(metadata.get("name"), str) or not metadata["name"]:
        return "has no metadata.name"
    if not isinstance(metadata.get("namespace", ""), str):
        return "has a metadata.namespace that is no string"
    return ""


def accept(
    item: Any, kind: Kind, version: str, problems: list[Invalid], source: str = ""
) -> dict[str, Any] | None:
    """The object, completed; None for what is none, which becomes a problem.

    Items of a LIST carry neither ``apiVersion`` nor ``kind``.
    """
    why = fault(item)
    if not why:
        api_version = f"{kind.group}/{version}" if kind.group else version
        return {"apiVersion": api_version, "kind": kind.kind, **item}
    _, namespace, name = identity(item if isinstance(item, dict) else {})
    problem = Invalid(source, kind.kind, namespace, name, "$", why)
    if problem not in problems:  # a listing that starts again meets it again
        problems.append(problem)
    return None
