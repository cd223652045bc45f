"""What following costs: seconds from Flux's write to the row on the forge, CPU and memory.

`python -m benchmarks.follow` needs Go once, for a real kube-apiserver with its etcd. statusbot is a
process of its own; the forge is on loopback and answers at once. The second part is played by the
embedded Kubernetes API: Kustomizations that are reconciled again and again with nothing new.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.run import TOKEN, cluster, kustomization
from statusbot.demo.forge import EmbeddedForge
from statusbot.demo.forge.calls import Call, Kind, Reply
from statusbot.demo.kube import EmbeddedKubernetes
from tests.real.apiserver import ApiServer, started
from tests.real.parts import NoGoError
from tests.support import kube as objects
from tests.support.kube import kustomizations, ready

NAMESPACE = "flux-system"
SOURCES = f"/apis/source.toolkit.fluxcd.io/v1/namespaces/{NAMESPACE}/gitrepositories"
NOTIFICATION = f"/apis/notification.toolkit.fluxcd.io/v1beta3/namespaces/{NAMESPACE}"
CHANGES, BURST = 200, 50
BETWEEN = 0.005  # seconds between Flux's two writes of a success
MANY, SECONDS = 1000, 60.0  # Kustomizations, and how long it takes to reconcile each once
PATCHES, LAG = 5, 5  # that Flux writes each time, and how many objects begin between two of them


def main() -> None:
    """Measure and print; ends by itself."""
    try:
        with tempfile.TemporaryDirectory() as name, started(Path(name) / "server") as server:
            print("seconds from the PATCH of a status, sent, to the row, stored")
            print(f"{'':34}{'changes':>9}{'min':>8}{'median':>8}{'95 %':>8}{'max':>8}")
            latency(server, Path(name))
    except NoGoError as error:
        print(f"how long a change takes was not measured: {error}")
    cost()


# -- latency


class Rows:
    """When the row of each commit was stored."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}
        self._stored = threading.Condition()

    def __call__(self, call: Call, reply: Reply | None) -> None:
        """The forge's watcher."""
        if call.kind is Kind.WRITE and reply is not None and reply.status < 300:
            with self._stored:
                self._at[call.commit] = time.perf_counter()
                self._stored.notify_all()

    def at(self, commit: str) -> float:
        """Wait for it."""
        with self._stored:
            assert self._stored.wait_for(lambda: commit in self._at, 120), commit
            return self._at[commit]


