"""One answer of the API server: its status, and JSON objects or a sentence out of its body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from statusbot.cluster.errors import Rejected
from statusbot.errors import ClusterError
from statusbot.text import cut, one_line, redact

SAID = 300  # code points of somebody else's words in one of our sentences


def said(text: object) -> str:
    """A server's, plugin's or library's words in one safe line; nothing when they are no text."""
    # What comes after that much is never shown, so a message of megabytes costs nothing.
    return cut(redact(one_line(text[: 100 * SAID])), SAID) if isinstance(text, str) else ""


def parse(data: bytes, where: str) -> dict[str, Any]:
    """A JSON object, or a ``ClusterError`` that tells what else it is."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise ClusterError(
            f"the API server's answer is not JSON ({said(str(error))})",
            where=where,
            todo="is this address a Kubernetes API, and not a login page or a proxy?",
        ) from None
    if not isinstance(value, dict):
        raise ClusterError("the API server's answer is JSON, but no object", where=where)
    return value


@dataclass(frozen=True, slots=True)
class Answer:
    """``headers`` are case-insensitive; ``body`` may hold Secrets, so it is not shown."""

    url: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> dict[str, Any]:
        """The body as an object; ``ClusterError`` when it is none."""
        return parse(self.body, self.url)

    def words(self, key: str = "message") -> str:
        """A field of the ``Status`` object in the body (or its plain text), made safe to show."""
        try:
            value = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            text = self.body[: 4 * SAID].decode(errors="replace")
            return said(text) if key == "message" and not text.lstrip().startswith("<") else ""
        return said(value.get(key)) if isinstance(value, dict) else ""

    def retry_after(self) -> float:
        """Seconds that the server wants to be left alone; 0 when it does not say (RFC 9110)."""
        value = self.headers.get("Retry-After") or ""
        return float(value) if value.isascii() and value.isdigit() and len(value) < 9 else 0.0

    def rejected(self) -> Rejected:
        """As an error, for who cannot do anything else with it."""
        why = self.words() or "no reason given"
        return Rejected(
            f"the API server answered {self.status}: {why}", where=self.url, status=self.status
        )
