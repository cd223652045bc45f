"""A real kube-apiserver with its etcd on loopback, and Flux's CRDs in it.

There is no kubelet, no controller-manager and no Flux controller: what those would write, a test
writes. Namespaces are therefore never emptied; take a new one for each test.
"""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import urllib3
import yaml

from tests.real.certificate import certificate
from tests.real.control_plane_parts import etcd, kube_apiserver
from tests.real.processes import free_port, running, until
from tests.support.kube import Client

CRDS = Path(__file__).parent / "crds"
# These serve v1beta1, v1beta2 and v1beta3 of the same kinds.
OLD_CRDS = ("alerts-v1beta1-to-v1beta3.yaml", "providers-v1beta1-to-v1beta3.yaml")
_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_RBAC = "/apis/rbac.authorization.k8s.io/v1"
_REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"

# User by token; only the first has rights before a test grants some.
USERS = {"admin": "system:masters", "nobody": "", "alice": "", "bob": ""}


@dataclass(frozen=True)
class ApiServer:
    """A running kube-apiserver; ``tokens`` by user: admin, nobody, alice, bob."""

    url: str
    etcd_url: str
    ca: Path
    log: Path
    admin: Client = field(repr=False)
    tokens: dict[str, str] = field(repr=False)
    numbers: Iterator[int] = field(default_factory=lambda: count(1), repr=False)

    def client(self, user: str | None = "admin", *, token: str | None = None) -> Client:
        """A client of its own; ``None`` is anonymous."""
        known = self.tokens[user] if user else None
        return Client(self.url, token=token or known, ca=self.ca)

    def namespace(self, name: str = "") -> str:
        """Make a namespace, by default one that nobody else uses."""
        name = name or f"test-{next(self.numbers)}"
        self.admin.post("/api/v1/namespaces", {"metadata": {"name": name}}).ok()
        return name

    def grant(self, user: str, rules: list[dict[str, Any]], namespace: str = "") -> None:
        """Bind ``rules`` of RBAC to a user, in one namespace or in the whole cluster."""
        kind = "Role" if namespace else "ClusterRole"
        scope = f"{_RBAC}/namespaces/{namespace}" if namespace else _RBAC
        name = f"test-{next(self.numbers)}"
        plural = kind.lower() + "s"
        self.admin.post(f"{scope}/{plural}", {"metadata": {"name": name}, "rules": rules}).ok()
        binding = {
            "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
        }
        self.admin.post(f"{scope}/{kind.lower()}bindings", binding).ok()
        self._wait_for_right(user, rules[-1], namespace)

    def _wait_for_right(self, user: str, rule: dict[str, Any], namespace: str) -> None:
        """The authorizer hears of a new binding a moment after it was made."""
        attributes = {
            "namespace": namespace,
            "group": rule["apiGroups"][0],
            "resource": rule["resources"][0],
            "verb": rule["verbs"][0],
            "name": rule.get("resourceNames", [""])[0],
        }
        review = {"spec": {"user": user, "resourceAttributes": attributes}}
        deadline = time.monotonic() + 30
        while not self.admin.post(_REVIEWS, review).ok()["status"]["allowed"]:
            assert time.monotonic() < deadline, f"{user} never got {rule}"

    def service_account(self, namespace: str, name: str) -> str:
        """A token of a ServiceAccount, which is made when it is not there yet."""
        accounts = f"/api/v1/namespaces/{namespace}/serviceaccounts"
        self.admin.post(accounts, {"metadata": {"name": name}})
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        made = self.admin.post(f"{accounts}/{name}/token", request).ok()
        token: str = made["status"]["token"]
        return token

    def kubeconfig(self, path: Path, *, user: str = "admin", token: str | None = None) -> Path:
        """Write a kubeconfig (mode 0600) with one context ``real``."""
        cluster = {"server": self.url, "certificate-authority": str(self.ca)}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "real", "cluster": cluster}],
            "users": [{"name": "real", "user": {"token": token or self.tokens[user]}}],
            "contexts": [{"name": "real", "context": {"cluster": "real", "user": "real"}}],
            "current-context": "real",
        }
        path.touch(mode=0o600)
        path.write_text(json.dumps(config))
        return path

    def compact(self) -> None:
        """Let etcd forget all history, as a kube-apiserver has it do every five minutes.

        The snapshots in the kube-apiserver's memory follow within 15 seconds, since they look
        that often for what it writes under this key (storage/etcd3/compact.go, storage/cacher).
        """
        key = _base64("compact_rev_key")
        now = self._etcd("put", {"key": key, "value": _base64("0")})["header"]["revision"]
        self._etcd("put", {"key": key, "value": _base64(now)})
        self._etcd("compaction", {"revision": now, "physical": True})

    @contextmanager
    def old_notification_api(self) -> Iterator[None]:
        """Alerts and Providers at v1beta1 and v1beta2 too while the block lasts."""
        install(self.admin, OLD_CRDS)
        try:
            yield
        finally:
            install(self.admin, ("alerts.yaml", "providers.yaml"))

    def _etcd(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        address = f"{self.etcd_url}/v3/kv/{method}"
        with urllib3.PoolManager() as http:
            answer = http.request("POST", address, body=json.dumps(body))
            assert answer.status == 200, answer.data
            found: dict[str, Any] = answer.json()
            return found


@contextmanager
def started(work: Path) -> Iterator[ApiServer]:
    """etcd and kube-apiserver with their files in ``work``; NoGoError when they cannot be built."""
    with restartable(work) as made:
        yield made.server


@contextmanager
def restartable(work: Path) -> Iterator[Restartable]:
    """The same, of which the kube-apiserver can be killed and started again."""
    binaries = etcd(), kube_apiserver()
    cert, _ = certificate()
    work.mkdir(parents=True, exist_ok=True)
    tokens = {user: f"{user}-{os.urandom(8).hex()}" for user in USERS}
    log = work / "log"
    with ExitStack() as stack:
        etcd_url = stack.enter_context(_etcd(binaries[0], work, log))
        url = f"https://127.0.0.1:{free_port()}"
        admin = stack.enter_context(Client(url, token=tokens["admin"], ca=cert))
        server = ApiServer(url, etcd_url, cert, log, admin, tokens)
        made = Restartable(server, _command(binaries[1], work, server))
        stack.callback(made.kill)
        made.start()
        current = (path.name for path in sorted(CRDS.glob("*.yaml")))
        install(admin, tuple(name for name in current if name not in OLD_CRDS))
        yield made


class Restartable:
    """A kube-apiserver whose process comes and goes; its etcd, port and logins stay."""

    def __init__(self, server: ApiServer, command: list[str | Path]) -> None:
        self.server = server
        self._command = command
        self._process = ExitStack()

    def start(self) -> None:
        """Run it, and wait until it is ready."""
        process = self._process.enter_context(running(self._command, self.server.log))
        ca = str(self.server.ca)
        with urllib3.PoolManager(retries=False, ca_certs=ca) as http:
            ready = f"{self.server.url}/readyz"
            until(lambda: _answers(http, ready), process, self.server.log)

    def kill(self) -> None:
        """End it by SIGKILL: every connection breaks."""
        self._process.close()


def install(admin: Client, names: tuple[str, ...]) -> None:
    """Create or replace CRDs by file name, and wait until their kinds are served as they say."""
    wanted = [yaml.safe_load((CRDS / name).read_text()) for name in names]
    for definition in wanted:
        address = f"{_DEFINITIONS}/{definition['metadata']['name']}"
        there = admin.get(address)
        if there.status == 404:
            admin.post(_DEFINITIONS, definition).ok()
        else:
            metadata = there.ok()["metadata"]
            definition["metadata"]["resourceVersion"] = metadata["resourceVersion"]
            admin.put(address, definition).ok()
    for definition in wanted:
        _wait_for(admin, definition)


def _wait_for(admin: Client, definition: dict[str, Any]) -> None:
    spec = definition["spec"]
    versions = {version["name"] for version in spec["versions"] if version["served"]}
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        answer = admin.get(f"/apis/{spec['group']}")
        served = {v["version"] for v in answer.data["versions"]} if answer.status == 200 else set()
        plural = spec["names"]["plural"]
        if served >= versions and all(
            admin.get(f"/apis/{spec['group']}/{version}/{plural}", limit="1").status == 200
            for version in versions
        ):
            return
        time.sleep(0.02)
    raise RuntimeError(f"{definition['metadata']['name']} was not established")


@contextmanager
def _etcd(binary: Path, work: Path, log: Path) -> Iterator[str]:
    url, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    command: list[str | Path] = [
        binary,
        f"--data-dir={work / 'etcd'}",
        f"--listen-client-urls={url}",
        f"--advertise-client-urls={url}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        # Nobody reads this data again, so it need not survive a power cut.
        "--unsafe-no-fsync",
        "--log-level=error",
    ]
    with running(command, log) as process, urllib3.PoolManager(retries=False) as http:
        until(lambda: _answers(http, f"{url}/readyz"), process, log)
        yield url


def _command(binary: Path, work: Path, server: ApiServer) -> list[str | Path]:
    cert, key = certificate()
    lines = (f"{server.tokens[user]},{user},{user},{group}" for user, group in USERS.items())
    (work / "tokens.csv").write_text("\n".join(lines) + "\n")
    return [
        binary,
        f"--etcd-servers={server.etcd_url}",
        "--bind-address=127.0.0.1",
        f"--secure-port={server.url.rpartition(':')[2]}",
        f"--tls-cert-file={cert}",
        f"--tls-private-key-file={key}",
        f"--token-auth-file={work / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--disable-admission-plugins=ServiceAccount",
        # Only warnings: the log is shown with a test that failed.
        "--v=0",
    ]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _answers(http: urllib3.PoolManager, address: str) -> bool:
    try:
        return http.request("GET", address, timeout=5).status == 200
    except urllib3.exceptions.HTTPError:
        return False
