"""What the tests on a real Gitea share: the scene, and a network that nobody set up."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.authority import Authority, Pair
from tests.real.gitea import Gitea
from tests.real.network import TlsFront
from tests.real.scene import NAME, Scene

_NETWORK = (
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "NETRC"),
)


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxies, authorities and logins of whoever runs the tests; no pauses between tries."""
    monkeypatch.setattr(random, "uniform", lambda low, high: 0.0)
    for name in _NETWORK:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def scene(plain: None, gitea: Gitea, tmp_path: Path) -> Scene:
    """A result on its way to a commit that has no statuses yet."""
    return Scene(gitea, tmp_path)


@pytest.fixture(scope="session")
def authority() -> Authority:
    """A CA that nobody knows who is not told."""
    return Authority()


@pytest.fixture(scope="session")
def server(authority: Authority) -> Pair:
    """That CA's certificate for 127.0.0.1 and the made-up name."""
    return authority.server(NAME)


@pytest.fixture
def secure(scene: Scene, server: Pair) -> Iterator[TlsFront]:
    """Gitea by https under the made-up name."""
    with TlsFront(scene.port, server.server_context()) as front:
        scene.at(f"https://{NAME}:{front.port}")
        yield front


@pytest.fixture
def open_(scene: Scene) -> str:
    """Gitea by http under the made-up name: proxies see every request."""
    scene.at(f"http://{NAME}:{scene.port}")
    return f"http://{NAME}:{scene.port}"
