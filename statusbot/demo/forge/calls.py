"""What a client asked and what it is answered."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a call is for."""

    WRITE = "write"
    READ = "read"
    OTHER = "other"


@dataclass
class Call:
    """One request as it arrived. ``status`` is what it was answered, None while it has no answer.

    ``number`` counts from 1 over all calls of the forge. The headers' names are in lower case;
    they hold the token and are therefore not in the repr. ``target`` is path and query as they
    were sent, ``path`` and ``query`` are decoded.
    """

    number: int
    when: datetime
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    dialect: str = ""
    kind: Kind = Kind.OTHER
    repository: str = ""
    commit: str = ""
    status: int | None = None
    target: str = ""

    @property
    def json(self) -> Any:
        """The body as JSON; ValueError when it is none."""
        return json.loads(self.body)

    @property
    def fields(self) -> dict[str, Any] | None:
        """The body as a JSON object, None when it is anything else."""
        try:
            value = self.json
        except ValueError:
            return None
        return value if isinstance(value, dict) else None

    @property
    def context(self) -> str:
        """The context or key that a write names, "" when it names none."""
        try:
            value = self.json
            named = (value[key] for key in ("context", "key", "name") if key in value)
            context = next(named, "")
            return str(context["name"] if isinstance(context, dict) else context)
        except (ValueError, KeyError, TypeError):
            return ""

    @property
    def origin(self) -> str:
        """The scheme and host under which the client came, for links in answers."""
        return f"http://{self.headers.get('host', '127.0.0.1')}"

    @property
    def token(self) -> str | None:
        """What the Authorization header carries: a token, or the password of a Basic login.

        None without one, which an unknown scheme and an empty token are as well.
        """
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        value = value.strip()
        if scheme.lower() == "basic":
            return _password(value)
        return value or None if scheme.lower() in {"bearer", "token"} else None


def _password(encoded: str) -> str:
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return password or user


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; ``Date``, ``Server`` and ``Content-Length`` are added when it is sent."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(status: int, value: object, headers: Mapping[str, str] | None = None) -> Reply:
    """``value`` as JSON in UTF-8; half a surrogate pair becomes a question mark."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return Reply(status, text.encode(errors="replace"), kind | dict(headers or {}))
