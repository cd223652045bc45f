"""Why a connection failed, in words that hold neither addresses nor headers."""

from __future__ import annotations

import http.client
import re
import socket
import ssl

from statusbot.text import cut, one_line, redact
from statusbot.transport.errors import Cause


def cause_of(error: BaseException) -> Cause:
    """The reason at the bottom of an exception of requests."""
    for link in reversed(_chain(error)):
        if found := _cause(link):
            return found
    return Cause("the connection failed", again=True)


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
        return Cause(
            f"its certificate is not trusted: {_shown(error.verify_message)}",
            "put the CA that signed it under ca.crt in the Provider's certSecretRef",
        )
    if isinstance(error, ssl.SSLError):
        words = re.sub(r"^\[.*?\] | \(_ssl\.c:\d+\)$", "", str(error.args[-1]))
        return Cause(f"TLS failed: {_shown(words)}", again=isinstance(error, ssl.SSLEOFError))
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


def _shown(text: str) -> str:
    return cut(redact(one_line(text)), 120)
