"""GitHub Apps that the embedded forge knows, and the tokens that it gave them."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

# The long form that GitHub gives out since 2026: ghs_, the App's number, and a JWT.
_JWT_HEAD = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9"
TOKEN_LASTS = timedelta(hours=1)


@dataclass
class Installation:
    """Where an App is installed: the account, and what its owner granted."""

    id: int
    account: str
    organization: bool = True
    permissions: Mapping[str, str] = field(
        default_factory=lambda: {"metadata": "read", "statuses": "write"}
    )
    suspended: bool = False


@dataclass
class App:
    """A registered App. ``verify`` tells whether a JWT was signed with its private key."""

    id: int
    verify: Callable[[str], bool]
    installations: list[Installation] = field(default_factory=list)
    client_id: str = ""


@dataclass(frozen=True)
class Issued:
    """A token that was given out: for what, and until when by the forge's clock."""

    installation: Installation
    permissions: Mapping[str, str]
    until: datetime


class Apps:
    """The Apps of one forge; safe for threads."""

    def __init__(self) -> None:
        """None yet."""
        self.apps: list[App] = []
        self.issued: dict[str, Issued] = {}
        self._lock = threading.Lock()

    def add(self, app: App) -> None:
        """Register an App."""
        self.apps.append(app)

    def find(self, issuer: object) -> App | None:
        """The App whose number, as a number or as text, or client id a JWT names."""
        name = str(issuer)
        return next((app for app in self.apps if name in (str(app.id), app.client_id)), None)

    def issue(
        self, app: App, installation: Installation, permissions: Mapping[str, str], now: datetime
    ) -> tuple[str, Issued]:
        """A new token, good for an hour."""
        token = f"ghs_{app.id}_{_JWT_HEAD}.{secrets.token_hex(80)}.{secrets.token_hex(43)}"
        issued = Issued(installation, permissions, now + TOKEN_LASTS)
        with self._lock:
            self.issued[token] = issued
        return token, issued

    def revoke(self) -> None:
        """Take back all tokens: they then are as bad as expired ones."""
        with self._lock:
            for token, issued in self.issued.items():
                self.issued[token] = replace(issued, until=datetime.min.replace(tzinfo=UTC))
