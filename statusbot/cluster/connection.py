"""The HTTP calls to a Kubernetes API: bounded in time, patient when it is busy, never redirected."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import HTTPError

from statusbot.cluster import kubeconfig as files
from statusbot.cluster.answer import Answer
from statusbot.cluster.clock import Deadline, ServerClock
from statusbot.cluster.errors import NeverAnswered, TimedOut, Unanswered
from statusbot.cluster.login import Login
from statusbot.cluster.refusals import forbidden, unauthorized
from statusbot.cluster.stream import Grip, Stream, tell
from statusbot.cluster.unreachable import unanswered
from statusbot.cluster.wire import MAX_BODY, chunks, lines
from statusbot.errors import ClusterError
from statusbot.text import redact

CONNECT = 10.0  # seconds for TCP and TLS
READ = 60.0  # seconds without a byte; the API server itself gives up on a request after that
PAUSES = (0.2, 0.6, 1.8)  # seconds between attempts
PATIENCE = 5.0  # seconds; a server that wants to be left alone for longer is not waited for
BUSY = frozenset((500, 502, 503, 504))
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Call:
    """One request; ``body`` may hold a Secret, so it is not shown."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes | None = field(default=None, repr=False)
    content_type: str = JSON

    @property
    def repeatable(self) -> bool:
        """Whether a second one does no harm when the first one's answer was lost."""
        return self.method == "GET"


