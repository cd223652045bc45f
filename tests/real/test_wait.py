"""``wait`` on a real kube-apiserver: red, green, and what its watches do not tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from statusbot.wait.chosen import Chosen
from statusbot.wait.verdict import Standing
from tests.real.apiserver import ApiServer
from tests.support.cli import Ran, cli
from tests.support.gate import Gate, gate
from tests.support.kube import Object, kustomization, kustomizations, ready
from tests.support.objects import C1, C2, C3, URL, git

GREEN, RED, WAITING = Standing.GREEN, Standing.RED, Standing.WAITING
SOURCES = "/apis/source.toolkit.fluxcd.io/v1/namespaces/{}/gitrepositories"
READ = [
    {
        "apiGroups": [f"{group}.toolkit.fluxcd.io"],
        "resources": ["*"],
        "verbs": ["get", "list"],
    }
    for group in ("kustomize", "source")
]


@dataclass
class Place:
    """A namespace with a source of the repository, and Kustomizations of it."""

    server: ApiServer
    folder: Path
    gates: ExitStack

    def __post_init__(self) -> None:
        self.namespace = self.server.namespace()
        source = {
            "apiVersion": "source.toolkit.fluxcd.io/v1",
            "kind": "GitRepository",
            "metadata": {"namespace": self.namespace, "name": "fleet"},
            "spec": {"interval": "1m", "url": URL},
        }
        self.server.admin.post(SOURCES.format(self.namespace), source).ok()

    def config(self, user: str = "admin") -> Path:
        return self.server.kubeconfig(self.folder / "kubeconfig", user=user)

    def open(self, user: str = "admin") -> Gate:
        """Waits for C2."""
        chosen = Chosen(address=URL)
        made = gate(self.config(user), chosen, namespaces=(self.namespace,))
        return self.gates.enter_context(made)

    def write(self, status: Object, name: str = "apps") -> None:
        """Make an object, or bring its status to this."""
        path = kustomizations(self.namespace, name)
        if self.server.admin.get(path).status == 404:
            made = kustomization(self.namespace, name)
            self.server.admin.post(kustomizations(self.namespace), made).ok()
        self.server.admin.patch(f"{path}/status", {"status": status}).ok()

    def until(self, gate: Gate, standing: Standing, name: str = "apps") -> str:
        return gate.until_it_is(standing, f"{self.namespace}/{name}").commit

    def wait(self, sha: str, *arguments: str) -> Ran:
        """The command itself."""
        where = ("--kubeconfig", str(self.config()), "--address", URL, "-n", self.namespace)
        return cli("wait", sha, *where, *arguments)


@pytest.fixture
def place(apiserver: ApiServer, tmp_path: Path) -> Iterator[Place]:
    with ExitStack() as gates:
        yield Place(apiserver, tmp_path, gates)


def failed(commit: str) -> Object:
    condition: dict[str, Any] = ready(git(commit))["conditions"][0]
    changed = {"status": "False", "reason": "BuildFailed", "message": "no such file"}
    return {"conditions": [condition | changed], "lastAttemptedRevision": git(commit)}


def test_a_gate_turns_green_as_flux_writes(place: Place) -> None:
    place.write(ready(git(C1)))
    open_ = place.open()
    place.until(open_, WAITING)
    place.write(ready(git(C3)))
    assert place.until(open_, GREEN) == C3


def test_a_gate_turns_red_as_flux_writes(place: Place) -> None:
    place.write(ready(git(C1)))
    open_ = place.open()
    place.until(open_, WAITING)
    place.write(failed(C2))
    assert place.until(open_, RED) == C2


def test_one_that_is_made_and_deleted_is_followed(place: Place) -> None:
    place.write(ready(git(C2)))
    open_ = place.open()
    place.until(open_, GREEN)
    place.write(ready(git(C1)), "web")
    place.until(open_, WAITING, "web")
    place.server.admin.delete(kustomizations(place.namespace, "web")).ok()
    open_.until(lambda all_: list(all_) == [f"{place.namespace}/apps"])


def test_a_history_that_is_compacted_away_does_not_matter(place: Place) -> None:
    place.write(ready(git(C1)))
    open_ = place.open()
    place.until(open_, WAITING)
    place.server.compact()
    place.write(ready(git(C2)))
    place.until(open_, GREEN)


def test_who_may_not_watch_polls(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    place.server.grant("bob", READ, place.namespace)
    place.write(ready(git(C1)))
    open_ = place.open("bob")
    place.until(open_, WAITING)
    place.write(ready(git(C2)))
    place.until(open_, GREEN)
    assert "kustomizations are only polled" in caplog.text


def test_the_command_ends_as_the_commit_did(place: Place) -> None:
    place.write(ready(git(C2)))
    place.write(failed(C3), "web")
    name = f"{place.namespace}/web"
    assert place.wait(C2, "-k", "apps").code == 0
    ran = place.wait(C3)
    assert ran.code == 1
    assert f"red {name} at 33333333: BuildFailed: no such file" in ran.out
    assert place.wait(C2, "-k", "web", "--timeout", "100ms").code == 124
