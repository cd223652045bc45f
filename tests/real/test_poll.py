"""From a real kube-apiserver, through the command line, into a real Gitea."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.real.apiserver import ApiServer
from tests.real.gitea import Gitea
from tests.support.cli import run_json
from tests.support.kube import alert, kustomization, kustomizations, ready, secret

pytestmark = pytest.mark.timeout(1800)

SOURCES = "/apis/source.toolkit.fluxcd.io/v1/namespaces/{}/gitrepositories"
NOTIFICATION = "/apis/notification.toolkit.fluxcd.io/v1beta3/namespaces/{}/{}"


@dataclass
class Place:
    """One namespace of a cluster whose results go to a repository of Gitea."""

    apiserver: ApiServer
    gitea: Gitea
    folder: Path
    namespace: str

    def kustomization(self, name: str, status: dict[str, Any]) -> None:
        admin = self.apiserver.admin
        made = admin.post(kustomizations(self.namespace), kustomization(self.namespace, name)).ok()
        path = f"{kustomizations(self.namespace, name)}/status"
        admin.put(path, {**made, "status": status}).ok()

    def change(self, name: str, status: dict[str, Any]) -> None:
        path = kustomizations(self.namespace, name)
        found = self.apiserver.admin.get(path).ok()
        self.apiserver.admin.put(f"{path}/status", {**found, "status": status}).ok()

    def run(self, *options: str) -> dict[str, Any]:
        """A poll's report on this namespace: Alerts and Providers are read everywhere."""
        config = self.apiserver.kubeconfig(self.folder / "kubeconfig")
        report = run_json("--kubeconfig", str(config), "-n", self.namespace, *options)
        return report | {"statuses": [s for s in report["statuses"] if self._is_mine(s)]}

    def _is_mine(self, status: dict[str, Any]) -> bool:
        return status["object"] is not None and status["object"]["namespace"] == self.namespace

    def statuses(self, commit: str) -> list[tuple[str, str, str]]:
        """(context, state, description), the newest first, as Gitea's own API tells them."""
        url = f"{self.gitea.url}/api/v1/repos/{self.gitea.repository}/commits/{commit}/statuses"
        answer = requests.get(url, params={"sort": "leastindex"}, timeout=30)
        return [(row["context"], row["status"], row["description"]) for row in answer.json()]

    @property
    def id(self) -> str:
        path = NOTIFICATION.format(self.namespace, "providers") + "/forge"
        uid: str = self.apiserver.admin.get(path).ok()["metadata"]["uid"]
        return uid.split("-")[0]


@pytest.fixture
def place(apiserver: ApiServer, gitea: Gitea, tmp_path: Path) -> Place:
    namespace = apiserver.namespace()
    admin = apiserver.admin
    admin.post(
        f"/api/v1/namespaces/{namespace}/secrets", secret(namespace, "token", token=gitea.token)
    ).ok()
    admin.post(
        SOURCES.format(namespace),
        {
            "apiVersion": "source.toolkit.fluxcd.io/v1",
            "kind": "GitRepository",
            "metadata": {"namespace": namespace, "name": "fleet"},
            "spec": {"interval": "1m", "url": f"{gitea.url}/{gitea.repository}.git"},
        },
    ).ok()
    admin.post(
        NOTIFICATION.format(namespace, "providers"),
        {
            "apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
            "kind": "Provider",
            "metadata": {"namespace": namespace, "name": "forge"},
            "spec": {
                "type": "gitea",
                "address": f"{gitea.url}/{gitea.repository}",
                "secretRef": {"name": "token"},
            },
        },
    ).ok()
    admin.post(NOTIFICATION.format(namespace, "alerts"), alert(namespace, "forge")).ok()
    return Place(apiserver, gitea, tmp_path, namespace)


def failed(commit: str, applied: str) -> dict[str, Any]:
    status = ready(f"main@sha1:{applied}")
    condition = {
        **status["conditions"][0],
        "status": "False",
        "reason": "BuildFailed",
        "message": "kustomize build failed: missing.yaml: no such file",
    }
    return {**status, "lastAttemptedRevision": f"main@sha1:{commit}", "conditions": [condition]}


