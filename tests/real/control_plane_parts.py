"""etcd, kube-apiserver and kubectl as binaries, built from their Go modules.

Both modules have ``replace`` lines, which ``go install MODULE@VERSION`` refuses; a module of our
own that requires them and imports their command can be built.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.real.parts import built, go, is_built, module_file

ETCD = "3.6.16"
KUBE_APISERVER = "1.36.3"


def etcd() -> Path:
    """The etcd binary."""
    return built("etcd", ETCD, _build_etcd) / "etcd"


def kube_apiserver() -> Path:
    """The kube-apiserver binary."""
    return built("kube-apiserver", KUBE_APISERVER, _build_kube_apiserver) / "kube-apiserver"


def kubectl() -> Path:
    """The kubectl binary."""
    return built("kubectl", KUBE_APISERVER, _build_kubectl) / "kubectl"


def are_built() -> bool:
    """Is there nothing left to build for a control plane?"""
    return is_built("etcd", ETCD) and is_built("kube-apiserver", KUBE_APISERVER)


def _build_etcd(folder: Path) -> None:
    # Its replace lines point at its siblings, which the module proxy serves at the same version.
    _build(folder, "etcd", "go.etcd.io/etcd/server/v3", f"v{ETCD}", "go.etcd.io/etcd/server/v3")


def _build_kube_apiserver(folder: Path) -> None:
    _build_kubernetes(folder, "kube-apiserver")


def _build_kubectl(folder: Path) -> None:
    _build_kubernetes(folder, "kubectl")


def _build_kubernetes(folder: Path, command: str) -> None:
    module, version = "k8s.io/kubernetes", f"v{KUBE_APISERVER}"
    # k8s.io/api v0.36.3 is the staging folder k8s.io/api of k8s.io/kubernetes v1.36.3.
    staged = re.findall(r"^\s*(\S+) => \./staging/", _go_mod(module, version), re.MULTILINE)
    replaced = [f"replace {name} => {name} v0.{KUBE_APISERVER[2:]}" for name in staged]
    name = "k8s.io/component-base/version.gitVersion"
    flags = ["-ldflags", f"-s -w -X {name}={version}"]
    _build(folder, command, module, version, f"{module}/cmd/{command}", replaced, flags)


def _build(
    folder: Path,
    binary: str,
    module: str,
    version: str,
    command: str,
    replaced: list[str] | None = None,
    flags: list[str] | None = None,
) -> None:
    source = folder / "source"
    source.mkdir()
    text = _go_mod(module, version)
    language = re.search(r"^(go \S+)", text, re.MULTILINE)
    lines = ["module parts", *([language[1]] if language else []), f"require {module} {version}"]
    (source / "go.mod").write_text("\n".join([*lines, *(replaced or []), ""]))
    (source / "tools.go").write_text(f'//go:build tools\n\npackage parts\n\nimport _ "{command}"\n')
    # -mod=mod lets Go complete go.mod and go.sum with just what this command needs.
    options = ["-mod=mod", "-buildvcs=false", "-trimpath", *(flags or [])]
    go("build", *options, "-o", folder / binary, command, cwd=source)


def _go_mod(module: str, version: str) -> str:
    return module_file(module, version, "GoMod").read_text()
