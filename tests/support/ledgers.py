"""Ledgers of every kind on servers of every kind, and what may happen to them between two runs."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from statusbot.cluster.answer import Answer
from statusbot.cluster.api import Api
from statusbot.cluster.clock import Deadline
from statusbot.cluster.connection import Connection
from statusbot.cluster.kubeconfig import Place as Kubeconfig
from statusbot.cluster.login import Login
from statusbot.ledger.buckets import squeeze
from statusbot.ledger.configmap import ConfigMapLedger
from statusbot.ledger.file import FileLedger
from statusbot.ledger.memory import Ledger, Memory
from statusbot.ledger.place import Place
from statusbot.ledger.posted import Posted
from statusbot.ledger.store import NoLedger, Store
from statusbot.results.result import ObjectRef
from statusbot.results.state import State
from tests.support.kube import Client, Object, core

LEASES = "/apis/coordination.k8s.io/v1/namespaces/{}/leases"
NAME = "statusbot"


def connect(kubeconfig: Path) -> Connection:
    """One that makes no pauses."""
    login = Login(Kubeconfig((str(kubeconfig),)))
    return Connection(login, Deadline(), sleep=lambda seconds: None)


def memory(number: int, reason: str = "ReconciliationSucceeded", day: int = 20000) -> Memory:
    """Of an object that has one status."""
    ref = ObjectRef("Kustomization", "apps", f"app-{number}", f"uid-{number}")
    posted = Posted(State.SUCCESS, reason, "0123456789abcdef", 1.0, 2.0, 3.0)
    return Memory(ref, day, "https://git.example.com/a", 0.0, {f"key-{number}": posted})


def filled(ledger: Ledger, numbers: Iterable[int], reason: str = "", at: float = 5.0) -> Ledger:
    """The same ledger, with these objects in it and a poll."""
    for number in numbers:
        one = memory(number, reason or "ReconciliationSucceeded")
        ledger.objects[one.object.key] = one
    ledger.polls["scope"] = at
    return ledger


class Home(Protocol):
    """Where a ledger is kept."""

    keeps: bool  # whether anything is there for the next run
    alone: bool  # whether a second run is turned away

    def store(self) -> Store:
        """For one more run."""
        ...

    def peek(self) -> Ledger | None:
        """For who only looks."""
        ...

    def die(self, store: Any) -> None:
        """The process that has it is killed; and what has to pass then passes."""
        ...

    def damage(self, data: bytes) -> None:
        """Something else is where it was."""
        ...

    def other_version(self) -> None:
        """A version to come wrote it."""
        ...

    def remove(self) -> None:
        """Somebody deletes it."""
        ...


class NoPlace:
    """``none``: it promises nothing but a ledger for the run."""

    keeps = alone = False

    def store(self) -> NoLedger:
        return NoLedger()

    def peek(self) -> Ledger | None:
        return NoLedger().peek()

    def die(self, store: Any) -> None:
        pass

    def damage(self, data: bytes) -> None:
        pass

    def other_version(self) -> None:
        pass

    def remove(self) -> None:
        pass


class FilePlace:
    """``file:PATH``."""

    keeps = alone = True

    def __init__(self, path: Path) -> None:
        self.path = path

    def store(self) -> FileLedger:
        return FileLedger(self.path)

    def peek(self) -> Ledger | None:
        return FileLedger(self.path).peek()

    def die(self, store: FileLedger) -> None:
        """The system takes the lock of a process that is gone."""
        assert store._lock is not None
        os.close(store._lock)
        store._lock = None

    def damage(self, data: bytes) -> None:
        self.path.write_bytes(data)

    def other_version(self) -> None:
        self.path.write_bytes(b'{"version":2}\n')

    def remove(self) -> None:
        self.path.unlink()


class ConfigMapPlace:
    """``configmap:NS/NAME``, on any server; ``kill`` comes between its calls."""

    keeps = alone = True

    def __init__(self, api: Api, admin: Client, namespace: str, name: str = NAME) -> None:
        self.api = Watched(api)
        self.admin = admin
        self.namespace = namespace
        self.place = Place(namespace, name)

    def store(self, on_lost: Callable[[], None] = lambda: None) -> ConfigMapLedger:
        return ConfigMapLedger(self.api, self.place, on_lost=on_lost)

    def peek(self) -> Ledger | None:
        return self.store().peek()

    def die(self, store: ConfigMapLedger) -> None:
        store._lease._over.set()
        store._lease._thread.join()
        self.age()

    def age(self, renewed: str = "2026-01-01T00:00:00.000000Z") -> None:
        """Nobody renews the Lease for long."""
        self.set_lease(renewTime=renewed)

    def damage(self, data: bytes) -> None:
        for name in self.names():
            self.put(name, data)

    def other_version(self) -> None:
        self.damage(squeeze([b'{"version":2}\n']))

    def remove(self) -> None:
        for name in self.names():
            self.admin.delete(self.path(name)).ok()

    # -- what is there ------------------------------------------------------------------------

    def path(self, name: str = "") -> str:
        return core("configmaps", self.namespace, name)

    def maps(self) -> dict[str, Object]:
        """The ledger's ConfigMaps by name."""
        found = self.admin.get(self.path()).ok()["items"]
        mine = [item for item in found if item["metadata"]["name"].startswith(self.place.name)]
        return {item["metadata"]["name"]: item for item in mine}

    def names(self) -> list[str]:
        return sorted(self.maps())

    def versions(self) -> dict[str, str]:
        return {name: one["metadata"]["resourceVersion"] for name, one in self.maps().items()}

    def put(self, name: str, data: bytes) -> None:
        """Somebody edits one by hand."""
        item = self.admin.get(self.path(name)).ok()
        item["binaryData"] = {"ledger": base64.b64encode(data).decode()}
        self.admin.put(self.path(name), item).ok()

    @property
    def lease(self) -> Object:
        """What the server has."""
        item: Object = self.admin.get(f"{LEASES.format(self.namespace)}/{self.place.name}").ok()
        return item

    def set_lease(self, **spec: Any) -> None:
        """Somebody else writes it."""
        item = self.lease
        path = f"{LEASES.format(self.namespace)}/{self.place.name}"
        self.admin.put(path, item | {"spec": {**item["spec"], **spec}}).ok()


