from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from statusbot.cluster import kubeconfig
from statusbot.cluster.clock import Deadline
from statusbot.cluster.connection import Connection
from statusbot.cluster.kubeconfig import Place
from statusbot.cluster.live import LiveCluster
from statusbot.cluster.login import Login
from statusbot.demo.kube import EmbeddedKubernetes

Connect = Callable[..., LiveCluster]


@pytest.fixture(autouse=True)
def no_cluster_of_the_developer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing that the machine is set up with may reach a test."""
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(kubeconfig, "TOKEN", str(tmp_path / "no-token"))


@pytest.fixture
def kube() -> Iterator[EmbeddedKubernetes]:
    with EmbeddedKubernetes(token="admin-token") as server:
        yield server


@pytest.fixture
def pauses() -> list[float]:
    """How long the connection would have waited, call by call."""
    return []


@pytest.fixture
def connect(tmp_path: Path, pauses: list[float]) -> Iterator[Connect]:
    """A cluster reader for an embedded server, that never sleeps."""
    opened: list[Connection] = []

    def connect(
        server: EmbeddedKubernetes, token: str | None = None, deadline: Deadline | None = None
    ) -> LiveCluster:
        path = server.kubeconfig(tmp_path / "kubeconfig", token=token)
        connection = Connection(Login(Place((str(path),))), deadline, pauses.append)
        opened.append(connection)
        return LiveCluster(connection)

    yield connect
    for connection in opened:
        connection.close()


@pytest.fixture
def cluster(kube: EmbeddedKubernetes, connect: Connect) -> LiveCluster:
    return connect(kube)


def kustomization(name: str, namespace: str = "apps", **fields: Any) -> dict[str, Any]:
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": name, "namespace": namespace, "uid": f"uid-of-{namespace}-{name}"},
        "spec": {"interval": "1m", "path": "./", "prune": True},
        **fields,
    }


@pytest.fixture
def make() -> Callable[..., dict[str, Any]]:
    return kustomization


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """A kubeconfig with one context ``here``; ``user`` and ``cluster`` are its entries."""

    def write(
        user: dict[str, Any] | None = None,
        cluster: dict[str, Any] | None = None,
        name: str = "config",
        **changes: Any,
    ) -> str:
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": cluster or {"server": "http://127.0.0.1:9"}}],
            "users": [{"name": "u", "user": user or {}}],
            "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "here",
        }
        path = tmp_path / name
        path.write_text(json.dumps(config | changes))
        return str(path)

    return write


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``ca``, ``server`` (127.0.0.1) and ``client``, each as .crt and .key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not on PATH")
    folder = tmp_path_factory.mktemp("certificates")

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

    new = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    run(*new, "-x509", "-subj", "/CN=test-ca", "-keyout", "ca.key", "-out", "ca.crt")
    for name, extension in (
        ("server", "subjectAltName=IP:127.0.0.1"),
        ("client", "extendedKeyUsage=clientAuth"),
    ):
        (folder / "ext").write_text(extension + "\n")
        run(*new, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        signed = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "ext")
        run("x509", "-req", "-in", f"{name}.csr", *signed, "-days", "2", "-out", f"{name}.crt")
    return folder
