"""A way to the API server: the pool of its connections and the headers that say who we are."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import urllib3

from statusbot import __version__, masks
from statusbot.cluster import proxies, tls
from statusbot.cluster.kubeconfig import Place, load, private_folder, translated
from statusbot.errors import UsageError

RENEW_AFTER = 30.0  # seconds; a refusal sooner than that is not because of age


class Login:
    """Loaded at once; ``renew`` loads it again, for what has expired meanwhile.

    The package refreshes tokens when they are due (``headers``), but neither a ``tokenFile`` nor
    certificates of an exec plugin.
    """

    def __init__(self, place: Place, clock: Callable[[], float] = time.monotonic) -> None:
        """``UsageError`` when there is nothing to log in with."""
        self._place = place
        self._clock = clock
        self._lock = threading.Lock()
        self._load()

    def __repr__(self) -> str:
        """Where it comes from, never what it is."""
        return f"Login({str(self._place)!r})"

    def __str__(self) -> str:
        """As it is called in a sentence."""
        context = f", context {self._place.context}" if self._place.context else ""
        return f"{self._place}{context}"

    def _load(self) -> None:
        from kubernetes.client.rest import RESTClientObject

        with private_folder() as folder:
            configuration = load(self._place, folder)
            with translated(str(self._place)):
                proxies.settle(configuration)
                pool = RESTClientObject(configuration).pool_manager
                if configuration.host.lower().startswith("https"):
                    tls.install(pool, tls.context(configuration))
        self.pool: urllib3.PoolManager = pool
        self.server: str = configuration.host.rstrip("/")
        self._configuration = configuration
        self._loaded = self._clock()

    def headers(self) -> dict[str, str]:
        """For one request; a token that is due is refreshed first (an exec plugin runs again)."""
        with self._lock, translated(str(self._place)):
            settings: Mapping[str, Any] = self._configuration.auth_settings()
        # A token out of a file ends in a newline.
        token = str((settings.get("BearerToken") or {}).get("value") or "").strip()
        if not (token.isascii() and token.isprintable()):
            raise UsageError("the token has characters that none has", where=str(self._place))
        masks.hide(token.partition(" ")[2] or token)
        headers = {"User-Agent": f"statusbot/{__version__}", "Accept": "application/json"}
        return headers | {"Authorization": token} if token else headers

    def renew(self) -> bool:
        """Whether there is reason to try again as somebody new."""
        with self._lock:
            if self._clock() - self._loaded < RENEW_AFTER:
                return False
            stale = self.pool
            self._load()
        stale.clear()
        return True

    def close(self) -> None:
        """Close what is idle in the pool."""
        self.pool.clear()
