"""Real servers are built once for each version and kept outside the tree."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest


class NoGoError(RuntimeError):
    """The real parts are Go programs and there is no Go here to build them with."""


def parts_folder() -> Path:
    """``$XDG_CACHE_HOME/statusbot/parts``, made when it is not there yet."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(cache) / "statusbot" / "parts"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def built(name: str, version: str, build: Callable[[Path], None]) -> Path:
    """The folder of ``name`` at ``version``; ``build`` fills it when it is not there yet.

    A folder appears under its final name by one rename, so a build that was killed leaves nothing
    that looks finished, and a lock keeps a second pytest waiting instead of building it again.
    """
    folder = _folder(name, version)
    if folder.is_dir():
        return folder
    with _locked(folder.with_name(folder.name + ".lock")):
        if folder.is_dir():
            return folder
        scratch = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
        try:
            build(scratch)
            # Gitea refuses to run as root, and mkdtemp opens a folder to its owner only.
            scratch.chmod(0o755)
            scratch.rename(folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return folder


def is_built(name: str, version: str) -> bool:
    """Is the part there already?"""
    return _folder(name, version).is_dir()


def _folder(name: str, version: str) -> Path:
    return parts_folder() / f"{name}-{version}"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def go(*arguments: str | Path, cwd: Path | None = None) -> str:
    """What ``go ARGUMENTS`` printed; RuntimeError with its last words when it failed."""
    if shutil.which("go") is None:
        raise NoGoError("go is not on PATH")
    command: Sequence[str | Path] = ("go", *arguments)
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"go {arguments[0]} failed: {done.stderr[-2000:]}")
    return done.stdout


def module_file(module: str, version: str, key: str) -> Path:
    """Where Go keeps a module: ``key`` is ``Dir`` or ``GoMod`` of ``go mod download -json``."""
    answer = json.loads(go("mod", "download", "-json", f"{module}@{version}", cwd=Path("/")))
    return Path(answer[key])


def unavailable(what: str, error: RuntimeError) -> NoReturn:
    """Skip loudly; fail where the real parts are required (CI, STATUSBOT_REQUIRE_REAL=1)."""
    if os.environ.get("CI") == "true" or os.environ.get("STATUSBOT_REQUIRE_REAL") == "1":
        pytest.fail(f"{what} are required here, but {error}")
    pytest.skip(f"REAL PARTS SKIPPED: {error}, so there is no {what} to test with")
