"""How a real server keeps metadata, status and generation, whatever a client sends."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from statusbot.demo.kube import status
from statusbot.demo.kube.kinds import Resource
from statusbot.demo.kube.requests import Target

Object = dict[str, Any]

# A client cannot change these.
KEPT = (
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
)


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


def metadata_of(target: Target, data: Object) -> Object:
    """The object's metadata, when the object fits its address."""
    resource = target.resource
    expected = resource.api_version(target.version)
    if not resource.custom:
        data.setdefault("apiVersion", expected)
        data.setdefault("kind", resource.kind)
    if not data.get("kind"):
        raise status.bad_request(
            f"the object provided is unrecognized (must be of type {resource.kind}):"
            " Object 'Kind' is missing"
        )
    if data.get("apiVersion") != expected:
        raise status.bad_request(
            f"the API version in the data ({data.get('apiVersion', '')}) does not match the"
            f" expected API version ({expected})"
        )
    if data.get("kind") != resource.kind:
        raise status.bad_request(f"{data.get('kind')} is not {resource.kind}")
    metadata = data.get("metadata")
    if not isinstance(metadata, dict) or not metadata.get("name"):
        group = {"group": resource.group} if resource.group else {}
        subject = ".".join([resource.kind, *group.values()]) + ' ""'
        why = "Required value: name or generateName is required"
        details = {"kind": resource.kind, **group}
        raise status.invalid(subject, details, "metadata.name", why)
    if target.namespace and metadata.setdefault("namespace", target.namespace) != target.namespace:
        raise status.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    return metadata


def check_versions(resource: Resource, old: Object, metadata: Object) -> None:
    """422 without a resourceVersion where it must be, 409 when it or the uid has changed."""
    name, version = metadata["name"], metadata.get("resourceVersion")
    if not version and not resource.unconditional_update:
        subject = f'{resource.qualified} "{name}"'
        why = "Invalid value: 0: must be specified for an update"
        raise status.invalid(
            subject, status.details_of(resource, name), "metadata.resourceVersion", why
        )
    check_uid(resource, metadata, old["metadata"]["uid"])
    if version and version != old["metadata"]["resourceVersion"]:
        raise status.conflict(resource, name)


def check_uid(resource: Resource, metadata: Object, uid: str) -> None:
    """409 for an update of another object; ``uid`` is empty where there is none."""
    if metadata.get("uid") not in (None, "", uid):
        why = f"Precondition failed: UID in precondition: {metadata['uid']}, UID in object meta: {uid}"
        raise status.conflict(resource, metadata["name"], why)


def check_preconditions(resource: Resource, metadata: Object, wanted: Object) -> None:
    """409 when a delete names another uid or resourceVersion."""
    for field, known in (
        ("UID", metadata["uid"]),
        ("ResourceVersion", metadata["resourceVersion"]),
    ):
        asked = wanted.get(field[0].lower() + field[1:] if field != "UID" else "uid")
        if asked not in (None, known):
            raise status.conflict(
                resource,
                metadata["name"],
                f"the {field} in the precondition ({asked}) does not match the {field} in record"
                f" ({known}). The object might have been modified",
            )


def merged(target: Target, old: Object, data: Object) -> Object:
    """What an update leaves: status writes touch nothing else, others do not touch status."""
    resource = target.resource
    body = {name: value for name, value in data.items() if name not in ("apiVersion", "kind")}
    if target.subresource == "status":
        rest = {name: value for name, value in old.items() if name != "status"}
        return rest | ({"status": body["status"]} if "status" in body else {})
    if resource.status:
        body.pop("status", None)
        body |= {"status": old["status"]} if "status" in old else {}
    metadata = {k: v for k, v in body["metadata"].items() if k not in KEPT}
    metadata |= {name: old["metadata"][name] for name in KEPT if name in old["metadata"]}
    metadata["resourceVersion"] = old["metadata"]["resourceVersion"]
    tidy(metadata)
    if resource.custom:
        metadata["generation"] = generation(resource, old, body)
    encode(resource, body)
    return body | {"metadata": metadata}


def tidy(metadata: Object) -> None:
    """What is empty is not kept."""
    for name in ("labels", "annotations", "finalizers", "ownerReferences"):
        if not metadata.get(name, True):
            del metadata[name]


def generation(resource: Resource, old: Object | None, new: Object) -> int:
    """It counts the changes outside metadata and, where that is a subresource, status."""
    if old is None:
        return 1
    apart = {"apiVersion", "kind", "metadata"} | ({"status"} if resource.status else set())
    before = {name: value for name, value in old.items() if name not in apart}
    after = {name: value for name, value in new.items() if name not in apart}
    return int(old["metadata"].get("generation", 1)) + (before != after)


def encode(resource: Resource, data: Object) -> None:
    """``stringData`` of a Secret is write-only."""
    if resource.kind == "Secret":
        data.setdefault("type", "Opaque")
        for name, text in (data.pop("stringData", None) or {}).items():
            data.setdefault("data", {})[name] = b64encode(str(text).encode()).decode()
