from __future__ import annotations

import base64
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from statusbot.cluster import kubeconfig, login
from statusbot.cluster.clock import Deadline
from statusbot.cluster.connection import Connection
from statusbot.cluster.errors import NeverAnswered, TimedOut
from statusbot.cluster.kubeconfig import Place
from statusbot.cluster.login import Login
from statusbot.demo.kube import EmbeddedKubernetes
from statusbot.errors import ClusterError, UsageError

Write = Callable[..., str]


def connection(path: str) -> Connection:
    return Connection(Login(Place((path,))), sleep=lambda seconds: None)


# -- tokens


@pytest.mark.parametrize("token", ["plain", "ends-in-newline\n", "  spaces  "])
def test_a_token_goes_out_without_white_space(token: str, write: Write) -> None:
    headers = Login(Place((write({"token": token}),))).headers()
    assert headers["Authorization"] == f"Bearer {token}".strip()


@pytest.mark.parametrize("token", ["two\r\nX-Evil: lines", "sn\u00f6w", "nul\x00"])
def test_a_token_that_is_none_never_becomes_a_header(token: str, write: Write) -> None:
    with pytest.raises(UsageError) as caught:
        Login(Place((write({"token": token}),))).headers()
    assert token not in str(caught.value)


def test_a_token_file_is_read(write: Write, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file\n")
    headers = Login(Place((write({"tokenFile": str(tmp_path / "token")}),))).headers()
    assert headers["Authorization"] == "Bearer from-file"


def test_user_and_password_are_basic_authentication(write: Write) -> None:
    headers = Login(Place((write({"username": "u", "password": "p"}),))).headers()
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"u:p").decode()


def test_an_anonymous_user_sends_no_authorization(write: Write) -> None:
    assert "Authorization" not in Login(Place((write(),))).headers()


def test_a_login_shows_no_secret(write: Write) -> None:
    made = Login(Place((write({"token": "hunter22"}),), "here"))
    assert "hunter22" not in repr(made) + str(made)
    assert str(made).endswith(", context here")


class Ticks:
    at = 0.0

    def __call__(self) -> float:
        return self.at


def test_credentials_that_expired_are_loaded_again(write: Write) -> None:
    ticks = Ticks()
    made = Login(Place((write({"token": "old"}),)), ticks)
    write({"token": "new"})
    ticks.at = login.RENEW_AFTER
    assert made.renew()
    assert made.headers()["Authorization"] == "Bearer new"


def test_credentials_refused_at_once_are_not_loaded_again(write: Write) -> None:
    made = Login(Place((write({"token": "old"}),)), Ticks())
    assert not made.renew()


def test_a_call_refused_late_is_repeated_with_the_new_credentials(tmp_path: Path) -> None:
    ticks = Ticks()
    with EmbeddedKubernetes(users={"new": "admin"}) as kube:
        path = kube.kubeconfig(tmp_path / "config", token="old")
        with Connection(Login(Place((str(path),)), ticks)) as made:
            kube.kubeconfig(path, token="new")
            ticks.at = login.RENEW_AFTER
            assert made.request("GET", "/apis").status == 200


# -- the pod's own


@pytest.fixture
def pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certificates: Path) -> Path:
    from kubernetes.config import incluster_config

    token = tmp_path / "token"
    token.write_text("of-the-pod\n")
    monkeypatch.setattr(kubeconfig, "TOKEN", str(token))
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(token))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(certificates / "ca.crt"))
    return token


def served(certificates: Path) -> tuple[Path, Path]:
    return certificates / "server.crt", certificates / "server.key"


