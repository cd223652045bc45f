"""Fifty thousand Kustomizations, an empty ledger, and a forge that takes a second per answer."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from statusbot.demo.forge import EmbeddedForge
from tests.real.apiserver import ApiServer, started
from tests.real.bulk import store
from tests.real.parts import NoGoError, unavailable
from tests.support.kube import alert, kustomization, kustomizations, ready, secret
from tests.support.measure import cost

pytestmark = pytest.mark.timeout(1800)

OBJECTS = 50_000
COMMITS = 500
START = datetime(2026, 11, 20, tzinfo=UTC)
MOST_MEGABYTES = 150
# Far less than the forge takes for all; the second for a machine too busy to read them in the first.
TIMEOUTS = ("60s", "240s")


@dataclass(frozen=True)
class Ran:
    """What one run said, and what it took."""

    report: dict[str, Any]
    megabytes: float
    order: list[str]


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An API server of its own: fifty thousand objects would slow down all other tests."""
    try:
        with started(tmp_path_factory.mktemp("crowded")) as apiserver:
            namespace = apiserver.namespace("crowd")
            store(apiserver, "gitrepositories", (_source(namespace, n) for n in range(COMMITS)))
            store(apiserver, "kustomizations", (_object(namespace, n) for n in range(OBJECTS)))
            _wait(apiserver)
            yield apiserver
    except NoGoError as error:
        unavailable("etcd and kube-apiserver", error)


@pytest.fixture(scope="module")
def ran(crowded: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    folder = tmp_path_factory.mktemp("run")
    with EmbeddedForge(token="t", latency=1.0) as forge:
        forge.add_repository("acme/fleet")
        _routes(crowded, forge.url)
        for timeout in TIMEOUTS:
            report, megabytes = _run(crowded, folder / timeout, timeout)
            if report["counts"]["posted"]:
                break
        order = list(dict.fromkeys(stored.commit for stored in forge.stored))
        yield Ran(report, megabytes, order)


def test_all_objects_are_read_and_judged(ran: Ran) -> None:
    assert (ran.report["counts"]["objects"], ran.report["counts"]["results"]) == (OBJECTS, OBJECTS)


def test_what_does_not_fit_into_the_time_is_deferred_and_nothing_is_an_error(ran: Ran) -> None:
    counts = ran.report["counts"]
    assert counts["posted"] > 0
    assert (counts["errors"], counts["posted"] + counts["deferred"]) == (0, OBJECTS)


def test_the_newest_commits_go_first(ran: Ran) -> None:
    newest = [_commit(number) for number in reversed(range(COMMITS))]
    # Connections work side by side, so a commit may overtake the one before it.
    assert set(ran.order) <= set(newest[: len(ran.order) + 4])


def test_memory_stays_bounded(ran: Ran) -> None:
    assert ran.megabytes < MOST_MEGABYTES


def _served(apiserver: ApiServer) -> bool:
    """Whether the server's cache has caught up with etcd, so that it streams all objects."""
    admin, path = apiserver.admin, kustomizations()
    newest = admin.get(path, limit="1").data["metadata"]["resourceVersion"]
    cached = {"resourceVersion": newest, "resourceVersionMatch": "NotOlderThan"}
    return admin.get(path, limit="1", **cached).status == 200


def _wait(apiserver: ApiServer, seconds: float = 300.0) -> None:
    deadline = time.monotonic() + seconds
    while not _served(apiserver):
        assert time.monotonic() < deadline, "the API server's cache never caught up"


def _run(apiserver: ApiServer, folder: Path, timeout: str) -> tuple[dict[str, Any], float]:
    folder.mkdir()
    config = apiserver.kubeconfig(folder / "kubeconfig")
    command = [
        *(sys.executable, "-m", "statusbot", "run", "-o", "json", "--kubeconfig", str(config)),
        *("--ledger", f"file:{folder / 'ledger'}", "--timeout", timeout),
    ]
    out, log = folder / "report", folder / "log"
    with out.open("wb") as stdout, log.open("wb") as stderr:
        took = cost(command, stdout, stderr)
    assert took.code == 0, log.read_text()
    return json.loads(out.read_bytes()), took.megabytes


def _commit(number: int) -> str:
    return f"{number:040x}"


def _source(namespace: str, number: int) -> dict[str, Any]:
    updated = (START + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": _metadata(namespace, f"branch-{number}", number),
        "spec": {"interval": "1m", "url": "http://127.0.0.1/acme/fleet"},
        "status": {
            "artifact": {
                "digest": f"sha256:{number:064x}",
                "lastUpdateTime": updated,
                "path": "x",
                "revision": f"main@sha1:{_commit(number)}",
                "url": "http://127.0.0.1/x",
            }
        },
    }


def _object(namespace: str, number: int) -> dict[str, Any]:
    made = kustomization(namespace, f"app-{number}")
    branch = number % COMMITS
    made["metadata"] = _metadata(namespace, f"app-{number}", number)
    made["spec"]["sourceRef"]["name"] = f"branch-{branch}"
    made["status"] = {
        **ready(f"main@sha1:{_commit(branch)}"),
        "inventory": {
            "entries": [{"id": f"ns_{n:040}_apps_Deployment", "v": "v1"} for n in range(40)]
        },
    }
    return made


def _metadata(namespace: str, name: str, number: int) -> dict[str, Any]:
    return {
        "namespace": namespace,
        "name": name,
        "uid": f"00000000-0000-4000-8000-{number:012d}",
        "generation": 1,
        "creationTimestamp": "2026-11-20T00:00:00Z",
    }


def _routes(apiserver: ApiServer, forge: str) -> None:
    admin, core = apiserver.admin, "/api/v1/namespaces/crowd/secrets"
    admin.post(core, secret("crowd", "token", token="t")).ok()
    notification = "/apis/notification.toolkit.fluxcd.io/v1beta3/namespaces/crowd"
    provider = {
        "apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
        "kind": "Provider",
        "metadata": {"namespace": "crowd", "name": "forge"},
        "spec": {
            "type": "gitea",
            "address": f"{forge}/acme/fleet",
            "secretRef": {"name": "token"},
            "timeout": "30s",
        },
    }
    admin.post(f"{notification}/providers", provider).ok()
    admin.post(f"{notification}/alerts", alert("crowd", "forge")).ok()
