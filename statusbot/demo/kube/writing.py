"""Create, update, patch and delete, with the rules by which a real server keeps metadata."""

from __future__ import annotations

import uuid
from base64 import b64encode
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from statusbot.demo.kube import status
from statusbot.demo.kube.kinds import Resource
from statusbot.demo.kube.requests import Target
from statusbot.demo.kube.store import Entry, Store

Object = dict[str, Any]
Clock = Callable[[], datetime]

# A client cannot change these.
_KEPT = (
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
)


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
            metadata.setdefault("generation", _generation(resource, old, data))
        _encode(resource, data)
        store.put(resource, key, data)


def create(store: Store, target: Target, data: Object, clock: Clock) -> Entry:
    """POST: 409 when it is there already, 404 when its namespace is not."""
    resource, metadata = target.resource, _metadata(target, data)
    name = str(metadata["name"])
    target = Target(resource, target.version, target.namespace, name)
    if metadata.get("resourceVersion"):
        raise status.bad_request("resourceVersion should not be set on objects to be created")
    for kept in _KEPT:
        metadata.pop(kept, None)
    if resource.status and resource.custom:
        data.pop("status", None)
    metadata |= {"uid": str(uuid.uuid4()), "creationTimestamp": timestamp(clock())}
    if resource.custom:
        metadata["generation"] = 1
    _encode(resource, data)
    with store.changed:
        if store.get(resource, target.key):
            raise status.already_exists(resource, name)
        return _put(store, target, data)


def update(store: Store, target: Target, data: Object, clock: Clock) -> Entry:
    """PUT, of the object or of its status subresource: 409 when made from an older version."""
    resource, metadata = target.resource, _metadata(target, data)
    if metadata["name"] != target.name:
        raise status.bad_request(
            f"the name of the object ({metadata['name']}) does not match the name on the URL"
            f" ({target.name})"
        )
    with store.changed:
        entry = store.get(resource, target.key)
        if entry is None:
            if resource.create_on_update:
                return create(store, target, data, clock)
            raise status.not_found(resource, target.name)
        old = entry.data()
        _check_versions(resource, old, metadata)
        new = _merged(target, old, data)
        if new == old:
            return entry
        if new["metadata"].get("deletionTimestamp") and not new["metadata"].get("finalizers"):
            store.put(resource, target.key, None)
            return entry
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


def merge(value: Any, change: Any) -> Any:
    """RFC 7386: null takes away, objects merge, everything else replaces."""
    if not isinstance(change, dict):
        return change
    merged = dict(value) if isinstance(value, dict) else {}
    for name, part in change.items():
        if part is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), part)
    return merged


def delete(store: Store, target: Target, options: Object, clock: Clock) -> Object | Entry:
    """A ``Status``, or the object when finalizers keep it for now."""
    resource = target.resource
    with store.changed:
        entry = store.get(resource, target.key)
        if entry is None:
            raise status.not_found(resource, target.name)
        data = entry.data()
        metadata = data["metadata"]
        _check_preconditions(resource, metadata, options.get("preconditions") or {})
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


def _metadata(target: Target, data: Object) -> Object:
    """The object's metadata, when the object fits its address."""
    resource = target.resource
    expected = resource.api_version(target.version)
    if not resource.custom:
        data.setdefault("apiVersion", expected)
        data.setdefault("kind", resource.kind)
    if data.get("apiVersion") != expected:
        raise status.bad_request(
            f"the API version in the data ({data.get('apiVersion', '')}) does not match the"
            f" expected API version ({expected})"
        )
    if data.get("kind") != resource.kind:
        raise status.bad_request(f"{data.get('kind')} is not {resource.kind}")
    metadata = data.get("metadata")
    if not isinstance(metadata, dict) or not metadata.get("name"):
        raise status.invalid(
            f'{resource.kind}.{resource.group or "core"} ""',
            {"kind": resource.kind},
            "metadata.name",
            "Required value: name or generateName is required",
        )
    if target.namespace and metadata.setdefault("namespace", target.namespace) != target.namespace:
        raise status.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    return metadata


def _check_versions(resource: Resource, old: Object, metadata: Object) -> None:
    name, version = metadata["name"], metadata.get("resourceVersion")
    if not version and not resource.unconditional_update:
        subject = f'{resource.qualified} "{name}"'
        why = "Invalid value: 0: must be specified for an update"
        raise status.invalid(
            subject, status.details_of(resource, name), "metadata.resourceVersion", why
        )
    _check_uid(resource, name, old["metadata"]["uid"], metadata.get("uid"))
    if version and version != old["metadata"]["resourceVersion"]:
        raise status.conflict(resource, name)


def _check_preconditions(resource: Resource, metadata: Object, wanted: Object) -> None:
    name, version = metadata["name"], metadata["resourceVersion"]
    _check_uid(resource, name, metadata["uid"], wanted.get("uid"))
    if wanted.get("resourceVersion") not in (None, version):
        why = (
            "Precondition failed: ResourceVersion in precondition:"
            f" {wanted['resourceVersion']}, ResourceVersion in object meta: {version}"
        )
        raise status.conflict(resource, name, why)


def _check_uid(resource: Resource, name: str, uid: str, wanted: str | None) -> None:
    if wanted not in (None, "", uid):
        why = f"Precondition failed: UID in precondition: {wanted}, UID in object meta: {uid}"
        raise status.conflict(resource, name, why)


def _merged(target: Target, old: Object, data: Object) -> Object:
    """What an update leaves: status writes touch nothing else, others do not touch status."""
    resource = target.resource
    body = {name: value for name, value in data.items() if name not in ("apiVersion", "kind")}
    if target.subresource == "status":
        rest = {name: value for name, value in old.items() if name != "status"}
        return rest | ({"status": body["status"]} if "status" in body else {})
    if resource.status:
        body.pop("status", None)
        body |= {"status": old["status"]} if "status" in old else {}
    metadata = {k: v for k, v in body["metadata"].items() if k not in _KEPT}
    metadata |= {name: old["metadata"][name] for name in _KEPT if name in old["metadata"]}
    metadata["resourceVersion"] = old["metadata"]["resourceVersion"]
    if resource.custom:
        metadata["generation"] = _generation(resource, old, body)
    _encode(resource, body)
    return body | {"metadata": metadata}


def _generation(resource: Resource, old: Object | None, new: Object) -> int:
    """It counts the changes outside metadata and, where that is a subresource, status."""
    if old is None:
        return 1
    apart = {"apiVersion", "kind", "metadata"} | ({"status"} if resource.status else set())
    before = {name: value for name, value in old.items() if name not in apart}
    after = {name: value for name, value in new.items() if name not in apart}
    return int(old["metadata"].get("generation", 1)) + (before != after)


def _encode(resource: Resource, data: Object) -> None:
    """``stringData`` of a Secret is write-only."""
    if resource.kind == "Secret":
        data.setdefault("type", "Opaque")
        for name, text in (data.pop("stringData", None) or {}).items():
            data.setdefault("data", {})[name] = b64encode(str(text).encode()).decode()


def _put(store: Store, target: Target, data: Object) -> Entry:
    entry = store.put(target.resource, target.key, data)
    assert entry is not None
    return entry
