"""A container of the built image, with nothing but what Linux and Debian bring.

A file system that is read-only and one's own, process ids of one's own, no rights and no way to
get some, and the network of this machine: the servers of the tests are on its loopback.
"""

from __future__ import annotations

import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.real.image_part import Image

# Those that chroot needs before it becomes who the container runs as.
_KEPT = "-all,+sys_chroot,+setuid,+setgid"


@dataclass(frozen=True, slots=True)
class Container:
    """How to start one: ``mounts`` are folders and files here by their path in it, writable.

    ``user`` is by default that of the image; ``entrypoint`` likewise, an empty one is none.
    """

    image: Image
    env: Mapping[str, str] = field(default_factory=dict)
    mounts: Mapping[str, Path] = field(default_factory=dict)
    folder: str = "/"
    user: str = ""
    entrypoint: Sequence[str] | None = None

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Start it and wait for its end."""
        with self.started(*arguments) as process:
            out, err = process.communicate(stdin, timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    @contextmanager
    def started(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """``unshare``, whose only child is the container's process number 1."""
        process = subprocess.Popen(
            self._command(arguments),
            env={**self.image.env, **self.env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        with process:
            try:
                yield process
            finally:
                # It takes the whole container with it.
                process.kill()

    def _command(self, arguments: Sequence[str]) -> list[str]:
        namespaces = ("--mount", "--pid", "--fork", "--kill-child", "--propagation", "private")
        return [_path("unshare"), *namespaces, "/bin/sh", "-euc", self._script(), "sh", *arguments]

    def _script(self) -> str:
        root = self.image.rootfs
        lines = [_mount("--bind", root, root), _mount("-t", "proc", "proc", root / "proc")]
        lines += [_mount("--rbind", "/dev", root / "dev")]
        lines += [_mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", root / "tmp")]
        for inside, path in self.mounts.items():
            lines += self._mounted(path, _within(root, inside))
        lines.append(_mount("-o", "remount,bind,ro", root))
        config = self.image.config["config"]
        user = self.user or config["User"]
        entrypoint = config["Entrypoint"] if self.entrypoint is None else self.entrypoint
        bounds = shlex.join([_path("setpriv"), "--no-new-privs", f"--bounding-set={_KEPT}"])
        change = shlex.join([_path("chroot"), f"--userspec={user}", "--groups=", str(root)])
        folder = shlex.join(["/usr/bin/env", "-C", self.folder, *entrypoint])
        return "\n".join([*lines, "cd /", f'exec {bounds} {change} {folder} "$@"'])

    def _mounted(self, path: Path, target: Path) -> Iterator[str]:
        """The mount point is made in the image, as every runtime does."""
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
        yield _mount("--bind", path, target)


def stop(process: subprocess.Popen[str]) -> None:
    """Send SIGTERM to the container's process number 1, as every runtime does."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    [first] = children
    subprocess.run(["/bin/kill", f"-{int(signal.SIGTERM)}", first], check=True)


def _within(root: Path, inside: str) -> Path:
    # A link to /run, which would lead out of the image.
    if inside.startswith("/var/run/"):
        inside = inside.removeprefix("/var")
    return root / inside.lstrip("/")


def _mount(*arguments: str | Path) -> str:
    return shlex.join([_path("mount"), *map(str, arguments)])


def _path(program: str) -> str:
    found = shutil.which(program)
    assert found, f"there is no {program} on PATH"
    return found
