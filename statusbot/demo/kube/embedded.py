"""A Kubernetes API for the demo and the tests, on loopback and without any installation."""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from statusbot.demo.kube import writing
from statusbot.demo.kube.api import Api, Authorize, everyone
from statusbot.demo.kube.faults import Faults
from statusbot.demo.kube.kinds import Kinds
from statusbot.demo.kube.requests import Request, Target
from statusbot.demo.kube.server import Server
from statusbot.demo.kube.store import Store


def utcnow() -> datetime:
    """The clock of a server that does not replay anything."""
    return datetime.now(UTC)


class EmbeddedKubernetes:
    """Serves what ``apply`` puts in, and what clients write, until the ``with`` block ends."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = utcnow,
        token: str | None = None,
        users: Mapping[str, str] | None = None,
        authorize: Authorize = everyone,
        versions: Mapping[str, tuple[str, ...]] | None = None,
        tls: tuple[Path, Path] | None = None,
        port: int = 0,
    ) -> None:
        """Listen at once, on any free port unless one is given; answers start with ``with``.

        ``clock`` makes the ``Date`` header and the timestamps. ``token`` belongs to the user
        "admin", ``users`` maps more tokens to users; with neither, whoever asks is admin.
        ``versions`` changes what is served by kind (see ``Kinds``): ``{"Alert": ()}`` takes it away.
        ``tls`` is a certificate for 127.0.0.1 and its key, as PEM files.
        """
        tokens = {**({token: "admin"} if token is not None else {}), **(users or {})}
        self._token = token
        self._certificate = tls[0] if tls else None
        self._api = Api(Kinds(versions), clock, tokens, authorize)
        self._server = Server(self._api, _context(tls) if tls else None, port)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    def __enter__(self) -> Self:
        """Start to answer."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End all connections and wait for their threads."""
        self._server.close()
        self._thread.join()

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``, or https."""
        scheme = "https" if self._certificate else "http"
        return f"{scheme}://127.0.0.1:{self._server.server_address[1]}"

    @property
    def requests(self) -> list[Request]:
        """All requests so far as (method, path, query), those that a fault met too."""
        return self._server.requests

    @property
    def faults(self) -> Faults:
        """What goes wrong: ``faults.fail = lambda request: Fault | None``."""
        return self._api.faults

    @property
    def store(self) -> Store:
        """The objects and their history."""
        return self._api.store

    def apply(self, data: Mapping[str, Any]) -> None:
        """Create or replace an object as it is: uid, generation, status and times are kept.

        resourceVersion is always the store's own. A namespace that is not there yet is made.
        """
        resource = self._api.kinds.of(data)
        namespace = data["metadata"].get("namespace")
        namespaces = self._api.kinds.named("Namespace")
        if resource.namespaced and self.store.get(namespaces, namespace) is None:
            self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        writing.apply(self.store, resource, dict(data), self._api.clock)

    def apply_all(self, objects: Iterable[Mapping[str, Any]]) -> None:
        """``apply`` one after the other."""
        for data in objects:
            self.apply(data)

    def delete(self, kind: str, namespace: str, name: str) -> None:
        """Take an object away at once, finalizers or not; nothing when it is not there."""
        resource = self._api.kinds.named(kind)
        key = Target(resource, "", namespace, name).key
        with self.store.changed:
            if self.store.get(resource, key):
                self.store.put(resource, key, None)

    def objects(self, kind: str) -> list[dict[str, Any]]:
        """All objects of a kind at its preferred version, in the order of a LIST."""
        resource = self._api.kinds.named(kind)
        entries = self.store.snapshot(resource, self.store.version)
        return [orjson.loads(entry.json(resource, resource.versions[0])) for entry in entries]

    def compact(self) -> None:
        """Older resourceVersions and continue tokens expire, as every 5 minutes in real life."""
        self.store.compact()

    def kubeconfig(self, path: Path, *, token: str | None = None, namespace: str = "") -> Path:
        """Write a kubeconfig (mode 0600) with one context ``embedded``; JSON is YAML too."""
        cluster = {"server": self.url}
        if self._certificate:
            cluster["certificate-authority"] = str(self._certificate)
        bearer = token or self._token
        context = {"cluster": "embedded", "user": "embedded", "namespace": namespace or "default"}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "embedded", "cluster": cluster}],
            "users": [{"name": "embedded", "user": {"token": bearer} if bearer else {}}],
            "contexts": [{"name": "embedded", "context": context}],
            "current-context": "embedded",
        }
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(orjson.dumps(config))
        return path


def _context(tls: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*tls)
    return context
