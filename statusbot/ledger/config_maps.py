"""ConfigMaps of one ledger: each is read and written as a whole, and only over what we know of it."""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from statusbot.cluster.answer import Answer
from statusbot.cluster.api import Api
from statusbot.cluster.errors import Rejected, Unanswered
from statusbot.errors import ClusterError, UsageError
from statusbot.ledger.codec import Unreadable
from statusbot.ledger.lease import no_namespace
from statusbot.ledger.place import Place

log = logging.getLogger(__name__)

PAGE = "32"  # of at most 512 KiB
KEY = "ledger"
LEDGER = "statusbot/ledger"
CALL = 30.0  # seconds of what is written, however little time is left for reading
TRIES = 4
_ABOUT = (
    "What statusbot remembers between two runs. It may be deleted: the forges are asked instead,"
    " and only what could not be posted yet is lost."
)

Object = dict[str, Any]


class ConfigMaps:
    """``versions`` has those that are there, by name, with the resourceVersion that we know.

    ``ours`` raises Lost where another run has the ledger; with ``sure`` it asks the API server.
    """

    def __init__(self, api: Api, place: Place, ours: Callable[[bool], None]) -> None:
        """Nothing is asked before the first call."""
        self.versions: dict[str, str] = {}
        self._api = api
        self._place = place
        self._ours = ours
        self._path = f"/api/v1/namespaces/{place.namespace}/configmaps"
        self._labels = {"app.kubernetes.io/name": "statusbot", LEDGER: place.name}

    def read(self) -> Iterator[tuple[str, bytes | Unreadable]]:
        """Name and data of each, in pages of one snapshot."""
        self.versions.clear()
        selector = ",".join(f"{key}={value}" for key, value in self._labels.items())
        query = {"labelSelector": selector, "limit": PAGE}
        while True:
            answer = self._api.request("GET", self._path, query)
            if answer.status != 200:
                raise answer.rejected()
            page = answer.json()
            items = page.get("items")
            for item in items if isinstance(items, list) else ():
                yield self._took(item), _data(item)
            token = (page.get("metadata") or {}).get("continue")
            if not token:
                return
            query["continue"] = token

    def write(self, name: str, data: bytes) -> None:
        """Make it, or put this in its place.

        Raises UsageError for another's of that name, Lost, and what the API's calls raise.
        """
        why: ClusterError | None = None
        for _ in range(TRIES):
            self._ours(False)
            try:
                answer = self._sent(name, data)
            except (Unanswered, Rejected) as error:
                why = error
            else:
                if answer.status in (200, 201):
                    self._took(answer.json())
                    return
                why = answer.rejected()
                if not self._may_follow(name, answer):
                    raise why
            if self._is_there(name, data, asked=isinstance(why, Rejected) and why.status == 409):
                return
        assert why is not None
        raise why

    def delete(self, name: str) -> None:
        """Take it away; one that is gone is fine, too."""
        self._ours(False)
        answer = self._api.within(CALL).request("DELETE", f"{self._path}/{name}")
        if answer.status not in (200, 202, 404):
            raise answer.rejected()
        self.versions.pop(name, None)

    def _sent(self, name: str, data: bytes) -> Answer:
        version = self.versions.get(name)
        metadata = {"namespace": self._place.namespace, "name": name, "labels": self._labels}
        body: Object = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": metadata | ({"resourceVersion": version} if version else {}),
            "data": {"about": _ABOUT},
            "binaryData": {KEY: base64.b64encode(data).decode()},
        }
        method, path = ("PUT", f"{self._path}/{name}") if version else ("POST", self._path)
        return self._api.within(CALL).request(method, path, body=orjson.dumps(body))

    def _may_follow(self, name: str, answer: Answer) -> bool:
        """Whether another try can help; what stands in its way is taken away."""
        if answer.status == 404 and name not in self.versions:
            raise no_namespace(answer, self._place)
        if answer.status == 422 and "immutable" in answer.words() and name in self.versions:
            self.delete(name)
            return True
        return answer.status in (404, 409)

    def _is_there(self, name: str, data: bytes, *, asked: bool) -> bool:
        """Look what is there now, after a refusal or an answer that was lost."""
        if asked:
            self._ours(True)
        answer = self._api.within(CALL).request("GET", f"{self._path}/{name}")
        if answer.status == 404:
            self.versions.pop(name, None)
            return False
        if answer.status != 200:
            raise answer.rejected()
        item = answer.json()
        self._check_owned(item, name)
        self._took(item)
        if _data(item) == data:
            return True
        if asked:
            where = f"ConfigMap {self._place.namespace}/{name}"
            log.warning("%s: somebody else changed it; it is written again", where)
        return False

    def _check_owned(self, item: Object, name: str) -> None:
        labels = (item.get("metadata") or {}).get("labels") or {}
        if any(labels.get(key) != value for key, value in self._labels.items()):
            raise UsageError(
                "this ConfigMap is not of the ledger's making: it has not its labels",
                where=f"ConfigMap {self._place.namespace}/{name}",
                todo="delete it, or name another ledger with --ledger configmap:NAMESPACE/NAME",
            )

    def _took(self, item: Object) -> str:
        metadata = item.get("metadata") or {}
        name = str(metadata.get("name"))
        self.versions[name] = str(metadata.get("resourceVersion"))
        return name


def _data(item: Object) -> bytes | Unreadable:
    try:
        return base64.b64decode((item.get("binaryData") or {})[KEY], validate=True)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        return Unreadable("it has no ledger in it")
