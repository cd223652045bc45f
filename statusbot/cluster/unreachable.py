"""Why no answer came, in words for who set up the address, the network or the certificates."""

from __future__ import annotations

import ssl

from urllib3 import exceptions

from statusbot.cluster import openssl
from statusbot.cluster.answer import said
from statusbot.cluster.errors import Silent, Unanswered
from statusbot.errors import ClusterError

# The server has seen nothing of a call that failed like this.
_UNSENT = (
    exceptions.NewConnectionError,
    exceptions.ConnectTimeoutError,
    exceptions.NameResolutionError,
    exceptions.ProxyError,
)

_NO_TLS = "it does not speak TLS"
# What OpenSSL calls that, the second one from its 3.2 on; as urllib3.connection._wrap_proxy_error.
_NO_RECORD = frozenset({"wrong version number", "record layer failure"})


def unanswered(error: exceptions.HTTPError, server: str) -> ClusterError:
    """A library's exception as a sentence; the reason is the innermost one's.

    ``Unanswered`` when another try may do better.
    """
    cannot = f"cannot reach {server}: {_reason(error)}"
    if isinstance(error, _UNSENT):
        return Unanswered(cannot, todo=_todo(error), sent=False)
    if isinstance(_innermost(error), ssl.SSLEOFError):
        # What stands before a server that is about to start takes connections, too.
        return Unanswered(
            f"{server} broke off its answer: {_reason(error)}", todo="try again later"
        )
    if isinstance(error, (exceptions.SSLError, exceptions.LocationValueError)):
        return ClusterError(cannot, todo=_todo(error))
    if isinstance(error, exceptions.ReadTimeoutError):
        return Silent(f"{server} does not answer in time", todo="try again later")
    return Unanswered(f"{server} broke off its answer: {_reason(error)}", todo="try again later")


def _reason(error: BaseException) -> str:
    inner = _innermost(error)
    if isinstance(inner, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted, {said(inner.verify_message)}"
    if isinstance(inner, ssl.SSLEOFError):
        return "it closed the connection without a word"
    if isinstance(inner, ssl.SSLError) and (reason := openssl.reason(inner)):
        return _NO_TLS if reason in _NO_RECORD else said(reason)
    if isinstance(inner, TimeoutError) or type(inner) is exceptions.ConnectTimeoutError:
        return "no connection in time"
    if isinstance(inner, OSError) and inner.strerror:
        return said(inner.strerror.lower())
    return said(str(inner)) or type(inner).__name__


def _innermost(error: BaseException) -> BaseException:
    """urllib3 wraps, in one of three ways, what the operating system or OpenSSL said."""
    # ProtocolError has it behind a text of its own.
    wrapped = (error.__cause__, getattr(error, "original_error", None), *error.args[:2])
    for inner in wrapped:
        if isinstance(inner, BaseException):
            return _innermost(inner)
    return error


def _todo(error: BaseException) -> str:
    if isinstance(error, exceptions.SSLError):
        if _reason(error) == _NO_TLS:
            return "write http:// if that is meant, or check the port, in the kubeconfig"
        return "check certificate-authority and tls-server-name in the kubeconfig"
    if isinstance(error, exceptions.ProxyError):
        return "check HTTPS_PROXY, NO_PROXY and proxy-url in the kubeconfig"
    return "check the server's address in the kubeconfig, and the network"
