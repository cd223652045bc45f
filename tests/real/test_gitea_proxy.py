"""Proxies between statusbot and a real Gitea that only they can find: ``gitea.test``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real import proxy_py
from tests.real.authority import Authority, Pair
from tests.real.network import Proxy, Recorder, Socks, TlsFront
from tests.real.proxy_py import LOGIN, ProxyPy
from tests.real.scene import NAME, POSTED, PROXY, Scene, proxy
from tests.support.objects import git, green, kustomization
from tests.support.world import secret

# The first test waits for the build, which takes minutes.
pytestmark = pytest.mark.timeout(1800)

USER, PASSWORD = LOGIN


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProxyPy]:
    """proxy.py, which wants a login."""
    with proxy_py.started(tmp_path_factory.mktemp("proxy.py")) as running:
        yield running


# proxy.py


def test_https_goes_through_a_proxy_that_wants_a_login(
    scene: Scene, secure: TlsFront, real: ProxyPy, authority: Authority
) -> None:
    told = scene.trusting(authority.ca, proxy(real.url, username=USER, password=PASSWORD), **PROXY)
    assert (told.ran.code, told.outcome, told.ran.err) == (0, "posted", "")
    assert scene.shown() == POSTED
    assert f"CONNECT {NAME}:{secure.port}" in real.requests()


def test_the_token_is_told_neither_to_the_proxy_nor_to_its_log(
    scene: Scene, secure: TlsFront, real: ProxyPy, authority: Authority
) -> None:
    scene.trusting(authority.ca, proxy(real.url, username=USER, password=PASSWORD), **PROXY)
    assert scene.shown() == POSTED
    for file in (real.heard, real.log):
        assert scene.gitea.token not in file.read_text()


@pytest.mark.parametrize("login", [{}, {"username": USER, "password": "wrong-password"}])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_does_not_know_the_login_is_a_sentence_that_blames_it(
    scene: Scene, real: ProxyPy, login: dict[str, str], scheme: str
) -> None:
    scene.at(f"{scheme}://{NAME}:{scene.port}")
    told = scene.run(proxy(real.url, **login), **PROXY)
    why = str(told.status["why"])
    assert (told.ran.code, told.outcome) == (1, "error")
    assert "the proxy " in why and "407" in why
    assert "wrong-password" not in told.ran.out + told.ran.err


def test_the_password_of_a_proxy_may_hold_anything(scene: Scene, open_: str) -> None:
    password = "p@ss/w:rd#%40 ü日"
    with Proxy(f"me:{password}") as strict:
        scene.run(proxy(strict.url, username="me", password=f"{password}\n"), **PROXY)
    assert scene.shown() == POSTED


def test_reads_their_pages_and_writes_all_go_through_it(
    scene: Scene, open_: str, real: ProxyPy
) -> None:
    names = [f"app-{number}" for number in range(60)]
    others = [kustomization(green(git(scene.commit)), name=name) for name in names]
    there = proxy(real.url, username=USER, password=PASSWORD)
    first = scene.run(*others, there, **PROXY)
    again = scene.run(*others, there, **PROXY)
    assert (first.report["counts"]["posted"], again.report["counts"]["already"]) == (61, 61)
    heard = [line for line in real.requests() if scene.commit in line]
    calls = [told.report["forge_calls"] for told in (first, again)]
    assert calls == [{"read": 1, "write": 61}, {"read": 2, "write": 0}]
    assert sum(line.startswith("POST") for line in heard) == 61
    # A read whose answer is lost is repeated, and no harm is done.
    reads = [line for line in heard if line.startswith("GET")]
    assert len(reads) >= 3
    assert sum("page=2" in line for line in set(reads)) == 1


def test_http_to_another_host_works_with_a_warning(scene: Scene, open_: str) -> None:
    with Proxy() as seer:
        told = scene.run(proxy=seer.url)
    assert scene.shown() == POSTED
    warning = f"statusbot: warning: {open_} is not encrypted: anyone on the way can read the token"
    assert told.ran.err.splitlines() == [warning]


# SOCKS


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("kind", ["socks5", "socks5h"])
def test_a_socks_proxy_is_asked_for_the_name(
    scene: Scene, server: Pair, authority: Authority, scheme: str, kind: str
) -> None:
    with TlsFront(scene.port, server.server_context()) as front, Socks() as socks:
        port = front.port if scheme == "https" else scene.port
        scene.at(f"{scheme}://{NAME}:{port}")
        scene.trusting(authority.ca, proxy(f"{kind}://127.0.0.1:{socks.port}"), **PROXY)
    assert scene.shown() == POSTED
    assert set(socks.asked) == {f"{NAME}:{port}"}


def test_a_socks_proxy_that_wants_a_login_gets_it(scene: Scene, open_: str) -> None:
    with Socks("me:p@ss/word") as socks:
        address = f"socks5://127.0.0.1:{socks.port}"
        scene.run(proxy(address, username="me", password="p@ss/word"), **PROXY)
    assert scene.shown() == POSTED


def test_a_socks_proxy_that_does_not_know_the_login_is_a_sentence(scene: Scene) -> None:
    scene.at(f"https://{NAME}")
    with Socks("me:password") as socks:
        address = f"socks5://127.0.0.1:{socks.port}"
        told = scene.run(proxy(address, username="me", password="wrong-password"), **PROXY)
    assert "the proxy does not accept the login" in told.why
    assert socks.asked == []
    assert "wrong-password" not in told.ran.out


# Proxies that speak TLS


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_speaks_tls_is_held_against_the_providers_ca(
    scene: Scene, server: Pair, authority: Authority, scheme: str
) -> None:
    tls = server.server_context()
    with TlsFront(scene.port, tls) as front, Proxy("me:password", tls) as strict:
        scene.at(f"{scheme}://{NAME}:{front.port if scheme == 'https' else scene.port}")
        scene.trusting(authority.ca, proxy(strict.url, username="me", password="password"), **PROXY)
    assert scene.shown() == POSTED
    assert strict.seen[0].method == ("CONNECT" if scheme == "https" else "GET")


def test_a_proxy_whose_ca_is_not_given_is_a_sentence_and_hears_nothing(
    scene: Scene, server: Pair
) -> None:
    scene.at(f"https://{NAME}")
    with Proxy(tls=server.server_context()) as strict:
        told = scene.run(proxy(strict.url), **PROXY)
    assert "its proxy fails: its certificate is not trusted: " in told.why
    assert strict.seen == []


def test_behind_a_proxy_the_forges_certificate_is_the_forges_fault(
    scene: Scene, secure: TlsFront
) -> None:
    with Proxy() as seer:
        told = scene.run(proxy(seer.url), **PROXY)
    assert "the forge cannot be reached: its certificate is not trusted: " in told.why
    assert len(seer.seen) == 1


# What may go wrong


@pytest.mark.parametrize(
    "keys",
    [
        {"address": "me:hunter22@proxy.example:3128"},
        {"address": "proxy.example:3128", "username": "me", "password": "hunter22"},
        {"address": "ftp://proxy.example", "username": "me", "password": "hunter22"},
    ],
)
def test_an_address_that_is_no_url_of_a_proxy_is_a_sentence_without_the_login(
    scene: Scene, keys: dict[str, str]
) -> None:
    told = scene.run(secret("proxy", **keys), **PROXY)
    assert re.match("Secret flux-system/proxy: the proxy.* is no URL of a proxy: ", told.why)
    assert "hunter22" not in told.ran.out


def test_a_proxy_secret_without_an_address_is_no_leave_to_go_without(scene: Scene) -> None:
    told = scene.run(secret("proxy", username="me", password="hunter22"), **PROXY)
    assert told.why.startswith("Secret flux-system/proxy: it has no key address")
    assert scene.shown() == []


def test_a_proxy_that_is_not_there_is_no_leave_to_go_without(scene: Scene) -> None:
    with Proxy() as gone:
        pass
    told = scene.run(proxy(gone.url), **PROXY)
    assert "its proxy fails: connection refused: see to the proxy" in told.why
    assert scene.shown() == []


def test_an_environment_whose_proxy_is_no_url_is_a_sentence(scene: Scene, open_: str) -> None:
    told = scene.run(env={"HTTP_PROXY": "ftp://me:hunter22@proxy.example"})
    assert str(told.status["why"]).startswith("the environment: the proxy is no URL of a proxy")
    assert (told.ran.code, "hunter22" in told.ran.out + told.ran.err) == (1, False)


def test_a_proxy_that_answers_with_a_redirect_leads_the_token_nowhere(
    scene: Scene, open_: str
) -> None:
    with Recorder() as other, Recorder(302, {"Location": f"{other.url}/login"}) as portal:
        told = scene.run(proxy(portal.url), **PROXY)
    assert "the forge redirects to " in str(told.status["why"])
    assert (len(portal.seen), other.connections) == (1, 0)


def test_a_proxy_that_answers_with_a_page_stored_nothing(
    scene: Scene, open_: str, tmp_path: Path
) -> None:
    ledger = ("--ledger", f"file:{tmp_path / 'ledger'}")
    page = {"Content-Type": "text/html"}
    with Recorder(200, page, b"<html>Please log in</html>") as portal:
        told = scene.run(proxy(portal.url), options=ledger, **PROXY)
    assert told.outcome == "error"
    with Proxy() as good:
        scene.run(proxy(good.url), options=ledger, **PROXY)
    assert scene.shown() == POSTED
