"""Roles as the single rights that they are made of."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

Object = dict[str, Any]

RIGHTS = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
API = "rbac.authorization.k8s.io"


class Right(NamedTuple):
    """One verb on one resource: the least that a rule can say."""

    resource: str
    verb: str

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}"


def rights(objects: Iterable[Object]) -> list[Right]:
    """Every right that the roles among ``objects`` give."""
    return [
        Right(resource, verb)
        for role in objects
        for rule in role.get("rules", ())
        for resource in rule["resources"]
        for verb in rule["verbs"]
    ]


def without(objects: Iterable[Object], right: Right | None) -> list[Object]:
    """What of ``objects`` is about rights, but for one of these."""
    found = [copy.deepcopy(item) for item in objects if item["kind"] in RIGHTS]
    for item in found:
        if "rules" in item:
            item["rules"] = [rest for rule in item["rules"] for rest in _without(rule, right)]
    return found


def bound_to(objects: Iterable[Object], suffix: str) -> list[Object]:
    """The same for the ServiceAccount of another name, beside those that are there."""
    found = copy.deepcopy(list(objects))
    for item in found:
        for name in (item["metadata"], item.get("roleRef", {}), *item.get("subjects", ())):
            if name:
                name["name"] += suffix
    return found


def _without(rule: Object, right: Right | None) -> Iterator[Object]:
    if right is None or right.resource not in rule["resources"]:
        yield rule
        return
    others = [name for name in rule["resources"] if name != right.resource]
    verbs = [verb for verb in rule["verbs"] if verb != right.verb]
    if others:
        yield {**rule, "resources": others}
    if verbs:
        yield {**rule, "resources": [right.resource], "verbs": verbs}
