"""Tenants of one cluster whose Providers say that they lead to another tenant's repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from statusbot.demo.forge import EmbeddedForge
from statusbot.routing.allowance import SECONDS
from statusbot.routing.patterns import Patterns
from tests.support.objects import C1, Object, alert, git, kustomization, not_ready, provider
from tests.support.world import REPOSITORY, World, secret, world

THEIRS = "kustomization/healthy/0c9c2e41"  # the context of the healthy one


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def tenant(here: World, *, token: str = "none-of-this-forge", api: str = "", **spec: Any) -> None:
    """A Provider in another namespace that claims the repository, and the context, of `healthy`."""
    leads = provider(namespace="evil", type="gitea", address=here.url, **spec)
    leads["metadata"] |= {"uid": "eeeeeeee-1", "annotations": {"statusbot/api-url": api}}
    login = secret(token=token)
    login["metadata"]["namespace"] = "evil"
    here.add(leads, login)


def takes_healthy() -> Object:
    source = {"kind": "Kustomization", "name": "healthy", "namespace": "flux-system"}
    return alert("a", namespace="evil", eventSources=[source])


def test_a_login_that_is_refused_keeps_nobody_elses_status_back(here: World) -> None:
    tenant(here, commitStatusExpr=f"'{THEIRS}'")
    here.add(takes_healthy())
    report = here.report()
    assert here.shown("healthy") == ["success"]
    assert [entry["provider"] for entry in report["statuses"] if entry["outcome"] == "error"] == [
        "evil/forge"
    ]


@pytest.mark.parametrize("options", [(), ("--ledger",)])
def test_another_server_under_the_same_name_says_nothing_of_the_forge(
    here: World, options: tuple[str, ...]
) -> None:
    arguments = ["--ledger", f"file:{here.folder / 'ledger'}"] if options else []
    with EmbeddedForge(token="another") as other:
        other.add_repository(REPOSITORY, {C1})
        tenant(here, token="another", api=f"{other.url}/api/v1", commitStatusExpr=f"'{THEIRS}'")
        here.add(takes_healthy())
        here.run(*arguments)
        here.run(*arguments)
        assert len(other.rows(REPOSITORY, C1)) == 1
    assert here.shown("healthy") == ["success"]


def test_a_failure_that_calls_itself_by_anothers_name_takes_no_place(here: World) -> None:
    tenant(here, commitStatusExpr=f"'{THEIRS}'")
    status = {
        "conditions": [not_ready("BuildFailed")],
        "lastAttemptedRevision": git(C1),
        "observedGeneration": 1,
    }
    source = {"kind": "GitRepository", "name": "fleet", "namespace": "flux-system"}
    here.add(
        kustomization(status, name="x", namespace="evil", source=source),
        alert("a", namespace="evil"),
    )
    here.report()
    assert here.shown("healthy") == ["success"]


def test_the_status_of_all_is_posted_through_every_namespace(here: World) -> None:
    tenant(here)
    here.add(takes_healthy())
    here.report("--aggregate", "flux")
    assert [str(r.state) for r in here.forge.rows(REPOSITORY, C1) if r.context == "flux"] == [
        "success"
    ]


def test_two_namespaces_that_may_both_write_double_nothing(here: World) -> None:
    tenant(here, token="forge-token-of-the-tests")
    here.add(takes_healthy())
    template = ("--context-template", "kustomization/{name}")
    here.report(*template)
    here.report(*template, "--ledger", f"file:{here.folder / 'ledger'}")
    assert here.shown("healthy") == ["success"]


def test_programs_that_had_their_time_cost_nobody_else_a_status(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Patterns.check

    def check(patterns: Patterns) -> None:
        real(patterns)
        patterns._allowance.spend(SECONDS)  # from now on

    monkeypatch.setattr(Patterns, "check", check)
    tenant(here, token="forge-token-of-the-tests")
    listed = takes_healthy()
    listed["spec"]["exclusionList"] = ["nothing"]
    here.add(listed)
    report = here.report()
    assert here.shown("healthy") == ["success"]
    (error,) = [entry for entry in report["statuses"] if entry["outcome"] == "error"]
    assert (error["alert"], error["object"]["name"]) == ("evil/a", "healthy")
    assert "of the namespace evil have had the 10 seconds" in error["why"]
