"""Where the commands of the docs run: a clone, a cluster, and every forge by its own name.

Nothing in a command is rewritten. ``https://github.com`` and the others lead to one embedded forge,
through a proxy that TLS ends behind; Git's ``insteadOf`` leads the project's own address to a copy.
"""

from __future__ import annotations

import base64
import copy
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import yaml

from statusbot.demo.forge import EmbeddedForge
from tests.real.authority import Authority
from tests.real.network import Proxy, TlsFront
from tests.support.github_app import pem
from tests.support.objects import EARLIER, applied, git, stamp
from tests.support.pages import ROOT, pages

Object = dict[str, Any]

REPOSITORY = "my-org/my-repo"
URL = f"https://github.com/{REPOSITORY}"
OURS = "https://github.com/my-org/statusbot"
TOKEN = "token-of-the-docs"
# The first commit of the clone, the same each time.
PARENT = "8f8c6a15cb31bb47cf3c1c28183b48ea1a117548"
HOSTS = ("github.com", "api.github.com", "gitlab.com", "git.example.com")
# What the pages have a reader keep in files beside him.
FILES = {
    "token.txt": f"{TOKEN}\n",
    "password": "t0ps3cret",
    "ca.crt": "PEM",
    "tls.crt": "PEM",
    "tls.key": "PEM",
    "app.private-key.pem": pem(),
}
_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR")


class Cluster(Protocol):
    """An embedded or a real one."""

    def put(self, objects: Iterable[Object]) -> None:
        """These, as they are, with their status."""

    def kubeconfig(self, path: Path) -> Path:
        """Write one."""


@dataclass
class Site:
    """``commit`` is HEAD of the clone, in which commands run, and what Flux applied."""

    clone: Path
    commit: str
    cluster: Cluster
    forge: EmbeddedForge
    env: dict[str, str] = field(repr=False)

    def popen(self, text: str, out: int) -> subprocess.Popen[bytes]:
        """A block of shell as a process, that writes all that it prints to ``out``."""
        return subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.clone,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def objects(commit: str) -> list[Object]:
    """What the pages speak of: the README's Provider and Alert, and three Kustomizations."""
    source = {"interval": "1m", "url": URL, "ref": {"branch": "main"}}
    artifact = {
        "revision": git(commit),
        "lastUpdateTime": stamp(EARLIER),
        "digest": f"sha256:{'0' * 64}",
        "path": "my-repo.tar.gz",
        "url": "http://source-controller/my-repo.tar.gz",
    }
    return [
        _of("source.toolkit.fluxcd.io/v1", "GitRepository", "my-repo", source, artifact=artifact),
        _kustomization("apps", **green(commit)),
        _kustomization("infra", **green(commit)),
        {**_kustomization("tools"), "spec": _spec("tools") | {"suspend": True}},
        *_of_the_readme(),
        secret("github-token", TOKEN),
    ]


def commit_of(objects: Iterable[Object]) -> str:
    """What the GitRepository among them holds."""
    (source,) = (item for item in objects if item["kind"] == "GitRepository")
    return str(source["status"]["artifact"]["revision"]).rpartition(":")[2]


def green(commit: str) -> Object:
    """The status of a success."""
    revision = git(commit)
    return {
        "conditions": [applied(revision) | {"observedGeneration": 1}],
        "lastAppliedRevision": revision,
        "lastAttemptedRevision": revision,
        "observedGeneration": 1,
    }


def _of_the_readme() -> list[Object]:
    texts = [b.text for b in pages()["README.md"].blocks if "kind: Provider" in b.text]
    return [item for text in texts for item in yaml.safe_load_all(text)]


def provider(name: str, **spec: Any) -> Object:
    """One more Provider."""
    return _of("notification.toolkit.fluxcd.io/v1beta3", "Provider", name, spec)


def alert(name: str, **spec: Any) -> Object:
    """One more Alert."""
    return _of("notification.toolkit.fluxcd.io/v1beta3", "Alert", name, spec)


def secret(name: str, token: str) -> Object:
    """With a token."""
    data = {"token": base64.b64encode(token.encode()).decode()}
    metadata = {"namespace": "flux-system", "name": name}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}


def _kustomization(name: str, **status: Any) -> Object:
    return _of("kustomize.toolkit.fluxcd.io/v1", "Kustomization", name, _spec(name), **status)


