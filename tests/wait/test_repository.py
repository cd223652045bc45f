"""The repository of the current folder, and which forge an address is on."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from statusbot.wait.repository import origin, type_of


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


@pytest.mark.parametrize("url", ["https://github.com/acme/fleet", "git@github.com:acme/fleet.git"])
def test_the_remote_origin_names_it(clone: Path, url: str) -> None:
    git(clone, "remote", "add", "origin", url)
    assert origin(str(clone)) == url


def test_it_is_taken_as_it_is_written(clone: Path) -> None:
    git(clone, "remote", "add", "origin", "https://github.com/acme/fleet")
    git(clone, "config", "url.https://mirror.example/.insteadOf", "https://github.com/")
    assert origin(str(clone)) == "https://github.com/acme/fleet"


@pytest.mark.parametrize("url", ["/srv/git/fleet", "../fleet", "file:///srv/git/fleet"])
def test_a_path_of_this_machine_is_none(clone: Path, url: str) -> None:
    git(clone, "remote", "add", "origin", url)
    assert origin(str(clone)) == ""


def test_without_a_remote_there_is_none(clone: Path) -> None:
    assert origin(str(clone)) == ""


def test_without_a_repository_there_is_none(tmp_path: Path) -> None:
    assert origin(str(tmp_path / "nowhere")) == ""


def test_without_git_there_is_none(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert origin(str(clone)) == ""


@pytest.mark.parametrize(("left", "given"), [(0.05, 0.05), (600.0, 10.0)])
def test_git_gets_no_more_than_the_time_that_is_left(
    clone: Path, monkeypatch: pytest.MonkeyPatch, left: float, given: float
) -> None:
    seen: list[float] = []

    def hangs(*words: Any, **options: Any) -> None:
        seen.append(options["timeout"])
        raise subprocess.TimeoutExpired("git", options["timeout"])

    monkeypatch.setattr(subprocess, "run", hangs)
    assert origin(str(clone), left=lambda: left) == ""
    assert seen == [given]


@pytest.mark.parametrize(
    ("address", "type_"),
    [
        ("https://github.com/acme/fleet", "github"),
        ("git@ssh.github.com:acme/fleet", "github"),
        ("https://gitlab.com/acme/fleet", "gitlab"),
        ("git@bitbucket.org:acme/fleet.git", "bitbucket"),
        ("https://dev.azure.com/acme/infra/_git/fleet", "azuredevops"),
        ("https://acme.visualstudio.com/infra/_git/fleet", "azuredevops"),
        ("https://codeberg.org/acme/fleet", "gitea"),
        ("https://git.example.com/acme/fleet", ""),
        ("https://github.com.example.com/acme/fleet", ""),
        ("nonsense", ""),
    ],
)
def test_well_known_hosts_tell_the_forge(address: str, type_: str) -> None:
    assert type_of(address) == type_
