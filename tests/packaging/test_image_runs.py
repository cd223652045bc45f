"""A container of the image reads the real kube-apiserver and posts to the real Gitea."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.real.apiserver import ApiServer
from tests.real.certificate import certificate
from tests.real.container import Container, stop
from tests.real.gitea import Gitea
from tests.real.image_part import Image
from tests.support import kube

SOURCES = "/apis/source.toolkit.fluxcd.io/v1/namespaces/{}/gitrepositories"
NOTIFICATION = "/apis/notification.toolkit.fluxcd.io/v1beta3/namespaces/{}/{}"
SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


@dataclass
class Place:
    """A namespace with one Kustomization that is green at ``commit``, which has no statuses."""

    apiserver: ApiServer
    gitea: Gitea
    folder: Path
    image: Image
    commit: str = ""
    more: dict[str, Path] = field(default_factory=dict)

    def fill(self, **provider: Any) -> None:
        """Put there what Flux would have; ``provider`` is more of the Provider's spec."""
        self.namespace = self.apiserver.namespace()
        self.commit = self.gitea.new_commit()
        address = f"{self.gitea.url}/{self.gitea.repository}"
        secret = kube.secret(self.namespace, "token", token=self.gitea.token)
        self._post(kube.core("secrets", self.namespace), secret)
        spec = {"type": "gitea", "address": address, "secretRef": {"name": "token"}, **provider}
        self._post(self._notification("providers"), self._object("Provider", "forge", spec))
        self._post(self._notification("alerts"), kube.alert(self.namespace, "forge"))
        source = {"interval": "1m", "url": address}
        self._post(SOURCES.format(self.namespace), self._object("GitRepository", "fleet", source))
        path = kube.kustomizations(self.namespace)
        made = self._post(path, kube.kustomization(self.namespace, "apps"))
        status = {**made, "status": kube.ready(f"main@sha1:{self.commit}")}
        self.apiserver.admin.put(f"{path}/apps/status", status).ok()

    def _notification(self, plural: str) -> str:
        return NOTIFICATION.format(self.namespace, plural)

    def _post(self, path: str, data: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = self.apiserver.admin.post(path, data).ok()
        return made

    def _object(self, kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
        group = "source.toolkit.fluxcd.io/v1"
        if kind == "Provider":
            group = "notification.toolkit.fluxcd.io/v1beta3"
        metadata = {"namespace": self.namespace, "name": name}
        return {"apiVersion": group, "kind": kind, "metadata": metadata, "spec": spec}

    def kubeconfig(self, user: Mapping[str, Any], server: str = "") -> str:
        """The path in the container of a kubeconfig with this user."""
        authority = data(self.apiserver.ca)
        url = server or self.apiserver.url
        cluster = {"server": url, "certificate-authority-data": authority}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "real", "cluster": cluster}],
            "users": [{"name": "real", "user": user}],
            "contexts": [{"name": "real", "context": {"cluster": "real", "user": "real"}}],
            "current-context": "real",
        }
        (self.folder / "kubeconfig").write_text(json.dumps(config))
        return "/here/kubeconfig"

    def container(self, **env: str) -> Container:
        return Container(self.image, env, {"/here": self.folder, **self.more})

    def shown(self) -> list[tuple[str, str]]:
        """(context, state) of every row of the commit, by Gitea's own API."""
        root = f"{self.gitea.url}/api/v1/repos/{self.gitea.repository}"
        rows = requests.get(f"{root}/commits/{self.commit}/statuses", timeout=30).json()
        return [(row["context"], row["status"]) for row in rows]


@pytest.fixture
def place(apiserver: ApiServer, gitea: Gitea, image: Image, tmp_path: Path) -> Place:
    tmp_path.chmod(0o755)
    return Place(apiserver, gitea, tmp_path, image)


