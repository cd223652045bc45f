"""API servers that do not answer, or not to us: the address, the reason, what to do."""

from __future__ import annotations

import socket
from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Any

import pytest

from statusbot.demo.kube.faults import Fault, failing, garbled
from tests.support.cli import cli
from tests.support.objects import alert, git_repository, kustomization, provider
from tests.support.world import World, secret, world

Authorize = Callable[[str, str, str, str], bool]


def without(*resources: str) -> Authorize:
    """Everything is allowed but to read these."""
    return lambda user, verb, resource, namespace: resource not in resources


def test_one_that_refuses_connections_is_named_with_the_reason(here: World) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    path = here.kube.kubeconfig(here.folder / "other")
    path.write_text(path.read_text().replace(here.kube.url, address))
    ran = cli("run", "--kubeconfig", str(path), "--timeout", "20s")
    assert (ran.code, ran.out) == (1, "")
    assert f"cannot reach {address}: connection refused" in ran.err


def test_one_that_hangs_is_named_when_the_time_is_over(here: World) -> None:
    here.kube.faults.fail = lambda request: Fault(hang=inf)
    ran = here.run("--timeout", "500ms")
    assert (ran.code, ran.out) == (1, "")
    assert f"{here.kube.url} does not answer in time" in ran.err
    assert "raise --timeout" in ran.err


def test_one_that_hangs_in_the_middle_is_there_and_only_slow(here: World) -> None:
    here.kube.faults.fail = lambda request: (
        Fault(hang=inf) if "kustomizations" in request.path else None
    )
    assert here.run("--timeout", "2s").code == 124


def test_one_that_hangs_gets_nothing_posted(here: World) -> None:
    here.kube.faults.fail = lambda request: Fault(hang=inf)
    here.run("--timeout", "300ms")
    assert here.forge.calls == []


def test_one_that_is_a_web_page_is_no_api_server(here: World) -> None:
    here.kube.faults.fail = lambda request: garbled(b"<html>Sign in</html>")
    ran = here.run()
    assert ran.code == 1
    assert "is this address a Kubernetes API" in ran.err


def test_one_that_fails_says_so_itself(here: World) -> None:
    here.kube.faults.fail = lambda request: failing(507, message="etcd is full")
    ran = here.run()
    assert ran.code == 1
    assert "the API server answered 507: etcd is full" in ran.err


def test_a_login_that_it_does_not_take_is_named_by_its_kubeconfig(here: World) -> None:
    path = here.kube.kubeconfig(here.folder / "expired", token="expired")
    ran = cli("run", "--kubeconfig", str(path))
    assert (ran.code, ran.out) == (2, "")
    assert f"refuses the credentials of {path}" in ran.err
    assert "kubectl get kustomizations -A" in ran.err


@pytest.mark.parametrize("resource", ["kustomizations", "alerts", "providers"])
def test_a_right_that_is_missing_is_told_as_the_line_that_gives_it(
    tmp_path: Path, resource: str
) -> None:
    with world(tmp_path, authorize=without(resource)) as here:
        ran = here.run()
    assert (ran.code, here.forge.calls) == (2, [])
    assert f"allow it with: kubectl create clusterrole statusbot-{resource} " in ran.err


def test_with_a_namespace_the_line_gives_no_more_than_that(tmp_path: Path) -> None:
    with world(tmp_path, authorize=without("kustomizations")) as here:
        ran = here.run("-n", "flux-system")
    assert "kubectl create role statusbot-kustomizations " in ran.err
    assert " -n flux-system" in ran.err


def test_rights_in_one_namespace_suffice_for_it(tmp_path: Path) -> None:
    tenant = lambda user, verb, resource, namespace: namespace == "flux-system"  # noqa: E731
    with world(tmp_path, authorize=tenant) as here:
        assert here.run("-n", "flux-system").code == 0
    assert here.shown("healthy") == ["success"]


def test_a_secret_that_may_not_be_read_is_told_as_the_line_that_allows_it(tmp_path: Path) -> None:
    with world(tmp_path, authorize=without("secrets")) as here:
        report = here.report()
    (entry,) = report["statuses"]
    assert (report["exit_code"], here.forge.calls) == (1, [])
    assert "--verb=get --resource=secrets --resource-name=token -n flux-system" in entry["why"]


def test_sources_that_may_not_be_read_take_no_status_and_say_why(tmp_path: Path) -> None:
    with world(tmp_path, authorize=without("gitrepositories")) as here:
        report = here.report()
    (entry,) = report["statuses"]
    assert (entry["outcome"], here.forge.calls) == ("skipped", [])
    assert entry["why"].startswith("its source may not be read: ")


def test_sources_of_a_kind_that_nobody_uses_need_no_right(tmp_path: Path) -> None:
    with world(tmp_path, authorize=without("ocirepositories", "buckets")) as here:
        here.run()
    assert here.shown("healthy") == ["success"]


ALL = ("Kustomization", "GitRepository", "OCIRepository", "Bucket", "ExternalArtifact")


class TestParts:
    """Flux may be there in part, or not at all."""

    def objects(self, here: World, *missing: str) -> None:
        url = here.url
        made = [git_repository(url=url), kustomization(name="healthy"), alert(), secret()]
        made.append(provider(type="gitea", address=url))
        here.add(*(obj for obj in made if obj["kind"] not in missing))

    def lacking(self, tmp_path: Path, *kinds: str) -> Any:
        return world(tmp_path, empty=True, versions=dict.fromkeys(kinds, ()))

    def test_without_flux_that_is_what_is_said(self, tmp_path: Path) -> None:
        with self.lacking(tmp_path, *ALL, "Alert", "Provider") as here:
            ran = here.run()
        assert (ran.code, ran.out) == (2, "")
        assert f"error: {here.kube.url}: Flux is not installed here" in ran.err

    def test_without_kustomizations_there_is_nothing_to_do_either(self, tmp_path: Path) -> None:
        with self.lacking(tmp_path, "Kustomization") as here:
            ran = here.run()
        assert ran.code == 2
        assert "Flux is not installed here: the API server knows no kustomizations" in ran.err

    @pytest.mark.parametrize("missing", [("Alert", "Provider"), ("Alert",), ("Provider",)])
    def test_without_alerts_or_providers_the_other_ways_are_told(
        self, tmp_path: Path, missing: tuple[str, ...]
    ) -> None:
        with self.lacking(tmp_path, *missing) as here:
            self.objects(here, *missing)
            ran = here.run()
        assert (ran.code, here.forge.calls) == (2, [])
        assert "Flux's notification-controller is not installed here" in ran.err
        assert "--provider-type with --address" in ran.err

    def test_without_alerts_one_repository_can_be_named(self, tmp_path: Path) -> None:
        with self.lacking(tmp_path, "Alert", "Provider") as here:
            self.objects(here, "Alert", "Provider")
            ran = here.run(
                *("--provider-type", "gitea", "--address", here.url),
                env={"STATUSBOT_TOKEN": "forge-token-of-the-tests"},
            )
        assert (ran.code, here.shown("healthy")) == (0, ["success"])

    def test_without_the_newer_sources_the_older_ones_do(self, tmp_path: Path) -> None:
        missing = ("OCIRepository", "Bucket", "ExternalArtifact")
        with self.lacking(tmp_path, *missing) as here:
            self.objects(here)
            assert here.run().code == 0
        assert here.shown("healthy") == ["success"]
