"""How a GitHub App gets its tokens, and that nobody else does."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization as pems
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from statusbot.demo.forge import EmbeddedForge, Fault, Kind, Rights
from statusbot.demo.forge import faults as fault
from statusbot.demo.forge.apps import Installation
from statusbot.errors import StatusbotError
from statusbot.forges import forge_of
from statusbot.forges.base import Answer, App, Limited, Login, Refused, Request, Row, Unclear
from statusbot.results.state import State
from statusbot.transport import (
    DIRECT,
    AnswerLost,
    LoginRefused,
    NotAllowed,
    NotSent,
    Transport,
    Way,
)
from statusbot.transport.apps import EARLY, Apps
from tests.support.forge import REPOSITORY, SHA
from tests.support.github_app import APP_ID, INSTALLATION_ID, key, pem, registered
from tests.transport.conftest import RawServer, Serve, http

NOW = 1795176000.0
DATE = {"Date": "Fri, 20 Nov 2026 12:00:00 GMT"}
UNTIL = "2026-11-20T13:00:00Z"
API = "https://api.github.com"
ROW = Row("ci", State.SUCCESS, "all is well")


@pytest.fixture(scope="session")
def app() -> App:
    return App(str(APP_ID), str(INSTALLATION_ID), "", API, pem())


def granted(number: int = 1, until: str = UNTIL) -> Answer:
    return Answer(201, DATE, json.dumps({"token": f"ghs_{number}", "expires_at": until}).encode())


@dataclass
class World:
    """A forge in memory, and the clocks."""

    act: Callable[[Request, int], Answer] = lambda request, number: granted(number)
    ticks: float = 1000.0
    sent: list[tuple[Request, Login, float, Way]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, request: Request, login: Login, until: float, way: Way) -> Answer:
        with self.lock:
            self.sent.append((request, login, until, way))
            number = len(self.sent)
        return self.act(request, number)

    @property
    def paths(self) -> list[str]:
        return [request.url.removeprefix(API) for request, *_ in self.sent]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def apps(world: World) -> Apps:
    return Apps(world.send, now=lambda: NOW, ticks=lambda: world.ticks)


def token(login: Login) -> str:
    return login.secrets[0]


def claims(world: World) -> dict[str, Any]:
    public, options = key().public_key(), {"verify_exp": False, "verify_iat": False}
    found = jwt.decode(token(world.sent[0][1]), public, ["RS256"], options)  # type: ignore[arg-type]
    return dict(found)


def test_a_jwt_is_signed_with_the_apps_key_for_a_few_minutes(
    apps: Apps, world: World, app: App
) -> None:
    apps.login(app, DIRECT, 2000)
    found = claims(world)
    assert set(found) == {"iat", "exp", "iss"}
    assert (found["iss"], NOW - found["iat"]) == (str(APP_ID), 60)
    assert 60 < found["exp"] - NOW < 600


def test_a_jwt_goes_out_as_bearer_and_the_token_comes_back_as_bearer(
    apps: Apps, world: World, app: App
) -> None:
    login = apps.login(app, DIRECT, 2000)
    assert dict(login.headers) == {"Authorization": "Bearer ghs_1"}
    assert dict(world.sent[0][1].headers)["Authorization"].startswith("Bearer eyJ")


def test_the_exchange_takes_the_same_way_and_ends_with_the_call(
    apps: Apps, world: World, app: App
) -> None:
    way = Way(proxy="http://proxy.example:3128")
    apps.login(app, way, 1234)
    assert world.sent[0][2:] == (1234, way)


def test_a_token_is_kept_until_five_minutes_before_it_expires(
    apps: Apps, world: World, app: App
) -> None:
    first = apps.login(app, DIRECT, 9e9)
    world.ticks += 3600 - EARLY - 0.1
    assert apps.login(app, DIRECT, 9e9) == first
    world.ticks += 0.1
    assert token(apps.login(app, DIRECT, 9e9)) == "ghs_2"
    assert EARLY == 300


def test_a_token_that_lasts_no_five_minutes_is_used_once(
    apps: Apps, world: World, app: App
) -> None:
    world.act = lambda request, number: granted(number, "2026-11-20T12:04:00Z")
    assert [token(apps.login(app, DIRECT, 2000)) for _ in range(2)] == ["ghs_1", "ghs_2"]


def test_every_app_and_every_way_has_its_own_token(apps: Apps, app: App) -> None:
    others = [
        (app, Way(proxy="http://proxy.example:3128")),
        (replace(app, installation="100"), DIRECT),
        (replace(app, api="https://ghe.example/api/v3"), DIRECT),
        (app, DIRECT),
    ]
    assert len({token(apps.login(*other, 2000)) for other in others}) == 4
    assert token(apps.login(*others[0], 2000)) == "ghs_1"


def test_a_login_that_was_refused_is_forgotten(apps: Apps, app: App) -> None:
    apps.forget(app, DIRECT, apps.login(app, DIRECT, 2000))
    assert token(apps.login(app, DIRECT, 2000)) == "ghs_2"


def test_a_login_that_was_replaced_meanwhile_is_not_forgotten(apps: Apps, app: App) -> None:
    old = apps.login(app, DIRECT, 2000)
    apps.forget(app, DIRECT, old)
    apps.login(app, DIRECT, 2000)
    apps.forget(app, DIRECT, old)
    assert token(apps.login(app, DIRECT, 2000)) == "ghs_2"


class Crowd:
    """Threads that ask at once: the exchange goes on when all the others wait, or ask as well."""

    def __init__(self, world: World, size: int) -> None:
        self.world, self.size = world, size
        self.seen: set[int] = set()
        self.all_there = threading.Event()
        self.answer: Callable[[int], Answer] = granted
        world.act = self._act

    def ticks(self) -> float:
        self.seen.add(threading.get_ident())
        if len(self.seen) == self.size:
            self.all_there.set()
        return self.world.ticks

    def _act(self, request: Request, number: int) -> Answer:
        assert self.all_there.wait(30)
        return self.answer(number)

    def ask(self, apps: Apps, app: App) -> list[Login | Exception]:
        def one(_: int) -> Login | Exception:
            try:
                return apps.login(app, DIRECT, self.world.ticks + 60)
            except Exception as error:
                return error

        with ThreadPoolExecutor(self.size) as pool:
            return list(pool.map(one, range(self.size)))


@pytest.fixture
def crowd(world: World) -> Crowd:
    return Crowd(world, 8)


def test_of_many_threads_one_asks_and_all_have_its_token(
    crowd: Crowd, world: World, app: App
) -> None:
    apps = Apps(world.send, now=lambda: NOW, ticks=crowd.ticks)
    logins = crowd.ask(apps, app)
    assert len(world.sent) == 1
    assert [token(login) for login in logins if isinstance(login, Login)] == ["ghs_1"] * 8


def test_of_many_threads_one_is_refused_and_all_know_why(
    crowd: Crowd, world: World, app: App
) -> None:
    crowd.answer = lambda number: Answer(404, DATE, b'{"message":"Not Found"}')
    apps = Apps(world.send, now=lambda: NOW, ticks=crowd.ticks)
    errors = crowd.ask(apps, app)
    assert len(world.sent) == 1
    assert {type(error) for error in errors} == {LoginRefused}


def test_a_refusal_is_not_kept(apps: Apps, world: World, app: App) -> None:
    world.act = lambda request, number: Answer(503, DATE) if number == 1 else granted(number)
    with pytest.raises(LoginRefused):
        apps.login(app, DIRECT, 2000)
    assert token(apps.login(app, DIRECT, 2000)) == "ghs_2"


def test_whoever_waits_for_a_token_waits_no_longer_than_its_call_may_take(
    crowd: Crowd, world: World, app: App
) -> None:
    crowd.size = 2
    apps = Apps(world.send, now=lambda: NOW, ticks=crowd.ticks)
    asking = threading.Thread(target=apps.login, args=(app, DIRECT, 2000))
    world_act, started = world.act, threading.Event()

    def act(request: Request, number: int) -> Answer:
        started.set()
        return world_act(request, number)

    world.act = act
    asking.start()
    assert started.wait(30)
    with pytest.raises(NotSent, match="no time is left"):
        apps.login(app, DIRECT, world.ticks - 1)
    asking.join()


def test_an_owner_that_is_an_organization_is_found_at_once(
    apps: Apps, world: World, app: App
) -> None:
    world.act = lambda request, number: Answer(200, DATE, b'{"id":7}') if number == 1 else granted()
    apps.login(replace(app, installation="", owner="acme"), DIRECT, 2000)
    assert world.paths == ["/orgs/acme/installation", "/app/installations/7/access_tokens"]


def test_an_owner_that_is_a_user_is_found_next(apps: Apps, world: World, app: App) -> None:
    answers = [Answer(404, DATE), Answer(200, DATE, b'{"id":7}'), granted()]
    world.act = lambda request, number: answers[number - 1]
    apps.login(replace(app, installation="", owner="me"), DIRECT, 2000)
    assert world.paths == [
        "/orgs/me/installation",
        "/users/me/installation",
        "/app/installations/7/access_tokens",
    ]


@pytest.mark.parametrize(("status", "calls", "key_"), [(404, 2, "Owner"), (401, 1, "PrivateKey")])
def test_an_owner_that_is_not_found_is_a_refusal(
    apps: Apps, world: World, app: App, status: int, calls: int, key_: str
) -> None:
    world.act = lambda request, number: Answer(status, DATE, b'{"message":"No"}')
    with pytest.raises(LoginRefused, match=key_) as caught:
        apps.login(replace(app, installation="", owner="me"), DIRECT, 2000)
    assert isinstance(caught.value.meaning, Refused)
    assert len(world.sent) == calls


@pytest.mark.parametrize("owner", ["", "acme"])
def test_an_answer_that_was_lost_says_nothing_of_the_request_itself(
    apps: Apps, world: World, app: App, owner: str
) -> None:
    def act(request: Request, number: int) -> Answer:
        raise AnswerLost("the connection was cut", where="api.github.com")

    world.act = act
    with pytest.raises(LoginRefused, match=r"no token .*: api\.github\.com: the conn") as caught:
        apps.login(replace(app, installation="" if owner else "9", owner=owner), DIRECT, 2000)
    assert isinstance(caught.value.meaning, Unclear)


def test_what_was_not_sent_is_said_as_it_is(apps: Apps, world: World, app: App) -> None:
    def act(request: Request, number: int) -> Answer:
        raise NotAllowed("never a forge")

    world.act = act
    with pytest.raises(NotAllowed):
        apps.login(app, DIRECT, 2000)


def encoded(private: Any, form: pems.PrivateFormat, password: bytes = b"") -> str:
    lock = pems.BestAvailableEncryption(password) if password else pems.NoEncryption()
    text: bytes = private.private_bytes(pems.Encoding.PEM, form, lock)
    return text.decode()


def public() -> str:
    form = pems.PublicFormat.SubjectPublicKeyInfo
    return key().public_key().public_bytes(pems.Encoding.PEM, form).decode()


@pytest.mark.parametrize("form", [pems.PrivateFormat.PKCS8, pems.PrivateFormat.TraditionalOpenSSL])
def test_a_private_key_may_have_either_form(apps: Apps, app: App, form: pems.PrivateFormat) -> None:
    apps.prepare(replace(app, key=encoded(key(), form)))


@pytest.mark.parametrize(
    "make",
    [
        lambda: "s3cret nonsense",
        lambda: "",
        lambda: "\udc80",
        lambda: pem()[:-200],
        lambda: pem().replace("RSA PRIVATE", "PUBLIC"),
        public,
        lambda: encoded(ec.generate_private_key(ec.SECP256R1()), pems.PrivateFormat.PKCS8),
        lambda: encoded(ed25519.Ed25519PrivateKey.generate(), pems.PrivateFormat.PKCS8),
        lambda: encoded(key(), pems.PrivateFormat.PKCS8, b"passphrase"),
        lambda: encoded(key(), pems.PrivateFormat.TraditionalOpenSSL, b"passphrase"),
        lambda: pem(key("small", 1024)),
    ],
    ids=["text", "empty", "half a character", "cut", "label", "public", "ec", "ed25519", "locked", "old", "small"],
)  # fmt: skip
def test_a_key_that_cannot_sign_is_a_sentence_without_it(
    apps: Apps, app: App, make: Callable[[], str]
) -> None:
    text = make()
    with pytest.raises(StatusbotError, match="githubAppPrivateKey is no unencrypted RSA") as caught:
        apps.prepare(replace(app, key=text))
    assert not any(line in str(caught.value) for line in text.splitlines() if len(line) > 10)


def test_a_key_that_cannot_sign_sends_nothing(apps: Apps, world: World, app: App) -> None:
    with pytest.raises(StatusbotError, match="githubAppPrivateKey"):
        apps.login(replace(app, key="nonsense"), DIRECT, 2000)
    assert world.sent == []


def test_a_key_of_carriage_returns_and_spaces_signs() -> None:
    secret = {
        "githubAppID": "1",
        "githubAppInstallationID": "2",
        "githubAppPrivateKey": "\r\n  " + pem().replace("\n", "\r\n  "),
    }
    made = forge_of("github").authorization(secret, "", API)
    with Transport() as transport:
        transport.prepare(made)


def test_a_transport_reads_the_key_before_the_first_call(app: App) -> None:
    with Transport() as transport, pytest.raises(StatusbotError, match="githubAppPrivateKey"):
        transport.prepare(replace(app, key="nonsense"))


def test_a_token_needs_no_preparation() -> None:
    with Transport() as transport:
        transport.prepare(Login())


# On the embedded forge.


@pytest.fixture
def forge() -> Iterator[EmbeddedForge]:
    with EmbeddedForge(token="somebody-elses") as embedded:
        embedded.add_repository(REPOSITORY, {SHA})
        embedded.store.apps.add(registered())
        yield embedded


def secret_of(**more: str) -> dict[str, str]:
    keys = {
        "githubAppID": str(APP_ID),
        "githubAppInstallationID": str(INSTALLATION_ID),
        "githubAppPrivateKey": pem(),
    } | more
    return {key: value for key, value in keys.items() if value}


def write(
    transport: Transport, forge: EmbeddedForge, *, context: str = "ci", **secret: str
) -> Answer:
    github = forge_of("github")
    repository = github.repository(f"{forge.url}/{REPOSITORY}")
    login = github.authorization(secret_of(**secret), "", repository.api)
    request = github.write(repository, SHA, replace(ROW, context=context))
    return transport.send(request, login, timeout=30)


def refused(transport: Transport, forge: EmbeddedForge, **secret: str) -> Refused:
    with pytest.raises(LoginRefused) as caught:
        write(transport, forge, **secret)
    meaning = caught.value.meaning
    assert isinstance(meaning, Refused)
    assert (meaning.final, meaning.scope, str(caught.value)) == (False, "login", meaning.why)
    assert forge.writes == 0
    return meaning


def exchanges(forge: EmbeddedForge) -> int:
    return sum(call.path.endswith("/access_tokens") for call in forge.calls)


def test_a_status_is_written_as_an_app(transport: Transport, forge: EmbeddedForge) -> None:
    assert write(transport, forge).status == 201
    assert [row.context for row in forge.rows(REPOSITORY, SHA)] == ["ci"]


def test_a_status_is_read_as_an_app(transport: Transport, forge: EmbeddedForge) -> None:
    write(transport, forge)
    github = forge_of("github")
    repository = github.repository(f"{forge.url}/{REPOSITORY}")
    login = github.authorization(secret_of(), "", repository.api)
    (request,) = github.reads(repository, SHA, ())
    rows = github.rows(transport.send(request, login, timeout=30))
    assert [(row.context, row.state) for row in rows] == [("ci", State.SUCCESS)]
    assert exchanges(forge) == 1


@pytest.mark.parametrize("organization", [True, False])
def test_an_installation_is_found_by_its_owner(
    transport: Transport, forge: EmbeddedForge, organization: bool
) -> None:
    forge.store.apps.apps[0].installations[0] = Installation(5, "acme", organization)
    keys = {"githubAppInstallationID": "", "githubAppInstallationOwner": "Acme"}
    assert write(transport, forge, **keys).status == 201


def test_a_base_url_says_where_the_tokens_come_from(
    transport: Transport, forge: EmbeddedForge
) -> None:
    with EmbeddedForge(token="nobodys") as other:
        other.store.apps.add(registered())
        forge.logins.tokens.clear()
        write(transport, forge, githubAppBaseURL=other.url)
        assert (exchanges(other), exchanges(forge)) == (1, 0)


def test_many_writes_need_one_token(transport: Transport, forge: EmbeddedForge) -> None:
    def one(number: int) -> int:
        return write(transport, forge, context=str(number)).status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(one, range(24))) == {201}
    assert exchanges(forge) == 1


def test_a_token_that_was_taken_back_is_replaced_once(
    transport: Transport, forge: EmbeddedForge
) -> None:
    write(transport, forge)
    forge.store.apps.revoke()
    assert write(transport, forge, context="two").status == 201
    assert (exchanges(forge), len(forge.rows(REPOSITORY, SHA))) == (2, 2)


def test_a_second_refusal_of_a_new_token_is_the_answer(
    transport: Transport, forge: EmbeddedForge
) -> None:
    forge.faults.always(fault=fault.answer(401, '{"message":"Bad credentials"}'), on=Kind.WRITE)
    assert write(transport, forge).status == 401
    assert (exchanges(forge), forge.writes) == (2, 2)


def test_a_401_to_a_plain_token_is_the_answer(transport: Transport, forge: EmbeddedForge) -> None:
    request = forge_of("github").write(
        forge_of("github").repository(f"{forge.url}/{REPOSITORY}"), SHA, ROW
    )
    login = Login((("Authorization", "Bearer wrong"),), ("wrong",))
    assert transport.send(request, login, timeout=30).status == 401
    assert forge.writes == 1


def test_a_key_that_is_not_the_apps_names_the_key(
    transport: Transport, forge: EmbeddedForge
) -> None:
    why = refused(transport, forge, githubAppPrivateKey=pem(key("another"))).why
    assert "could not be decoded (401); correct githubAppPrivateKey" in why


def test_a_clock_that_is_wrong_is_named(transport: Transport, forge: EmbeddedForge) -> None:
    before = forge.clock
    forge._server.clock = forge.clock = lambda: before() - timedelta(hours=1)
    why = refused(transport, forge).why  # the header has whole seconds
    assert "our clock is 3600 s ahead" in why or "our clock is 3601 s ahead" in why


def test_an_unknown_app_names_its_key(transport: Transport, forge: EmbeddedForge) -> None:
    assert "correct githubAppID" in refused(transport, forge, githubAppID="1").why


def test_an_unknown_installation_names_its_key(transport: Transport, forge: EmbeddedForge) -> None:
    why = refused(transport, forge, githubAppInstallationID="1").why
    assert "correct githubAppInstallationID" in why


def test_an_owner_without_the_app_names_its_key(transport: Transport, forge: EmbeddedForge) -> None:
    keys = {"githubAppInstallationID": "", "githubAppInstallationOwner": "nobody"}
    assert "correct githubAppInstallationOwner" in refused(transport, forge, **keys).why


def test_a_suspended_installation_is_named(transport: Transport, forge: EmbeddedForge) -> None:
    forge.store.apps.apps[0].installations[0].suspended = True
    assert "unsuspend" in refused(transport, forge).why


def test_an_app_without_the_permission_is_told_before_anything_is_written(
    transport: Transport, forge: EmbeddedForge
) -> None:
    forge.store.apps.apps[0].installations[0].permissions = {"statuses": "read"}
    assert "Commit statuses: write" in refused(transport, forge).why


def at_exchange(forge: EmbeddedForge, what: Fault, times: int | None = None) -> None:
    forge.faults.when(lambda call: call.path.endswith("/access_tokens"), fault=what, times=times)


def test_a_failing_exchange_is_tried_again(
    transport: Transport, forge: EmbeddedForge, pauses: list[float]
) -> None:
    at_exchange(forge, fault.answer(503), times=2)
    assert write(transport, forge).status == 201
    assert (exchanges(forge), len(pauses)) == (3, 2)


@pytest.mark.parametrize("what", [fault.reset(stored=False), fault.half_body()])
def test_an_exchange_whose_answer_was_lost_is_tried_again(
    transport: Transport, forge: EmbeddedForge, what: Fault
) -> None:
    at_exchange(forge, what, times=1)
    assert write(transport, forge).status == 201
    assert len(forge.rows(REPOSITORY, SHA)) == 1


@pytest.mark.parametrize(
    ("what", "kind", "seconds"),
    [
        (fault.answer(503), Unclear, None),
        (fault.answer(503, headers={"Retry-After": "7"}), Unclear, 7),
        (fault.html(), Unclear, None),
        (fault.reset(stored=True), Unclear, None),
        (fault.too_many(9), Limited, 9),
        (fault.secondary_limit(), Limited, 60),
    ],
)
def test_an_exchange_that_gives_nothing_now_may_do_later(
    transport: Transport, forge: EmbeddedForge, what: Fault, kind: type, seconds: float | None
) -> None:
    at_exchange(forge, what)
    with pytest.raises(LoginRefused) as caught:
        write(transport, forge)
    meaning = caught.value.meaning
    assert isinstance(meaning, kind)
    assert getattr(meaning, "seconds", None) == seconds
    assert forge.writes == 0


def test_an_exchange_is_not_followed_to_another_host(
    transport: Transport, forge: EmbeddedForge, serve: Serve
) -> None:
    elsewhere = serve(http(201))
    at_exchange(forge, fault.redirect(elsewhere.url, 307))
    assert "redirects to" in refused(transport, forge).why
    assert elsewhere.requests == []


def test_an_exchange_ends_with_the_calls_time(serve: Serve, transport: Transport) -> None:
    def silent(connection: socket.socket) -> None:
        connection.recv(1)

    server = serve(silent)
    app = app_on(server.url)
    transport.prepare(app)
    with pytest.raises(LoginRefused, match="in time"):
        transport.send(Request("GET", server.url), app, timeout=0.8)


def app_on(url: str) -> App:
    return App(str(APP_ID), str(INSTALLATION_ID), "", url, pem())


def token_page(text: str = "ghs_4711_eyJabcdefgh.abcdefgh.ijkl") -> bytes:
    body = json.dumps({"token": text, "expires_at": "2999-01-01T00:00:00Z"}).encode()
    return http(201, body, Content_Type="application/json")


def test_an_exchange_goes_through_the_providers_proxy(serve: Serve, transport: Transport) -> None:
    proxy = serve(token_page(), http(200))
    way = Way(proxy=proxy.url.replace("//", "//me:hunter22@"))
    app = app_on("http://forge.invalid")
    transport.send(Request("GET", "http://forge.invalid/x"), app, timeout=5, way=way)
    lines = [request.partition(b"\r\n")[0] for request in proxy.requests]
    path = f"/app/installations/{INSTALLATION_ID}/access_tokens"
    assert lines == [
        f"POST http://forge.invalid{path} HTTP/1.1".encode(),
        b"GET http://forge.invalid/x HTTP/1.1",
    ]
    assert all(b"Proxy-Authorization: Basic" in request for request in proxy.requests)


def test_an_exchange_trusts_the_providers_ca_and_shows_its_certificate(
    serve: Serve, transport: Transport, certificates: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.crt", certificates / "server.key")
    context.load_verify_locations(certificates / "ca.crt")
    context.verify_mode = ssl.CERT_REQUIRED
    server = serve(token_page(), http(200), tls=context)
    parts = [(certificates / name).read_text() for name in ("ca.crt", "client.crt", "client.key")]
    app = app_on(server.url)
    answer = transport.send(Request("GET", server.url), app, timeout=5, way=Way(*parts))
    assert (answer.status, len(server.requests)) == (200, 2)


@pytest.mark.parametrize("api", ["http://169.254.169.254", "https://kubernetes.default.svc"])
def test_an_exchange_goes_to_no_address_that_is_never_a_forge(
    serve: Serve, transport: Transport, api: str
) -> None:
    with pytest.raises(NotAllowed):
        transport.send(Request("GET", serve(http(200)).url), app_on(api), timeout=5)


def test_a_forge_that_nobody_is_at_was_sent_nothing(serve: Serve, transport: Transport) -> None:
    gone = serve(http(200))
    gone.close()
    with pytest.raises(NotSent, match="connection refused"):
        transport.send(Request("GET", gone.url), app_on(gone.url), timeout=5)


def test_a_refusal_does_not_hold_the_token_that_was_given(
    serve: Serve, transport: Transport
) -> None:
    text = "ghs_4711_eyJabcdefgh.abcdefgh.ijkl"
    server: RawServer = serve(token_page(text), http(403, f'{{"a":"{text}"}}'.encode(), X_A=text))
    answer = transport.send(Request("GET", server.url), app_on(server.url), timeout=5)
    assert text.encode() in server.requests[1]
    assert text.encode() not in answer.body
    assert text not in answer.headers["x-a"]


def test_neither_key_nor_jwt_nor_token_is_logged_or_shown(
    transport: Transport, forge: EmbeddedForge, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        write(transport, forge)
        forge.store.apps.apps[0].installations[0].suspended = True
        forge.store.apps.revoke()
        with pytest.raises(LoginRefused) as caught:
            write(transport, forge)
    shown = caplog.text + repr(caught.value) + repr(transport.__dict__) + repr(app_on(forge.url))
    shown += repr(vars(transport._apps))
    assert "access_tokens" in caplog.text
    for secret in ("eyJ", "ghs_", "Bearer", *pem().splitlines()[1:3]):
        assert secret not in shown


def test_an_app_and_a_token_of_the_same_forge_do_not_mix(
    transport: Transport, forge: EmbeddedForge
) -> None:
    forge.add_token("reader", Rights.READ)
    request = forge_of("github").write(
        forge_of("github").repository(f"{forge.url}/{REPOSITORY}"), SHA, ROW
    )
    write(transport, forge)
    login = Login((("Authorization", "Bearer reader"),), ("reader",))
    assert transport.send(request, login, timeout=30).status == 403


def test_jwt_is_not_imported_before_an_app_needs_it() -> None:
    code = (
        "import sys, statusbot.transport, statusbot.forges;"
        "print(*sorted({'jwt', 'cryptography'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
