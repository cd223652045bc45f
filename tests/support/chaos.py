"""A forge in memory that does as it is told at each call: the posting's view of a bad day."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from statusbot.forges.base import Answer, Credential, Login, Request
from statusbot.transport import DIRECT, AnswerLost, NotSent, Transport, Way

_URL = re.compile(r"(?P<api>.*)/repos/(?P<path>[^/]+/[^/]+)/(?:statuses|commits)/(?P<sha>\w+)")


@dataclass(frozen=True)
class Kept:
    """A row of the forge; ``ours`` came by a call, the others from somebody else."""

    commit: str
    context: str
    state: str
    description: str
    at: float
    id: int
    ours: bool


@dataclass(frozen=True)
class Call:
    """What the transport was asked to send."""

    method: str
    url: str
    token: str
    timeout: float

    @property
    def commit(self) -> str:
        match = _URL.match(self.url)
        return match["sha"] if match else ""


# What happens to one call: it may look at the forge, answer, or raise as the transport does.
Act = Callable[["FakeForge", Request], Answer]


@dataclass
class FakeForge(Transport):
    """Gitea's or GitHub's statuses, whatever the address. ``act`` chooses what a call meets."""

    clock: Callable[[], float]
    act: Callable[[Call], Act | None] = lambda call: None
    rows: list[Kept] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def send(
        self, request: Request, credential: Credential, *, timeout: float, way: Way = DIRECT
    ) -> Answer:
        secrets = credential.secrets if isinstance(credential, Login) else ()
        token = secrets[0] if secrets else ""
        with self.guard:
            call = Call(request.method, request.url, token, timeout)
            self.calls.append(call)
            act = self.act(call)
        return (act or work)(self, request)

    def of(self, method: str) -> list[Call]:
        """The calls of one method so far."""
        return [call for call in self.calls if call.method == method]

    def shown(self, commit: str, context: str) -> list[Kept]:
        """The rows of one context, oldest first."""
        return [row for row in self.rows if (row.commit, row.context) == (commit, context)]

    def put(
        self, commit: str, context: str, state: str, description: str = "", *, ours: bool = False
    ) -> Kept:
        """Store a row; by default as somebody else."""
        with self.guard:
            new = Kept(commit, context, state, description, self.clock(), len(self.rows) + 1, ours)
            self.rows.append(new)
            return new


def work(forge: FakeForge, request: Request) -> Answer:
    """What the forge does when all is well."""
    match = _URL.match(request.url)
    assert match is not None, request.url
    if request.method == "POST":
        body = request.body or {}
        row = forge.put(
            match["sha"], body["context"], body["state"], body.get("description", ""), ours=True
        )
        return says(201, _shown(row))(forge, request)
    rows = [_shown(row) for row in reversed(forge.rows) if row.commit == match["sha"]]
    if match["api"].endswith("/v1"):
        return says(200, rows, {"X-Total-Count": str(len(rows))})(forge, request)
    newest: dict[str, Any] = {}
    for shown in rows:
        newest.setdefault(shown["context"].lower(), shown)
    page = {"statuses": list(newest.values()), "total_count": len(newest)}
    return says(200, page)(forge, request)


def says(status: int, value: object = None, headers: dict[str, str] | None = None) -> Act:
    """An answer of the forge, without any work."""
    body = json.dumps(value if value is not None else {"message": f"status {status}"}).encode()
    kind = {"Content-Type": "application/json", **(headers or {})}
    return lambda forge, request: Answer(status, kind, body, request.url)


def lost(forge: FakeForge, request: Request) -> Answer:
    """The work is done, and the answer does not arrive."""
    work(forge, request)
    raise AnswerLost("the forge's answer was lost: the connection was cut", where="forge.test")


def cut(forge: FakeForge, request: Request) -> Answer:
    """The request goes out, nothing is done, and no answer arrives."""
    raise AnswerLost("the forge's answer was lost: the connection was cut", where="forge.test")


def unreachable(forge: FakeForge, request: Request) -> Answer:
    """The request does not even go out."""
    raise NotSent("the forge cannot be reached: connection refused", where="forge.test")


def at(number: int, act: Act, method: str = "") -> Callable[[Call], Act | None]:
    """``act`` at one call, counted from 1 over those of a method, if one is given."""
    seen = 0

    def choose(call: Call) -> Act | None:
        nonlocal seen
        seen += method in ("", call.method)
        return act if seen == number and method in ("", call.method) else None

    return choose


def always(act: Act, method: str = "", commit: str = "") -> Callable[[Call], Act | None]:
    """``act`` at every call of a method and about a commit, where these are given."""
    return lambda call: act if method in ("", call.method) and commit in ("", call.commit) else None


def _shown(row: Kept) -> dict[str, Any]:
    return {
        "id": row.id,
        "context": row.context,
        "state": row.state,
        "status": row.state,
        "description": row.description,
        "target_url": "",
        "created_at": datetime.fromtimestamp(int(row.at), UTC).isoformat(),
    }
