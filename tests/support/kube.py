"""Kubernetes over bare HTTP: what the contract and the fixtures speak, beside the product."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import urllib3

Object = dict[str, Any]

STREAMING_LIST = {
    "watch": "1",
    "sendInitialEvents": "true",
    "resourceVersionMatch": "NotOlderThan",
    "allowWatchBookmarks": "true",
}


@dataclass(frozen=True)
class Reply:
    """One answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def data(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def ok(self) -> Any:
        """The body of an answer that must be a 2xx."""
        assert 200 <= self.status < 300, (self.status, self.body[:2000])
        return self.data


class Client:
    """Requests to one Kubernetes API as one user; ``with`` closes its connections."""

    def __init__(self, url: str, *, token: str | None = None, ca: Path | None = None) -> None:
        """``ca`` is a PEM file."""
        self.url = url
        self.token = token
        self.ca = ca
        self._http = urllib3.PoolManager(
            ca_certs=str(ca) if ca else None, retries=False, timeout=30, maxsize=16
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.clear()

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = "application/json",
        **query: str,
    ) -> Reply:
        """Any request; a dict or list goes as JSON."""
        answer = self._http.request(
            method,
            self._address(path, query),
            body=None if body is None else json.dumps(body).encode(),
            headers=self._headers(content_type if body is not None else ""),
        )
        return Reply(answer.status, answer.headers, answer.data)

    def get(self, path: str, **query: str) -> Reply:
        """GET."""
        return self.call("GET", path, **query)

    def put(self, path: str, body: Object) -> Reply:
        """PUT."""
        return self.call("PUT", path, body)

    def post(self, path: str, body: Object) -> Reply:
        """POST."""
        return self.call("POST", path, body)

    def patch(self, path: str, body: Object) -> Reply:
        """PATCH as a JSON merge patch."""
        return self.call("PATCH", path, body, content_type="application/merge-patch+json")

    def delete(self, path: str) -> Reply:
        """DELETE."""
        return self.call("DELETE", path)

    def events(self, path: str, **query: str) -> Generator[Object, None, None]:
        """The events of a watch, one by one as they come; close it to end the watch."""
        headers = self._headers("")
        address = self._address(path, {"watch": "1", "timeoutSeconds": "30"} | query)
        answer = self._http.request("GET", address, headers=headers, preload_content=False)
        try:
            assert answer.status == 200, (answer.status, answer.data)
            rest = b""
            for part in answer.stream(65536):
                *lines, rest = (rest + part).split(b"\n")
                yield from (json.loads(line) for line in lines)
        finally:
            answer.close()

    def _address(self, path: str, query: Mapping[str, str]) -> str:
        return f"{self.url}{path}" + (f"?{urlencode(query)}" if query else "")

    def _headers(self, content_type: str) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        if content_type:
            headers["Content-Type"] = content_type
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return headers


def config_map(namespace: str, name: str, **data: str) -> Object:
    """A ConfigMap."""
    metadata = {"namespace": namespace, "name": name}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def lease(namespace: str, name: str, holder: str = "one") -> Object:
    """A Lease."""
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"holderIdentity": holder, "leaseDurationSeconds": 15},
    }


def secret(namespace: str, name: str, **data: str) -> Object:
    """An Opaque Secret of plain texts."""
    metadata = {"namespace": namespace, "name": name}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data}


def kustomization(namespace: str, name: str, **labels: str) -> Object:
    """A Kustomization that the CRD accepts."""
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"namespace": namespace, "name": name, "labels": labels},
        "spec": {
            "interval": "10m",
            "prune": True,
            "path": "./deploy",
            "sourceRef": {"kind": "GitRepository", "name": "fleet"},
        },
    }


def ready(revision: str, *, generation: int = 1) -> Object:
    """The status of a Kustomization that was reconciled at ``revision``."""
    condition = {
        "type": "Ready",
        "status": "True",
        "reason": "ReconciliationSucceeded",
        "message": f"Applied revision: {revision}",
        "lastTransitionTime": "2026-11-20T00:00:00Z",
        "observedGeneration": generation,
    }
    return {
        "conditions": [condition],
        "lastAppliedRevision": revision,
        "lastAttemptedRevision": revision,
        "observedGeneration": generation,
    }


def alert(namespace: str, name: str, provider: str = "forge") -> Object:
    """An Alert for all Kustomizations of its namespace."""
    return {
        "apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
        "kind": "Alert",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {
            "providerRef": {"name": provider},
            "eventSources": [{"kind": "Kustomization", "name": "*"}],
        },
    }


def kustomizations(namespace: str = "", name: str = "") -> str:
    """The path of Kustomizations: all, those of a namespace, or one."""
    scope = f"/namespaces/{namespace}" if namespace else ""
    item = f"/{name}" if name else ""
    return f"/apis/kustomize.toolkit.fluxcd.io/v1{scope}/kustomizations{item}"


def core(plural: str, namespace: str = "", name: str = "") -> str:
    """The path of a core resource."""
    scope = f"/namespaces/{namespace}" if namespace else ""
    item = f"/{name}" if name else ""
    return f"/api/v1{scope}/{plural}{item}"


def names(listed: Object) -> list[str]:
    """The names of a list's items, in its order."""
    return [item["metadata"]["name"] for item in listed["items"]]


def version(data: Object) -> int:
    """The resourceVersion of an object or a list."""
    return int(data["metadata"]["resourceVersion"])
