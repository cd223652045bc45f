"""A cluster in which a run needs every right that the manifests give, and bots with some of them."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from statusbot.demo.forge import EmbeddedForge
from tests.real import deployed
from tests.real.apiserver import ApiServer
from tests.real.deployed import BOT, FLUX, SINGLE, path_of
from tests.real.processes import free_port
from tests.support import kube, rbac
from tests.support.cli import Ran, cli
from tests.support.kube import Object
from tests.support.rbac import Right

SHA, NEXT, PAST = (digits * 20 for digits in ("5f", "6a", "7b"))
TOKEN = "forge-token-for-tests"
WORDS = "kustomize build failed: no such file"
REPOSITORY = "acme/fleet"
REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
SOURCES = {
    "GitRepository": "gitrepositories",
    "OCIRepository": "ocirepositories",
    "Bucket": "buckets",
    "ExternalArtifact": "externalartifacts",
}
LEDGER = {"app.kubernetes.io/name": "statusbot", "statusbot/ledger": "statusbot"}


@dataclass(frozen=True)
class Bot:
    """A ServiceAccount with rights as a variant of the manifests gives them."""

    variant: str
    namespace: str
    kubeconfig: Path


@dataclass
class Scene:
    """``server`` is nobody else's: a poll reads the whole cluster."""

    server: ApiServer
    folder: Path
    port: int = field(default_factory=free_port)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def bot(self, variant: str, lacking: Right | None = None) -> Bot:
        """One more bot, who lacks this right."""
        suffix = f"-{next(self._numbers)}"
        objects = rbac.bound_to(rbac.without(deployed.objects(variant), lacking), suffix)
        for item in objects:
            collection = path_of(item).rpartition("/")[0]
            self.server.admin.post(collection, item).ok()
        namespace = deployed.workload(variant)["metadata"]["namespace"]
        token = self.server.service_account(namespace, BOT + suffix)
        user = f"system:serviceaccount:{namespace}:{BOT}{suffix}"
        self._until_heard(user, objects)
        path = self.server.kubeconfig(self.folder / f"kubeconfig{suffix}", token=token)
        return Bot(variant, namespace, path)

    def _until_heard(self, user: str, objects: list[Object]) -> None:
        """The authorizer hears of new bindings a moment later."""
        for item in objects:
            namespace = item["metadata"].get("namespace", "")
            for rule in item.get("rules", ()):
                for resource in rule["resources"]:
                    attributes = {
                        "namespace": namespace,
                        "group": rule["apiGroups"][0],
                        "resource": resource,
                        "verb": rule["verbs"][-1],
                        "name": rule.get("resourceNames", [""])[0],
                    }
                    self._until_allowed(user, attributes)

    def _until_allowed(self, user: str, attributes: Mapping[str, str]) -> None:
        review = {"spec": {"user": user, "resourceAttributes": attributes}}
        end = time.monotonic() + 30
        while not self.server.admin.post(REVIEWS, review).ok()["status"]["allowed"]:
            assert time.monotonic() < end, f"{user} never got {attributes}"

    def clear(self, namespace: str) -> None:
        """No run has been here yet."""
        for path in (kube.core("configmaps", namespace), _leases(namespace)):
            for item in self.server.admin.get(path).ok()["items"]:
                if item["metadata"]["name"].startswith(BOT):
                    self.server.admin.delete(f"{path}/{item['metadata']['name']}").ok()

    def lease_of_nobody(self, namespace: str) -> None:
        """The Lease as an earlier run gave it back."""
        lease = kube.lease(namespace, BOT, holder="")
        self.server.admin.post(_leases(namespace), lease).ok()

    def namesake(self, namespace: str) -> None:
        """A ConfigMap of somebody else's, called as the ledger's first one."""
        there = kube.core("configmaps", namespace)
        self.server.admin.post(there, kube.config_map(namespace, BOT)).ok()

    def left_over(self, namespace: str) -> None:
        """A ConfigMap of a ledger that was larger."""
        item = kube.config_map(namespace, f"{BOT}-64-7")
        item["metadata"]["labels"] = LEDGER
        self.server.admin.post(kube.core("configmaps", namespace), item).ok()

    def leases(self, namespace: str) -> list[str]:
        """Those of ledgers."""
        found = kube.names(self.server.admin.get(_leases(namespace)).ok())
        return [name for name in found if name.startswith(BOT)]

    def lease_holder(self, namespace: str) -> str:
        """Who holds the ledger; nobody once it was given back."""
        lease = self.server.admin.get(f"{_leases(namespace)}/{BOT}").ok()
        return str(lease["spec"].get("holderIdentity", ""))

    def applied(self, commit: str) -> None:
        """Let Flux have reconciled ``apps`` at a commit."""
        path = f"{kube.kustomizations(FLUX, 'apps')}/status"
        self.server.admin.patch(path, {"status": kube.ready(f"main@sha1:{commit}")}).ok()

    @contextmanager
    def forge(self) -> Iterator[EmbeddedForge]:
        """A forge that shows nothing yet, at the address that the Provider names."""
        with EmbeddedForge(token=TOKEN, port=self.port) as forge:
            forge.add_repository(REPOSITORY, {SHA, NEXT, PAST})
            yield forge

    def fill(self) -> None:
        """Flux's objects for that forge."""
        put = self._put
        address = f"http://127.0.0.1:{self.port}/{REPOSITORY}"
        put(kube.secret(FLUX, "forge-token", token=TOKEN))
        put(_of("notification", "v1beta3", "Provider", "forge", _provider(address)))
        put(kube.alert(FLUX, "forge"))
        for kind in SOURCES:
            put(_source(kind, address), status={"artifact": _artifact(kind)})
            stalled = kube.kustomization(FLUX, f"stalled-{kind.lower()}")
            stalled["spec"]["sourceRef"] = {"kind": kind, "name": kind.lower()}
            put(stalled, status=_stalled())
            # What no list told of is asked for by name.
            lost = kube.kustomization(FLUX, f"lost-{kind.lower()}")
            lost["spec"]["sourceRef"] = {"kind": kind, "name": "missing"}
            put(lost)
        apps = kube.kustomization(FLUX, "apps")
        apps["spec"]["sourceRef"]["name"] = "gitrepository"
        revision = f"main@sha1:{PAST}"
        made = put(apps, status=kube.ready(f"main@sha1:{SHA}") | {"history": [_failure(revision)]})
        put(_event(made, revision))

    def _put(self, item: Object, status: Object | None = None) -> Object:
        collection = path_of(item).rpartition("/")[0]
        made: Object = self.server.admin.post(collection, item).ok()
        if status is not None:
            path = f"{collection}/{item['metadata']['name']}/status"
            self.server.admin.patch(path, {"status": status}).ok()
        return made

    def run(self, bot: Bot, *options: str, seconds: str = "", shard: str = "") -> Ran:
        """What the bot's pod does with its arguments; ``seconds`` to follow, else it only polls.

        ``shard`` is the pod's number in an Indexed Job, of how many.
        """
        arguments = deployed.arguments(bot.variant)
        at = arguments.index("--for")
        arguments[at : at + 2] = ["--for", seconds] if seconds else []
        # What the pod finds out by itself.
        login = (
            "--kubeconfig",
            str(bot.kubeconfig),
            "--ledger",
            f"configmap:{bot.namespace}/{BOT}",
        )
        environ = {"STATUSBOT_NAMESPACE": bot.namespace} if bot.variant == SINGLE else {}
        if shard:
            environ["JOB_COMPLETION_INDEX"], environ["STATUSBOT_SHARDS"] = shard.split("/")
        return cli(*arguments, "-o", "json", "--all", *login, *options, env=environ)


