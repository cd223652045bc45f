"""One Kubernetes API, embedded or real: every test of the contract meets both."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from statusbot.demo.kube import EmbeddedKubernetes
from tests.real.apiserver import ApiServer
from tests.support.kube import Client, Reply


class Server(Protocol):
    """What the contract needs beside HTTP."""

    admin: Client

    def client(self, user: str | None = "admin", *, token: str | None = None) -> Client:
        """A client of the user admin, nobody or alice, of nobody's token, or anonymous (None)."""
        ...

    def kubeconfig(self, path: Path, *, user: str = "admin") -> Path:
        """Write what the user admin, nobody or alice logs in with."""
        ...

    def namespace(self) -> str:
        """The name of a new namespace."""
        ...

    def grant_list(self, user: str, group: str, plural: str, namespace: str) -> None:
        """Let a user list one resource in one namespace."""
        ...

    def compact(self) -> None:
        """Let the history expire."""
        ...


class Real:
    """The kube-apiserver."""

    def __init__(self, server: ApiServer) -> None:
        self.admin = server.admin
        self.client = server.client
        self.kubeconfig = server.kubeconfig
        self.namespace = server.namespace
        self.compact = server.compact
        self._server = server

    def grant_list(self, user: str, group: str, plural: str, namespace: str) -> None:
        rule = {"apiGroups": [group], "resources": [plural], "verbs": ["list"]}
        self._server.grant(user, [rule], namespace)


class Embedded:
    """The embedded API with the users of the real one."""

    def __init__(self, stack: ExitStack) -> None:
        self._granted: set[tuple[str, str, str, str]] = set()
        users = {"n": "nobody", "a": "alice"}
        server = EmbeddedKubernetes(token="t", users=users, authorize=self._authorize)
        self._kube = stack.enter_context(server)
        self._tokens = {"admin": "t", "nobody": "n", "alice": "a"}
        self._count = 0
        self.admin = stack.enter_context(self.client())
        self.compact = self._kube.compact

    def client(self, user: str | None = "admin", *, token: str | None = None) -> Client:
        return Client(self._kube.url, token=token or (self._tokens[user] if user else None))

    def kubeconfig(self, path: Path, *, user: str = "admin") -> Path:
        return self._kube.kubeconfig(path, token=self._tokens[user])

    def namespace(self) -> str:
        self._count += 1
        name = f"test-{self._count}"
        self.admin.post("/api/v1/namespaces", {"metadata": {"name": name}}).ok()
        return name

    def grant_list(self, user: str, group: str, plural: str, namespace: str) -> None:
        self._granted.add((user, "list", plural, namespace))

    def _authorize(self, user: str, verb: str, resource: str, namespace: str) -> bool:
        return user == "admin" or (user, verb, resource, namespace) in self._granted


def refused(server: Server, path: str, **query: str) -> Reply:
    """Compact, and ask until it has come about: a real server still has snapshots for seconds."""
    server.compact()
    deadline = time.monotonic() + 60
    while (answer := server.admin.get(path, **query)).status == 200:
        assert time.monotonic() < deadline, "compacted, and still answered"
        time.sleep(0.1)
    return answer


@pytest.fixture(params=["embedded", "real"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Either of the two, ready to answer."""
    with ExitStack() as stack:
        if request.param == "real":
            yield Real(request.getfixturevalue("apiserver"))
        else:
            yield Embedded(stack)


@pytest.fixture
def admin(server: Server) -> Client:
    """Who may do everything."""
    return server.admin


@pytest.fixture
def namespace(server: Server) -> str:
    """A namespace of this test alone."""
    return server.namespace()


@pytest.fixture(params=["embedded", "real"])
def old_admin(request: pytest.FixtureRequest) -> Iterator[Client]:
    """A cluster that serves Alerts and Providers at v1beta1 to v1beta3."""
    if request.param == "real":
        apiserver: ApiServer = request.getfixturevalue("apiserver")
        with apiserver.old_notification_api():
            yield apiserver.admin
        return
    served = ("v1beta3", "v1beta2", "v1beta1")
    with _embedded_admin({"Alert": served, "Provider": served}) as admin:
        yield admin


@contextmanager
def _embedded_admin(versions: dict[str, tuple[str, ...]]) -> Iterator[Client]:
    with EmbeddedKubernetes(versions=versions) as kube, Client(kube.url) as admin:
        yield admin
