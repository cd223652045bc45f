"""The image of the Dockerfile, built once for all that goes into it, without a registry."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from ast import literal_eval
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.real.base_part import base, called
from tests.real.parts import built, parts_folder

ROOT = Path(__file__).parents[2]
CONTEXT = ("requirements.lock", "requirements-cel.lock", "statusbot", "schemas", "entrypoint.py")
_FILES = (*CONTEXT, "LICENSE", "Dockerfile", ".dockerignore")
# What of pip's settings tells it where packages come from.
_PIP = ("cert", "client-cert", "extra-index-url", "find-links", "index-url", "no-index")
_PIP_REST = ("proxy", "timeout", "trusted-host")
# buildah reads it before it takes an image, be it one of its own.
_POLICY = {"default": [{"type": "insecureAcceptAnything"}]}


@dataclass(frozen=True, slots=True)
class Image:
    """``rootfs`` is its file system; sizes are in bytes, on top of the base."""

    rootfs: Path
    config: dict[str, Any]
    compressed: int
    unpacked: int

    @property
    def env(self) -> dict[str, str]:
        """The environment that it brings."""
        return dict(entry.split("=", 1) for entry in self.config["config"]["Env"])


def image(**arguments: str) -> Image:
    """The image, with build ``arguments``; NoImageError where none can be built."""
    archive = base()
    with tempfile.TemporaryDirectory(prefix="statusbot-context-") as name:
        context = Path(name)
        _copy(context)
        version = _digest(context, archive, arguments)
        folder = built("image", version, lambda made: _build(made, context, archive, arguments))
    _forget_others(folder)
    figures = json.loads((folder / "figures.json").read_text())
    config = json.loads((folder / "config.json").read_text())
    return Image(folder / "rootfs", config, **figures)


def _copy(context: Path) -> None:
    """Of one moment: a file that changes during the build is not in one image with older ones."""
    for name in _FILES:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, context / name, ignore=ignored)
        else:
            shutil.copy2(source, context / name)


def _digest(context: Path, archive: Path, arguments: dict[str, str]) -> str:
    digest = hashlib.sha256(f"{archive} {sorted(arguments.items())}".encode())
    for path in sorted(path for path in context.rglob("*") if path.is_file()):
        digest.update(f"\0{path.relative_to(context)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _forget_others(folder: Path) -> None:
    """Every change of the source makes one: a few are kept, for who goes back and forth."""
    named = re.compile(r"image-[0-9a-f]{12}")
    images = [path for path in parts_folder().iterdir() if named.fullmatch(path.name)]
    images.sort(key=lambda path: path.stat().st_mtime)
    os.utime(folder)
    for old in images[:-4]:
        shutil.rmtree(old, ignore_errors=True)


def _build(folder: Path, context: Path, archive: Path, arguments: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory(prefix="statusbot-buildah-") as scratch:
        builder = _Buildah(Path(scratch))
        builder.import_base(archive)
        builder.build(context, {"BASE": "localhost/base", **arguments})
        layers = builder.layers()
        (folder / "config.json").write_text(json.dumps(builder.config()))
        shutil.move(builder.rootfs(), folder / "rootfs")
    figures = {"compressed": layers[0], "unpacked": layers[1]}
    (folder / "figures.json").write_text(json.dumps(figures))


class _Buildah:
    """buildah with all that it keeps in one folder, and no program to run containers with."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._policy = scratch / "policy.json"
        self._policy.write_text(json.dumps(_POLICY))

    def _call(self, verb: str, *arguments: str | Path) -> str:
        stores = ("--root", self._scratch / "root", "--runroot", self._scratch / "run")
        driver = ("--storage-driver", "vfs")
        # Its own file system is large enough for an image, where /tmp may be none.
        env = {"BUILDAH_ISOLATION": "chroot", "TMPDIR": str(self._scratch)}
        return called("buildah", *stores, *driver, verb, *arguments, env=env).strip()

    def import_base(self, archive: Path) -> None:
        file = self._scratch / "base"
        file.write_text(f"FROM scratch\nADD {archive.name} /\n")
        self._built(archive.parent, "localhost/base", f"--file={file}")

    def build(self, context: Path, arguments: dict[str, str]) -> None:
        given = (f"--build-arg={name}={value}" for name, value in arguments.items())
        mounted = (f"--volume={path}:{inside}:ro" for path, inside in _pip(self._scratch))
        self._built(context, "localhost/statusbot", "--network=host", *given, *mounted)

    def _built(self, context: Path, name: str, *options: str) -> None:
        policy = f"--signature-policy={self._policy}"
        self._call("build", "--quiet", policy, "--tag", name, *options, context)

    def layers(self) -> tuple[int, int]:
        """The bytes of the layers on top of the base, as they are pulled and as they unpack."""
        target = self._scratch / "pushed"
        policy = f"--signature-policy={self._policy}"
        self._call("push", "--quiet", policy, "localhost/statusbot", f"dir:{target}")
        listed = json.loads((target / "manifest.json").read_text())["layers"][1:]
        blobs = [target / layer["digest"].removeprefix("sha256:") for layer in listed]
        unpacked = 0
        for blob in blobs:
            command = f"gzip -dc {shlex.quote(str(blob))} | wc -c"
            unpacked += int(subprocess.check_output(["/bin/sh", "-c", command]))
        return sum(blob.stat().st_size for blob in blobs), unpacked

    def config(self) -> dict[str, Any]:
        """As the Open Container Initiative writes it down."""
        inspected = json.loads(self._call("inspect", "--type=image", "localhost/statusbot"))
        config: dict[str, Any] = inspected["OCIv1"]
        return config

    def rootfs(self) -> Path:
        policy = f"--signature-policy={self._policy}"
        container = self._call("from", "--pull-never", policy, "localhost/statusbot")
        return Path(self._call("mount", container))


def _pip(scratch: Path) -> Iterator[tuple[Path, str]]:
    """The files by which pip finds in the build what it finds here, and where it looks for them.

    Nothing of it gets into the image, and nothing of it is told on a command line.
    """
    settings = _pip_settings()
    file = scratch / "pip.conf"
    file.touch(mode=0o600)
    lines = (f"{name} = {value}" for name, value in settings.items())
    file.write_text("\n".join(["[global]", *lines, ""]))
    yield file, "/etc/pip.conf"
    named = " ".join(settings.get(name, "") for name in ("cert", "client-cert", "find-links"))
    for path in {path for path in named.split() if Path(path).exists()}:
        yield Path(path), path


def _pip_settings() -> dict[str, str]:
    listed = called(sys.executable, "-m", "pip", "config", "list").splitlines()
    found = {}
    # The environment wins, as with pip itself.
    for line in sorted(listed, key=lambda line: line.startswith(":env:")):
        name, _, value = line.partition("=")
        section, _, key = name.partition(".")
        if section in ("global", "install", ":env:") and key in _PIP + _PIP_REST:
            found[key] = "\n  ".join(str(literal_eval(value)).split())
    return found
