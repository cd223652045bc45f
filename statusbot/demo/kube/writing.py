"""Create, update, patch and delete, with the rules by which a real server keeps metadata."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime

from statusbot.demo.kube import status
from statusbot.demo.kube.checks import check
from statusbot.demo.kube.kinds import Resource
from statusbot.demo.kube.requests import Target
from statusbot.demo.kube.rules import (
    KEPT,
    Object,
    check_preconditions,
    check_uid,
    check_versions,
    encode,
    generation,
    merge,
    merged,
    metadata_of,
    tidy,
)
from statusbot.demo.kube.store import Entry, Store, draft

Clock = Callable[[], datetime]


def timestamp(now: datetime) -> str:
    """A ``metav1.Time``: whole seconds in UTC."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def apply(store: Store, resource: Resource, data: Object, clock: Clock) -> None:
    """Create or replace as told, status and metadata included; only resourceVersion is ours."""
    data = deepcopy(data)
    metadata = data["metadata"]
    key = f"{metadata['namespace']}/{metadata['name']}" if resource.namespaced else metadata["name"]
    with store.changed:
        before = store.get(resource, key)
        old = before.data() if before else None
        known = old["metadata"] if old else {}
        metadata.setdefault("uid", known.get("uid") or str(uuid.uuid4()))
        metadata.setdefault(
            "creationTimestamp", known.get("creationTimestamp") or timestamp(clock())
        )
        if resource.custom:
            metadata.setdefault("generation", generation(resource, old, data))
        encode(resource, data)
        store.put(resource, key, data)


def create(store: Store, target: Target, data: Object, clock: Clock) -> Entry:
    """POST: 409 when it is there already, 404 when its namespace is not."""
    resource, metadata = target.resource, metadata_of(target, data)
    name = str(metadata["name"])
    target = Target(resource, target.version, target.namespace, name)
    if metadata.get("resourceVersion"):
        message = "resourceVersion should not be set on objects to be created"
        raise status.Refused(500, "", message)
    for kept in KEPT:
        metadata.pop(kept, None)
    if resource.status and resource.custom:
        data.pop("status", None)
    if resource.unobserved:
        data["status"] = {"observedGeneration": -1}
    metadata |= {"uid": str(uuid.uuid4()), "creationTimestamp": timestamp(clock())}
    tidy(metadata)
    if resource.custom:
        metadata["generation"] = 1
    encode(resource, data)
    check(resource, data)
    with store.changed:
        if store.get(resource, target.key):
            raise status.already_exists(resource, name)
        return _put(store, target, data)


def update(store: Store, target: Target, data: Object, clock: Clock) -> Entry:
    """PUT, of the object or of its status subresource: 409 when made from an older version."""
    resource, metadata = target.resource, metadata_of(target, data)
    if metadata["name"] != target.name:
        raise status.bad_request(
            f"the name of the object ({metadata['name']}) does not match the name on the URL"
            f" ({target.name})"
        )
    with store.changed:
        entry = store.get(resource, target.key)
        if entry is None:
            if resource.create_on_update:
                check_uid(resource, metadata, "")
                metadata.pop("resourceVersion", None)
                return create(store, target, data, clock)
            raise status.not_found(resource, target.name)
        old = entry.data()
        check_versions(resource, old, metadata)
        new = merged(target, old, data)
        check(resource, new, old)
        if new == old:
            return entry
        if new["metadata"].get("deletionTimestamp") and not new["metadata"].get("finalizers"):
            store.put(resource, target.key, None)
            return draft(target.key, store.version, new)
        return _put(store, target, new)


def patch(store: Store, target: Target, change: Object, clock: Clock) -> Entry:
    """A JSON merge patch (RFC 7386)."""
    with store.changed:
        entry = store.get(target.resource, target.key)
        if entry is None:
            raise status.not_found(target.resource, target.name)
        new = merge(entry.data(), change)
        new["apiVersion"] = target.resource.api_version(target.version)
        new["kind"] = target.resource.kind
        return update(store, target, new, clock)


def delete(store: Store, target: Target, options: Object, clock: Clock) -> Object | Entry:
    """A ``Status``, or the object when finalizers keep it for now."""
    resource = target.resource
    with store.changed:
        entry = store.get(resource, target.key)
        if entry is None:
            raise status.not_found(resource, target.name)
        data = entry.data()
        metadata = data["metadata"]
        check_preconditions(resource, metadata, options.get("preconditions") or {})
        if not metadata.get("finalizers"):
            store.put(resource, target.key, None)
            details = status.details_of(resource, target.name) | {"uid": metadata["uid"]}
            base = {"kind": "Status", "apiVersion": "v1", "metadata": {}}
            return base | {"status": "Success", "details": details}
        if metadata.get("deletionTimestamp"):
            return entry
        metadata |= {"deletionTimestamp": timestamp(clock()), "deletionGracePeriodSeconds": 0}
        if resource.custom:
            metadata["generation"] = int(metadata.get("generation", 0)) + 1
        return _put(store, target, data)


def _put(store: Store, target: Target, data: Object) -> Entry:
    entry = store.put(target.resource, target.key, data)
    assert entry is not None
    return entry
