"""Redirects, followed by hand: libraries turn a POST into a GET, and take the login along.

A renamed repository answers 301 (Gitea), 301, 302 or 307 (GitHub), always on its own host.
"""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from statusbot.forges.base import Answer, Request

_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> str:
    """``scheme://host:port`` of an http or https URL."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}:{parts.port or _PORTS.get(parts.scheme, 0)}"


def next_url(request: Request, answer: Answer) -> str | None:
    """Where to send the same request again; None where the answer is to be taken as it is."""
    kept = answer.status in (301, 302, 307, 308) or (answer.status, request.method) == (303, "GET")
    location = answer.headers.get("location", "").strip()
    if not kept or not location or not location.isprintable():
        return None
    try:
        url = urljoin(request.url, location)
        return url if origin(url) == origin(request.url) else None
    except ValueError:
        return None
