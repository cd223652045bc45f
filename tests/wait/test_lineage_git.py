from __future__ import annotations

import hashlib
import itertools
import logging
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from statusbot.errors import UsageError
from statusbot.wait.lineage import LocalGit
from tests.support.clone import Clone, new

UNKNOWN = "de" * 20


@pytest.fixture(autouse=True)
def nobodys_git(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return new(tmp_path / "repository")


def local(clone: Clone) -> LocalGit:
    return LocalGit(str(clone.folder))


# --- who contains whom


def test_a_later_commit_contains_an_earlier_one(clone: Clone) -> None:
    first, second = clone.commit("a"), clone.commit("b")
    assert local(clone).contains(second, first) is True


def test_an_earlier_commit_does_not_contain_a_later_one(clone: Clone) -> None:
    first, second = clone.commit("a"), clone.commit("b")
    assert local(clone).contains(first, second) is False


def test_a_commit_contains_itself_even_where_nobody_knows_it(clone: Clone) -> None:
    assert local(clone).contains(UNKNOWN, UNKNOWN) is True


def test_commits_of_two_branches_do_not_contain_each_other(clone: Clone) -> None:
    clone.commit("a")
    ours = clone.commit("b")
    clone.git("checkout", "--quiet", "-b", "side", "HEAD~1")
    theirs = clone.commit("c")
    assert local(clone).contains(ours, theirs) is False


def test_of_an_unknown_commit_nothing_is_told(clone: Clone) -> None:
    sha = clone.commit("a")
    assert local(clone).contains(UNKNOWN, sha) is None
    assert local(clone).contains(sha, UNKNOWN) is None


def test_what_is_fetched_later_is_told_later(clone: Clone, tmp_path: Path) -> None:
    first = clone.commit("a")
    other = clone.cloned(tmp_path / "other")
    second = clone.commit("b")
    now = [0.0]
    git = LocalGit(str(other.folder), clock=lambda: now[0])
    assert git.contains(second, first) is None
    other.git("fetch", "--quiet")
    assert git.contains(second, first) is None
    now[0] = 31.0
    assert git.contains(second, first) is True


def test_a_shallow_clone_says_no_to_nothing(clone: Clone, tmp_path: Path) -> None:
    clone.commit("a")
    first = clone.commit("b")
    clone.commit("c")
    shallow = clone.cloned(tmp_path / "shallow", "--depth=1", "--no-single-branch")
    head = shallow.git("rev-parse", "HEAD")
    shallow.git("fetch", "--quiet", "--depth=1", "origin", first)
    assert clone.git("merge-base", "--is-ancestor", first, head) == ""
    assert local(shallow).contains(head, first) is None


def test_a_shallow_clone_says_yes_where_it_is_deep_enough(clone: Clone, tmp_path: Path) -> None:
    clone.commit("a")
    first, second = clone.commit("b"), clone.commit("c")
    shallow = clone.cloned(tmp_path / "shallow", "--depth=2")
    assert local(shallow).contains(second, first) is True


def test_a_replaced_commit_is_taken_as_it_was_pushed(clone: Clone) -> None:
    first, second = clone.commit("a"), clone.commit("b")
    clone.git("replace", "--graft", second)
    assert local(clone).contains(second, first) is True


def test_what_a_partial_clone_lacks_is_not_fetched(clone: Clone, tmp_path: Path) -> None:
    first = clone.commit("a")
    clone.git("config", "uploadpack.allowFilter", "true")
    clone.git("config", "uploadpack.allowAnySHA1InWant", "true")
    partial = clone.cloned(tmp_path / "partial", "--filter=tree:0")
    second = clone.commit("b")
    assert local(partial).contains(second, first) is None
    assert local(partial).resolve(second) is None
    assert second not in partial.git("rev-list", "--all", "--missing=print")


# --- SHAs


def test_a_short_sha_is_completed(clone: Clone) -> None:
    sha = clone.commit("a")
    assert local(clone).resolve(sha[:7]) == sha


def test_a_full_sha_stays_as_it_is(clone: Clone) -> None:
    sha = clone.commit("a")
    assert local(clone).resolve(sha) == sha


def test_a_sha_256_repository_has_longer_ones(tmp_path: Path) -> None:
    clone = new(tmp_path / "repository", "--object-format=sha256")
    first, second = clone.commit("a"), clone.commit("b")
    assert len(first) == 64
    assert local(clone).resolve(first[:8]) == first
    assert local(clone).contains(second, first) is True


@pytest.mark.parametrize("sha", [UNKNOWN, UNKNOWN[:8]])
def test_a_commit_that_is_not_here_may_be_elsewhere(clone: Clone, sha: str) -> None:
    clone.commit("a")
    assert local(clone).resolve(sha) is None


def test_a_tree_is_no_commit(clone: Clone) -> None:
    clone.commit("a")
    tree = clone.git("rev-parse", "HEAD^{tree}")
    assert local(clone).resolve(tree) is None
    assert local(clone).resolve(tree[:8]) is None


@pytest.mark.parametrize("depth", [1, 2])
def test_a_tag_is_no_commit_and_its_commit_is_told(clone: Clone, depth: int) -> None:
    sha, name = clone.commit("a"), "HEAD"
    for number in range(depth):
        clone.git("-c", "advice.nestedTag=false", "tag", "-a", "-m", "-", f"v{number}", name)
        name = f"v{number}"
    tag = clone.git("rev-parse", name)
    with pytest.raises(UsageError) as caught:
        local(clone).resolve(tag)
    assert str(caught.value) == f"{tag} is a tag, not a commit: its commit is {sha}"


def test_a_tag_of_no_commit_tells_none(clone: Clone) -> None:
    clone.commit("a")
    clone.git("tag", "-a", "-m", "-", "v1", "HEAD^{tree}")
    tag = clone.git("rev-parse", "v1")
    with pytest.raises(UsageError) as caught:
        local(clone).resolve(tag)
    assert str(caught.value) == f"{tag} is a tag, not a commit"


def test_a_branch_that_is_called_like_a_sha_is_none(clone: Clone) -> None:
    sha = clone.commit("a")
    name = ("0" if sha[0] != "0" else "1") + sha[1:8]
    clone.git("branch", name)
    assert local(clone).resolve(name) is None


def test_of_several_commits_none_is_taken(clone: Clone) -> None:
    for body in alike():
        clone.git("hash-object", "-t", "commit", "-w", "--stdin", words=body)
    (short,) = {name_of(body)[:7] for body in alike()}
    with pytest.raises(UsageError, match=f"2 commits begin with {short}"):
        local(clone).resolve(short)


def alike() -> tuple[str, str]:
    """Two commits whose SHAs have the first seven digits in common."""
    seen: dict[str, str] = {}
    tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    for number in itertools.count():
        who = f"A <a@example.com> {number} +0000"
        body = f"tree {tree}\nauthor {who}\ncommitter {who}\n\n"
        short = name_of(body)[:7]
        if short in seen:
            return seen[short], body
        seen[short] = body
    raise AssertionError


def name_of(body: str) -> str:
    return hashlib.sha1(f"commit {len(body)}\0{body}".encode()).hexdigest()


@pytest.mark.parametrize("sha", ["", "--help", "HEAD", "abc", "main~1", "1234567\n89"])
def test_what_is_no_sha_is_not_asked_for(
    clone: Clone, monkeypatch: pytest.MonkeyPatch, sha: str
) -> None:
    full = clone.commit("a")
    monkeypatch.setenv("PATH", "")
    assert local(clone).resolve(sha) is None
    assert local(clone).contains(full, sha) is None
    assert local(clone).contains(sha, full) is None


# --- where git is of no use


def test_a_folder_without_a_repository_tells_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    git = LocalGit(str(tmp_path))
    assert git.contains("a" * 40, "b" * 40) is None
    assert git.resolve("a" * 40) is None
    assert caplog.messages == []


def test_without_git_nothing_is_told(
    clone: Clone, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = clone.commit("a"), clone.commit("b")
    monkeypatch.setenv("PATH", "")
    assert local(clone).contains(second, first) is None
    assert caplog.messages == []


def test_a_repository_of_somebody_else_is_told_once(
    clone: Clone, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sha, later = clone.commit("a"), clone.commit("b")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    git = local(clone)
    with caplog.at_level(logging.WARNING):
        assert git.contains(later, sha) is None
        assert git.resolve(sha) is None
    assert len(caplog.messages) == 1
    assert "dubious ownership" in caplog.messages[0]


def test_git_does_not_get_the_token(
    clone: Clone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    fake = folder / "git"
    fake.write_text(f"#!/bin/sh\n/usr/bin/env > {tmp_path}/environment\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("STATUSBOT_TOKEN", "secret-of-mine")
    local(clone).resolve("a" * 40)
    seen = (tmp_path / "environment").read_text()
    assert "GIT_TERMINAL_PROMPT=0" in seen
    assert "secret-of-mine" not in seen


def test_a_git_that_hangs_takes_no_more_than_the_time_that_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\nexec sleep 600\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    given: list[float] = []
    run = subprocess.run

    def noted(*words: Any, **options: Any) -> subprocess.CompletedProcess[str]:
        given.append(options["timeout"])
        return run(*words, **options)

    monkeypatch.setattr(subprocess, "run", noted)
    assert LocalGit(str(tmp_path), left=lambda: 0.05).contains(UNKNOWN, "ab" * 20) is None
    assert given == [0.05]


def test_grafts_are_no_history(clone: Clone) -> None:
    first = clone.commit("a")
    clone.git("checkout", "--quiet", "--orphan", "side")
    other = clone.commit("b")
    info = clone.folder / ".git" / "info"
    info.mkdir(exist_ok=True)
    (info / "grafts").write_text(f"{other} {first}\n")
    assert local(clone).contains(other, first) is False
