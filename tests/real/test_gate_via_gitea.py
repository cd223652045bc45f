"""``statusbot wait --via forge`` on a real Gitea."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.real.gitea import Gitea
from tests.support.cli import Ran, cli
from tests.support.forge_history import UNKNOWN, History, pushed_to_gitea

# The first test waits for the build, which takes minutes.
pytestmark = [pytest.mark.timeout(1800), pytest.mark.usefixtures("plain")]
CONTEXT = "kustomization/apps/1f2e3d4c"


@pytest.fixture(scope="module")
def history(gitea: Gitea) -> History:
    return pushed_to_gitea(gitea)


def post(gitea: Gitea, history: History, sha: str, state: str, words: str = "") -> None:
    body: dict[str, object] = {"state": state, "context": CONTEXT, "description": words}
    gitea.api.call("POST", f"/repos/{history.repository}/statuses/{sha}", body)


def wait(gitea: Gitea, history: History, sha: str, *options: str, token: str = "") -> Ran:
    return cli(
        "wait",
        sha,
        "--via=forge",
        f"--address={gitea.url}/{history.repository}",
        "--provider-type=gitea",
        "--output=json",
        *options,
        env={"STATUSBOT_TOKEN": token or gitea.read_token},
    )


def told(ran: Ran) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(ran.out)
    return value


def test_a_green_commit_opens_the_gate(gitea: Gitea) -> None:
    history = pushed_to_gitea(gitea)
    post(gitea, history, history.head, "success", "reconciliation succeeded")
    ran = wait(gitea, history, history.head)
    assert (ran.code, told(ran)["result"]) == (0, "green")


def test_the_green_of_a_later_commit_opens_it_for_an_earlier_one(gitea: Gitea) -> None:
    history = pushed_to_gitea(gitea)
    post(gitea, history, history.root, "error", f"superseded by {history.head[:8]}")
    post(gitea, history, history.head, "success")
    ran = wait(gitea, history, history.root[:10])
    assert ran.code == 0
    (one,) = told(ran)["kustomizations"]
    assert (one["state"], one["commit"], one["context"]) == ("green", history.head, CONTEXT)


def test_with_exact_it_does_not(gitea: Gitea) -> None:
    history = pushed_to_gitea(gitea)
    post(gitea, history, history.root, "error", f"superseded by {history.head[:8]}")
    post(gitea, history, history.head, "success")
    assert wait(gitea, history, history.root, "--exact").code == 1


def test_a_red_commit_closes_it(gitea: Gitea) -> None:
    history = pushed_to_gitea(gitea)
    post(gitea, history, history.middle, "failure", "health check failed: Deployment web")
    ran = wait(gitea, history, history.root)
    assert ran.code == 1
    (one,) = told(ran)["kustomizations"]
    assert (one["state"], one["commit"]) == ("red", history.middle)
    assert one["message"] == "health check failed: Deployment web"


def test_without_a_status_the_time_ends(gitea: Gitea, history: History) -> None:
    ran = wait(gitea, history, history.head, "--timeout=1s")
    assert (ran.code, told(ran)["result"]) == (124, "timeout")


@pytest.mark.parametrize("sha", [UNKNOWN, UNKNOWN[:8]])
def test_a_strange_commit_fails_at_once(gitea: Gitea, history: History, sha: str) -> None:
    ran = wait(gitea, history, sha)
    assert ran.code == 2
    assert f"the repository has no commit {sha[:12]}" in ran.err


def test_a_bad_token_fails_at_once(gitea: Gitea, history: History) -> None:
    ran = wait(gitea, history, history.head, token="0" * 40)
    assert ran.code == 2
    assert "does not accept the login" in ran.err
    assert "0" * 40 not in ran.err
