"""What a client asked, and the two shapes of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from statusbot.demo.kube.kinds import Resource
from statusbot.demo.kube.status import Refused


class Request(NamedTuple):
    """One request as the log keeps it; a query parameter given twice counts once."""

    method: str
    path: str
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Target:
    """The resource that a request is about; without a name it is a collection."""

    resource: Resource
    version: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""

    @property
    def key(self) -> str:
        """The object's key in the store."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    @property
    def prefix(self) -> str:
        """What the keys of the collection start with."""
        return f"{self.namespace}/" if self.namespace else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with a body of known length."""

    code: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, data: Any, code: int = 200) -> Answer:
        """``data`` as JSON."""
        return cls(code, orjson.dumps(data) + b"\n")

    @classmethod
    def refusal(cls, refused: Refused, headers: Mapping[str, str] | None = None) -> Answer:
        """A ``Status``, with the HTTP status that it names."""
        return cls(refused.code, orjson.dumps(refused.body) + b"\n", headers=headers or {})


@dataclass(frozen=True, slots=True)
class Stream:
    """A watch: batches of JSON lines, each written at once."""

    batches: Iterator[list[bytes]]