class Killed(BaseException):
    """The process is gone: nothing of it may run any more, but that cannot be had in a test."""


Look = Callable[[int, str, str], None]


def _nothing(number: int, method: str, path: str) -> None:
    pass


class Watched:
    """An API whose calls are noted, and may go wrong; those of Leases are let through.

    ``before`` and ``after`` are called with the number of the call, from 1, and its method and
    path; what they raise comes instead of the call, or of its answer.
    """

    def __init__(self, api: Api, root: Watched | None = None) -> None:
        self._api = api
        self._root = root or self
        self.calls: list[tuple[str, str]] = []
        self.before: Look = _nothing
        self.after: Look = _nothing

    @property
    def name(self) -> str:
        return self._api.name

    def now(self) -> datetime:
        return self._api.now()

    def within(self, seconds: float) -> Watched:
        return Watched(self._api.within(seconds), self._root)

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        if "/leases" in path:
            return self._api.request(method, path, query, body, content_type)
        name = path
        if method == "POST" and body is not None:
            name = f"{path}/{json.loads(body)['metadata']['name']}"
        root = self._root
        root.calls.append((method, name.rpartition("/")[2]))
        number = len(root.calls)
        root.before(number, method, name)
        answer = self._api.request(method, path, query, body, content_type)
        root.after(number, method, name)
        return answer

    def clear(self) -> None:
        """All goes well again, and nothing was called yet."""
        self.calls.clear()
        self.before = self.after = _nothing