class EndsIt(logging.Handler):
    """Ends a run that follows, as a signal does, once it warned of something."""

    def emit(self, record: logging.LogRecord) -> None:
        os.kill(os.getpid(), signal.SIGINT)


def _leases(namespace: str) -> str:
    return f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"


def _of(group: str, version: str, kind: str, name: str, spec: Object) -> Object:
    return {
        "apiVersion": f"{group}.toolkit.fluxcd.io/{version}",
        "kind": kind,
        "metadata": {"namespace": FLUX, "name": name},
        "spec": spec,
    }


def _provider(address: str) -> Object:
    return {"type": "gitea", "address": address, "secretRef": {"name": "forge-token"}}


def _source(kind: str, address: str) -> Object:
    specs: dict[str, Object] = {
        "GitRepository": {"interval": "1m", "url": address},
        "OCIRepository": {"interval": "1m", "url": "oci://registry.example.com/acme/fleet"},
        "Bucket": {"interval": "1m", "bucketName": "fleet", "endpoint": "s3.example.com"},
        "ExternalArtifact": {
            "sourceRef": {"apiVersion": "example.com/v1", "kind": "Thing", "name": "fleet"}
        },
    }
    return _of("source", "v1", kind, kind.lower(), specs[kind])


def _artifact(kind: str) -> Object:
    origin = {"org.opencontainers.image.revision": f"main@sha1:{SHA}"}
    of_git = kind == "GitRepository"
    return {
        "revision": f"main@sha1:{SHA}" if of_git else f"latest@sha256:{'0' * 64}",
        "metadata": {} if of_git else origin,
        "digest": f"sha256:{'0' * 64}",
        "path": "fleet.tar.gz",
        "url": "http://source-controller/fleet.tar.gz",
        "lastUpdateTime": "2026-11-20T00:00:00Z",
    }


def _stalled() -> Object:
    """An error of the commit that the source holds now, so that it is read again."""
    condition = kube.ready("")["conditions"][0] | {
        "status": "False",
        "reason": "InvalidCELExpression",
        "message": "undeclared reference to 'x'",
    }
    return {"conditions": [condition], "observedGeneration": 1}


def _failure(revision: str) -> Object:
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))
    return {
        "digest": f"sha256:{'1' * 64}",
        "firstReconciled": now,
        "lastReconciled": now,
        "lastReconciledDuration": "1s",
        "lastReconciledStatus": "BuildFailed",
        "totalReconciliations": 1,
        "metadata": {"revision": revision},
    }


def _event(about: Object, revision: str) -> Object:
    metadata: dict[str, Any] = about["metadata"]
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "namespace": FLUX,
            "name": "apps.1",
            "annotations": {"kustomize.toolkit.fluxcd.io/revision": revision},
        },
        "involvedObject": {
            "apiVersion": about["apiVersion"],
            "kind": about["kind"],
            "namespace": FLUX,
            "name": metadata["name"],
            "uid": metadata["uid"],
        },
        "type": "Warning",
        "reason": "BuildFailed",
        "message": WORDS,
        "source": {"component": "kustomize-controller"},
        "firstTimestamp": "2026-11-20T00:00:00Z",
        "lastTimestamp": "2026-11-20T00:00:00Z",
        "count": 1,
    }
