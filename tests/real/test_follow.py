"""``run --for`` on a real kube-apiserver, which is killed, forgets and refuses, and an embedded forge."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from statusbot.demo.forge import EmbeddedForge
from statusbot.settings import Settings
from tests.real.apiserver import ApiServer, Restartable, restartable
from tests.real.parts import NoGoError, unavailable
from tests.support.follower import Follower
from tests.support.kube import Object, alert, kustomization, kustomizations, ready, secret
from tests.support.objects import C1, C2, C3, git

pytestmark = pytest.mark.timeout(300)

SOURCES = "/apis/source.toolkit.fluxcd.io/v1/namespaces/{}/gitrepositories"
NOTIFICATION = "/apis/notification.toolkit.fluxcd.io/v1beta3/namespaces/{}/{}"
REPOSITORY, TOKEN = "acme/fleet", "forge-token-of-the-tests"
GROUPS = [
    ("kustomize.toolkit.fluxcd.io", ["kustomizations"]),
    ("source.toolkit.fluxcd.io", ["*"]),
    ("notification.toolkit.fluxcd.io", ["alerts", "providers"]),
    ("", ["secrets"]),
]


@dataclass
class Place:
    """A namespace of the server, the results of which go to the forge."""

    server: ApiServer
    forge: EmbeddedForge
    folder: Path
    namespace: str = ""
    _followers: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.namespace = self.namespace or self.server.namespace()
        admin, namespace = self.server.admin, self.namespace
        address = f"{self.forge.url}/{REPOSITORY}"
        metadata = {"namespace": namespace, "name": "fleet"}
        source = {
            "apiVersion": "source.toolkit.fluxcd.io/v1",
            "kind": "GitRepository",
            "metadata": metadata,
            "spec": {"interval": "1m", "url": address},
        }
        provider = {
            "apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
            "kind": "Provider",
            "metadata": metadata | {"name": "forge"},
            "spec": {"type": "gitea", "address": address, "secretRef": {"name": "token"}},
        }
        secrets = f"/api/v1/namespaces/{namespace}/secrets"
        admin.post(secrets, secret(namespace, "token", token=TOKEN)).ok()
        admin.post(SOURCES.format(namespace), source).ok()
        admin.post(NOTIFICATION.format(namespace, "providers"), provider).ok()
        admin.post(NOTIFICATION.format(namespace, "alerts"), alert(namespace, "forge")).ok()

    def follow(self, user: str = "admin") -> Follower:
        """A follower of this namespace, whose first poll is settled."""
        config = self.server.kubeconfig(self.folder / "kubeconfig", user=user)
        made = Follower(
            config,
            self._put,
            ledger=f"file:{self.folder / 'ledger'}",
            settings=Settings(namespaces=(self.namespace,)),
            namespace=self.namespace,
        )
        self._followers.enter_context(made)
        made.settled()
        return made

    def write(self, status: Object, name: str = "apps") -> None:
        """Make an object, or bring its status to this."""
        path = kustomizations(self.namespace, name)
        if self.server.admin.get(path).status == 404:
            made = kustomization(self.namespace, name)
            self.server.admin.post(kustomizations(self.namespace), made).ok()
        self.server.admin.patch(f"{path}/status", {"status": status}).ok()

    def _put(self, data: Object) -> None:
        name, labels = data["metadata"]["name"], data["metadata"]["labels"]
        path = kustomizations(self.namespace, name)
        if self.server.admin.patch(path, {"metadata": {"labels": labels}}).status == 404:
            made = kustomization(self.namespace, name, **labels)
            made["spec"]["suspend"] = True
            self.server.admin.post(kustomizations(self.namespace), made).ok()

    def shown(self, *commits: str) -> list[list[str]]:
        """The states of the rows of each commit, oldest first."""
        return [[str(row.state) for row in self.forge.rows(REPOSITORY, c)] for c in commits]

    def close(self) -> None:
        self._followers.close()


@pytest.fixture
def forge() -> Iterator[EmbeddedForge]:
    with EmbeddedForge(token=TOKEN) as made:
        made.add_repository(REPOSITORY, {C1, C2, C3})
        yield made


@pytest.fixture
def place(apiserver: ApiServer, forge: EmbeddedForge, tmp_path: Path) -> Iterator[Place]:
    made = Place(apiserver, forge, tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restartable]:
    """A server that nobody else uses."""
    try:
        with restartable(tmp_path_factory.mktemp("own")) as made:
            yield made
    except NoGoError as error:
        unavailable("etcd and kube-apiserver", error)


@pytest.fixture
def mortal(own: Restartable, forge: EmbeddedForge, tmp_path: Path) -> Iterator[Place]:
    """A place on that server."""
    made = Place(own.server, forge, tmp_path)
    yield made
    made.close()


def failed(commit: str) -> Object:
    return ended("False", "BuildFailed", commit)


def ended(status: str, reason: str, commit: str) -> Object:
    """The conditions of an end, and nothing of what Flux writes a moment later."""
    condition: dict[str, Any] = ready(git(commit))["conditions"][0]
    changed = {"status": status, "reason": reason, "message": f"Applied revision: {git(commit)}"}
    return {"conditions": [condition | changed], "lastAttemptedRevision": git(commit)}


def all_is_told(place: Place, follower: Follower) -> None:
    place.write(failed(C2))
    follower.settled()
    place.write(ready(git(C3)))
    follower.settled()
    assert place.shown(C1, C2, C3) == [["success"], ["failure"], ["success"]]


def test_changes_are_posted_as_they_come(place: Place) -> None:
    place.write(ready(git(C1)))
    follower = place.follow()
    all_is_told(place, follower)
    assert follower.rounds == 1


def test_the_first_of_the_two_writes_of_a_success_claims_nothing(place: Place) -> None:
    place.write(ready(git(C1)))
    follower = place.follow()
    place.write(ended("True", "ReconciliationSucceeded", C2))
    follower.settled()
    assert place.shown(C2) == [[]]
    place.write(ready(git(C2)))
    follower.settled()
    assert place.shown(C1, C2) == [["success"], ["success"]]


def test_an_object_that_is_made_and_deleted_is_followed(place: Place) -> None:
    follower = place.follow()
    place.write(ready(git(C1)))
    follower.settled()
    place.server.admin.delete(kustomizations(place.namespace, "apps")).ok()
    follower.settled()
    place.write(ready(git(C2)))
    follower.settled()
    assert place.shown(C1, C2) == [["success"], ["success"]]


def test_an_alert_that_comes_late_routes_what_waits(place: Place) -> None:
    path = NOTIFICATION.format(place.namespace, "alerts")
    place.server.admin.delete(f"{path}/forge").ok()
    place.write(failed(C2))
    follower = place.follow()
    assert place.shown(C2) == [[]]
    rounds = follower.rounds
    place.server.admin.post(path, alert(place.namespace, "forge")).ok()
    follower.another_round(rounds)
    assert place.shown(C2) == [["failure"]]


def test_a_history_that_is_compacted_away_does_not_matter(place: Place) -> None:
    place.write(ready(git(C1)))
    follower = place.follow()
    place.server.compact()
    all_is_told(place, follower)


def test_who_may_not_watch_polls(mortal: Place, caplog: pytest.LogCaptureFixture) -> None:
    rules = [{"apiGroups": [g], "resources": r, "verbs": ["get", "list"]} for g, r in GROUPS]
    mortal.server.grant("bob", rules)
    mortal.write(ready(git(C1)))
    config = mortal.server.kubeconfig(mortal.folder / "kubeconfig", user="bob")
    settings = Settings(namespaces=(mortal.namespace,))
    with Follower(config, mortal._put, settings=settings) as follower:
        follower.until(lambda: "kustomizations are only polled" in caplog.text)
        follower.until(lambda: mortal.shown(C1) == [["success"]])
        assert follower.rounds == 1


def test_a_server_that_is_killed_and_comes_back_loses_and_doubles_nothing(
    own: Restartable, mortal: Place
) -> None:
    mortal.write(ready(git(C1)))
    follower = mortal.follow()
    for commit in (C2, C3):
        rounds = follower.rounds
        own.kill()
        own.start()
        mortal.write(failed(commit))
        follower.another_round(rounds)
        follower.settled()
    assert mortal.shown(C1, C2, C3) == [["success"], ["failure"], ["failure"]]


def test_what_changes_right_before_the_server_is_killed_is_told(
    own: Restartable, mortal: Place
) -> None:
    mortal.write(ready(git(C1)))
    follower = mortal.follow()
    rounds = follower.rounds
    mortal.write(failed(C2))
    own.kill()
    own.start()
    follower.another_round(rounds)
    assert mortal.shown(C1, C2) == [["success"], ["failure"]]
