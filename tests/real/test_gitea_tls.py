"""TLS in front of a real Gitea: a private CA, and client certificates, through ``statusbot run``."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.authority import Authority, Pair
from tests.real.network import Recorder, TlsFront
from tests.real.scene import POSTED, TLS, Scene
from tests.support.objects import Object
from tests.support.world import secret

# The first test waits for the build, which takes minutes.
pytestmark = pytest.mark.timeout(1800)

NOT_TRUSTED = "the forge cannot be reached: its certificate is not trusted: "


@pytest.fixture
def front(scene: Scene, server: Pair) -> Iterator[TlsFront]:
    """Gitea by https, with a certificate of a CA of our own."""
    with TlsFront(scene.port, server.server_context()) as front:
        scene.at(front.url)
        yield front


@pytest.fixture
def mutual(scene: Scene, server: Pair, authority: Authority) -> Iterator[TlsFront]:
    """The same, open only to those who show a certificate of that CA."""
    with TlsFront(scene.port, server.server_context(clients=authority.ca)) as front:
        scene.at(front.url)
        yield front


def tls(**keys: str) -> Object:
    """The Secret of ``certSecretRef``; ``ca_crt`` is the key ``ca.crt``."""
    return secret("tls", **{name.replace("_", "."): text for name, text in keys.items()})


def test_a_ca_that_is_not_given_is_a_sentence(scene: Scene, front: TlsFront) -> None:
    told = scene.run()
    assert NOT_TRUSTED in told.why
    assert told.why.endswith(
        "put the CA that signed it under ca.crt in the Provider's certSecretRef"
    )
    assert scene.shown() == []


def test_with_the_ca_it_is_posted(scene: Scene, front: TlsFront, authority: Authority) -> None:
    told = scene.run(tls(ca_crt=authority.ca), **TLS)
    assert (told.ran.code, told.outcome, told.ran.err) == (0, "posted", "")
    assert scene.shown() == POSTED


@pytest.mark.parametrize("key", ["ca.crt", "caFile"])
def test_a_ca_in_the_secret_of_the_token_counts(
    scene: Scene, front: TlsFront, authority: Authority, key: str
) -> None:
    scene.run(token={"token": scene.gitea.token, key: authority.ca})
    assert scene.shown() == POSTED


def test_a_ca_of_the_cert_secret_wins_over_one_beside_the_token(
    scene: Scene, front: TlsFront, authority: Authority
) -> None:
    beside = {"token": scene.gitea.token, "ca.crt": Authority().ca}
    scene.run(tls(ca_crt=authority.ca), token=beside, **TLS)
    assert scene.shown() == POSTED


def test_a_ca_beside_the_token_does_not_add_to_the_cert_secrets(
    scene: Scene, front: TlsFront, authority: Authority
) -> None:
    beside = {"token": scene.gitea.token, "ca.crt": authority.ca}
    told = scene.run(tls(ca_crt=Authority().ca), token=beside, **TLS)
    assert NOT_TRUSTED in told.why


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_environments_ca_does_not_stand_in_for_the_providers(
    scene: Scene, front: TlsFront, authority: Authority, tmp_path: Path, name: str
) -> None:
    right = tmp_path / "right.pem"
    right.write_text(authority.ca)
    told = scene.run(tls(ca_crt=Authority().ca), env={name: str(right)}, **TLS)
    assert NOT_TRUSTED in told.why
    assert scene.shown() == []


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_environments_ca_takes_nothing_from_the_providers(
    scene: Scene, front: TlsFront, authority: Authority, tmp_path: Path, name: str
) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text(Authority().ca)
    scene.run(tls(ca_crt=authority.ca), env={name: str(wrong)}, **TLS)
    assert scene.shown() == POSTED


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_where_the_provider_has_none_the_environments_ca_counts(
    scene: Scene, front: TlsFront, authority: Authority, tmp_path: Path, name: str
) -> None:
    right = tmp_path / "right.pem"
    right.write_text(authority.ca)
    scene.run(env={name: str(right)})
    assert scene.shown() == POSTED


def test_an_environment_that_names_no_ca_is_a_sentence_and_an_error(
    scene: Scene, front: TlsFront
) -> None:
    told = scene.run(env={"SSL_CERT_FILE": "/nowhere/ca.pem"})
    assert "SSL_CERT_FILE names no readable file of PEM certificates" in told.why


def test_a_certificate_of_another_host_is_a_sentence(scene: Scene, authority: Authority) -> None:
    pair = authority.server()
    with TlsFront(scene.port, pair.server_context()) as front:
        scene.at(f"https://localhost:{front.port}")
        told = scene.run(tls(ca_crt=authority.ca), **TLS)
    assert NOT_TRUSTED in told.why
    assert scene.shown() == []


@pytest.mark.parametrize("name", ["tls", "token"])
def test_a_client_certificate_that_is_asked_for_and_given(
    scene: Scene, mutual: TlsFront, authority: Authority, name: str
) -> None:
    pair = authority.client()
    keys = {"ca.crt": authority.ca, "tls.crt": pair.certificate, "tls.key": pair.key}
    if name == "tls":
        scene.run(secret("tls", **keys), **TLS)
    else:
        scene.run(token={"token": scene.gitea.token, **keys})
    assert scene.shown() == POSTED


def test_a_client_certificate_under_the_legacy_keys(
    scene: Scene, mutual: TlsFront, authority: Authority
) -> None:
    pair = authority.client()
    keys = {"caFile": authority.ca, "certFile": pair.certificate, "keyFile": pair.key}
    scene.run(token={"token": scene.gitea.token, **keys})
    assert scene.shown() == POSTED


def test_a_client_certificate_that_is_asked_for_and_not_given_is_a_sentence(
    scene: Scene, mutual: TlsFront, authority: Authority
) -> None:
    told = scene.run(tls(ca_crt=authority.ca), **TLS)
    assert "it wants a client certificate, under tls.crt and tls.key in the Provider's" in told.why
    assert scene.shown() == []


def test_older_tls_does_not_say_that_it_wants_a_certificate_but_we_guess(
    scene: Scene, server: Pair, authority: Authority
) -> None:
    context = server.server_context(clients=authority.ca)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with TlsFront(scene.port, context) as front:
        scene.at(front.url)
        told = scene.run(tls(ca_crt=authority.ca), **TLS)
    assert "if it wants a client certificate, store it under tls.crt and tls.key" in told.why


def test_a_client_certificate_of_somebody_else_is_a_sentence(
    scene: Scene, mutual: TlsFront, authority: Authority
) -> None:
    pair = Authority().client()
    keys = {"ca_crt": authority.ca, "tls_crt": pair.certificate, "tls_key": pair.key}
    told = scene.run(tls(**keys), **TLS)
    assert "it does not accept the client certificate: " in told.why
    assert scene.shown() == []


def test_the_key_of_a_client_certificate_is_shown_nowhere(
    scene: Scene, mutual: TlsFront, authority: Authority
) -> None:
    pair = authority.client()
    other = authority.client()
    keys = {"ca_crt": authority.ca, "tls_crt": pair.certificate, "tls_key": other.key}
    told = scene.run(tls(**keys), options=("--log-level", "debug"), **TLS)
    assert "tls.crt and tls.key are no pair" in told.status["why"]
    assert other.key.splitlines()[1] not in told.ran.out + told.ran.err


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ({"ca_crt": "nonsense"}, "ca.crt holds no PEM certificate"),
        ({"tls_crt": "only half"}, "needs both tls.crt and tls.key"),
        ({"token": "no certificates"}, "holds neither ca.crt nor tls.crt and tls.key"),
        (None, "there is no such Secret"),
    ],
    ids=["no PEM", "half", "nothing", "no Secret"],
)
def test_a_cert_secret_that_is_of_no_use_is_a_sentence_that_names_it(
    scene: Scene, front: TlsFront, keys: dict[str, str] | None, what: str
) -> None:
    told = scene.run(*([tls(**keys)] if keys else []), **TLS)
    assert told.why.startswith("Secret flux-system/tls: ")
    assert what in told.why
    assert front.connections == 0


def test_a_redirect_to_another_host_is_refused_and_gets_no_token(
    scene: Scene, server: Pair, authority: Authority
) -> None:
    tls_ = server.server_context()
    with (
        Recorder(tls=tls_) as other,
        Recorder(302, {"Location": f"{other.url}/x"}, tls=tls_) as front,
    ):
        scene.at(front.url)
        told = scene.run(tls(ca_crt=authority.ca), **TLS)
    assert told.why == f"the forge redirects to {other.url}/x: correct the address"
    assert (len(front.seen), other.connections) == (1, 0)


def test_a_redirect_from_https_to_http_on_the_same_host_is_refused(
    scene: Scene, server: Pair, authority: Authority
) -> None:
    with (
        Recorder() as other,
        Recorder(302, {"Location": f"{other.url}/x"}, tls=server.server_context()) as front,
    ):
        scene.at(front.url)
        told = scene.run(tls(ca_crt=authority.ca), **TLS)
    assert "the forge redirects to " in told.why
    assert other.connections == 0
