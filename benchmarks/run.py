"""What a run costs: its start beside the imports that it cannot do without, and its memory.

Prints ratios of pairs measured in turn, so that they hold on a noisy machine too:
`python -m benchmarks.run`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from statusbot.demo.forge import EmbeddedForge
from statusbot.demo.kube import EmbeddedKubernetes

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.measure import Cost, cost

TOKEN = "bench"
IMPORTS = (sys.executable, "-c", "import kubernetes.client, requests")
PAIRS = 7
MANY = 1000


def main() -> None:
    """Measure and print; ends by itself."""
    with (
        tempfile.TemporaryDirectory() as name,
        EmbeddedKubernetes() as kube,
        EmbeddedForge(token=TOKEN) as forge,
    ):
        folder = Path(name)
        # As in the image nothing is compiled at a start: the first call of each leaves byte code.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "byte-code")
        forge.add_repository("bench/apps")
        cluster(kube, forge.url, count=1)
        config = str(kube.kubeconfig(folder / "kubeconfig"))
        run = (sys.executable, "-m", "statusbot", "run", "--kubeconfig", config)
        no_op = (*run, "--ledger", f"file:{folder / 'one'}")
        measure(no_op)
        measure(IMPORTS)
        pairs = [(measure(no_op), measure(IMPORTS)) for _ in range(PAIRS)]
        ratios = [mine.seconds / theirs.seconds for mine, theirs in pairs]
        print(f"a run with nothing new, beside `{' '.join(IMPORTS[1:])}` ({PAIRS} pairs)")
        print(
            f"  wall: {seconds(p[0].seconds for p in pairs)} against {seconds(p[1].seconds for p in pairs)}"
        )
        print(f"  ratio: median {statistics.median(ratios):.2f} (at most 2 is wanted)")
        cluster(kube, forge.url, count=MANY)
        first = measure((*run, "--ledger", f"file:{folder / 'many'}"))
        again = measure((*run, "--ledger", f"file:{folder / 'many'}"))
        print(f"{MANY} Kustomizations (at most 100 MB is wanted)")
        print(
            f"  peak memory: {first.megabytes:.0f} MB posting all, {again.megabytes:.0f} MB with nothing new"
        )
        print(f"  wall: {first.seconds:.2f} s posting all, {again.seconds:.2f} s with nothing new")
        bare = measure(IMPORTS)
        print(f"  the imports alone: {bare.megabytes:.0f} MB")


def seconds(values: Iterable[float]) -> str:
    """The median of some times."""
    return f"{statistics.median(values):.2f} s"


def measure(command: Sequence[str]) -> Cost:
    """What a command takes that must succeed."""
    took = cost(command, subprocess.DEVNULL)
    if took.code:
        raise SystemExit(f"{' '.join(command)} ended with {took.code}")
    return took


def cluster(kube: EmbeddedKubernetes, forge: str, count: int) -> None:
    """So many Kustomizations of one repository, each at a commit of its own; one Alert for all."""
    meta = {"namespace": "flux-system"}
    kube.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {**meta, "name": "token"},
            "stringData": {"token": TOKEN},
        }
    )
    notification = "notification.toolkit.fluxcd.io/v1beta3"
    kube.apply(
        {
            "apiVersion": notification,
            "kind": "Provider",
            "metadata": {**meta, "name": "forge", "uid": "0c9c2e41-0000-4000-8000-000000000000"},
            "spec": {
                "type": "gitea",
                "address": f"{forge}/bench/apps",
                "secretRef": {"name": "token"},
            },
        }
    )
    kube.apply(
        {
            "apiVersion": notification,
            "kind": "Alert",
            "metadata": {**meta, "name": "forge"},
            "spec": {
                "providerRef": {"name": "forge"},
                "eventSources": [{"kind": "Kustomization", "name": "*"}],
            },
        }
    )
    for number in range(count):
        kube.apply(kustomization(number))


def kustomization(number: int) -> dict[str, object]:
    """One that is Ready at a commit of its own."""
    revision = f"main@sha1:{number:040x}"
    time_ = "2026-11-20T12:00:00Z"
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {
            "namespace": "flux-system",
            "name": f"app-{number}",
            "uid": f"00000000-0000-4000-8000-{number:012d}",
            "generation": 1,
        },
        "spec": {"sourceRef": {"kind": "GitRepository", "name": "apps"}, "prune": True},
        "status": {
            "observedGeneration": 1,
            "lastAppliedRevision": revision,
            "lastAttemptedRevision": revision,
            "conditions": [
                {
                    "type": "Ready",
                    "status": "True",
                    "reason": "ReconciliationSucceeded",
                    "message": f"Applied revision: {revision}",
                    "lastTransitionTime": time_,
                }
            ],
            "inventory": {
                "entries": [{"id": f"ns_app-{n}__ConfigMap", "v": "v1"} for n in range(60)]
            },
        },
    }


if __name__ == "__main__":
    main()
