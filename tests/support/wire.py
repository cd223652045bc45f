"""The embedded API server without HTTP, whose calls go wrong one by one: the ledger's bad day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from statusbot.cluster.answer import Answer
from statusbot.cluster.errors import Unanswered
from statusbot.demo.kube import api as served
from statusbot.demo.kube.kinds import Kinds
from statusbot.demo.kube.requests import Answer as Served
from statusbot.demo.kube.requests import Request
from tests.support.kube import Object, core
from tests.support.story import Killed

BOTS = "bots"
# What happens to one call: "before" and "after" the server did its work.
TROUBLE = ("killed before", "killed after", "lost before", "lost after", "unreachable", "500")


class Server:
    """One API server with a namespace for ledgers."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self._api = served.Api(Kinds(None), clock, {})
        self.ask("POST", core("namespaces"), {"metadata": {"name": BOTS}})

    def answer(
        self, method: str, path: str, query: Mapping[str, str] | None, body: bytes | None
    ) -> Answer:
        """As a client gets it."""
        answer = self._api.answer(Request(method, path, dict(query or {})), {}, body or b"")
        assert isinstance(answer, Served)
        return Answer(path, answer.code, answer.headers, answer.body)

    def ask(self, method: str, path: str, body: Object | None = None) -> Answer:
        """Somebody else does."""
        return self.answer(method, path, None, orjson.dumps(body) if body is not None else None)

    def maps(self) -> dict[str, Object]:
        """The ConfigMaps of all ledgers by name."""
        items = self.ask("GET", core("configmaps", BOTS)).json()["items"]
        return {item["metadata"]["name"]: item for item in items}

    def put_back(self, maps: Mapping[str, Object]) -> None:
        """They are as they were then, and there are no others."""
        for name in self.maps():
            self.ask("DELETE", core("configmaps", BOTS, name))
        for item in maps.values():
            metadata = {key: item["metadata"][key] for key in ("name", "namespace", "labels")}
            self.ask("POST", core("configmaps", BOTS), item | {"metadata": metadata})


@dataclass
class Wire:
    """One run's way to the server. ``trouble`` is by the number of the call; 0 meets all of them.

    ``meanwhile`` is what others do just before the call of a number. ``dead`` is asked of, and
    told, by whoever else belongs to the process.
    """

    server: Server
    trouble: Mapping[int, str] = field(default_factory=dict)
    meanwhile: dict[int, Callable[[], None]] = field(default_factory=dict)
    name: str = "https://cluster.example:6443"
    dead: bool = False
    calls: int = 0
    written: list[str] = field(default_factory=list)  # ConfigMaps, in their order
    met: bool = False  # whether anything went wrong

    def now(self) -> datetime:
        """As the ``Date`` header has it."""
        return self.server.clock()

    def within(self, seconds: float) -> Wire:
        """Nothing takes time here."""
        return self

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        """One call, and what comes of it."""
        if self.dead:
            raise Killed
        self.calls += 1
        self.meanwhile.pop(self.calls, lambda: None)()
        trouble = self.trouble.get(self.calls, self.trouble.get(0, ""))
        self.met = self.met or bool(trouble)
        self._before(trouble)
        if trouble == "500":
            return Answer(path, 500, {}, b'{"message": "etcdserver: request timed out"}')
        answer = self.server.answer(method, path, query, body)
        if method in ("POST", "PUT") and "/configmaps" in path and answer.status < 300:
            self.written.append(answer.json()["metadata"]["name"])
        self._after(trouble)
        return answer

    def _before(self, trouble: str) -> None:
        if trouble == "killed before":
            self.die()
        if trouble == "lost before":
            raise Unanswered("the connection was cut", where=self.name)
        if trouble == "unreachable":
            raise Unanswered("connection refused", where=self.name, sent=False)

    def _after(self, trouble: str) -> None:
        if trouble == "killed after":
            self.die()
        if trouble == "lost after":
            raise Unanswered("the connection was cut", where=self.name)

    def die(self) -> None:
        """The process is gone."""
        self.dead = True
        raise Killed
