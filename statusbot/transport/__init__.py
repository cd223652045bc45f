"""The only I/O towards forges: sessions, logins, TLS, proxies, guards, retries, deadlines."""

from __future__ import annotations

from statusbot.transport.errors import AnswerLost, LoginRefused, NotAllowed, NotSent
from statusbot.transport.sender import Transport
from statusbot.transport.way import DIRECT, TLS_KEYS, Way, way_of

__all__ = [
    "DIRECT",
    "TLS_KEYS",
    "AnswerLost",
    "LoginRefused",
    "NotAllowed",
    "NotSent",
    "Transport",
    "Way",
    "way_of",
]
