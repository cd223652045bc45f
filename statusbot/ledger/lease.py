"""The Lease of a ledger, as client-go's leader election writes and reads it.

Its record is that of k8s.io/client-go tools/leaderelection/resourcelock/leaselock.go, and its times
are the API server's: what another run wrote is compared with nothing else. How long our own word
stands we tell by our own clock, and end sooner than anybody else may take it.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from statusbot.cluster.answer import Answer, said
from statusbot.cluster.api import Api
from statusbot.errors import StatusbotError, UsageError
from statusbot.ledger.busy import Busy, Lost
from statusbot.ledger.place import Place

log = logging.getLogger(__name__)

SECONDS = 15  # of a Lease that nobody renews
EVERY = 5.0  # seconds between two renewals
AGAIN = 2.0  # seconds after one that went wrong
# Server's dates are whole seconds, and what is on its way must be there before anybody else begins.
OURS = 13.0
CALL = 4.0  # seconds that one renewal may take
LAST_CALL = 1.0  # and giving it back: who ends in a hurry has no more
# A time so far ahead was written by a clock that nobody goes by now; nor is any Lease for longer.
AHEAD = 3600.0
MOST_TRANSITIONS = 2**31 - 1  # LeaseSpec has an int32
TRIES = 5
_MICRO = "%Y-%m-%dT%H:%M:%S.%fZ"

Spec = dict[str, Any]


def identity() -> str:
    """The pod's name, or the host's, and something that no other run has."""
    return f"{socket.gethostname()}_{uuid.uuid4()}"


class Lease:
    """Taken by ``take``, renewed in a thread of its own until it is given back or lost.

    ``on_lost`` is called once, in that thread: the run must stop.
    """

    def __init__(
        self,
        api: Api,
        place: Place,
        *,
        on_lost: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is asked before the first call."""
        self.holder = identity()
        self.lost: Lost | None = None
        self._api = api
        self._place = place
        self._on_lost = on_lost
        self._clock = clock
        self._path = f"/apis/coordination.k8s.io/v1/namespaces/{place.namespace}/leases"
        self._object: dict[str, Any] = {}
        self._renewed = 0.0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def take(self) -> None:
        """Raises Busy while another run has it, and what the API's calls raise."""
        for _ in range(TRIES):
            there = self._read(self._api)
            if there is not None:
                self._check_free(there)
            if self._write(self._api, there, self._taken(there)):
                self._start()
                return
        raise Busy("another run takes the ledger at this moment", where=str(self._place))

    def _start(self) -> None:
        try:
            self._thread.start()
        except RuntimeError:
            what = "the system has no room for the thread that would renew the Lease"
            raise StatusbotError(what, where=str(self._place)) from None

    def check(self) -> None:
        """Raises Lost once it is no longer ours. Asks nobody."""
        if self.lost is None and self._left() <= 0:
            self._lose(Lost(self._unrenewed(), where=str(self._place)))
        if self.lost is not None:
            raise self.lost

    def confirm(self) -> None:
        """The same, as the API server has it now."""
        self.check()
        with self._lock:
            self._confirmed(self._api.within(CALL))

    def give_back(self) -> None:
        """Let the next run have it at once; where that fails it has it when the time is over."""
        self._over.set()
        if not self._lock.acquire(timeout=LAST_CALL):
            return
        try:
            if self.lost is None and self._object:
                self._released(self._api.within(LAST_CALL))
        except StatusbotError as error:
            log.info("%s: the Lease is not given back: %s", self._place, error)
        finally:
            self._object = {}
            self._lock.release()
        if self._thread.ident is not None:
            self._thread.join(LAST_CALL)

    def _released(self, api: Api) -> None:
        # As client-go's release: nobody's, and over in a second at the latest.
        now = _micro(api.now())
        spec = self._spec | {"holderIdentity": "", "leaseDurationSeconds": 1}
        self._write(api, self._object, spec | {"acquireTime": now, "renewTime": now})

    # -- the thread ---------------------------------------------------------------------------

    def _keep(self) -> None:
        why, pause = "", EVERY
        while not self._over.wait(pause):
            why, pause = self._renew_once()
            if self.lost is None and self._left() <= 0:
                self._lose(Lost(self._unrenewed(why), where=str(self._place)))
            if self.lost is not None:
                if not self._over.is_set():  # or the run ends already
                    self._on_lost()
                return

    def _renew_once(self) -> tuple[str, float]:
        """What went wrong, and seconds until the next time."""
        with self._lock:
            if self._over.is_set():
                return "", EVERY
            try:
                self._renew(self._api.within(min(CALL, max(self._left(), 0.0))))
            except Exception as error:  # a bug, too: without this thread nobody would stop the run
                return str(error) or type(error).__name__, min(AGAIN, max(self._left(), 0.0))
        return "", EVERY

    def _renew(self, api: Api) -> None:
        for _ in range(TRIES):
            renewed = self._spec | {"renewTime": _micro(api.now())}
            if self._write(api, self._object, renewed):
                return
            # Somebody wrote it, or the answer to a renewal of ours was lost.
            if not self._confirmed(api) and self._write(api, None, self._taken(None)):
                return

    def _confirmed(self, api: Api) -> bool:
        """Whether it is there, and ours. Raises Lost where it is another's."""
        there = self._read(api)
        if there is None:
            return False
        holder = there["spec"].get("holderIdentity")
        if holder != self.holder:
            what = f"another run took the ledger: {said(holder) or 'nobody'}"
            self._lose(Lost(what, where=str(self._place)))
            assert self.lost is not None
            raise self.lost
        self._object = there
        return True

    def _lose(self, lost: Lost) -> None:
        self.lost = self.lost or lost

    def _left(self) -> float:
        """Seconds for which it is surely ours."""
        return self._renewed + OURS - self._clock()

    def _unrenewed(self, why: str = "") -> str:
        what = "the run no longer holds the ledger: its Lease could not be renewed in time"
        return f"{what} ({why})" if why else what

    # -- the record ---------------------------------------------------------------------------

    @property
    def _spec(self) -> Spec:
        spec: Spec = self._object["spec"]
        return spec

    def _check_free(self, there: dict[str, Any]) -> None:
        """Raises Busy while it is held, and renewed."""
        spec = there["spec"]
        holder, renewed = spec.get("holderIdentity"), _time(spec.get("renewTime"))
        if not holder or renewed is None:
            return
        age = (self._api.now() - renewed).total_seconds()
        seconds = min(spec.get("leaseDurationSeconds") or SECONDS, AHEAD)
        if -AHEAD < age < seconds:
            since = said(spec.get("acquireTime")).partition(".")[0]
            what = f"another run holds the ledger: {said(holder)}, since {since}Z"
            raise Busy(what, where=str(self._place))

    def _taken(self, there: dict[str, Any] | None) -> Spec:
        before = there["spec"].get("leaseTransitions") or 0 if there else -1
        now = _micro(self._api.now())
        return {
            "holderIdentity": self.holder,
            "leaseDurationSeconds": SECONDS,
            "acquireTime": now,
            "renewTime": now,
            "leaseTransitions": min(before + 1, MOST_TRANSITIONS),
        }

    def _read(self, api: Api) -> dict[str, Any] | None:
        answer = api.request("GET", f"{self._path}/{self._place.name}")
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise answer.rejected()
        return _lease(answer)

    def _write(self, api: Api, there: dict[str, Any] | None, spec: Spec) -> bool:
        """Whether nobody was faster."""
        began = self._clock()
        metadata = {"namespace": self._place.namespace, "name": self._place.name}
        body = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata}
        if there is None:
            answer = api.request("POST", self._path, body=orjson.dumps(body | {"spec": spec}))
        else:
            path = f"{self._path}/{self._place.name}"
            body = there | body | {"metadata": there["metadata"], "spec": spec}
            answer = api.request("PUT", path, body=orjson.dumps(body))
        if answer.status in (200, 201):
            self._object, self._renewed = _lease(answer), began
            return True
        if answer.status == 404 and there is None:
            raise no_namespace(answer, self._place)
        if answer.status in (404, 409):
            return False
        raise answer.rejected()


def no_namespace(answer: Answer, place: Place) -> UsageError:
    """For 404 where something was to be made."""
    todo = f"make it with: kubectl create namespace {place.namespace}"
    return UsageError(answer.words() or "there is no such namespace", where=str(place), todo=todo)


def _lease(answer: Answer) -> dict[str, Any]:
    item = answer.json()
    if not isinstance(item.get("spec"), dict):
        item["spec"] = {}
    return item


def _micro(when: datetime) -> str:
    """A ``metav1.MicroTime``: the API server takes no other number of digits."""
    return when.astimezone(UTC).strftime(_MICRO)


def _time(text: object) -> datetime | None:
    try:
        return datetime.strptime(str(text), _MICRO).replace(tzinfo=UTC)
    except ValueError:
        return None
