"""Refusals in the words of a real kube-apiserver (1.36): the kind ``Status``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statusbot.demo.kube.kinds import Resource

if TYPE_CHECKING:
    from statusbot.demo.kube.paths import Named


class Refused(Exception):
    """An answer that is a ``Status`` of kind Failure."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        details: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        """``code`` is the HTTP status, ``reason`` its name in the Kubernetes API."""
        super().__init__(message)
        self.code = code
        self.body: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": metadata or {},
            "status": "Failure",
            "message": message,
            **({"reason": reason} if reason else {}),
            **({"details": details} if details is not None else {}),
            "code": code,
        }


def details_of(resource: Resource, name: str = "") -> dict[str, Any]:
    """``details``: what is empty is left out, and ``kind`` holds the plural."""
    parts = {"name": name, "group": resource.group, "kind": resource.plural}
    return {key: value for key, value in parts.items() if value}


def not_found(resource: Resource, name: str) -> Refused:
    """404 of one object."""
    message = f'{resource.qualified} "{name}" not found'
    return Refused(404, "NotFound", message, details=details_of(resource, name))


def no_such_path() -> Refused:
    """404 of a resource that is not served, in a group and version that are."""
    return Refused(404, "NotFound", "the server could not find the requested resource", details={})


def unauthorized() -> Refused:
    """401: a token that nobody knows."""
    return Refused(401, "Unauthorized", "Unauthorized")


def forbidden(asked: Named, user: str, verb: str) -> Refused:
    """403 as RBAC words it, for what is not served too."""
    subject = f"{asked.plural}.{asked.group}" if asked.group else asked.plural
    subject += f' "{asked.name}"' if asked.name else ""
    resource = f"{asked.plural}/{asked.subresource}" if asked.subresource else asked.plural
    # For RBAC a namespace is in itself.
    namespace = asked.name if asked.plural == "namespaces" else asked.namespace
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    message = (
        f'{subject} is forbidden: User "{user}" cannot {verb} resource "{resource}"'
        f' in API group "{asked.group}" {where}'
    )
    parts = {"name": asked.name, "group": asked.group, "kind": asked.plural}
    details = {key: value for key, value in parts.items() if value}
    return Refused(403, "Forbidden", message, details=details)


def forbidden_path(user: str, verb: str, path: str) -> Refused:
    """403 of what is no resource."""
    message = f'forbidden: User "{user}" cannot {verb} path "{path}"'
    return Refused(403, "Forbidden", message, details={})


def already_exists(resource: Resource, name: str) -> Refused:
    """409 of a create."""
    message = f'{resource.qualified} "{name}" already exists'
    return Refused(409, "AlreadyExists", message, details=details_of(resource, name))


def conflict(resource: Resource, name: str, why: str = "") -> Refused:
    """409 of an update made from an older resourceVersion."""
    modified = "the object has been modified; please apply your changes to the latest version and try again"
    message = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {why or modified}'
    return Refused(409, "Conflict", message, details=details_of(resource, name))


def bad_request(message: str) -> Refused:
    """400."""
    return Refused(400, "BadRequest", message)


def expired(message: str, **metadata: str) -> Refused:
    """410: a resourceVersion or a continue token from before the last compaction."""
    return Refused(410, "Expired", message, metadata=dict(metadata))


def not_allowed() -> Refused:
    """405."""
    message = "the server does not allow this method on the requested resource"
    return Refused(405, "MethodNotAllowed", message, details={})


_REASONS = {
    "Forbidden": "FieldValueForbidden",
    "Required value": "FieldValueRequired",
    "Too long": "FieldValueTooLong",
    "Unsupported value": "FieldValueNotSupported",
}


def invalid(subject: str, details: dict[str, Any], field: str, why: str) -> Refused:
    """422 with one cause; how ``why`` begins tells its reason."""
    reason = _REASONS.get(why.partition(":")[0], "FieldValueInvalid")
    cause = {"reason": reason, "message": why, "field": field}
    message = f"{subject} is invalid: {field}: {why}"
    return Refused(422, "Invalid", message, details={**details, "causes": [cause]})


def invalid_options(field: str, why: str) -> Refused:
    """422 of the parameters of a LIST or watch."""
    details = {"group": "meta.k8s.io", "kind": "ListOptions"}
    return invalid('ListOptions.meta.k8s.io ""', details, field, why)


def streaming_list_is_off() -> Refused:
    """422: the feature gate WatchList is off."""
    why = (
        "Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is"
        " enabled"
    )
    return invalid_options("sendInitialEvents", why)


def streaming_list_failed() -> Refused:
    """500 inside a 200: the storage cannot tell how far it is (RequestWatchProgress)."""
    message = (
        "Internal error occurred: a watch stream was requested by the client but the required"
        " storage feature RequestWatchProgress is disabled"
    )
    return Refused(500, "InternalError", message)
