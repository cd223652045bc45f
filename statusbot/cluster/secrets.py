"""The values of a Secret object."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from statusbot.cluster.answer import said
from statusbot.errors import ClusterError


def secret_values(item: Mapping[str, Any], where: str) -> dict[str, bytes]:
    """``data`` decoded, and ``stringData``, which wins (as when it is applied).

    ``ClusterError`` names a key whose value is not base64, never the value.
    """
    values: dict[str, bytes] = {}
    for key, value in _mapping(item.get("data")).items():
        try:
            # As the API server: line breaks inside are fine, anything else is not.
            values[key] = base64.b64decode("".join(str(value or "").split()), validate=True)
        except (binascii.Error, ValueError):
            raise ClusterError(
                f"data.{said(key)} is not base64", where=where, todo="write it as stringData"
            ) from None
    plain = _mapping(item.get("stringData"))
    return values | {key: str(value).encode() for key, value in plain.items()}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
