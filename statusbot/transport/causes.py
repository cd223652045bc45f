"""Why a connection failed, in words that hold neither addresses nor headers."""

from __future__ import annotations

import http.client
import re
import socket
import ssl

from statusbot.text import cut, one_line, redact
from statusbot.transport.errors import Cause

# What urllib3, requests and PySocks raise where it was the proxy that could not be reached.
_OF_PROXIES = {"ProxyError", "InvalidProxyURL", "ProxyConnectionError", "GeneralProxyError"}
_CA = "put the CA that signed it under ca.crt in the Provider's certSecretRef"
# By the numbers of OpenSSL's x509_vfy.h: no CA makes these good.
_OTHER_HOST = "correct the address, or have a certificate made for it"
_TIMES = "renew the certificate, or correct the clock"
_OF_CODES = {9: _TIMES, 10: _TIMES, 62: _OTHER_HOST, 64: _OTHER_HOST}
_CLIENT = "under tls.crt and tls.key in the Provider's certSecretRef"


def cause_of(error: BaseException) -> Cause:
    """The reason at the bottom of an exception of requests."""
    chain = _chain(error)
    causes = (found for link in reversed(chain) if (found := _cause(link)))
    cause = next(causes, Cause("the connection failed", again=True))
    at_proxy = any(type(link).__name__ in _OF_PROXIES for link in chain)
    return _at_proxy(cause) if at_proxy else cause


def _at_proxy(cause: Cause) -> Cause:
    if cause.what.startswith("the proxy"):
        return cause
    todo = cause.todo if _CA in cause.todo else "see to the proxy"
    return Cause(f"its proxy fails: {cause.what}", todo, cause.again)


def _chain(error: BaseException) -> list[BaseException]:
    """The exception and all that it was made from: libraries keep those in several places."""
    chain: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        link = waiting.pop(0)
        if isinstance(link, BaseException) and not any(link is known for known in chain):
            chain.append(link)
            waiting += [getattr(link, "reason", None), *link.args]
            waiting += [link.__cause__, link.__context__]
    return chain


def _cause(error: BaseException) -> Cause | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        words = _shown(error.verify_message).removesuffix(".")
        todo = _OF_CODES.get(getattr(error, "verify_code", 0), _CA)
        return Cause(f"its certificate is not trusted: {words}", todo)
    if isinstance(error, ssl.SSLError):
        return _of_tls(error)
    if type(error).__name__ == "SOCKS5AuthError":
        return Cause("the proxy does not accept the login", "correct its username and password")
    if type(error).__name__ == "SOCKS5Error":
        words = str(error).partition(": ")[2]
        return Cause(f"the proxy refused: {_shown(words).lower()}", "see to the proxy", again=True)
    if isinstance(error, socket.gaierror):
        return Cause("its name does not resolve", "correct the address", again=True)
    if type(error).__name__ in ("LocationParseError", "InvalidURL", "LocationValueError"):
        return Cause("it is no valid address", "correct the address")
    if type(error).__name__ == "InvalidSchema":
        return Cause("this kind of proxy needs PySocks", "install PySocks or use an http proxy")
    if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
        return Cause("it did not answer in time", again=True)
    if isinstance(error, ConnectionResetError | BrokenPipeError | ConnectionAbortedError):
        return Cause("the connection was cut", again=True)
    if type(error).__name__ in ("IncompleteRead", "InvalidChunkLength"):
        return Cause("it ended too early", again=True)
    if isinstance(error, http.client.BadStatusLine | http.client.LineTooLong):
        return Cause("that is no HTTP")
    if isinstance(error, OSError) and error.errno is not None and error.strerror:
        return Cause(_shown(error.strerror).lower(), again=True)
    match = re.search(r"Tunnel connection failed: (\d+[ \w]*)", str(error))
    return Cause(f"the proxy refused: {_shown(match[1])}", "see to the proxy") if match else None


def _of_tls(error: ssl.SSLError) -> Cause:
    words = re.sub(r"^\[.*?\] | \(_ssl\.c:\d+\)$", "", str(error.args[-1]))
    # The alerts of RFC 8446 6.2 that a server has for what a client shows it, in OpenSSL's words.
    if "alert certificate required" in words:
        return Cause(f"it wants a client certificate, {_CLIENT}")
    if re.search(r"alert (bad certificate|certificate \w+|unknown ca|decrypt error)", words):
        return Cause(f"it does not accept the client certificate: {_shown(words)}")
    # Before TLS 1.3 there was no alert of its own for a certificate that is missing.
    todo = f"if it wants a client certificate, store it {_CLIENT}"
    todo = todo if "alert handshake failure" in words else ""
    return Cause(f"TLS failed: {_shown(words)}", todo, again=isinstance(error, ssl.SSLEOFError))


def _shown(text: str) -> str:
    return cut(redact(one_line(text)), 120)
