"""From a Provider to its login."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from statusbot.cluster.errors import Forbidden
from statusbot.errors import StatusbotError
from statusbot.forges.base import App, Login
from statusbot.posting.access import Access, Accesses
from statusbot.routing.hosts import Hosts
from statusbot.routing.status import Destination
from statusbot.secret import Secrets
from statusbot.transport import DIRECT, Transport, Way
from tests.support.objects import FakeCluster
from tests.support.posting import destination

HEADER = "Authorization"


@dataclass
class Keeper(FakeCluster):
    """A cluster that has one Secret, or refuses to show it."""

    values: Mapping[str, bytes] | None = None
    refuses: StatusbotError | None = None
    asked: list[str] = field(default_factory=list)

    def secret(self, namespace: str, name: str) -> Mapping[str, bytes] | None:
        self.asked.append(f"{namespace}/{name}")
        if self.refuses:
            raise self.refuses
        return self.values


def accesses(keeper: Keeper, token: str | None = None) -> Accesses:
    return Accesses(Secrets(keeper), token)


def login(access: Access) -> Login:
    assert isinstance(access.credential, Login)
    return access.credential


def said(keeper: Keeper, **options: str | None) -> str:
    with pytest.raises(StatusbotError) as caught:
        accesses(keeper)(destination(**options))  # type: ignore[arg-type]
    return str(caught.value)


def test_the_token_of_the_providers_secret_is_the_login() -> None:
    keeper = Keeper(values={"token": b"abcdef\n"})
    assert dict(login(accesses(keeper)(destination())).headers) == {HEADER: "Bearer abcdef"}
    assert keeper.asked == ["flux-system/token"]


def test_a_secret_is_read_once_for_all_statuses_of_its_provider() -> None:
    keeper = Keeper(values={"token": b"abcdef"})
    logins = accesses(keeper)
    logins(destination())
    logins(destination())
    assert len(keeper.asked) == 1


def test_two_providers_have_their_own() -> None:
    keeper = Keeper(values={"token": b"abcdef"})
    logins = accesses(keeper)
    logins(destination())
    logins(destination(provider="other", secret="its"))
    assert keeper.asked == ["flux-system/token", "flux-system/its"]


def test_what_is_wrong_is_said_for_every_status_and_asked_once() -> None:
    keeper = Keeper(refuses=Forbidden("may not read the Secret"))
    logins = accesses(keeper)
    for _ in range(2):
        with pytest.raises(Forbidden):
            logins(destination())
    assert len(keeper.asked) == 1


def test_a_token_of_the_environment_takes_the_place_of_every_secret() -> None:
    keeper = Keeper()
    made = login(accesses(keeper, "from-env")(destination(secret=None)))
    assert made.secrets == ("from-env",)
    assert keeper.asked == []


def test_a_provider_without_a_secret_is_a_sentence() -> None:
    assert said(Keeper(), secret=None).startswith("spec.secretRef is missing: ")


def test_a_secret_that_is_not_there_comes_with_the_command_that_makes_it() -> None:
    text = said(Keeper())
    assert text.startswith("Secret flux-system/token: there is no such Secret: ")
    assert "kubectl -n flux-system create secret generic token --from-literal=token=" in text


def test_a_secret_that_is_no_text_is_a_sentence_without_its_bytes() -> None:
    text = said(Keeper(values={"token": b"s3cr\xff"}))
    assert text == "Secret flux-system/token: its key token holds what is no UTF-8 text"


def test_a_secret_without_a_token_is_a_sentence() -> None:
    assert "has no token" in said(Keeper(values={"username": b"me"}))


# -- the way there -----------------------------------------------------------------------------

PEM = "-----BEGIN CERTIFICATE-----\n"


@dataclass
class Safe(FakeCluster):
    """A cluster with several Secrets, by name."""

    secrets: dict[str, dict[str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def secret(self, namespace: str, name: str) -> Mapping[str, bytes] | None:
        self.asked.append(name)
        return self.secrets.get(name)


def way(spec: dict[str, str] | None = None, **secrets: dict[str, str]) -> Way:
    """The way of a Provider whose Secret is ``token``; ``secrets`` by name, ``_`` for a dash."""
    there = destination()
    there = replace(there, provider=replace(there.provider, **(spec or {})))  # type: ignore[arg-type]
    known = {"token": {"token": "abcdef"}, **secrets}
    encoded = {
        name: {key: text.encode() for key, text in keys.items()} for name, keys in known.items()
    }
    return Accesses(Secrets(Safe(secrets=encoded)))(there).way


def refused_way(spec: dict[str, str] | None = None, **secrets: dict[str, str]) -> str:
    with pytest.raises(StatusbotError) as caught:
        way(spec, **secrets)
    return str(caught.value)


def with_token(**keys: str) -> dict[str, str]:
    return {"token": "abcdef", **{key.replace("_", "."): text for key, text in keys.items()}}


def test_without_more_it_is_direct() -> None:
    assert way() == DIRECT


def test_the_secret_of_a_provider_may_hold_its_ca() -> None:
    assert way(token=with_token(ca_crt=PEM)).ca == PEM


@pytest.mark.parametrize(
    ("keys", "field_", "text"),
    [
        ({"caFile": "old"}, "ca", "old"),
        ({"caFile": "old", "ca.crt": "new"}, "ca", "new"),
        ({"certFile": "c", "keyFile": "k"}, "certificate", "c"),
        ({"tls.crt": "c", "tls.key": "k"}, "key", "k"),
    ],
)
def test_legacy_keys_are_taken_after_the_standard_ones(
    keys: dict[str, str], field_: str, text: str
) -> None:
    assert getattr(way({"cert_secret": "tls"}, tls=keys), field_) == text


def test_a_secret_of_certificates_wins_over_those_beside_the_token() -> None:
    made = way({"cert_secret": "tls"}, token=with_token(ca_crt="a"), tls={"ca.crt": "b"})
    assert made.ca == "b"


def test_a_secret_of_certificates_without_any_is_a_sentence() -> None:
    text = refused_way({"cert_secret": "tls"}, tls={"token": "x"})
    assert text.startswith(
        "Secret flux-system/tls: it holds neither ca.crt nor tls.crt and tls.key"
    )


def test_half_of_a_client_certificate_is_a_sentence() -> None:
    text = refused_way({"cert_secret": "tls"}, tls={"tls.crt": "c"})
    assert text.startswith("Secret flux-system/tls: a client certificate needs both")


def test_certificates_are_read_before_anything_goes_out() -> None:
    def prepare(what: object) -> None:
        if isinstance(what, Way):
            raise StatusbotError("ca.crt holds no PEM certificate")

    keeper = Safe(secrets={"token": {"token": b"abcdef", "ca.crt": b"x"}})
    with pytest.raises(StatusbotError, match=r"Secret flux-system/token: ca\.crt holds no PEM"):
        Accesses(Secrets(keeper), prepare=prepare)(destination())


PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("spec", "secrets", "proxy"),
    [
        ({"proxy": PROXY}, {}, PROXY),
        ({"proxy": "http://spec"}, {"token": with_token(proxy=PROXY)}, PROXY),
        (
            {"proxy": "http://spec", "proxy_secret": "way"},
            {"token": with_token(proxy="http://legacy"), "way": {"address": f"{PROXY}\n"}},
            PROXY,
        ),
    ],
    ids=["spec", "secret", "proxySecretRef"],
)
def test_which_proxy_wins(
    spec: dict[str, str], secrets: dict[str, dict[str, str]], proxy: str
) -> None:
    assert way(spec, **secrets).proxy == proxy


def test_the_login_of_a_proxy_is_part_of_its_url() -> None:
    keys = {"address": PROXY, "username": "me@x", "password": "p:/@w"}
    made = way({"proxy_secret": "way"}, way=keys)
    assert made.proxy == "http://me%40x:p%3A%2F%40w@proxy.example:3128"


def test_the_password_of_a_proxy_is_never_shown() -> None:
    keys = {"address": PROXY, "username": "me", "password": "hunter22"}
    made = way({"proxy_secret": "way"}, way=keys)
    assert "hunter22" in made.secrets
    assert "hunter22" not in repr(made)


def test_a_proxy_of_another_kind_is_a_sentence_without_its_password() -> None:
    text = refused_way({"proxy": "ftp://me:hunter22@proxy"})
    assert text.startswith("spec.proxy: the proxy ")
    assert "hunter22" not in text


def test_a_secret_of_a_proxy_without_an_address_is_a_sentence() -> None:
    text = refused_way({"proxy_secret": "way"}, way={"username": "me"})
    assert text.startswith("Secret flux-system/way: it has no key address")


# -- the address in the Secret -----------------------------------------------------------------


def test_an_address_in_the_secret_that_says_the_same_is_fine() -> None:
    assert way(token=with_token(address="git@forge.example:Acme/Fleet.git")) == DIRECT


def test_an_address_is_the_same_where_only_the_apis_root_tells_what_it_names() -> None:
    there = destination()
    address = "https://forge.example/github/acme/fleet"
    repository = there.forge.repository(address, "https://forge.example/github/api/v3")
    provider = replace(there.provider, address=address)
    there = Destination(provider, there.forge, repository, there.id)
    keeper = Keeper(values={"token": b"abcdef", "address": f"{address}\n".encode()})
    assert accesses(keeper)(there).way == DIRECT


def test_an_address_in_the_secret_that_says_otherwise_is_never_passed_over() -> None:
    text = refused_way(token=with_token(address="https://me:pw123456@forge.example/acme/other"))
    assert 'its key address names "https://***@forge.example/acme/other"' in text
    assert "pw123456" not in text


def test_a_key_that_nobody_needs_may_hold_anything() -> None:
    assert way(token={"token": "abcdef", "headers": "\udcff".encode(errors="replace").decode()})


# -- --forge-hosts -------------------------------------------------------------------------------


def test_the_api_of_an_app_is_no_way_around_the_hosts_that_are_allowed() -> None:
    keeper = Keeper(values=APP | {"githubAppBaseURL": b"https://evil.example"})
    there = replace(destination(), hosts=Hosts(["forge.example"]))
    with pytest.raises(StatusbotError, match=r"evil\.example is none of those") as caught:
        accesses(keeper)(there)
    assert caught.value.where == "Secret flux-system/token"


@pytest.mark.parametrize("hosts", [["forge.example", "*.example"], ["*"], []])
def test_one_that_is_allowed_may_have_its_own(hosts: list[str]) -> None:
    keeper = Keeper(values=APP | {"githubAppBaseURL": b"https://api.example"})
    found = accesses(keeper)(replace(destination(), hosts=Hosts(hosts)))
    assert isinstance(found.credential, App)


def test_what_the_address_of_the_forge_makes_of_its_api_is_allowed_with_it() -> None:
    found = accesses(Keeper(values=APP))(replace(destination(), hosts=Hosts(["forge.example"])))
    assert isinstance(found.credential, App)


# -- GitHub Apps -------------------------------------------------------------------------------

APP = {
    "githubAppID": b"4711",
    "githubAppInstallationID": b"99",
    "githubAppPrivateKey": b"s3cret nonsense",
}


def test_an_app_is_the_login_of_a_secret_without_a_token() -> None:
    app = accesses(Keeper(values=APP))(destination()).credential
    assert isinstance(app, App)
    assert (app.id, app.installation, app.api) == ("4711", "99", "https://forge.example/api/v3")


def test_a_private_key_that_cannot_be_read_is_said_before_anything_is_sent() -> None:
    with Transport() as transport, pytest.raises(StatusbotError) as caught:
        Accesses(Secrets(Keeper(values=APP)), None, transport.prepare)(destination())
    text = str(caught.value)
    assert text.startswith("Secret flux-system/token: githubAppPrivateKey is no unencrypted RSA")
    assert "s3cret" not in text


def test_an_app_without_its_installation_names_the_secret_and_both_keys() -> None:
    keys = {key: value for key, value in APP.items() if key != "githubAppInstallationID"}
    text = said(Keeper(values=keys))
    assert text.startswith("Secret flux-system/token: the Secret has neither githubAppInst")
