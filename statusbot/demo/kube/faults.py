"""What can go wrong with a Kubernetes API, on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import orjson

from statusbot.demo.kube.requests import Answer, Request

StreamingList = Literal["served", "ignored", "refused", "error"]


@dataclass(frozen=True, slots=True)
class Fault:
    """How one request goes wrong; the parts combine, in this order.

    ``hang``: seconds (``inf``: until the server closes) before anything is done.
    ``answer``: goes out instead of the real answer.
    ``reset``: the connection is reset and nothing is answered.
    ``cut``: after so many events of a stream, or bytes of another body, half of the next event is
    sent and the connection is reset (``cut_politely``: closed, still without the end of the body).
    """

    hang: float = 0.0
    answer: Answer | None = None
    reset: bool = False
    cut: int | None = None
    cut_politely: bool = False


def failing(
    code: int,
    reason: str = "InternalError",
    message: str = "injected",
    headers: Mapping[str, str] | None = None,
) -> Fault:
    """A ``Status`` with this HTTP status, say 429 with ``{"Retry-After": "1"}``."""
    head = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    body = orjson.dumps(head | {"message": message, "reason": reason, "code": code})
    return Fault(answer=Answer(code, body, headers=headers or {}))


def garbled(body: bytes, code: int = 200, content_type: str = "application/json") -> Fault:
    """Any body at all, such as the page of a proxy in between."""
    return Fault(answer=Answer(code, body, content_type=content_type))


@dataclass(slots=True)
class Faults:
    """The switches of one server; ``fail`` is asked once for each request.

    ``streaming_list`` is how it meets ``sendInitialEvents``: ``ignored`` as a server that never
    heard of it, ``refused`` as one where it is switched off (HTTP 422), ``error`` as one whose
    etcd is too old (HTTP 200 with an ERROR event of code 500).
    ``bookmark_seconds`` is the time between two bookmarks of a watch that allows them.
    """

    fail: Callable[[Request], Fault | None] = field(default=lambda request: None)
    streaming_list: StreamingList = "served"
    bookmark_seconds: float = 60.0

    @staticmethod
    def first(count: int, fault: Fault, path: str = "") -> Callable[[Request], Fault | None]:
        """A ``fail`` that hits the first ``count`` requests whose path contains ``path``."""
        left = [count]

        def fail(request: Request) -> Fault | None:
            if path not in request.path or left[0] <= 0:
                return None
            left[0] -= 1
            return fault

        return fail