def data(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def by_token(place: Place) -> dict[str, str]:
    return {"STATUSBOT_KUBECONFIG": place.kubeconfig({"token": place.apiserver.tokens["admin"]})}


def by_plugin(place: Place) -> dict[str, str]:
    """A program that tells the token, as those of the clouds do."""
    version = "client.authentication.k8s.io/v1"
    status = {"token": place.apiserver.tokens["admin"]}
    told = json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": status})
    plugin = place.folder / "plugin"
    plugin.write_text(f"#!/bin/sh\necho '{told}'\n")
    plugin.chmod(0o755)
    entry = {"apiVersion": version, "command": "/here/plugin", "interactiveMode": "Never"}
    return {"STATUSBOT_KUBECONFIG": place.kubeconfig({"exec": entry})}


def in_cluster(place: Place) -> dict[str, str]:
    """What a kubelet mounts, and what it sets."""
    folder = place.folder / "service-account"
    folder.mkdir()
    (folder / "token").write_text(place.apiserver.tokens["admin"])
    (folder / "ca.crt").write_bytes(place.apiserver.ca.read_bytes())
    (folder / "namespace").write_text(place.namespace)
    place.more[SERVICE_ACCOUNT] = folder
    host, _, port = place.apiserver.url.removeprefix("https://").partition(":")
    return {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}


@pytest.mark.parametrize("login", [by_token, by_plugin, in_cluster])
def test_a_poll_shows_what_flux_did(place: Place, login: Callable[[Place], dict[str, str]]) -> None:
    place.fill()
    ran = place.container(**login(place)).run("run", "-n", place.namespace, "--ledger", "none")
    assert [state for _, state in place.shown()] == ["success"], ran.stdout + ran.stderr


def test_a_certificate_of_the_kubeconfig_is_shown(place: Place) -> None:
    """The real server of the tests knows no authority that signs those of clients."""
    signed, key = place.folder / "signed", place.folder / "key"
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    made = ("req", "-x509", *new, "-subj", "/CN=client", "-keyout", key, "-out", signed)
    subprocess.run(["openssl", *made], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=signed)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(*certificate())
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        user = {"client-certificate-data": data(signed), "client-key-data": data(key)}
        server = f"https://127.0.0.1:{listener.getsockname()[1]}"
        config = place.kubeconfig(user, server)
        subject = pool.submit(shown_certificate, listener, context)
        place.container(STATUSBOT_KUBECONFIG=config).run("run", "--ledger", "none")
        assert subject.result(30) == ((("commonName", "client"),),)


def shown_certificate(listener: socket.socket, context: ssl.SSLContext) -> Any:
    """The subject of the first client's, who is refused."""
    listener.settimeout(60)
    connection, _ = listener.accept()
    with context.wrap_socket(connection, server_side=True) as secured:
        secured.recv(65536)
        secured.sendall(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
        found = secured.getpeercert()
    return found["subject"] if found else None


def test_an_expression_is_evaluated(place: Place) -> None:
    place.fill(commitStatusExpr="'deploy/' + event.involvedObject.name")
    ran = place.container(**by_token(place)).run("run", "-n", place.namespace)
    assert place.shown() == [("deploy/apps", "success")], ran.stdout + ran.stderr


def test_a_ledger_in_a_mounted_folder_is_kept(place: Place) -> None:
    place.fill()
    ledger = place.folder / "ledger"
    ledger.mkdir()
    ledger.chmod(0o777)
    options = ("-n", place.namespace, "--ledger", "file:/here/ledger/file")
    ran = place.container(**by_token(place)).run("run", *options)
    assert (ledger / "file").is_file(), ran.stderr


def test_sigterm_ends_it(place: Place) -> None:
    """As process number 1, to which no signal has an effect that it does not ask for."""
    place.fill()
    options = ("-n", place.namespace, "--for", "forever")
    with place.container(**by_token(place)).started("run", *options) as process:
        deadline = time.monotonic() + 30
        while not place.shown():
            assert time.monotonic() < deadline, "nothing was posted"
        stop(process)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
