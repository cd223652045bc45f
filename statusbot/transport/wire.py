"""The only module that knows requests: sessions whose connections report to the attempt.

Importing it is dear, so it is imported when the first request goes out.
"""

from __future__ import annotations

import base64
import functools
import os
import ssl
import tempfile
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
import requests.adapters
import requests.utils

from statusbot.errors import StatusbotError
from statusbot.forges.base import Login
from statusbot.transport.attempt import current
from statusbot.transport.errors import NotSent
from statusbot.transport.guards import is_loopback
from statusbot.transport.way import Way, check_proxy

_CONNECTIONS = 32
_CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")

# What a failed exchange raises; requests lets a few exceptions of the library below it through.
FAILURES: tuple[type[Exception], ...] = (
    requests.RequestException,
    requests.exceptions.BaseHTTPError,  # type: ignore[attr-defined]
    OSError,
    UnicodeError,
)


class LoginAuth(requests.auth.AuthBase):
    """Sets the login's headers last, so that no .netrc takes their place."""

    def __init__(self, login: Login) -> None:
        """For requests of this login only."""
        self._login = login

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the headers."""
        request.headers.update(dict(self._login.headers))
        return request


def session_for(scheme: str, context: Callable[[], ssl.SSLContext]) -> requests.Session:
    """A session for http or https that takes nothing from the environment.

    ``context`` is asked where there is TLS: for the forge, and for a proxy that speaks it.
    """
    session = requests.Session()
    session.trust_env = False
    session.adapters.clear()
    session.mount(f"{scheme}://", _Adapter(context, secure=scheme == "https"))
    return session


def proxies_for(url: str, way: Way) -> dict[str, str]:
    """The Provider's proxy, else the environment's; this machine is reached without the latter."""
    proxy = way.proxy or ("" if is_loopback(url) else _of_environment(url))
    return {scheme: _resolving(proxy) for scheme in ("http", "https")} if proxy else {}


def _of_environment(url: str) -> str:
    found = requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url)) or ""
    # As Go and curl have it; requests takes a user's name for a scheme.
    proxy = found if "://" in found or not found else f"http://{found}"
    try:
        if proxy:
            check_proxy(proxy)
    except StatusbotError as error:
        raise NotSent(error.what, where="the environment", todo=error.todo) from None
    return proxy


def _resolving(proxy: str) -> str:
    """A SOCKS proxy that resolves names itself, as Go's client has it (net/http/socks_bundle.go)."""
    scheme, colon, rest = proxy.partition(":")
    return f"socks5h:{rest}" if colon and scheme.lower() == "socks5" else proxy


def context_for(way: Way) -> ssl.SSLContext:
    """Whom to trust, and who we are, for TLS.

    The Provider's CA alone, where it has one; else what SSL_CERT_FILE or REQUESTS_CA_BUNDLE names;
    else the authorities that come with requests.
    """
    try:
        context = _trusting(way)
        # Since Python 3.13 a CA without certain extensions is refused; Go takes it, and so Flux.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    except (ssl.SSLError, TypeError, ValueError):
        raise StatusbotError("ca.crt holds no PEM certificate", todo="correct the Secret") from None
    if way.certificate:
        _identify(context, way)
    return context


def _trusting(way: Way) -> ssl.SSLContext:
    if way.ca:
        return ssl.create_default_context(cadata=way.ca)
    name = next((name for name in _CA_VARIABLES if os.environ.get(name)), "")
    if not name:
        return ssl.create_default_context(cafile=requests.utils.DEFAULT_CA_BUNDLE_PATH)
    try:
        path = os.environ[name]
        if os.path.isdir(path):
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except OSError:
        raise NotSent(
            f"{name} names no readable file of PEM certificates",
            where="the environment",
            todo="correct or unset it",
        ) from None


def _identify(context: ssl.SSLContext, way: Way) -> None:
    # The standard library takes a private key from a file only: one that is never on a disk, where
    # the system has such files.
    pem = f"{way.certificate}\n{way.key}\n".encode()
    memory = getattr(os, "memfd_create", None)
    with os.fdopen(memory("pem"), "wb") if memory else tempfile.NamedTemporaryFile() as file:
        file.write(pem)
        file.flush()
        path = f"/proc/self/fd/{file.fileno()}" if memory else file.name
        try:
            context.load_cert_chain(path, password="")
        except (ssl.SSLError, OSError, ValueError):
            raise StatusbotError(
                "tls.crt and tls.key are no pair of a PEM certificate and its unencrypted key",
                todo="correct the Secret",
            ) from None


class _Watched:
    """What a connection of any kind tells the attempt that uses it."""

    sock: Any

    def _new_conn(self) -> Any:
        connection = super()._new_conn()  # type: ignore[misc]
        attempt = current()
        if attempt is not None:
            try:
                attempt.connected(connection)
            except BaseException:
                connection.close()
                raise
        return connection

    def request(self, *args: Any, **options: Any) -> None:
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        attempt = current()
        if attempt is not None:
            attempt.sending(self.sock)
        super().request(*args, **options)  # type: ignore[misc]


@functools.cache
def _watched(pool: type) -> type:
    connection = type("Connection", (_Watched, pool.ConnectionCls), {})  # type: ignore[attr-defined]
    return type("Pool", (pool,), {"ConnectionCls": connection})


class _Adapter(requests.adapters.HTTPAdapter):
    """Connections that report, one TLS context, and no retries: those are the transport's."""

    def __init__(self, context: Callable[[], ssl.SSLContext], *, secure: bool) -> None:
        self._context = context
        self._own = context() if secure else None
        self._lock = threading.Lock()
        super().__init__(pool_connections=2, pool_maxsize=_CONNECTIONS, max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._own, **options)
        _watch(self.poolmanager)

    def proxy_manager_for(self, proxy: Any, **options: Any) -> Any:
        # Nobody may get a manager that is not watched yet.
        with self._lock:
            known = proxy in self.proxy_manager
            if not known and proxy.lower().startswith("https:"):
                # As in Go, one TLS configuration holds for the proxy and for what is behind it.
                options["proxy_ssl_context"] = self._context()
            manager = super().proxy_manager_for(proxy, ssl_context=self._own, **options)
            if not known:
                _watch(manager)
            return manager

    def proxy_headers(self, proxy: Any) -> dict[str, str]:
        # In UTF-8, as Go has it; requests knows Latin-1 only, and no name without a password.
        parts = urlsplit(proxy)
        if not parts.username:
            return {}
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        return {"Proxy-Authorization": f"Basic {base64.b64encode(login).decode()}"}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        # The context knows whom to trust; requests would add its own authorities to it.
        conn.cert_reqs = "CERT_REQUIRED"
        conn.ca_certs = conn.ca_cert_dir = None


def _watch(manager: Any) -> None:
    classes = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _watched(pool) for scheme, pool in classes.items()}
