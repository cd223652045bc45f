"""Which proxy a cluster is reached through, as kubectl has it."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from statusbot.cluster.connection import Connection
from statusbot.cluster.kubeconfig import Place
from statusbot.cluster.login import Login
from statusbot.demo.kube import EmbeddedKubernetes
from tests.real.network import Proxy, Socks

ELSEWHERE = "kube.test"


@pytest.fixture
def ask(kube: EmbeddedKubernetes, tmp_path: Path) -> Ask:
    return Ask(kube, tmp_path)


class Ask:
    """Calls of the embedded server, by whatever name."""

    def __init__(self, kube: EmbeddedKubernetes, folder: Path) -> None:
        self.kube = kube
        self.path = folder / "kubeconfig"

    def __call__(self, host: str = ELSEWHERE, proxy: str = "") -> int:
        config = json.loads(self.kube.kubeconfig(self.path).read_text())
        cluster = config["clusters"][0]["cluster"]
        cluster["server"] = self.kube.url.replace("127.0.0.1", host)
        cluster |= {"proxy-url": proxy} if proxy else {}
        self.path.write_text(json.dumps(config))
        with Connection(Login(Place((str(self.path),)))) as made:
            return made.request("GET", "/version").status


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_reached_without_the_environments_proxy(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    with Proxy() as seer:
        monkeypatch.setenv("HTTP_PROXY", seer.url)
        assert ask(host) == 200
    assert seer.connections == 0


def test_other_hosts_are_reached_through_the_environments_proxy(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Proxy() as seer:
        monkeypatch.setenv("HTTP_PROXY", seer.url)
        assert ask() == 200
    assert len(seer.seen) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", ELSEWHERE])
def test_the_kubeconfigs_proxy_is_for_every_host(ask: Ask, host: str) -> None:
    with Proxy() as seer:
        assert ask(host, seer.url) == 200
    assert len(seer.seen) == 1


def test_the_login_of_a_proxys_url_is_told(ask: Ask) -> None:
    with Proxy("me:p@ss ü") as strict:
        assert ask(proxy=strict.url.replace("//", "//me:p%40ss%20%C3%BC@")) == 200
    told = base64.b64encode("me:p@ss ü".encode()).decode()
    assert strict.seen[0].headers["proxy-authorization"] == f"Basic {told}"


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_proxy_is_asked_for_the_name_with_its_login(ask: Ask, scheme: str) -> None:
    with Socks("me:p@ss") as socks:
        assert ask(proxy=f"{scheme}://me:p%40ss@127.0.0.1:{socks.port}") == 200
    assert socks.asked[0].startswith(f"{ELSEWHERE}:")
