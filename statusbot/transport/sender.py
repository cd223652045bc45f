"""Sends requests and brings answers, whatever their status; raises only where no answer came."""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, urlsplit

from statusbot import __version__, masks
from statusbot.forges.base import Answer, App, Credential, Login, Request
from statusbot.forges.headers import Headers
from statusbot.text import HIDDEN, SHORTEST_SECRET
from statusbot.transport.apps import Apps
from statusbot.transport.attempt import Attempt, Watchdog
from statusbot.transport.errors import AnswerLost, Cause, NotSent
from statusbot.transport.guards import Guard, is_loopback
from statusbot.transport.redirects import next_url, origin
from statusbot.transport.sessions import Sessions
from statusbot.transport.way import DIRECT, Way

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

MOST_BYTES = 10 * 1024 * 1024
_CONNECT_SECONDS = 10.0
_TRIES = 3
_REDIRECTS = 5
_PASSING = (500, 502, 503, 504)

_log = logging.getLogger(__name__)


class Transport:
    """The only I/O towards forges, used as a context manager and by many threads at once.

    ``deadline`` is the instant of ``time.monotonic`` at which the run must be over, None for no
    such end. ``api_servers`` are (host, port) of the clusters that are read: never a forge.
    """

    def __init__(
        self,
        deadline: float | None = None,
        *,
        api_servers: Iterable[tuple[str, int]] = (),
        pause: Callable[[float], object] | None = None,
    ) -> None:
        """``pause`` waits between tries; by default until ``close`` at the longest."""
        self._deadline = float("inf") if deadline is None else deadline
        self._guard = Guard(api_servers)
        self._closing = threading.Event()
        self._pause = pause or self._closing.wait
        self._sessions = Sessions()
        self._watchdog = Watchdog()
        self._apps = Apps(partial(self._send, harmless=True))
        self._warned: set[str] = set()

    def __enter__(self) -> Self:
        """Nothing is opened before the first request."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End all connections."""
        self.close()

    def close(self) -> None:
        """End all connections; a thread that waits between two tries gives up."""
        self._closing.set()
        self._sessions.close()
        self._watchdog.close()

    def prepare(self, what: Way | Credential) -> None:
        """Read the certificates of a way, or the private key of a GitHub App.

        Raises StatusbotError where they are of no use.
        """
        if isinstance(what, Way):
            self._sessions.prepare(what)
        elif isinstance(what, App):
            self._apps.prepare(what)

    def send(
        self, request: Request, credential: Credential, *, timeout: float, way: Way = DIRECT
    ) -> Answer:
        """The forge's answer within ``timeout`` seconds, tries and redirects included.

        What did not reach the forge is tried again; what did, only when it reads. The answer holds
        none of the login's secrets, should the forge repeat them. Raises NotSent, of which
        NotAllowed is one, AnswerLost, and LoginRefused where a GitHub App is given no token.
        """
        until = min(time.monotonic() + timeout, self._deadline)
        if isinstance(credential, Login):
            return self._send(request, credential, until, way)
        login = self._apps.login(credential, way, until)
        answer = self._send(request, login, until, way)
        if answer.status != 401:
            return answer
        # It was revoked, or its clock is another: once with a new one.
        self._apps.forget(credential, way, login)
        return self._send(request, self._apps.login(credential, way, until), until, way)

    def _send(
        self, request: Request, login: Login, until: float, way: Way, *, harmless: bool = False
    ) -> Answer:
        """``harmless``: the request may be repeated even where its answer was lost."""
        harmless = harmless or request.method == "GET"
        for number in range(1, _TRIES + 1):
            wait = random.uniform(0.5, 1.0) * 0.25 * 2**number
            try:
                answer = self._follow(request, login, until, way)
            except (NotSent, AnswerLost) as error:
                again = error.again if isinstance(error, NotSent) else harmless
                if not again or self._is_last(number, wait, until):
                    raise
            else:
                if not (harmless and _passing(answer)) or self._is_last(number, wait, until):
                    return answer
            self._pause(wait)
        raise AssertionError("the last try ends the loop")

    def _is_last(self, number: int, wait: float, until: float) -> bool:
        # Asked after the try, which may have taken all the time: what became of it is to be told.
        late = time.monotonic() + wait >= until
        return late or number == _TRIES or self._closing.is_set()

    def _follow(self, request: Request, login: Login, until: float, way: Way) -> Answer:
        answer = self._once(request, login, until, way)
        for _ in range(_REDIRECTS):
            url = next_url(request, answer)
            if url is None:
                break
            request = replace(request, url=url)
            answer = self._once(request, login, until, way)
        return answer

    def _once(self, request: Request, login: Login, until: float, way: Way) -> Answer:
        where = urlsplit(request.url).netloc
        masks.hide(*login.secrets, *way.secrets)
        self._guard.check_url(request.url)
        self._warn(request.url, login)
        seconds = until - time.monotonic()
        if seconds <= 0:
            raise NotSent("no time is left to ask the forge", where=where)
        attempt = Attempt(until, self._guard, where)
        with (
            self._sessions.use(origin(request.url), login, way) as session,
            self._watchdog.watch(attempt),
        ):
            outcome = _exchange(session, request, login, way, attempt, seconds)
        if isinstance(outcome, Cause):
            raise _failure(outcome, attempt, where)
        secrets = _as_written(login.secrets + way.secrets)
        return _scrubbed(replace(outcome, secrets=secrets), secrets)

    def _warn(self, url: str, login: Login) -> None:
        place = origin(url)
        if login.headers and place.startswith("http:") and not is_loopback(url):
            if place not in self._warned:
                self._warned.add(place)
                _log.warning("%s is not encrypted: anyone on the way can read the token", place)


