"""What OpenSSL says, in words that can be shown."""

from __future__ import annotations

import ssl


def reason(error: ssl.SSLError) -> str:
    """Its reason, as ``wrong version number``; nothing where it names none.

    The whole text of such an error ends in a place in Python's source.
    """
    return (getattr(error, "reason", None) or "").replace("_", " ").lower()