def test_a_success_is_shown_on_its_commit(place: Place) -> None:
    commit = place.gitea.new_commit()
    place.kustomization("apps", ready(f"main@sha1:{commit}"))
    place.run()
    context = f"kustomization/apps/{place.id}"
    text = f"reconciliation succeeded: Applied revision: main@sha1:{commit}"
    assert place.statuses(commit) == [(context, "success", text)]


def test_a_failure_is_shown_on_its_commit_and_not_on_the_one_before(place: Place) -> None:
    good, bad = place.gitea.new_commit(), place.gitea.new_commit()
    place.kustomization("apps", ready(f"main@sha1:{good}"))
    place.run()
    place.change("apps", failed(bad, good))
    place.run()
    assert [state for _, state, _ in place.statuses(bad)] == ["failure"]
    assert [state for _, state, _ in place.statuses(good)] == ["success"]


def test_a_second_poll_writes_nothing_without_a_ledger(place: Place) -> None:
    commit = place.gitea.new_commit()
    place.kustomization("apps", ready(f"main@sha1:{commit}"))
    place.run()
    report = place.run()
    assert (report["counts"]["posted"], report["forge_calls"]["write"]) == (0, 0)


def test_a_second_poll_with_a_ledger_calls_no_forge(place: Place) -> None:
    commit = place.gitea.new_commit()
    place.kustomization("apps", ready(f"main@sha1:{commit}"))
    ledger = f"file:{place.folder / 'ledger'}"
    place.run("--ledger", ledger)
    assert place.run("--ledger", ledger)["forge_calls"] == {"read": 0, "write": 0}


def test_sixty_kustomizations_on_one_commit_are_sixty_statuses_once(place: Place) -> None:
    commit = place.gitea.new_commit()
    for number in range(60):
        place.kustomization(f"app-{number}", ready(f"main@sha1:{commit}"))
    assert place.run()["counts"]["posted"] == 60
    assert place.run()["counts"]["posted"] == 0


def test_a_commit_that_gitea_does_not_know_is_an_error_beside_one_that_it_knows(
    place: Place,
) -> None:
    commit = place.gitea.new_commit()
    place.kustomization("known", ready(f"main@sha1:{commit}"))
    place.kustomization("unknown", ready(f"main@sha1:{'0123' * 10}"))
    report = place.run()
    outcomes = {s["object"]["name"]: s["outcome"] for s in report["statuses"]}
    assert outcomes == {"known": "posted", "unknown": "error"}
    assert report["exit_code"] == 1


def test_the_failure_of_one_provider_leaves_the_other_alone(place: Place) -> None:
    commit = place.gitea.new_commit()
    place.kustomization("apps", ready(f"main@sha1:{commit}"))
    admin, namespace = place.apiserver.admin, place.namespace
    providers = NOTIFICATION.format(namespace, "providers")
    good = admin.get(f"{providers}/forge").ok()
    broken = {
        **good,
        "metadata": {"namespace": namespace, "name": "broken"},
        "spec": {**good["spec"], "secretRef": {"name": "missing"}},
    }
    admin.post(providers, broken).ok()
    alerts = NOTIFICATION.format(namespace, "alerts")
    admin.post(alerts, alert(namespace, "broken", provider="broken")).ok()
    report = place.run()
    outcomes = {s["provider"]: s["outcome"] for s in report["statuses"]}
    assert outcomes == {f"{namespace}/forge": "posted", f"{namespace}/broken": "error"}


def test_who_may_not_list_kustomizations_is_told_what_to_grant(
    place: Place, tmp_path: Path
) -> None:
    from tests.support.cli import cli

    config = place.apiserver.kubeconfig(tmp_path / "nobody", user="nobody")
    ran = cli("run", "--kubeconfig", str(config))
    assert ran.code == 2
    assert "kubectl create clusterrole" in ran.err
    assert len(ran.err.splitlines()) == 1
