"""Every call of every embedded forge of this process, judged by the forges' API documents."""

from __future__ import annotations

from collections import Counter, deque
from typing import Any

from statusbot.demo.forge import Call, EmbeddedForge, Reply

_OURS = "statusbot/"


class Watch:
    """Notes calls in the servers' threads; ``errors`` judges what came since it was last asked.

    Answers are judged always, requests when statusbot sent them: tests also send bad ones by hand.
    """

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._seen: deque[tuple[Call, Reply | None]] = deque()

    def __call__(self, call: Call, reply: Reply | None) -> None:
        """Note a call and the dialect's own answer to it."""
        if call.dialect:
            self._seen.append((call, reply))

    def install(self) -> None:
        """Watch all embedded forges from now on."""
        EmbeddedForge.watchers.append(self)

    def remove(self) -> None:
        """Watch no longer."""
        EmbeddedForge.watchers.remove(self)

    def errors(self) -> list[str]:
        """What was wrong, each sentence once."""
        found: Counter[str] = Counter()
        while self._seen:
            call, reply = self._seen.popleft()
            found.update(_request_errors(call))
            found.update(_answer_errors(call, reply) if reply is not None else ())
        return [f"{times} times: {error}" for error, times in found.items()]


def _request_errors(call: Call) -> list[str]:
    from tests.support.forge_documents import request_errors

    if not call.headers.get("user-agent", "").startswith(_OURS):
        return []
    path, _, query = call.target.partition("?")
    wrong = request_errors(call.dialect, call.method, path, query, _body(call))
    kind = call.headers.get("content-type", "").partition(";")[0]
    if call.body and kind != "application/json":
        wrong.append(f"the body has the content type {kind!r}")
    return [f"{_name(call)} was sent, {error}" for error in wrong]


def _answer_errors(call: Call, reply: Reply) -> list[str]:
    from tests.support.forge_documents import answer_errors, document

    path = call.target.partition("?")[0]
    known = document(call.dialect)
    if known.operation(call.method, path) is None and reply.status >= 300:
        return []  # it says that there is no such thing, or not here
    wrong = answer_errors(
        call.dialect, call.method, path, reply.status, reply.headers, reply.body
    ) or known.unknown_keys(call.method, path, reply.status, reply.body)
    return [f"{_name(call)} was answered {reply.status}, {error}" for error in wrong]


def _body(call: Call) -> Any:
    try:
        return call.json if call.body else None
    except ValueError:
        return call.body.decode(errors="replace")


def _name(call: Call) -> str:
    return f"{call.dialect}: {call.method} {call.target.partition('?')[0]}"
