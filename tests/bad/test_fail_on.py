"""``--fail-on``: whose fault it is decides how a run ends, and never what it posts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from statusbot.demo.forge import EmbeddedForge, faults
from tests.support.cli import cli
from tests.support.objects import alert, provider
from tests.support.world import FORGE_TOKEN, REPOSITORY, World, secret, world


def tenant(here: World, namespace: str, *, token: str = FORGE_TOKEN, **spec: Any) -> None:
    """A namespace with a Provider of its own, which gets what `healthy` comes to."""
    login = secret(token=token)
    login["metadata"]["namespace"] = namespace
    made = provider(namespace=namespace, **{"type": "gitea", "address": here.url, **spec})
    made["metadata"]["uid"] = f"{namespace}-0000"
    source = {"kind": "Kustomization", "name": "healthy", "namespace": "flux-system"}
    here.add(made, login, alert("a", namespace=namespace, eventSources=[source]))


def unreachable(here: World) -> str:
    """A repository on a host that refuses connections."""
    with EmbeddedForge() as gone:
        return f"{gone.url}/{REPOSITORY}"


def test_any_is_the_default_and_fails_for_one_tenants_token(here: World) -> None:
    tenant(here, "a", token="wrong-0123")
    assert here.run().code == 1


@pytest.mark.parametrize("fail_on", ["any", "infra", "none"])
def test_what_fails_the_run_changes_nothing_of_what_is_posted(here: World, fail_on: str) -> None:
    tenant(here, "a", token="wrong-0123")
    here.run("--fail-on", fail_on)
    assert here.shown("healthy") == ["success"]


def test_one_tenants_token_is_no_fault_of_the_infrastructure(here: World) -> None:
    tenant(here, "a", token="wrong-0123")
    assert here.run("--fail-on", "infra").code == 0


def test_one_tenants_host_that_there_is_none_neither(here: World) -> None:
    tenant(here, "a", type="github", address=unreachable(here))
    assert here.run("--fail-on", "infra").code == 0


def test_two_tenants_tokens_are_two_faults_of_theirs(here: World) -> None:
    tenant(here, "a", token="wrong-0123")
    tenant(here, "b", token="other-0123")
    assert here.run("--fail-on", "infra").code == 0


def test_a_forge_that_answers_none_of_several_tenants_is(here: World) -> None:
    address = unreachable(here)
    for namespace in ("a", "b"):
        tenant(here, namespace, type="github", address=address)
    assert here.run("--fail-on", "infra").code == 1


def test_a_forge_that_fails_for_the_only_tenant_is(here: World) -> None:
    here.forge.faults.always(fault=faults.answer(502, "{}"))
    assert here.run("--fail-on", "infra", "--timeout", "20s").code == 1


def test_the_report_says_error_all_the_same(here: World) -> None:
    tenant(here, "a", token="wrong-0123")
    assert here.report("--fail-on", "infra")["counts"]["errors"] == 1


def test_secrets_that_are_kept_from_us_are_where_that_is_so_for_all(tmp_path: Path) -> None:
    with world(
        tmp_path, authorize=lambda user, verb, resource, space: resource != "secrets"
    ) as here:
        assert here.run("--fail-on", "infra").code == 1


def test_none_fails_for_nothing(here: World) -> None:
    here.forge.faults.always(fault=faults.answer(502, "{}"))
    assert here.run("--fail-on", "none", "--timeout", "20s").code == 0


def test_a_cluster_that_cannot_be_read_fails_whatever_is_asked(tmp_path: Path) -> None:
    with world(tmp_path) as here:
        kubeconfig = here.kube.kubeconfig(tmp_path / "kubeconfig")
        here.kube.__exit__(None, None, None)
        ran = cli("run", "--kubeconfig", str(kubeconfig), "--fail-on", "none", "--timeout", "3s")
        assert ran.code not in (0, 2, 3)
