"""A cluster and a forge, with one Kustomization whose success is on its way from one to the other.

Tests put something broken beside it, and look at both.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from statusbot.demo.forge import EmbeddedForge
from statusbot.demo.kube import EmbeddedKubernetes
from tests.support.cli import Ran, cli
from tests.support.objects import C1, C2, C3, Object, alert, git_repository, kustomization, provider

REPOSITORY = "acme/fleet"
KUBE_TOKEN = "kube-token-of-the-tests"
FORGE_TOKEN = "forge-token-of-the-tests"


def secret(name: str = "token", **data: bytes | str) -> Object:
    """A Secret beside the Providers; with no data it holds the token that the forge takes."""
    texts = data or {"token": FORGE_TOKEN}
    raw = {key: text if isinstance(text, bytes) else text.encode() for key, text in texts.items()}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"namespace": "flux-system", "name": name},
        "data": {key: base64.b64encode(value).decode() for key, value in raw.items()},
    }


def named(name: str, **spec: Any) -> Object:
    """A Provider with a uid of its own; what is None is left out of its spec."""
    made = provider(name, **spec)
    made["metadata"]["uid"] = f"{name.replace('-', '')}-0000"
    made["spec"] = {key: value for key, value in made["spec"].items() if value is not None}
    return made


class World:
    """The two servers and the way between them."""

    def __init__(self, kube: EmbeddedKubernetes, forge: EmbeddedForge, folder: Path) -> None:
        self.kube = kube
        self.forge = forge
        self.folder = folder
        self.url = f"{forge.url}/{REPOSITORY}"

    def objects(self) -> list[Object]:
        """What makes `healthy` green on the forge, by the Alert `all` and the Provider `forge`."""
        return [
            git_repository(url=self.url),
            kustomization(name="healthy"),
            alert(),
            provider(type="gitea", address=self.url),
            secret(),
        ]

    def add(self, *objects: Object) -> None:
        """Put objects into the cluster."""
        self.kube.apply_all(objects)

    def add_way(self, name: str, **spec: Any) -> None:
        """A Provider of that name, as the good one but for ``spec``, and an Alert that names it."""
        self.add(
            named(name, **{"type": "gitea", "address": self.url, **spec}),
            alert(f"to-{name}", providerRef={"name": name}),
        )

    def run(self, *arguments: str, env: Mapping[str, str] | None = None) -> Ran:
        """`statusbot run` on this cluster."""
        kubeconfig = self.kube.kubeconfig(self.folder / "kubeconfig")
        return cli("run", "--kubeconfig", str(kubeconfig), *arguments, env=env)

    def report(self, *arguments: str) -> dict[str, Any]:
        """The same with all that it has to tell, as data."""
        ran = self.run("-o", "json", "--all", *arguments)
        assert ran.out, ran.err
        report: dict[str, Any] = json.loads(ran.out)
        return report | {"exit_code": ran.code}

    def dump(self, *objects: Object, name: str = "dump.yaml") -> str:
        """Objects as a file of YAML documents; its path."""
        path = self.folder / name
        path.write_text("---\n".join(yaml.safe_dump(obj) for obj in objects))
        return str(path)

    def shown(self, name: str, commit: str = C1) -> list[str]:
        """The states that were ever written for a Kustomization."""
        rows = self.forge.rows(REPOSITORY, commit)
        return [str(row.state) for row in rows if row.context.split("/")[1] == name]


@contextmanager
def world(folder: Path, *, empty: bool = False, **options: Any) -> Iterator[World]:
    """Both servers; ``options`` go to the cluster's. ``empty``: without the healthy objects."""
    kube = EmbeddedKubernetes(token=KUBE_TOKEN, **options)
    with kube, EmbeddedForge(token=FORGE_TOKEN) as forge:
        forge.add_repository(REPOSITORY, {C1, C2, C3})
        made = World(kube, forge, folder)
        if not empty:
            made.add(*made.objects())
        yield made


def outcome(report: dict[str, Any], name: str) -> dict[str, Any]:
    """The one entry of a report about a Kustomization, a Provider or an Alert of that name."""
    (found,) = [entry for entry in report["statuses"] if name in _about(entry)]
    entry: dict[str, Any] = found
    return entry


def _about(entry: dict[str, Any]) -> list[str]:
    if entry["object"]:
        return [entry["object"]["name"]]
    return [str(entry[key]).split("/")[-1] for key in ("provider", "alert")]
