"""A base image made of the packages that this machine's own Debian or Ubuntu comes from.

No registry is asked. The mirror is the one that apt is set up with here, and the release is this
machine's, which must have Python 3.11.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.real.parts import built

TOOLS = ("buildah", "mmdebstrap", "unshare", "setpriv")
# Another number makes it again where one is kept already.
_VERSION = "1"
_PACKAGES = "python3,python3-venv,ca-certificates"
_SOURCES = ("sources.list", "sources.list.d/debian.sources", "sources.list.d/ubuntu.sources")


class NoImageError(RuntimeError):
    """Here no image can be built or run."""


def base() -> Path:
    """A tar archive of the file system; NoImageError where none can be made."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        raise NoImageError(f"there is no {' and no '.join(missing)} on PATH")
    if os.geteuid() != 0:
        raise NoImageError("only root may make a file system to change into")
    return built(f"image-base-{_release()}", _VERSION, _bootstrap) / "base.tar"


def _bootstrap(folder: Path) -> None:
    sources = [path for path in map(Path("/etc/apt").joinpath, _SOURCES) if path.is_file()]
    if not sources:
        raise NoImageError("apt has no list of sources here")
    options = (f"--aptopt={line}" for line in _ways_to_the_mirror())
    variant = ("--quiet", "--variant=minbase", f"--include={_PACKAGES}")
    called("mmdebstrap", *variant, *options, _release(), folder / "base.tar", *sources)


def _ways_to_the_mirror() -> Iterator[str]:
    """The proxies and certificates of this machine's apt."""
    words = called("apt-config", "dump", "--format", '%f "%v";%n', "Acquire")
    for line in words.splitlines():
        if line.lower().startswith(("acquire::http::", "acquire::https::")):
            yield line


def _release() -> str:
    """As ``bookworm``."""
    lines = Path("/etc/os-release").read_text().splitlines()
    found = dict(line.split("=", 1) for line in lines if "=" in line)
    name = found.get("VERSION_CODENAME", "").strip('"')
    if not name:
        raise NoImageError("this is no release of Debian or Ubuntu")
    return name


def called(*command: str | Path, env: dict[str, str] | None = None) -> str:
    """What a command printed; RuntimeError with its last words when it failed."""
    done = subprocess.run(
        command,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr[-3000:]}")
    return done.stdout
