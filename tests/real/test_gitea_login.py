"""Who may write to a real Gitea, and what it says to the others, through ``statusbot run``."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.real.gitea import OWNER, PASSWORD, Gitea
from tests.real.network import Proxy
from tests.real.scene import CONTEXT, POSTED, PROVIDER, Scene, shown
from tests.support.objects import alert, git, green, kustomization, provider
from tests.support.world import secret

# The first test waits for the build, which takes minutes.
pytestmark = pytest.mark.timeout(1800)


@pytest.mark.parametrize(
    ("token", "spec"),
    [
        ({"token": "{token}"}, {}),
        ({"token": " {token}\n"}, {}),
        ({"password": "{token}"}, {}),
        ({"username": OWNER, "password": "{password}\n"}, {}),
        ({"username": f"{OWNER}@example.com", "password": "{password}"}, {}),
        ({"username": OWNER, "password": "{token}"}, {}),
        ({"username": "whoever", "password": "{token}"}, {}),
        ({"password": "{password}"}, {"username": OWNER}),
        ({"username": OWNER, "password": "{password}"}, {"username": "somebody-else"}),
        ({"token": "{token}", "username": "whoever", "password": "wrong"}, {}),
        ({"token": "{token}", "username": OWNER}, {}),
        ({"token": "{token}", "password": "wrong"}, {}),
    ],
    ids=[
        *("token", "token and white space", "password that is a token", "username and password"),
        *("mail address", "token as password", "token of whomever", "username of the Provider"),
        *("username of the Secret", "token beside a wrong pair", "half a pair", "other half"),
    ],
)
def test_a_login_that_gitea_takes(
    scene: Scene, token: dict[str, str], spec: dict[str, Any]
) -> None:
    keys = {"token": scene.gitea.token, "password": PASSWORD}
    told = scene.run(token={name: text.format(**keys) for name, text in token.items()}, **spec)
    assert (told.ran.code, told.outcome, told.ran.err) == (0, "posted", "")
    assert scene.shown() == POSTED


@pytest.mark.parametrize(
    "token",
    [{"token": "0" * 40}, {"username": OWNER, "password": "wrong-password"}],
    ids=["token", "password"],
)
def test_a_wrong_login_is_a_sentence_without_it(scene: Scene, token: dict[str, str]) -> None:
    told = scene.run(token=token)
    assert told.why.startswith("the forge does not accept the login: ")
    assert scene.shown() == []
    for value in token.values():
        assert value == OWNER or value not in told.ran.out + told.ran.err


def test_a_token_without_the_scope_is_told_which_one_it_needs(scene: Scene) -> None:
    told = scene.run(token={"token": scene.gitea.read_token})
    assert "(403); a token needs the scope write:repository" in told.why
    assert scene.shown() == []


def test_a_user_who_may_only_read_is_told_to_get_write_access(scene: Scene) -> None:
    told = scene.run(token={"token": scene.gitea.visitor_token})
    assert told.why.startswith("the login may not do this: ")
    assert "its user write access to the code" in told.why
    assert scene.shown() == []


@pytest.mark.parametrize("private", [False, True], ids=["missing", "hidden"])
def test_a_repository_that_is_not_there_for_the_login_is_a_sentence(
    scene: Scene, private: bool
) -> None:
    name = f"{OWNER}/nothing"
    if private:
        name, _ = scene.gitea.new_repository("hidden-from-visitors", private=True)
    scene.address = f"{scene.gitea.url}/{name}"
    told = scene.run(token={"token": scene.gitea.visitor_token})
    assert told.why.startswith("no such repository for this login: ")
    assert told.status["repository"].endswith(name)


def test_a_renamed_repository_is_followed(scene: Scene) -> None:
    name, scene.commit = scene.gitea.new_repository("old-name")
    scene.gitea.change(name, name="new-name")
    scene.address = f"{scene.gitea.url}/{name}"
    assert scene.run().outcome == "posted"
    assert shown(scene.gitea, f"{OWNER}/new-name", scene.commit) == POSTED


def test_a_commit_that_gitea_does_not_know_is_a_sentence_and_does_no_harm_to_others(
    scene: Scene,
) -> None:
    unknown = "0123" * 10
    told = scene.run(kustomization(green(git(unknown)), name="unknown"))
    why = {status["object"]["name"]: status["why"] for status in told.report["statuses"]}
    assert why["apps"] is None
    assert why["unknown"].startswith("the forge does not know this commit: ")
    assert told.ran.code == 1
    assert scene.shown() == POSTED


def test_the_text_of_a_failed_run_names_its_provider(scene: Scene) -> None:
    ran = scene.run(token={"token": scene.gitea.read_token}, options=("-o", "text")).ran
    (line,) = [line for line in ran.out.splitlines() if line.startswith("error")]
    assert f"Provider {PROVIDER}" in line
    assert "write:repository" in line


def test_three_hundred_contexts_on_one_commit_are_written_once(scene: Scene) -> None:
    names = [f"app-{number:03}" for number in range(1, 300)]
    others = [kustomization(green(git(scene.commit)), name=name) for name in names]
    first = scene.run(*others)
    assert first.report["counts"]["posted"] == 300
    rows = scene.shown()
    contexts = [CONTEXT, *(CONTEXT.replace("apps", name) for name in names)]
    assert sorted(rows) == sorted((context, "success") for context in contexts)
    again = scene.run(*others)
    assert again.report["counts"]["already"] == 300
    # Fifty rows to a page are the most that Gitea gives by default.
    assert again.report["forge_calls"] == {"read": 6, "write": 0}
    assert scene.shown() == rows


@pytest.fixture
def netrc(scene: Scene, tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who has another login for every host in a file."""
    path = tmp_path / ".netrc"
    entry = "login visitor password from-netrc\n"
    path.write_text(f"machine 127.0.0.1 {entry}machine gitea.test {entry}default {entry}")
    path.chmod(0o600)
    return {"HOME": str(tmp_path), "NETRC": str(path)}


