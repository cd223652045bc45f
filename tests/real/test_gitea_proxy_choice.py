"""Which of several proxies a real Gitea is reached through, by which of them heard of it.

Flux's order is proxySecretRef, the key ``proxy`` of the Secret, spec.proxy
(``server/event_handlers.go:474-518``); the environment is what Go takes when there is none.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest

from tests.real.authority import Authority, Pair
from tests.real.network import Proxy, TlsFront
from tests.real.scene import NAME, POSTED, PROXY, Scene, proxy

# The first test waits for the build, which takes minutes.
pytestmark = pytest.mark.timeout(1800)

LEVELS = ("proxySecretRef", "the Secret's proxy", "spec.proxy", "the environment")


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("winner", range(len(LEVELS)), ids=LEVELS)
def test_the_first_of_these_that_is_there_is_the_way(
    scene: Scene, server: Pair, authority: Authority, winner: int, scheme: str
) -> None:
    with ExitStack() as stack:
        front = stack.enter_context(TlsFront(scene.port, server.server_context()))
        proxies = [stack.enter_context(Proxy()) for _ in LEVELS]
        scene.at(f"{scheme}://{NAME}:{front.port if scheme == 'https' else scene.port}")
        urls = [one.url if level >= winner else "" for level, one in enumerate(proxies)]
        token = {"token": scene.gitea.token} | ({"proxy": f"{urls[1]}\n"} if urls[1] else {})
        spec: dict[str, Any] = {"proxy": urls[2]} if urls[2] else {}
        more = [proxy(urls[0])] if urls[0] else []
        spec |= PROXY if urls[0] else {}
        scene.trusting(authority.ca, *more, token=token, env={"ALL_PROXY": urls[3]}, **spec)
    assert scene.shown() == POSTED
    assert [bool(one.seen) for one in proxies] == [level == winner for level in range(4)]


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_the_environment_names_a_proxy_for_https(
    scene: Scene, secure: TlsFront, authority: Authority, variable: str
) -> None:
    with Proxy() as seer, Proxy() as other:
        scene.trusting(authority.ca, env={variable: seer.url, "HTTP_PROXY": other.url})
    assert scene.shown() == POSTED
    assert (len(seer.seen), other.seen) == (seer.connections, [])


def test_the_environment_names_a_proxy_for_http(scene: Scene, open_: str) -> None:
    with Proxy() as seer, Proxy() as other:
        scene.run(env={"HTTP_PROXY": seer.url, "HTTPS_PROXY": other.url})
    assert scene.shown() == POSTED
    assert other.seen == []


def test_the_environments_proxy_may_want_a_login(scene: Scene, open_: str) -> None:
    with Proxy("me:p@ss") as strict:
        scene.run(env={"HTTP_PROXY": strict.url.replace("//", "//me:p%40ss@")})
    assert scene.shown() == POSTED


@pytest.mark.parametrize("no_proxy", [NAME, ".test", "test", "other.example, gitea.test", "*"])
def test_no_proxy_keeps_hosts_from_the_environments_proxy(
    scene: Scene, open_: str, no_proxy: str
) -> None:
    with Proxy() as seer:
        told = scene.run(env={"ALL_PROXY": seer.url, "NO_PROXY": no_proxy})
    assert "its name does not resolve" in str(told.status["why"])
    assert seer.connections == 0


@pytest.mark.parametrize("no_proxy", ["ea.test", "other.test", "127.0.0.1"])
def test_no_proxy_of_other_hosts_changes_nothing(scene: Scene, open_: str, no_proxy: str) -> None:
    with Proxy() as seer:
        scene.run(env={"ALL_PROXY": seer.url, "NO_PROXY": no_proxy})
    assert scene.shown() == POSTED


def test_no_proxy_does_not_keep_anything_from_the_providers_own(scene: Scene, open_: str) -> None:
    with Proxy() as seer:
        scene.run(env={"NO_PROXY": f"{NAME},*"}, proxy=seer.url)
    assert scene.shown() == POSTED


def test_this_machine_is_reached_without_the_environments_proxy(scene: Scene) -> None:
    with Proxy() as seer:
        scene.run(env={"ALL_PROXY": seer.url})
    assert scene.shown() == POSTED
    assert seer.connections == 0


def test_this_machine_is_reached_through_the_providers_proxy(scene: Scene) -> None:
    with Proxy() as seer:
        scene.run(proxy=seer.url)
    assert scene.shown() == POSTED
    assert len(seer.seen) == 2
