"""Tokens of GitHub Apps: asked for when they are needed, kept in memory only, until they expire.

PyJWT is imported when the first App's key is read: it is dear.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from statusbot.errors import StatusbotError
from statusbot.forges import github_app
from statusbot.forges.base import Answer, App, Login, Request, Unclear
from statusbot.forges.logins import header_login
from statusbot.transport.errors import AnswerLost, LoginRefused, NotSent
from statusbot.transport.way import Way

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

# A token that has less than this left is not used for a new request.
EARLY = 300.0
# GitHub takes a JWT that ends ten minutes from now at the latest; a minute for clocks that differ.
_JWT_BEFORE = 60
_JWT_AFTER = 540
_LEAST_BITS = 2048

# Sends a request with a login, until an instant of ``time.monotonic``, by a way.
Send = Callable[[Request, Login, float, Way], Answer]
_Place = tuple[App, Way]


@dataclass(frozen=True)
class _Held:
    login: Login
    until: float  # by time.monotonic


class Apps:
    """The tokens of one transport's Apps; many threads may ask at once."""

    def __init__(
        self,
        send: Send,
        *,
        now: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """``send`` may repeat what it sends: asking for a token twice does no harm."""
        self._send = send
        self._now = now
        self._ticks = ticks
        self._lock = threading.Lock()
        self._keys: dict[App, RSAPrivateKey] = {}
        self._held: dict[_Place, _Held] = {}
        self._asking: dict[_Place, Future[Login]] = {}

    def prepare(self, app: App) -> None:
        """Read an App's private key. Raises StatusbotError where it is of no use."""
        self._key(app)

    def login(self, app: App, way: Way, until: float) -> Login:
        """A token that is good for minutes yet, asked for where there is none.

        One thread asks, the others wait for what it gets. Raises LoginRefused, NotSent and, for a
        key that cannot be read, StatusbotError.
        """
        place = (app, way)
        with self._lock:
            held = self._held.get(place)
            if held is not None and self._ticks() < held.until:
                return held.login
            asked = self._asking.get(place)
            mine = asked is None
            future = self._asking[place] = asked or Future()
        if mine:
            self._ask(place, until, future)
        try:
            return future.result(max(until - self._ticks(), 0.0))
        except TimeoutError:
            raise NotSent("no time is left to ask for a token of the GitHub App") from None

    def forget(self, app: App, way: Way, login: Login) -> None:
        """The forge did not take ``login``: let the next request have a new one."""
        with self._lock:
            held = self._held.get((app, way))
            if held is not None and held.login == login:
                del self._held[app, way]

    def _ask(self, place: _Place, until: float, future: Future[Login]) -> None:
        try:
            held = self._exchange(*place, until)
        except BaseException as error:
            with self._lock:
                del self._asking[place]
            future.set_exception(error)
            return
        with self._lock:
            now = self._ticks()
            self._held = {key: one for key, one in self._held.items() if now < one.until}
            self._held[place] = held
            del self._asking[place]
        future.set_result(held.login)

    def _exchange(self, app: App, way: Way, until: float) -> _Held:
        jwt = header_login("Bearer", self._jwt(app))
        try:
            installation = app.installation or self._installation(app, jwt, until, way)
            request = github_app.token_request(app, installation)
            asked = self._ticks()
            answer = self._send(request, jwt, until, way)
        except AnswerLost as error:
            # Of the request itself not a byte was sent.
            raise LoginRefused(Unclear(f"no token for the GitHub App: {error}")) from None
        token = github_app.token_of(answer)
        if token is None:
            raise LoginRefused(github_app.meaning(answer, app, self._now()))
        return _Held(header_login("Bearer", token.text), asked + token.seconds - EARLY)

    def _installation(self, app: App, jwt: Login, until: float, way: Way) -> str:
        answer = Answer(404)
        for request in github_app.lookups(app):
            answer = self._send(request, jwt, until, way)
            if (found := github_app.installation_of(answer)) is not None:
                return found
            if answer.status != 404:
                break
        raise LoginRefused(github_app.meaning(answer, app, self._now()))

    def _jwt(self, app: App) -> str:
        import jwt

        now = int(self._now())
        claims = {"iat": now - _JWT_BEFORE, "exp": now + _JWT_AFTER, "iss": app.id}
        return jwt.encode(claims, self._key(app), algorithm="RS256")

    def _key(self, app: App) -> RSAPrivateKey:
        with self._lock:
            if app not in self._keys:
                self._keys[app] = _read(app.key)
            return self._keys[app]


def _read(pem: str) -> RSAPrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.encode(errors="replace"), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey) or key.key_size < _LEAST_BITS:
        raise StatusbotError(
            f"{github_app.KEY} is no unencrypted RSA private key as PEM",
            todo="store the file that GitHub gave for the App, whole",
        )
    return key