def latency(server: ApiServer, folder: Path) -> None:
    """One change after the other, and many without waiting for their rows."""
    rows = Rows()
    with EmbeddedForge(token=TOKEN) as forge:
        forge.add_repository("bench/apps")
        prepare(server, f"{forge.url}/bench/apps")
        config = server.kubeconfig(folder / "kubeconfig")
        EmbeddedForge.watchers.append(rows)
        with following(config, folder):
            rows.at(commit(0, BURST - 1))
            single = [sum(changed(server, rows, n, [n % BURST]), 0.0) for n in range(1, CHANGES)]
            tell("one change at a time", single)
            burst = [
                took
                for number in range(CHANGES, CHANGES + CHANGES // BURST)
                for took in changed(server, rows, number, range(BURST))
            ]
            tell(f"{BURST} Kustomizations in a row", burst)
        EmbeddedForge.watchers.remove(rows)


def prepare(server: ApiServer, address: str) -> None:
    """The Kustomizations at their first commits, and all that they need."""
    admin = server.admin
    server.namespace(NAMESPACE)
    admin.post(objects.core("secrets", NAMESPACE), objects.secret(NAMESPACE, "token", token=TOKEN))
    source = {"interval": "1m", "url": address}
    admin.post(SOURCES, made("source", "v1", "GitRepository", "fleet", source)).ok()
    provider = {"type": "gitea", "address": address, "secretRef": {"name": "token"}}
    group = "notification"
    body = made(group, "v1beta3", "Provider", "forge", provider)
    admin.post(f"{NOTIFICATION}/providers", body).ok()
    admin.post(f"{NOTIFICATION}/alerts", objects.alert(NAMESPACE, "forge")).ok()
    for number in range(BURST):
        app = objects.kustomization(NAMESPACE, f"app-{number}")
        admin.post(kustomizations(NAMESPACE), app).ok()
        finish(server, number, commit(0, number))


def made(group: str, version: str, kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    """An object of Flux."""
    return {
        "apiVersion": f"{group}.toolkit.fluxcd.io/{version}",
        "kind": kind,
        "metadata": {"namespace": NAMESPACE, "name": name},
        "spec": spec,
    }


def commit(number: int, app: int) -> str:
    """Of one Kustomization at one time."""
    return f"{number:020x}{app:020x}"


def changed(server: ApiServer, rows: Rows, number: int, apps: Iterable[int]) -> list[float]:
    """Write the success of a new commit to each of these; how long each row took."""
    sent: dict[str, float] = {}
    for app in apps:
        sha = commit(number, app)
        status = ready(f"main@sha1:{sha}")
        first = {"conditions": status["conditions"]}
        first["lastAttemptedRevision"] = status["lastAttemptedRevision"]
        path = f"{kustomizations(NAMESPACE, f'app-{app}')}/status"
        server.admin.patch(path, {"status": first}).ok()
        time.sleep(BETWEEN)
        sent[sha] = time.perf_counter()
        finish(server, app, sha)
    return [rows.at(sha) - at for sha, at in sent.items()]


def finish(server: ApiServer, app: int, sha: str) -> None:
    """The second write of a success."""
    path = f"{kustomizations(NAMESPACE, f'app-{app}')}/status"
    server.admin.patch(path, {"status": ready(f"main@sha1:{sha}")}).ok()


def tell(what: str, seconds: list[float]) -> None:
    """One line of the table."""
    ordered = sorted(seconds)
    late = ordered[int(0.95 * (len(ordered) - 1))]
    columns = (ordered[0], statistics.median(ordered), late, ordered[-1])
    print(f"{what:34}{len(ordered):9}" + "".join(f"{value:8.3f}" for value in columns), flush=True)


# -- CPU and memory


@dataclass(frozen=True)
class Used:
    """Seconds of CPU, and megabytes: the most so far."""

    cpu: float
    peak: float


def cost() -> None:
    """Follow Kustomizations that are reconciled at their interval, and then nothing at all."""
    with (
        tempfile.TemporaryDirectory() as name,
        EmbeddedKubernetes() as kube,
        EmbeddedForge(token=TOKEN) as forge,
    ):
        folder = Path(name)
        forge.add_repository("bench/apps")
        cluster(kube, forge.url, count=MANY)
        config = kube.kubeconfig(folder / "kubeconfig")
        with following(config, folder) as process:
            while len(forge.stored) < MANY:
                time.sleep(0.1)
            time.sleep(2.0)
            calls, idle = len(forge.calls), used(process.pid)
            time.sleep(20.0)
            before = used(process.pid)
            changes = reconcile(kube)
            time.sleep(1.0)
            after = used(process.pid)
            spent = after.cpu - before.cpu
            print(f"{MANY} Kustomizations, {changes} patches in {SECONDS:.0f} s, nothing new")
            print(f"  CPU: {spent:.1f} s, {1e6 * spent / changes:.0f} microseconds for each patch")
            print(f"  CPU while nothing happens: {(before.cpu - idle.cpu) / 20:.3f} of a core")
            print(f"  peak memory: {after.peak:.0f} MB")
            print(f"  calls of the forge: {len(forge.calls) - calls}")


def reconcile(kube: EmbeddedKubernetes) -> int:
    """Each once in a minute, evenly spread; how many patches that were."""
    began, count = time.monotonic(), 0
    for step in range(MANY + LAG * PATCHES):
        for stage in range(PATCHES):
            number = step - LAG * stage
            if 0 <= number < MANY:
                obj: dict[str, Any] = kustomization(number)
                kube.apply(obj | {"status": list(patches(obj["status"]))[stage]})
                count += 1
        time.sleep(max(0.0, began + SECONDS * (step + 1) / MANY - time.monotonic()))
    return count


def patches(end: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What Flux writes to an object at which nothing changes."""
    revision = end["lastAppliedRevision"]
    stages = ("Fetching manifests", "Building manifests", "Detecting drift")
    for stage in stages[: PATCHES - 2]:
        at_work = end["conditions"][0] | {"status": "Unknown", "reason": "Progressing"}
        doing = {
            "type": "Reconciling",
            "status": "True",
            "reason": "Progressing",
            "message": f"{stage} for revision {revision} with a timeout of 9m59s",
        }
        yield end | {"conditions": [at_work, doing]}
    yield end
    yield end | {"observedGeneration": 1}


def used(pid: int) -> Used:
    """Of a process of Linux."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return Used(ticks / os.sysconf("SC_CLK_TCK"), peak / 1024)


@contextmanager
def following(config: Path, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """statusbot, which follows; it must end well when it is told to."""
    command = [sys.executable, "-m", "statusbot", "run", "--for", "forever"]
    command += ["--kubeconfig", str(config), "--ledger", f"file:{folder / 'ledger'}"]
    command += ["--write-limit", "none"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()
    assert process.returncode == 130, process.returncode


if __name__ == "__main__":
    main()
