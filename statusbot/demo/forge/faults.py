"""A plan of what goes wrong: at the k-th call, at calls of one kind, or within a time.

A fault says whether the call takes effect (``stored``) apart from what the client sees, since the
answer that is lost after the row was stored is the case in which a status is doubled.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from statusbot.demo.forge.calls import Call, Kind, Reply

Predicate = Callable[[Call], bool]


class Ending(StrEnum):
    """How the answer goes over the wire."""

    WHOLE = "whole"
    RESET = "reset"  # not a byte of it, the connection is reset
    HALF = "half"  # headers and half the body, then the connection is closed
    TRICKLE = "trickle"  # one byte of the body at a time


@dataclass(frozen=True)
class Fault:
    """What happens to one call instead of the plain answer; times in real seconds.

    ``answer`` None: the forge's own answer. ``stored``: the forge does its work (and stores a
    row) whatever is answered. ``before`` and ``after`` run around that work, in the server's
    thread; the answer is sent after both.
    """

    answer: Reply | None = None
    stored: bool = True
    ending: Ending = Ending.WHOLE
    delay: float = 0.0
    pace: float = 0.0
    before: Callable[[], object] | None = field(default=None, repr=False)
    after: Callable[[], object] | None = field(default=None, repr=False)


@dataclass
class _Rule:
    fault: Fault
    applies: Predicate
    at: frozenset[int] | None
    times: int | None
    seen: int = 0
    used: int = 0

    def counts(self, call: Call) -> bool:
        """Whether it is this call's turn; every call that the rule looks at is counted."""
        if not self.applies(call):
            return False
        self.seen += 1
        if self.at is not None:
            return self.seen in self.at
        return self.times is None or self.used < self.times


class Faults:
    """The plan of one forge; safe for threads. The first rule that applies decides.

    ``on`` names the calls that a rule looks at and counts: writes, reads, or None for both.
    Counting begins with 1 when the rule is added.
    """

    def __init__(self) -> None:
        """Begin with an empty plan: everything goes well."""
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()

    def at(self, *calls: int, fault: Fault, on: Kind | None = Kind.WRITE) -> None:
        """At these calls, counted from now on."""
        self._add(_Rule(fault, _kind(on), frozenset(calls), None))

    def first(self, times: int, *, fault: Fault, on: Kind | None = Kind.WRITE) -> None:
        """At the next ``times`` calls."""
        self._add(_Rule(fault, _kind(on), None, times))

    def when(self, applies: Predicate, *, fault: Fault, times: int | None = None) -> None:
        """At calls for which ``applies`` holds, at most ``times`` of them."""
        self._add(_Rule(fault, applies, None, times))

    def between(
        self, start: datetime, end: datetime, *, fault: Fault, on: Kind | None = None
    ) -> None:
        """At calls that arrive at ``start`` or later and before ``end``, by the forge's clock."""
        of_kind = _kind(on)
        self._add(_Rule(fault, lambda call: of_kind(call) and start <= call.when < end, None, None))

    def always(self, *, fault: Fault, on: Kind | None = None) -> None:
        """At every call until ``clear``."""
        self._add(_Rule(fault, _kind(on), None, None))

    def clear(self) -> None:
        """From now on everything goes well."""
        with self._lock:
            self._rules.clear()

    def of(self, call: Call) -> Fault | None:
        """The fault for this call; every rule that it concerns has then counted it."""
        with self._lock:
            due = [rule for rule in self._rules if rule.counts(call)]
            if not due:
                return None
            due[0].used += 1
            return due[0].fault

    def _add(self, rule: _Rule) -> None:
        with self._lock:
            self._rules.append(rule)


def _kind(on: Kind | None) -> Predicate:
    kinds = {Kind.WRITE, Kind.READ} if on is None else {on}
    return lambda call: call.kind in kinds


def answer(
    status: int,
    body: bytes | str = b"",
    headers: Mapping[str, str] | None = None,
    *,
    stored: bool = False,
) -> Fault:
    """This answer in place of the forge's; ``stored``: after the work was done nonetheless."""
    body = body.encode() if isinstance(body, str) else body
    kind = {"Content-Type": "application/json" if body.startswith((b"{", b"[")) else "text/plain"}
    return Fault(Reply(status, body, kind | dict(headers or {})), stored=stored)


def too_many(retry_after: str | int | None = None, body: str = "Retry later\n") -> Fault:
    """429, with ``Retry-After`` (seconds or an HTTP date) when given, and a body in plain text."""
    return answer(429, body, None if retry_after is None else {"Retry-After": str(retry_after)})


def secondary_limit(retry_after: int | None = None) -> Fault:
    """GitHub's 403 for too much in too short a time; with or without ``Retry-After``."""
    return answer(
        403,
        '{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before'
        ' you try again.","documentation_url":"https://docs.github.com/rest/overview/'
        'rate-limits-for-the-rest-api#about-secondary-rate-limits"}',
        None if retry_after is None else {"Retry-After": str(retry_after)},
    )


def primary_limit(reset: datetime) -> Fault:
    """GitHub's 403 when the hour's calls are used up until ``reset``."""
    return answer(
        403,
        '{"message":"API rate limit exceeded for user ID 1.","documentation_url":'
        '"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"}',
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(reset.timestamp()))},
    )


def html(status: int = 200) -> Fault:
    """A page for people where JSON belongs, as gateways and login pages are; nothing is stored."""
    page = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in</body></html>"
    return answer(status, page, {"Content-Type": "text/html; charset=utf-8"})


def redirect(location: str, status: int = 302) -> Fault:
    """Somewhere else, perhaps to another host; nothing is stored."""
    return answer(status, b"", {"Location": location})


def reset(*, stored: bool) -> Fault:
    """The connection is reset without an answer, before or after the row was stored."""
    return Fault(stored=stored, ending=Ending.RESET)


def half_body() -> Fault:
    """The row is stored, half the answer is sent, and the connection closes."""
    return Fault(ending=Ending.HALF)


def trickle(pace: float) -> Fault:
    """The row is stored and the answer's body comes a byte every ``pace`` seconds."""
    return Fault(ending=Ending.TRICKLE, pace=pace)


def slow(seconds: float) -> Fault:
    """The work is done at once, the answer comes later."""
    return Fault(delay=seconds)


def calling(callback: Callable[[], object], *, stored: bool) -> Fault:
    """Run ``callback`` before or after the row is stored, then answer as usual."""
    return Fault(after=callback) if stored else Fault(before=callback)


def kill(pid: int, *, stored: bool, sig: signal.Signals = signal.SIGKILL) -> Fault:
    """Send a signal to a process and never answer; it dies before or after the row is stored."""

    def send() -> None:
        os.kill(pid, sig)

    return Fault(
        stored=stored,
        ending=Ending.RESET,
        before=None if stored else send,
        after=send if stored else None,
    )
