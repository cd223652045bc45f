"""What a real server refuses in a ConfigMap or a Lease."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from typing import Any

from statusbot.demo.kube import status
from statusbot.demo.kube.kinds import Resource

Object = dict[str, Any]

LARGEST = 1 << 20  # bytes of data and of decoded binaryData together
_MICRO = "2006-01-02T15:04:05.000000Z07:00"
_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)")


def check(resource: Resource, data: Object, old: Object | None = None) -> None:
    """Raise what is wrong with ``data``, which is to take the place of ``old``."""
    if resource.kind == "ConfigMap":
        _check_config_map(resource, data, old)
    if resource.kind == "Lease":
        _check_lease(resource, data)


def _check_config_map(resource: Resource, data: Object, old: Object | None) -> None:
    size = sum(len(str(text).encode()) for text in (data.get("data") or {}).values())
    for text in (data.get("binaryData") or {}).values():
        try:
            size += len(base64.b64decode(str(text), validate=True))
        except binascii.Error:
            raise _unreadable(resource, "illegal base64 data at input byte 0") from None
    if size > LARGEST:
        raise _invalid(resource, data, "[]", f"Too long: may not be more than {LARGEST} bytes")
    if old is not None and old.get("immutable"):
        kept = {"immutable", "data", "binaryData"}
        if any(old.get(name) != data.get(name) for name in kept):
            why = "Forbidden: field is immutable when `immutable` is set"
            raise _invalid(resource, data, "data", why)
    for name in ("data", "binaryData"):
        if not data.get(name, True):
            del data[name]


def _check_lease(resource: Resource, data: Object) -> None:
    spec = data.get("spec") or {}
    for name in ("acquireTime", "renewTime"):
        text = spec.get(name)
        if text is not None and not _is_time(text):
            raise _unreadable(resource, f'parsing time "{text}" as "{_MICRO}": cannot parse')
    seconds, transitions = spec.get("leaseDurationSeconds"), spec.get("leaseTransitions")
    if seconds is not None and seconds <= 0:
        why = f"Invalid value: {seconds}: must be greater than 0"
        raise _invalid(resource, data, "spec.leaseDurationSeconds", why)
    if transitions is not None and transitions < 0:
        why = f"Invalid value: {transitions}: must be greater than or equal to 0"
        raise _invalid(resource, data, "spec.leaseTransitions", why)
    if "spec" in data:
        data["spec"] = {name: value for name, value in spec.items() if value is not None}


def _is_time(text: object) -> bool:
    try:
        datetime.fromisoformat(str(text))
    except ValueError:
        return False
    return bool(_FORM.fullmatch(str(text)))


def _unreadable(resource: Resource, why: str) -> status.Refused:
    kind = resource.kind
    return status.bad_request(f'{kind} in version "v1" cannot be handled as a {kind}: {why}')


def _invalid(resource: Resource, data: Object, field: str, why: str) -> status.Refused:
    name = data["metadata"]["name"]
    group = {"group": resource.group} if resource.group else {}
    subject = ".".join([resource.kind, *group.values()]) + f' "{name}"'
    return status.invalid(subject, {"name": name, **group, "kind": resource.kind}, field, why)
