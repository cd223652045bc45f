"""Plays a recording into a real Kubernetes API, by the writes that real clients made.

Each recorded change becomes the write that makes it: a create, an update, an update of the status
subresource, a delete that finalizers hold up, or the end of the last finalizer. uid, generation,
resourceVersion and the two timestamps of metadata are the server's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self, cast

import orjson

from statusbot.demo.forge import EmbeddedForge
from statusbot.demo.kube import EmbeddedKubernetes
from statusbot.demo.kube.kinds import Kinds, Resource
from statusbot.demo.player import Player
from statusbot.demo.recording import Event, Recording, Step
from tests.support.kube import Client, Object, core

# Of metadata; the rest is the server's own.
_TOLD = ("name", "namespace", "labels", "annotations", "finalizers", "ownerReferences")


def begun_now(recording: Recording) -> Recording:
    """The same at the present time, so that it fits the times that the server writes itself."""
    return recording.moved(datetime.now(UTC) - recording.started)


class RealPlayer(Player):
    """Moves a real cluster and an embedded forge through a recording, by time or by step."""

    def into(self, cluster: RealCluster, forge: EmbeddedForge) -> None:
        """Play into these two from now on."""
        # Of a cluster a player uses ``apply`` and ``delete`` only.
        self.connect(cast(EmbeddedKubernetes, cluster), forge)

    def step(self) -> list[Step]:
        """On to the next instant at which anything happens; only while it is not ``over``."""
        coming: list[Event | Step] = [*self._events[:1], *self._steps[:1]]
        return self.to(min(one.time for one in coming))


class RealCluster:
    """Takes objects as they were recorded; when the block ends they are gone again.

    ``uids`` are the server's by those of the recording. Names of namespaces are kept, and the
    namespaces stay: nothing empties them here. AssertionError for what the server holds otherwise
    than it was recorded.
    """

    def __init__(self, admin: Client) -> None:
        """``admin`` may do everything."""
        self.uids: dict[str, str] = {}
        self._admin = admin
        self._kinds = Kinds()
        self._twins: dict[str, _Twin] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """The server is everybody's, and Alerts are read in all namespaces."""
        for twin in self._twins.values():
            twin.vanish()

    def apply(self, data: Mapping[str, Any]) -> None:
        """Create an object, or bring it to what was recorded of it next."""
        wanted = self._translated(data)
        resource = self._kinds.of(wanted)
        metadata = wanted["metadata"]
        path = _path(resource, metadata["namespace"], metadata["name"])
        if path not in self._twins:
            self._make_namespace(metadata["namespace"])
            self._twins[path] = _Twin(self._admin, path, resource.status)
        self._twins[path].become(wanted)
        if "uid" in metadata:
            self.uids[metadata["uid"]] = self._twins[path].uid

    def delete(self, kind: str, namespace: str, name: str) -> None:
        """Take an object away; nothing when it is not there."""
        if twin := self._twins.pop(_path(self._kinds.named(kind), namespace, name), None):
            twin.vanish()

    def _make_namespace(self, name: str) -> None:
        assert self._admin.post(core("namespaces"), {"metadata": {"name": name}}).status in (
            201,
            409,
        )

    def _translated(self, data: Mapping[str, Any]) -> Object:
        """What names an object by its uid, an Event for one, shall name the server's."""
        text = orjson.dumps(data)
        own = data["metadata"].get("uid")
        for recorded, real in self.uids.items():
            if recorded != own:
                text = text.replace(recorded.encode(), real.encode())
        translated: Object = orjson.loads(text)
        return translated


class _Twin:
    """One object of the server, which follows a recorded one."""

    def __init__(self, admin: Client, path: str, has_status: bool) -> None:
        self._admin = admin
        self._path = path
        self._has_status = has_status
        self._there: Object = {}
        self._ahead = 0

    @property
    def uid(self) -> str:
        """The server's."""
        return str(self._there["metadata"]["uid"])

    def become(self, wanted: Object) -> None:
        """One write for each part that differs; in a recording that is one part at a time."""
        if not self._there:
            collection = self._path.rpartition("/")[0]
            self._there = self._admin.post(collection, _told(wanted, wanted)).ok()
            self._ahead = _generation(self._there) - _generation(wanted)
        if _told(self._there, wanted) != _told(wanted, wanted):
            self._update(_told(wanted, wanted))
        if "deletionTimestamp" in wanted["metadata"].keys() - self._there["metadata"].keys():
            self._there = self._admin.delete(self._path).ok()
        if self._has_status:
            self._write_status(_observed(wanted.get("status"), self._ahead))
        assert _told(self._there, wanted) == _told(wanted, wanted), self._path
        assert _generation(self._there) == _generation(wanted) + self._ahead, self._path

    def vanish(self) -> None:
        """Deleted, and no finalizer keeps it."""
        if not self._there:
            return
        finalizers = self._there["metadata"].get("finalizers")
        if "deletionTimestamp" not in self._there["metadata"]:
            gone = self._admin.delete(self._path).ok()
            self._there = gone if finalizers else {}
        if finalizers:
            told = _told(self._there, self._there)
            del told["metadata"]["finalizers"]
            self._update(told)
        self._there = {}

    def _update(self, told: Object) -> None:
        version = self._there["metadata"]["resourceVersion"]
        body = told | {"metadata": told["metadata"] | {"resourceVersion": version}}
        self._there = self._admin.put(self._path, body).ok()

    def _write_status(self, status: Object | None) -> None:
        if self._there.get("status") != status:
            body = self._there | {"status": status}
            self._there = self._admin.put(f"{self._path}/status", body).ok()
        assert self._there.get("status") == status, self._path


def _path(resource: Resource, namespace: str, name: str) -> str:
    root = "/apis/" if resource.group else "/api/"
    version = resource.api_version(resource.versions[0])
    return f"{root}{version}/namespaces/{namespace}/{resource.plural}/{name}"


def _told(data: Object, like: Object) -> Object:
    """What a client says of an object beside its status: those parts that ``like`` has."""
    told = {name: data.get(name) for name in like if name not in ("metadata", "status")}
    metadata = {name: value for name, value in data["metadata"].items() if name in _TOLD}
    return told | {"metadata": metadata}


def _generation(data: Object) -> int:
    """0 for kinds without one."""
    return int(data["metadata"].get("generation", 0))


def _observed(value: Any, ahead: int) -> Any:
    """A status whose generations are the server's; -1 and 0 stand for none."""
    if isinstance(value, list):
        return [_observed(item, ahead) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: item + ahead if name == "observedGeneration" and item > 0 else _observed(item, ahead)
        for name, item in value.items()
    }