def _passing(answer: Answer) -> bool:
    # Whoever says when to come back gets no second try from us now.
    return answer.status in _PASSING and "retry-after" not in answer.headers


def _exchange(
    session: Session, request: Request, login: Login, way: Way, attempt: Attempt, seconds: float
) -> Answer | Cause:
    """The answer, or why there is none: no exception holds on to a request with its login."""
    from statusbot.transport.causes import cause_of
    from statusbot.transport.wire import FAILURES, proxies_for

    try:
        # Not session.send: that keeps cookies, and reads the body of a redirect, however long.
        response = session.get_adapter(request.url).send(
            _prepared(session, request, login),
            timeout=(min(_CONNECT_SECONDS, seconds), seconds),
            proxies=proxies_for(request.url, way),
            verify=True,
            stream=True,
        )
        with response:
            outcome = _read(response, request.url)
    except FAILURES as error:
        outcome = cause_of(error)
    # The end of a connection that we cut can look like the end of a body.
    return Cause("it did not answer in time") if attempt.expired else outcome


def _prepared(session: Session, request: Request, login: Login) -> PreparedRequest:
    from requests import Request as Draft

    from statusbot.transport.wire import LoginAuth

    headers = {"User-Agent": f"statusbot/{__version__}", **request.headers}
    data = None
    if request.body is not None:
        data = json.dumps(request.body, ensure_ascii=False).encode(errors="replace")
        headers["Content-Type"] = "application/json"
    draft = Draft(request.method, request.url, headers, data=data, auth=LoginAuth(login))
    return session.prepare_request(draft)


def _read(response: Response, url: str) -> Answer | Cause:
    body = bytearray()
    for chunk in response.iter_content(65536):
        body += chunk
        if len(body) > MOST_BYTES:
            return Cause(f"its answer is longer than {MOST_BYTES // 1024 // 1024} MiB")
    return Answer(response.status_code, Headers(response.headers), bytes(body), url)


def _failure(cause: Cause, attempt: Attempt, where: str) -> NotSent | AnswerLost:
    if attempt.sent:
        return AnswerLost(
            f"the forge's answer was lost: {cause.what}", where=where, todo=cause.todo
        )
    what = f"the forge cannot be reached: {cause.what}"
    return NotSent(what, where=where, todo=cause.todo, again=cause.again)


def _as_written(secrets: Iterable[str]) -> tuple[str, ...]:
    """The secrets, and how they are written into addresses."""
    forms = ((secret, quote(secret), quote(secret, safe="")) for secret in secrets)
    return tuple(dict.fromkeys(form for three in forms for form in three))


def _scrubbed(answer: Answer, secrets: Iterable[str]) -> Answer:
    """Without the secrets, where its words may be shown.

    The rows of a good answer are compared, never shown, and a password may be a word of theirs.
    """
    if 200 <= answer.status < 300:
        return answer
    headers: Mapping[str, str] = answer.headers
    body = answer.body
    for secret in (secret for secret in secrets if len(secret) >= SHORTEST_SECRET):
        body = body.replace(secret.encode(), HIDDEN.encode())
        headers = {name: value.replace(secret, HIDDEN) for name, value in headers.items()}
    return replace(answer, headers=Headers(headers), body=body)