def test_the_service_account_reads_the_cluster_that_it_is_in(
    pod: Path, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = {"of-the-pod": "system:serviceaccount:flux-system:statusbot"}
    with EmbeddedKubernetes(users=users, tls=served(certificates)) as kube:
        host, _, port = kube.url.removeprefix("https://").partition(":")
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", host)
        monkeypatch.setenv("KUBERNETES_SERVICE_PORT", port)
        with Connection.open() as made:
            assert made.name == kube.url
            assert made.request("GET", "/apis").status == 200


def test_a_service_account_without_its_certificate_is_a_sentence(
    pod: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kubernetes.config import incluster_config

    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", "/nowhere")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    with pytest.raises(UsageError, match="the in-cluster service account: cannot load"):
        Connection.open()


# -- TLS


class WhoAmI(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        peer = self.connection.getpeercert()
        body = dict(pair[0] for pair in peer["subject"])["commonName"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def mutual(certificates: Path) -> Iterator[str]:
    """A server that answers the name in the client's certificate, and wants one."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=certificates / "ca.crt")
    context.verify_mode = ssl.CERT_REQUIRED
    # As the CAs of many clusters, this one lacks extensions that Python 3.13 wants by default.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.load_cert_chain(*served(certificates))

    class Secured(ThreadingHTTPServer):
        def finish_request(self, request: Any, client_address: Any) -> None:
            with context.wrap_socket(request, server_side=True) as secured:
                super().finish_request(secured, client_address)

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    with Secured(("127.0.0.1", 0), WhoAmI) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"https://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def data(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def test_a_client_certificate_given_as_data_works_and_leaves_no_file(
    mutual: str, certificates: Path, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    user = {
        "client-certificate-data": data(certificates / "client.crt"),
        "client-key-data": data(certificates / "client.key"),
    }
    cluster = {"server": mutual, "certificate-authority-data": data(certificates / "ca.crt")}
    made = connection(write(user, cluster))
    assert list(folder.iterdir()) == []
    with made:
        assert made.request("GET", "/version").body == b"client"


def test_a_key_that_does_not_fit_is_a_sentence(certificates: Path, write: Write) -> None:
    user = {
        "client-certificate": str(certificates / "client.crt"),
        "client-key": str(certificates / "server.key"),
    }
    with pytest.raises(UsageError, match="cannot load the credentials"):
        connection(write(user, {"server": "https://127.0.0.1:9"}))


def test_an_encrypted_key_is_a_sentence_and_no_question(
    certificates: Path, write: Write, tmp_path: Path
) -> None:
    key = tmp_path / "encrypted.key"
    lock = ("pkey", "-in", str(certificates / "client.key"), "-aes256", "-passout", "pass:x")
    subprocess.run(["openssl", *lock, "-out", str(key)], check=True, capture_output=True)
    user = {"client-certificate": str(certificates / "client.crt"), "client-key": str(key)}
    with pytest.raises(UsageError, match="cannot load the credentials"):
        connection(write(user, {"server": "https://127.0.0.1:9"}))


def test_a_server_of_another_authority_is_not_talked_to(certificates: Path, write: Write) -> None:
    with (
        EmbeddedKubernetes(tls=served(certificates)) as kube,
        connection(write({"token": "t"}, {"server": kube.url})) as made,
    ):
        with pytest.raises(ClusterError, match=r"its certificate is not accepted, .*local issuer"):
            made.request("GET", "/version")
        assert kube.requests == []


def test_a_certificate_for_another_name_is_not_accepted(certificates: Path, write: Write) -> None:
    authority = str(certificates / "ca.crt")
    with EmbeddedKubernetes(tls=served(certificates)) as kube:
        server = kube.url.replace("127.0.0.1", "localhost")
        path = write({"token": "t"}, {"server": server, "certificate-authority": authority})
        with connection(path) as made, pytest.raises(ClusterError, match="certificate"):
            made.request("GET", "/version")


def test_tls_server_name_is_the_name_that_must_be_on_it(certificates: Path, write: Write) -> None:
    with EmbeddedKubernetes(tls=served(certificates)) as kube:
        cluster = {
            "server": kube.url.replace("127.0.0.1", "localhost"),
            "certificate-authority": str(certificates / "ca.crt"),
            "tls-server-name": "127.0.0.1",
        }
        with connection(write({"token": "t"}, cluster)) as made:
            assert made.request("GET", "/version").status == 200


def test_verification_is_off_only_when_the_kubeconfig_says_so(
    certificates: Path, write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    with EmbeddedKubernetes(tls=served(certificates)) as kube:
        cluster = {"server": kube.url, "insecure-skip-tls-verify": True}
        with connection(write({"token": "t"}, cluster)) as made:
            assert made.request("GET", "/version").status == 200
    assert caplog.messages == [f"{kube.url}: its certificate is not verified"]


# -- proxies


def test_a_proxy_of_the_environment_is_used(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    with EmbeddedKubernetes() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        with connection(write({}, {"server": "http://k8s.invalid"})) as made:
            made.request("GET", "/version")
        assert len(proxy.requests) == 1


def test_no_proxy_keeps_a_server_out_of_it(
    kube: EmbeddedKubernetes, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with connection(write({"token": "admin-token"}, {"server": kube.url})) as made:
        assert made.request("GET", "/version").status == 200


def test_a_proxy_that_is_not_there_is_a_sentence_without_its_password(write: Write) -> None:
    cluster = {"server": "http://k8s.invalid", "proxy-url": "http://me:hunter22@127.0.0.1:9"}
    with connection(write({}, cluster)) as made, pytest.raises(ClusterError) as caught:
        made.request("GET", "/version")
    assert "cannot reach http://k8s.invalid: " in str(caught.value)
    assert "HTTPS_PROXY" in str(caught.value)
    assert "hunter22" not in str(caught.value)


# -- what takes its time

# The second time that it runs it does not end by itself, or the first time with "hang" behind it.
PLUGIN = """
import json, os, sys, time
folder, *hang = sys.argv[1:]
if hang or os.path.exists(folder + "/ran"):
    with open(folder + "/writing", "w") as file:
        file.write(str(os.getpid()))
    os.rename(folder + "/writing", folder + "/pid")
    time.sleep(60)
open(folder + "/ran", "w").close()
status = {"token": "t", "expirationTimestamp": "2020-01-01T00:00:00Z"}
answer = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential"}
print(json.dumps({**answer, "status": status}))
"""


@pytest.fixture
def plugin(tmp_path: Path, write: Write) -> Iterator[Callable[..., Place]]:
    def place(*hang: str) -> Place:
        (tmp_path / "plugin.py").write_text(PLUGIN)
        args = [str(tmp_path / "plugin.py"), str(tmp_path), *hang]
        kind = {"apiVersion": "client.authentication.k8s.io/v1"}
        return Place((write({"exec": {**kind, "command": sys.executable, "args": args}}),), "here")

    yield place
    if (tmp_path / "pid").exists():
        with suppress(ProcessLookupError):  # it was ended
            os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


def test_a_plugin_that_hangs_is_not_waited_for_beyond_the_time_given(
    plugin: Callable[..., Place],
) -> None:
    place = plugin("hang")
    with pytest.raises(NeverAnswered) as caught:
        Login(place, deadline=Deadline(2))
    assert "the credentials were not there in time" in str(caught.value)
    assert caught.value.where == f"{place.paths[0]}, context here"


@pytest.mark.skipif(sys.platform != "linux", reason="no other system tells whose a process is")
def test_a_plugin_that_hangs_is_ended(plugin: Callable[..., Place], tmp_path: Path) -> None:
    with pytest.raises(NeverAnswered):
        Login(plugin("hang"), deadline=Deadline(2))
    pid = int((tmp_path / "pid").read_text())
    (tmp_path / "pid").unlink()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_credentials_that_come_too_late_leave_no_key_behind(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    over, late = threading.Event(), threading.Event()

    def load(place: Place, folder: str) -> None:
        over.wait()
        os.makedirs(folder, exist_ok=True)  # as the package does
        (Path(folder) / "key").touch()
        late.set()
        raise UsageError("too late")

    monkeypatch.setattr(login, "load", load)
    with pytest.raises(NeverAnswered):
        Login(Place((write(),)), deadline=Deadline(0.1))
    over.set()
    assert late.wait(60)
    for thread in threading.enumerate():
        if thread.name == "login":
            thread.join()
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_plugin_that_hangs_when_the_token_is_due_is_not_waited_for_either(
    plugin: Callable[..., Place],
) -> None:
    made = Login(plugin())
    with pytest.raises(TimedOut) as caught:
        made.headers(Deadline(2))
    assert not isinstance(caught.value, NeverAnswered)