def _spec(name: str) -> Object:
    source = {"kind": "GitRepository", "name": "my-repo"}
    return {
        "interval": "10m",
        "path": f"./{name}",
        "prune": True,
        "wait": True,
        "sourceRef": source,
    }


def _of(version: str, kind: str, name: str, spec: Object, **status: Any) -> Object:
    metadata = {"namespace": "flux-system", "name": name}
    made = {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}
    return made | ({"status": status} if status else {})


def cloned(folder: Path) -> str:
    """Make the clone in a folder; its HEAD."""
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    there = folder / "clusters/production"
    there.mkdir(parents=True)
    files = {
        "forge.yaml": ("Provider", "Alert"),
        "flux.yaml": ("GitRepository", "Kustomization", "Secret"),
    }
    for name, kinds in files.items():
        kept = [item for item in objects("0" * 40) if item["kind"] in kinds]
        bare = [{key: item[key] for key in item if key != "status"} for item in kept]
        (there / name).write_text(yaml.safe_dump_all(bare, sort_keys=False))
    (there / "kustomization.yaml").write_text(yaml.safe_dump({"resources": [*files]}))
    for command in (
        "init --quiet --initial-branch main",
        "commit --quiet --allow-empty --message Begin",
        "add .",
        "commit --quiet --message Deploy",
        "tag v0.1.0",
        f"remote add origin {URL}",
    ):
        _git(folder, *command.split())
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return _git(folder, "rev-parse", "HEAD")


def _git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=me", "-c", "user.email=me@example.com", "-c", "commit.gpgsign=false")
    when = {f"GIT_{role}_DATE": "2026-11-20T12:00:00Z" for role in ("AUTHOR", "COMMITTER")}
    ran = subprocess.run(
        ["git", *who, *arguments],
        cwd=folder,
        env={**os.environ, **when},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.strip()


@contextmanager
def site(
    folder: Path, origin: Path, cluster: Cluster, programs: Mapping[str, Path]
) -> Iterator[Site]:
    """All of it in a folder; ``programs`` are those that PATH does not have."""
    clone = folder / "clone"
    shutil.copytree(origin, clone)
    commit = _git(clone, "rev-parse", "HEAD")
    authority = Authority()
    (folder / "authority.pem").write_text(authority.ca)
    with ExitStack() as stack:
        forge = stack.enter_context(EmbeddedForge(token=TOKEN))
        forge.add_token("...")  # as the pages have it
        forge.add_repository(REPOSITORY, {commit, PARENT})
        tls = authority.server(*HOSTS).server_context()
        front = stack.enter_context(TlsFront(int(forge.url.rpartition(":")[2]), tls))
        proxy = stack.enter_context(Proxy(ports={443: front.port}))
        cluster.put(objects(commit))
        env = {name: os.environ[name] for name in _KEPT if name in os.environ}
        env |= {
            "HOME": str(folder),
            "PATH": f"{_programs(folder / 'bin', programs)}:{env['PATH']}",
            "KUBECONFIG": str(cluster.kubeconfig(folder / "kubeconfig")),
            "HTTPS_PROXY": proxy.url,
            "NO_PROXY": "127.0.0.1",
            "SSL_CERT_FILE": str(folder / "authority.pem"),
            "PYTHONPATH": str(ROOT),
            "NO_COLOR": "1",
            "COLUMNS": "250",
            "GITHUB_SHA": commit,
            "CI_COMMIT_SHA": commit,
            "API_TOKEN": TOKEN,
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{origin}.insteadOf",
            "GIT_CONFIG_VALUE_0": OURS,
        }
        yield Site(clone, commit, cluster, forge, env)


def _programs(folder: Path, programs: Mapping[str, Path]) -> Path:
    folder.mkdir()
    for name, path in programs.items():
        (folder / name).symlink_to(path)
    statusbot = folder / "statusbot"
    statusbot.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m statusbot "$@"\n')
    statusbot.chmod(0o755)
    return folder


def changed(objects: Iterable[Object], kind: str, name: str, **parts: Any) -> list[Object]:
    """The object of that name alone, with other ``spec`` or ``status``."""
    found = [o for o in objects if (o["kind"], o["metadata"]["name"]) == (kind, name)]
    (item,) = copy.deepcopy(found)
    for part, values in parts.items():
        item[part] = item.get(part, {}) | values
    return [item]
