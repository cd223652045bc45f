"""Flux's notification-controller v1.9.3 as a forge meets it, for tests: it plays beside statusbot.

Of each event it makes at most one status, and tries once: what it cannot send then is lost until
Flux says something again. Where its rules are from is in the names of its own files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import requests

from statusbot.demo.recording import Object
from tests.support.flux_events import Emitted
from tests.support.notification_wire import WIRES, Ask, Said

# The window of its rate limiter in seconds (main.go, --rate-limit-interval): one event of a kind.
MUTED_FOR = 300
# Really 15 (spec.timeout of the Provider); no test waits for that long.
PATIENCE = 1.0
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Did(StrEnum):
    """What became of an event."""

    DROPPED = "dropped"  # no matter of a commit's status
    MUTED = "muted"  # the same was said a moment ago
    NO_COMMIT = "no commit"
    THERE = "there"  # the forge shows it
    LOST = "lost"
    POSTED = "posted"


def words(reason: str) -> str:
    """``InvalidCELExpression`` as ``invalid cel expression`` (``internal/notifier/util.go``)."""
    return _CAMEL.sub(" ", reason).lower()


@dataclass
class NotificationController:
    """One of them, with one Provider, to whose forge everything goes."""

    provider: Object
    token: str
    _windows: dict[tuple[str, ...], tuple[datetime, int]] = field(default_factory=dict)

    def context(self, name: str) -> str:
        """Flux's ``kustomization/<name>/<id>`` (``server/provider_commit_status.go:44-48``)."""
        id_ = self.provider["metadata"]["uid"].split("-")[0]
        return f"kustomization/{name}/{id_}".lower()

    def take(self, event: Emitted) -> Did:
        """Do with one event what it does; ``event.time`` is now."""
        if self._is_muted(event):
            return Did.MUTED
        # event_handlers.go:319-337; successes carry the annotation, news of work in progress not.
        if event.severity != "error" and not event.update:
            return Did.DROPPED
        if len(event.commit) != 40:
            return Did.NO_COMMIT
        title = f"kustomization/{event.name}".lower()
        failed = event.severity == "error"
        context = self.context(event.name)
        return self._post(Said(event.commit, context, title, words(event.reason), failed))

    def _is_muted(self, event: Emitted) -> bool:
        """Whether its limiter turns the event away, which it asks before anything else."""
        key = (event.namespace, event.name, event.message, event.origin, event.revision)
        first, last = self._windows.get(key, (event.time, -1))
        window = int((event.time - first).total_seconds() // MUTED_FOR)
        self._windows[key] = (first, window)
        return window == last

    def _post(self, said: Said) -> Did:
        wire = WIRES[self.provider["spec"]["type"]]
        address = self.provider["spec"]["address"]
        at = urlsplit(address).path.strip("/").removesuffix(".git").split("/")
        with requests.Session() as session:
            session.trust_env = False
            session.headers["User-Agent"] = wire.agent
            session.headers["Authorization"] = f"Bearer {self.token}"
            shown = self._call(session, "GET", wire.read(at, said))
            if shown is None or not (shown.ok or shown.status_code in wire.nothing):
                return Did.LOST
            if shown.ok and wire.shows(shown.json(), said):
                return Did.THERE
            body = wire.body(at, said, address)
            stored = self._call(session, "POST", wire.write(at, said), body)
        return Did.POSTED if stored is not None and stored.ok else Did.LOST

    def _call(
        self, session: requests.Session, method: str, ask: Ask, body: dict[str, Any] | None = None
    ) -> requests.Response | None:
        """One call and no second one; None where no answer came."""
        there = urlsplit(self.provider["spec"]["address"])
        url = f"{there.scheme}://{there.netloc}{ask.path}"
        try:
            return session.request(
                method, url, params=ask.query, json=body, timeout=PATIENCE, allow_redirects=False
            )
        except requests.RequestException:
            return None
