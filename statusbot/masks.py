"""What is secret is told here as soon as it is read, before anything could print it.

Nothing of ours prints a secret. On GitHub the runner is told all the same: it keeps them out of the
job's log, whoever prints them, and whenever.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlsplit

from statusbot.text import SHORTEST_SECRET

# Keys of a Provider's Secrets that are no secrets: hidden, "git" would be gone from every line.
_PUBLIC = frozenset(
    {
        "username",
        "ca.crt",
        "caFile",
        "tls.crt",
        "certFile",
        "githubAppID",
        "githubAppInstallationID",
        "githubAppInstallationOwner",
        "githubAppBaseURL",
    }
)

_lock = threading.Lock()
_known: set[str] = set()
_listener: Callable[[str], None] | None = None


@contextmanager
def told_to(listener: Callable[[str], None]) -> Iterator[None]:
    """Meanwhile ``listener`` gets each form of each secret once, each of one line."""
    global _listener
    _known.clear()
    _listener = listener
    try:
        yield
    finally:
        _listener = None


def hide(*secrets: str) -> None:
    """Tell of secrets that may go into a request from now on."""
    if _listener is None:
        return
    with _lock:
        for form in (form for secret in secrets for form in _forms(secret)):
            if form not in _known:
                _known.add(form)
                _listener(form)


def hide_value(key: str, value: bytes) -> None:
    """The same for a key of a Secret; of an address only the password is secret."""
    if _listener is None or key in _PUBLIC:
        return
    text = value.decode(errors="replace")
    hide(_password(text) if "://" in text else text)


def _password(address: str) -> str:
    try:
        return urlsplit(address.strip()).password or ""
    except ValueError:
        return address


def _forms(secret: str) -> Iterator[str]:
    """The secret line by line, and as it is written into Secrets, headers and addresses."""
    secret = secret.strip()
    if len(secret) < SHORTEST_SECRET:
        return
    lines = (line.strip() for line in secret.splitlines())
    yield from (line for line in lines if len(line) >= SHORTEST_SECRET and line[:5] != "-----")
    yield base64.b64encode(secret.encode(errors="surrogateescape")).decode()
    if len(secret.splitlines()) == 1:
        yield quote(secret, safe="", errors="surrogateescape")
