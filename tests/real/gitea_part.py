"""Gitea as a binary with its templates, built inside its own Go module.

Its go.mod has ``replace`` lines, so it cannot be required by a module of ours; it can be built
where Go keeps it. 1.26.0 is the newest version of which the module proxy has all that it needs.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.real.parts import built, go, module_file

GITEA = "1.26.0"
# What the binary reads at run time when it was built without embedding it.
STATIC = ("options", "public", "templates")


def gitea_folder() -> Path:
    """The folder with the binary ``gitea`` and ``static``, the files that it reads."""
    return built("gitea", GITEA, _build)


def _build(folder: Path) -> None:
    source = module_file("code.gitea.io/gitea", f"v{GITEA}", "Dir")
    tags = ("-tags", "sqlite sqlite_unlock_notify")
    flags = ("-buildvcs=false", "-trimpath", "-ldflags", f"-s -w -X main.Version={GITEA}")
    go("build", *tags, *flags, "-o", folder / "gitea", ".", cwd=source)
    for name in STATIC:
        shutil.copytree(source / name, folder / "static" / name)
    # Go keeps its modules read-only; the copy must be deletable, and readable by another user.
    for path in [folder / "static", *(folder / "static").rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
