"""actionlint: what GitHub would say of a workflow. Its package on PyPI is a download of this binary."""

from __future__ import annotations

from pathlib import Path

from tests.real.parts import built, go, module_file

ACTIONLINT = "1.7.12"


def actionlint() -> Path:
    """The binary."""
    return built("actionlint", ACTIONLINT, _build) / "actionlint"


def _build(folder: Path) -> None:
    source = module_file("github.com/rhysd/actionlint", f"v{ACTIONLINT}", "Dir")
    flags = ("-buildvcs=false", "-trimpath", "-ldflags", "-s -w")
    go("build", *flags, "-o", folder / "actionlint", "./cmd/actionlint", cwd=source)
