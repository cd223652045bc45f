"""One ledger, of any kind: every test of the contract meets them all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from statusbot.demo.kube import EmbeddedKubernetes
from tests.real.apiserver import ApiServer
from tests.support.kube import Client
from tests.support.ledgers import ConfigMapPlace, FilePlace, Home, NoPlace, connect


def _in_cluster(
    request: pytest.FixtureRequest, stack: ExitStack, which: str, folder: Path
) -> ConfigMapPlace:
    if which == "real":
        server: ApiServer = request.getfixturevalue("apiserver")
        kubeconfig, admin = server.kubeconfig(folder / "kubeconfig"), server.admin
        namespace = server.namespace()
    else:
        kube = stack.enter_context(EmbeddedKubernetes(token="t"))
        kubeconfig, namespace = kube.kubeconfig(folder / "kubeconfig"), "bots"
        admin = stack.enter_context(Client(kube.url, token="t"))
        admin.post("/api/v1/namespaces", {"metadata": {"name": namespace}}).ok()
    api = stack.enter_context(connect(kubeconfig))
    return ConfigMapPlace(api, admin, namespace)


@pytest.fixture(params=["none", "file", "embedded", "real"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    """Where the ledger is kept; ConfigMaps on the embedded server and on the real one."""
    if request.param == "none":
        yield NoPlace()
        return
    if request.param == "file":
        yield FilePlace(tmp_path / "ledger")
        return
    with ExitStack() as stack:
        yield _in_cluster(request, stack, request.param, tmp_path)


@pytest.fixture(params=["embedded", "real"])
def maps(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ConfigMapPlace]:
    """In ConfigMaps."""
    with ExitStack() as stack:
        yield _in_cluster(request, stack, request.param, tmp_path)
