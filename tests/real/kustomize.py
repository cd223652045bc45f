"""kustomize as a binary, built inside its own Go module, and what it makes of a folder.

``kubectl apply -k`` has the same code inside (k8s.io/kubectl, pkg/cmd/kustomize), which is not there
on every machine.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.real.parts import built, go, module_file

KUSTOMIZE = "5.8.1"


def kustomize() -> Path:
    """The kustomize binary; NoGoError when it is not built and cannot be."""
    return built("kustomize", KUSTOMIZE, _build) / "kustomize"


def rendered(folder: Path) -> list[dict[str, Any]]:
    """The objects that ``kubectl apply -k FOLDER`` would send; AssertionError with its complaint."""
    command: list[str | Path] = [kustomize(), "build", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # What it only warns of (a deprecated field) is nothing to ship either.
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return list(yaml.safe_load_all(done.stdout))


def _build(folder: Path) -> None:
    source = module_file("sigs.k8s.io/kustomize/kustomize/v5", f"v{KUSTOMIZE}", "Dir")
    flags = ("-buildvcs=false", "-trimpath", "-ldflags", "-s -w")
    go("build", *flags, "-o", folder / "kustomize", ".", cwd=source)