class Connection:
    """To one API server, for any number of threads.

    ``deadline`` bounds every call and may be replaced or restarted between two polls. A stream
    keeps the one that it was made under, until it is allowed to outlive it.
    """

    def __init__(
        self,
        login: Login,
        deadline: Deadline | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Nothing is sent before the first call."""
        self._login = login
        self._sleep = sleep
        self._clock = ServerClock()
        self.deadline = deadline or Deadline()

    @classmethod
    def open(
        cls,
        kubeconfig: str | None = None,
        context: str | None = None,
        deadline: Deadline | None = None,
    ) -> Connection:
        """The flag's kubeconfig, KUBECONFIG's, the pod's service account, ~/.kube/config.

        ``UsageError`` for everything that somebody has to put right before it can work.
        """
        place = files.find(kubeconfig, context, os.environ)
        return cls(Login(place, deadline=deadline), deadline)

    @property
    def name(self) -> str:
        """The API server's URL."""
        return redact(self._login.server)

    def now(self) -> datetime:
        """The server's clock; asks for its version when nothing has been asked yet."""
        if not self._clock.known:
            self.request("GET", "/version")
        return self._clock.now()

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = JSON,
    ) -> Answer:
        """The answer when it is 2xx or a 4xx that means something to the caller (404, 409, 410 …).

        ``UsageError`` for 401, ``Forbidden`` for 403, ``ClusterError`` for no answer, a redirect,
        429 and 5xx; those are tried again first where that does no harm.
        """
        call = Call(method, path, query or {}, body, content_type)
        for pause in PAUSES:
            try:
                answer = self._exchange(call)
            except Unanswered as error:
                if error.sent and not call.repeatable:
                    raise
                why: ClusterError = error
            else:
                pause = max(pause, answer.retry_after())
                if not _busy(call, answer) or pause > PATIENCE:
                    return self._accepted(call, answer)
                why = answer.rejected()
            self._wait(pause, why)
        return self._accepted(call, self._exchange(call))

    def stream(
        self, path: str, query: Mapping[str, str] | None = None, quiet: float = READ
    ) -> Stream:
        """The lines of an answer as they come; nothing is tried again.

        ``Unanswered`` when it breaks off or says nothing for ``quiet`` seconds, ``Rejected`` for a
        4xx, and what ``request`` raises. Close it (or exhaust it) to free its socket.
        """
        call = Call("GET", path, query or {})
        return Stream(Grip(self.deadline, quiet), lambda grip: self._lines(call, grip))

    def within(self, seconds: float) -> Connection:
        """The same way and the same clock, with so many seconds for all its calls from now on.

        What has to be written is written when the time for reading is over, too.
        """
        other = Connection(self._login, Deadline(seconds), self._sleep)
        other._clock = self._clock
        return other

    def close(self) -> None:
        """Give idle sockets back."""
        self._login.close()

    def __enter__(self) -> Self:
        """As a context manager it closes itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def _exchange(self, call: Call) -> Answer:
        answer = self._read(call, self._send(call, READ, self.deadline), self.deadline)
        if answer.status == 401 and self._login.renew(self.deadline):
            answer = self._read(call, self._send(call, READ, self.deadline), self.deadline)
        return answer

    def _lines(self, call: Call, grip: Grip) -> Generator[bytes, None, None]:
        response = self._opened(call, grip)
        try:
            if response.status == 401 and self._login.renew(grip.deadline):
                response.close()
                response = self._opened(call, grip)
            if response.status != 200:
                answer = self._accepted(call, self._read(call, response, grip.deadline))
                raise answer.rejected()
            yield from lines(self._chunks(call, response, grip))
        finally:
            grip.let_go()
            # Not back into the pool: what is left of a watch never ends.
            response.close()

    def _opened(self, call: Call, grip: Grip) -> urllib3.BaseHTTPResponse:
        with grip.opening():
            # The head of an answer comes at once, however long its body may be silent.
            return self._send(call, min(grip.quiet, READ), grip.deadline)

    def _send(self, call: Call, quiet: float, deadline: Deadline) -> urllib3.BaseHTTPResponse:
        headers = self._login.headers(deadline)
        if call.body is not None:
            headers["Content-Type"] = call.content_type
        connect, read = self._bound(CONNECT, deadline), self._bound(quiet, deadline)
        url = self._login.server + call.path
        tell(self._login.pool)
        try:
            response = self._login.pool.request(
                call.method,
                f"{url}?{urlencode(call.query)}" if call.query else url,
                body=call.body,
                headers=headers,
                timeout=urllib3.Timeout(connect=connect, read=read),
                preload_content=False,
                retries=False,
                redirect=False,
            )
        except HTTPError as error:
            raise self._unanswered(error, deadline) from None
        self._clock.hear(response.headers.get("Date"))
        return response

    def _read(self, call: Call, response: urllib3.BaseHTTPResponse, deadline: Deadline) -> Answer:
        try:
            # At its end urllib3 gives the connection back to the pool.
            body = b"".join(self._chunks(call, response, Grip(deadline, READ), MAX_BODY))
        except BaseException:
            response.close()
            raise
        return Answer(self.name + call.path, response.status, response.headers, body)

    def _chunks(
        self,
        call: Call,
        response: urllib3.BaseHTTPResponse,
        grip: Grip,
        limit: int | None = None,
    ) -> Iterator[bytes]:
        arriving = chunks(response, self.name + call.path, limit)
        while True:
            try:
                # Without a connection the last byte is there, and the socket may be another's.
                if response.connection is not None:
                    grip.wait(self._bound(grip.quiet, grip.deadline))
                chunk = next(arriving, None)
            except HTTPError as error:
                raise self._unanswered(error, grip.deadline) from None
            if chunk is None:
                return
            yield chunk

    def _unanswered(self, error: HTTPError, deadline: Deadline) -> ClusterError:
        why = unanswered(error, self.name)
        if deadline.left() <= 0:
            raise self._too_late(why)
        return why

    def _wait(self, pause: float, why: ClusterError) -> None:
        if self.deadline.left() <= pause:
            raise self._too_late(why)
        self._sleep(pause)

    def _too_late(self, why: ClusterError) -> TimedOut:
        """There is no time for another try, so the last one's end is the reason."""
        where = f"{why.where}: " if why.where else ""
        what = f"{where}{why.what}, and the time given for it is over"
        if self._clock.known:
            return TimedOut(what, todo="raise --timeout")
        return NeverAnswered(
            what,
            todo="check the server's address in the kubeconfig and the network, or raise --timeout",
        )

    def _bound(self, seconds: float, deadline: Deadline) -> float:
        try:
            return deadline.bound(seconds)
        except TimedOut as error:
            raise TimedOut(error.what, where=self.name, todo=error.todo) from None

    def _accepted(self, call: Call, answer: Answer) -> Answer:
        if answer.status == 401:
            raise unauthorized(answer, str(self._login))
        if answer.status == 403:
            raise forbidden(answer, call.method, call.path, call.query)
        if 300 <= answer.status < 400:
            raise ClusterError(
                f"the API server redirects ({answer.status}), which is not followed with"
                " credentials",
                where=answer.url,
                todo="give the server's own address in the kubeconfig",
            )
        if answer.status == 429 or answer.status >= 500:
            raise answer.rejected()
        return answer


def _busy(call: Call, answer: Answer) -> bool:
    # 429 is said before anything is done, so it may follow any call.
    return answer.status == 429 or (call.repeatable and answer.status in BUSY)
