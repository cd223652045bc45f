"""A way to the API server: the pool of its connections and the headers that say who we are."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import urllib3

from statusbot import __version__, masks
from statusbot.cluster import proxies, tls
from statusbot.cluster.clock import Deadline
from statusbot.cluster.errors import NeverAnswered, TimedOut
from statusbot.cluster.in_time import in_time
from statusbot.cluster.kubeconfig import Place, load, private_folder, translated
from statusbot.errors import UsageError

RENEW_AFTER = 30.0  # seconds; a refusal sooner than that is not because of age


class Login:
    """Loaded at once; ``renew`` loads it again, for what has expired meanwhile.

    The package refreshes tokens when they are due (``headers``), but neither a ``tokenFile`` nor
    certificates of an exec plugin.
    """

    def __init__(
        self,
        place: Place,
        clock: Callable[[], float] = time.monotonic,
        deadline: Deadline | None = None,
    ) -> None:
        """``UsageError`` when there is nothing to log in with, ``NeverAnswered`` when it is late."""
        self._place = place
        self._clock = clock
        self._lock = threading.Lock()
        self._load(deadline or Deadline(), NeverAnswered)

    def __repr__(self) -> str:
        """Where it comes from, never what it is."""
        return f"Login({str(self._place)!r})"

    def __str__(self) -> str:
        """As it is called in a sentence."""
        context = f", context {self._place.context}" if self._place.context else ""
        return f"{self._place}{context}"

    def _load(self, deadline: Deadline, late: type[TimedOut] = TimedOut) -> None:
        with self._no_later(late):
            configuration, pool = in_time(self._made, deadline)
        self.pool: urllib3.PoolManager = pool
        self.server: str = configuration.host.rstrip("/")
        self._configuration = configuration
        self._loaded = self._clock()

    def _made(self) -> tuple[Any, urllib3.PoolManager]:
        """The configuration and its pool. What comes too late takes its keys away all the same."""
        from kubernetes.client.rest import RESTClientObject

        with private_folder() as folder:
            configuration = load(self._place, folder)
            with translated(str(self._place)):
                proxies.settle(configuration)
                pool = RESTClientObject(configuration).pool_manager
                if configuration.host.lower().startswith("https"):
                    tls.install(pool, tls.context(configuration))
        return configuration, pool

    @contextmanager
    def _no_later(self, late: type[TimedOut] = TimedOut) -> Iterator[None]:
        try:
            yield
        except TimeoutError:
            raise late(
                "the credentials were not there in time: what the kubeconfig runs or asks for them"
                " has not answered",
                where=str(self),
                todo="see whether `kubectl get kustomizations -A` hangs too, or raise --timeout",
            ) from None

    def headers(self, deadline: Deadline | None = None) -> dict[str, str]:
        """For one request; a token that is due is refreshed first (an exec plugin runs again)."""
        with self._lock, self._no_later():
            settings: Mapping[str, Any] = in_time(self._settings, deadline or Deadline())
        # A token out of a file ends in a newline.
        token = str((settings.get("BearerToken") or {}).get("value") or "").strip()
        if not (token.isascii() and token.isprintable()):
            raise UsageError("the token has characters that none has", where=str(self._place))
        masks.hide(token.partition(" ")[2] or token)
        headers = {"User-Agent": f"statusbot/{__version__}", "Accept": "application/json"}
        return headers | {"Authorization": token} if token else headers

    def _settings(self) -> Any:
        with translated(str(self._place)):
            return self._configuration.auth_settings()

    def renew(self, deadline: Deadline | None = None) -> bool:
        """Whether there is reason to try again as somebody new."""
        with self._lock:
            if self._clock() - self._loaded < RENEW_AFTER:
                return False
            stale = self.pool
            self._load(deadline or Deadline())
        stale.clear()
        return True

    def close(self) -> None:
        """Close what is idle in the pool."""
        self.pool.clear()