def test_a_netrc_is_never_used(scene: Scene, netrc: dict[str, str]) -> None:
    scene.at(f"http://gitea.test:{scene.port}")
    with Proxy() as proxy:
        scene.run(env=netrc, proxy=proxy.url)
    logins = {seen.headers.get("authorization") for seen in proxy.seen}
    assert logins == {f"token {scene.gitea.token}"}
    assert {seen.headers.get("proxy-authorization") for seen in proxy.seen} == {None}
    assert scene.shown() == POSTED


def test_a_netrc_stands_in_for_no_secret(scene: Scene, netrc: dict[str, str]) -> None:
    told = scene.run(env=netrc, secretRef={"name": "not-there"})
    assert told.why.startswith("Secret flux-system/not-there: there is no such Secret")


def test_a_password_is_sent_by_basic_alone(scene: Scene) -> None:
    scene.at(f"http://gitea.test:{scene.port}")
    with Proxy() as proxy:
        scene.run(token={"username": OWNER, "password": PASSWORD}, proxy=proxy.url)
    encoded = base64.b64encode(f"{OWNER}:{PASSWORD}".encode()).decode()
    assert {seen.headers["authorization"] for seen in proxy.seen} == {f"Basic {encoded}"}


def test_each_of_two_providers_logs_in_as_itself(scene: Scene, gitea: Gitea) -> None:
    other = provider("other", type="gitea", address=scene.address, secretRef={"name": "its"})
    other["metadata"]["uid"] = "5a5a5a5a-0000"
    wrong = secret("its", token=gitea.read_token)
    told = scene.run(other, alert("other", providerRef={"name": "other"}), wrong)
    outcomes = {status["provider"]: status["outcome"] for status in told.report["statuses"]}
    assert outcomes == {PROVIDER: "posted", "flux-system/other": "error"}
    assert scene.shown() == POSTED
