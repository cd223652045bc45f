"""``statusbot wait`` with a forge: its statuses, and what it knows of history."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from statusbot.demo.forge import EmbeddedForge
from statusbot.demo.kube import EmbeddedKubernetes
from tests.support.cli import Ran, cli, run_json
from tests.support.objects import (
    C1,
    C2,
    C3,
    C4,
    Object,
    git,
    git_repository,
    green,
    kustomization,
    not_ready,
)
from tests.support.silent import Silent

REPOSITORY, TOKEN = "acme/fleet", "forge-token-of-the-tests"
Wait = Callable[..., Ran]


@pytest.fixture
def forge() -> Iterator[EmbeddedForge]:
    """Its branch has three commits, the newest is C3."""
    with EmbeddedForge(token=TOKEN) as made:
        made.add_repository(REPOSITORY, ())
        for commit in (C1, C2, C3):
            made.push(REPOSITORY, commit)
        yield made


@pytest.fixture
def run(forge: EmbeddedForge, kube: EmbeddedKubernetes, kubeconfig: Path) -> Callable[..., None]:
    """Posts what a Kustomization shows."""

    def post(status: Object) -> None:
        kube.apply_all([git_repository(url=address(forge)), kustomization(status)])
        where = ("--kubeconfig", str(kubeconfig), *at(forge))
        assert run_json(*where, env={"STATUSBOT_TOKEN": TOKEN})["exit_code"] == 0

    return post


def address(forge: EmbeddedForge) -> str:
    return f"{forge.url}/{REPOSITORY}"


def at(forge: EmbeddedForge) -> tuple[str, ...]:
    return ("--provider-type", "gitea", "--address", address(forge))


@pytest.fixture
def wait(forge: EmbeddedForge) -> Wait:
    """By the forge alone."""

    def call(sha: str, *arguments: str, token: str = TOKEN) -> Ran:
        env = {"STATUSBOT_TOKEN": token}
        return cli("wait", sha, "--via", "forge", *at(forge), *arguments, env=env)

    return call


def failed(commit: str) -> Object:
    return green(conditions=[not_ready("BuildFailed")], lastAttemptedRevision=git(commit))


# -- by statuses


def test_a_green_status_is_0(wait: Wait, run: Callable[..., None]) -> None:
    run(green(git(C2)))
    ran = wait(C2)
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[-1].startswith("1 of 1 green at 22222222 after ")


def test_a_red_status_is_1(wait: Wait, run: Callable[..., None]) -> None:
    run(failed(C2))
    ran = wait(C2)
    assert ran.code == 1
    assert "red kustomization/apps/" in ran.out


def test_a_green_of_what_contains_it_is_0(wait: Wait, run: Callable[..., None]) -> None:
    run(green(git(C3)))
    assert wait(C2).code == 0


def test_with_exact_it_is_not(wait: Wait, run: Callable[..., None]) -> None:
    run(green(git(C3)))
    assert wait(C2, "--exact", "--timeout", "100ms").code == 124


def test_a_short_sha_is_completed(wait: Wait, run: Callable[..., None]) -> None:
    run(green(git(C2)))
    ran = wait(C2[:8], "-o", "json")
    document = json.loads(ran.out)
    assert (document["sha"], document["result"]) == (C2, "green")
    (entry,) = document["kustomizations"]
    assert entry["context"] == entry["name"] and entry["namespace"] is None


def test_other_contexts_can_be_chosen(wait: Wait, run: Callable[..., None]) -> None:
    run(green(git(C2)))
    ran = wait(C2, "--context", "ci/build", "--timeout", "3s")
    assert ran.code == 124
    assert "ci/build" in ran.out


def test_a_stranger_is_2(wait: Wait) -> None:
    ran = wait(C4)
    assert (ran.code, ran.out) == (2, "")
    assert "no commit 444444444444" in ran.err


def test_a_login_that_is_refused_is_2(wait: Wait) -> None:
    ran = wait(C2, token="another-token-of-nobody")
    assert ran.code == 2
    assert "another-token" not in ran.err


@pytest.mark.parametrize("option", [("-k", "apps"), ("-l", "tier=web")])
def test_kustomizations_are_the_cluster_s(wait: Wait, option: tuple[str, str]) -> None:
    ran = wait(C2, *option)
    assert ran.code == 2
    assert "--context" in ran.err


@pytest.mark.parametrize("option", [("--provider-type", "jenkins"), ("--api-url", "ssh://a")])
def test_a_forge_that_is_none_is_2_and_not_red(wait: Wait, option: tuple[str, str]) -> None:
    assert wait(C2, *option).code == 2


@pytest.mark.parametrize("sha", [C2, C2[:8]])
def test_that_the_forge_never_answered_is_said(sha: str) -> None:
    with Silent() as silent:
        where = f"http://127.0.0.1:{silent.port}/{REPOSITORY}"
        options = ("--provider-type", "gitea", "--address", where, "--timeout", "300ms")
        ran = cli("wait", sha, "--via", "forge", *options)
    assert ran.code == 124
    assert "did not answer in time" in ran.err


# -- by a cluster, with the forge's history


@pytest.fixture
def on_cluster(forge: EmbeddedForge, kube: EmbeddedKubernetes, kubeconfig: Path) -> Wait:
    kube.apply(git_repository(url=address(forge)))

    def call(sha: str, *arguments: str, token: str = TOKEN) -> Ran:
        where = ("--kubeconfig", str(kubeconfig), "--timeout", "20s")
        return cli("wait", sha, *where, *at(forge), *arguments, env={"STATUSBOT_TOKEN": token})

    return call


@pytest.mark.parametrize(("shown", "code"), [(C1, 124), (C2, 0), (C3, 0)])
def test_the_forge_tells_what_contains_the_commit(
    on_cluster: Wait, kube: EmbeddedKubernetes, shown: str, code: int
) -> None:
    kube.apply(kustomization(green(git(shown))))
    ran = on_cluster(C2, "--timeout", "3s" if code else "20s")
    assert ran.code == code
    assert ran.err == ""


def test_the_forge_completes_a_short_sha(on_cluster: Wait, kube: EmbeddedKubernetes) -> None:
    kube.apply(kustomization(green(git(C2))))
    assert on_cluster(C2[:7]).code == 0


def test_the_forge_knows_a_stranger(on_cluster: Wait) -> None:
    ran = on_cluster(C4)
    assert (ran.code, ran.out) == (2, "")


def test_without_a_token_the_forge_is_not_asked(
    on_cluster: Wait, kube: EmbeddedKubernetes, forge: EmbeddedForge
) -> None:
    kube.apply(kustomization(green(git(C3))))
    ran = on_cluster(C2, "--timeout", "3s", token="")
    assert ran.code == 124
    assert "nobody can tell whether 33333333 contains 22222222" in ran.err
    assert forge.calls == []


@pytest.mark.parametrize("option", [("--context", "ci/*"), ("--branch", "main")])
def test_what_is_the_forge_s_is_not_the_cluster_s(
    on_cluster: Wait, option: tuple[str, str]
) -> None:
    ran = on_cluster(C2, *option)
    assert ran.code == 2
    assert "--via forge" in ran.err
