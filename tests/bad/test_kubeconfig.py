"""No way to the cluster: one sentence that names the file and what to do, and exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cli import Ran, cli
from tests.support.world import World


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where nobody has ever set anything up."""
    path = tmp_path / "home"
    path.mkdir()
    return path


def refused(ran: Ran) -> str:
    """The one sentence."""
    assert (ran.code, ran.out) == (2, "")
    (line,) = ran.err.splitlines()
    assert line.startswith("statusbot: error: ")
    return line


def test_without_any_the_ways_to_give_one_are_told(home: Path) -> None:
    sentence = refused(cli("run", env={"HOME": str(home)}))
    assert "--kubeconfig" in sentence
    assert "--from" in sentence


@pytest.mark.parametrize("how", ["flag", "KUBECONFIG", "STATUSBOT_KUBECONFIG"])
def test_one_that_is_not_there_is_named(home: Path, how: str) -> None:
    path = str(home / "missing")
    ran = cli("run", "--kubeconfig", path) if how == "flag" else cli("run", env={how: path})
    assert f"{path}: cannot read this kubeconfig: No such file" in refused(ran)


def test_a_folder_is_none(home: Path) -> None:
    assert "Is a directory" in refused(cli("run", "--kubeconfig", str(home)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff{{{",
        b"a word",
        b"[1, 2]",
        b"{}",
        b"a: [",
        b"contexts: 5",
        b"clusters: {a: b}",
    ],
)
def test_what_is_no_kubeconfig_is_named(home: Path, content: bytes) -> None:
    path = home / "config"
    path.write_bytes(content)
    assert f"error: {path}: " in refused(cli("run", "--kubeconfig", str(path)))


def test_what_is_in_one_is_not_repeated(home: Path) -> None:
    path = home / "config"
    path.write_text("users:\n- name: me\n  user: {token: t0psecret\n")
    assert "t0psecret" not in refused(cli("run", "--kubeconfig", str(path)))


def test_a_context_that_it_does_not_have_is_told_beside_those_that_it_has(here: World) -> None:
    sentence = refused(here.run("--kube-context", "elsewhere"))
    assert "no context 'elsewhere'" in sentence
    assert "it has embedded" in sentence


def test_a_wrong_context_posts_nothing(here: World) -> None:
    here.run("--kube-context", "elsewhere")
    assert here.forge.calls == []
